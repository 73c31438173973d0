/** LLDP (IEEE 802.1AB): what a device tells its neighbour about itself. */
import { ethernetFrame, EtherType } from './ethernet.ts';
import { type Host, macBytes } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';

const NEAREST_BRIDGE: Host = { name: 'lldp', ip: '', address: new Uint8Array(0), mac: macBytes('01:80:c2:00:00:0e'), vlan: 0 };

/** One advertisement: chassis by MAC, port by name, time to live, system name, management address. */
export function advertise(timeline: Timeline, device: Host, port: string, name = device.name): void {
  const frame = octets();
  const tlv = (type: number, content: Uint8Array): void => void frame.u16((type << 9) | content.length).bytes(content);
  tlv(1, octets().u8(4).bytes(device.mac).take());
  tlv(2, octets().u8(5).text(port).take());
  tlv(3, octets().u16(120).take());
  tlv(5, octets().text(name).take());
  tlv(8, octets().u8(5, 1).bytes(device.address).u8(1).u32(1).u8(0).take());
  tlv(0, new Uint8Array(0));
  timeline.put(ethernetFrame(device, NEAREST_BRIDGE, EtherType.LLDP, frame.take()));
}
