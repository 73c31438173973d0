/** Ethernet II frames and 802.1Q tags. */
import type { Host } from './host.ts';
import { isGroup } from './host.ts';

export const EtherType = { IPv4: 0x0800, ARP: 0x0806, VLAN: 0x8100, IPv6: 0x86dd, PROFINET: 0x8892, LLDP: 0x88cc, GOOSE: 0x88b8 } as const;

/** Shortest frame without its check sequence, which captures do not hold. */
const SHORTEST = 60;

/**
 * The frame around a payload, padded to 60 bytes. It is tagged when both ends are in the same VLAN or the receiver is a
 * group; between VLANs it is written as an untagged router port shows it.
 */
export function ethernetFrame(source: Host, destination: Host, etherType: number, payload: Uint8Array): Uint8Array {
  const tagged = source.vlan !== 0 && (source.vlan === destination.vlan || isGroup(destination.mac));
  const header = tagged ? 18 : 14;
  const frame = new Uint8Array(Math.max(SHORTEST, header + payload.length));
  frame.set(destination.mac, 0);
  frame.set(source.mac, 6);
  if (tagged) {
    frame[12] = EtherType.VLAN >> 8;
    frame[13] = EtherType.VLAN & 255;
    frame[14] = source.vlan >> 8;
    frame[15] = source.vlan;
  }
  frame[header - 2] = etherType >> 8;
  frame[header - 1] = etherType;
  frame.set(payload, header);
  return frame;
}
