/**
 * Is the sensor seeing what it is meant to see? Watches the packets as they come, and tells now and then what is missing:
 * lost packets, halves of conversations, VLANs gone silent, traffic that nobody knows, clocks that were set.
 */
import { instant, type Instant } from '@annunciator/core/time';
import type { InterfaceReport } from '@annunciator/packet/live/live-reader';
import type { Packet } from '@annunciator/packet/packet';
import type { Sensor } from '../sensor.ts';
import { ClockWatch } from './clock.ts';
import { type OneSided, oneSidedFlows } from './one-sided.ts';
import { type Undecoded, undecodedTraffic } from './undecoded.ts';
import { type VlanReport, VlanWatch } from './vlans.ts';

/** Values that survive structured cloning. */
export interface SensorHealth {
  /** Of networks; empty when captures are read. */
  readonly interfaces: readonly InterfaceReport[];
  readonly oneSided: OneSided;
  readonly undecoded: Undecoded;
  readonly vlans: readonly VlanReport[];
  readonly clock: { readonly steps: number; readonly last: { readonly at: Instant; readonly seconds: number } | null };
  /** Packets that could not be kept for alerts, and why the last one; empty when all were. */
  readonly packetsNotKept: number;
  readonly notKeptBecause: string;
  /** What found no place because a bound was reached, by what it was; 0 stays out. */
  readonly refused: Readonly<Record<string, number>>;
}

export class HealthWatch {
  readonly #sensor: Sensor;
  readonly #vlans = new VlanWatch();
  readonly #clock = new ClockWatch();
  #second = 0;

  constructor(sensor: Sensor) {
    this.#sensor = sensor;
  }

  /** Hot: runs for every packet, after the sensor took it. */
  packet(packet: Packet): void {
    this.#second = packet.seconds;
    this.#clock.packet(packet.seconds);
    if (packet.vlan >= 0) this.#vlans.packet(packet.vlan, packet.seconds);
  }

  /** Looks at the clocks of this machine; for networks only. */
  clocks(now: number, steady: number): void {
    this.#clock.compare(now, steady);
  }

  /** The whole picture. Walks tables of the sensor: milliseconds of work, for every few seconds. */
  report(interfaces: readonly InterfaceReport[], packetsNotKept: number, notKeptBecause: string): SensorHealth {
    const { path, connections, inventory } = this.#sensor;
    const { last } = this.#clock;
    return {
      interfaces,
      oneSided: oneSidedFlows(path.flows, this.#second, (party) => inventory.nameOf(inventory.canonical[party])),
      undecoded: undecodedTraffic(connections, path.totals().bytes),
      vlans: this.#vlans.report(this.#second),
      clock: { steps: this.#clock.count, last: last && { at: instant(last.second, 0), seconds: last.by } },
      packetsNotKept,
      notKeptBecause,
      refused: this.#sensor.refused(),
    };
  }
}
