/** Which VLANs carry traffic, and which have fallen silent: a mirror that lost one of its sources. */

/** 802.1Q: 12 bits. */
const VLANS = 4096;
/** A VLAN counts as one that carries traffic from so many packets on. */
const ENOUGH = 100;
/** Seconds of packet time without a packet. */
export const VLAN_SILENCE = 600;

export interface VlanReport {
  readonly vlan: number;
  readonly packets: number;
  /** Packet second of its last packet. */
  readonly lastSecond: number;
  readonly silent: boolean;
}

export class VlanWatch {
  readonly #packets = new Float64Array(VLANS);
  readonly #last = new Float64Array(VLANS);

  /** Hot: runs for every packet with a tag. */
  packet(vlan: number, seconds: number): void {
    this.#packets[vlan]++;
    this.#last[vlan] = seconds;
  }

  /** All VLANs that were seen; `now` is the newest packet's second. */
  report(now: number): VlanReport[] {
    const seen: VlanReport[] = [];
    for (let vlan = 0; vlan < VLANS; vlan++) {
      const packets = this.#packets[vlan];
      if (packets === 0) continue;
      const lastSecond = this.#last[vlan];
      seen.push({ vlan, packets, lastSecond, silent: packets >= ENOUGH && now - lastSecond >= VLAN_SILENCE });
    }
    return seen;
  }
}
