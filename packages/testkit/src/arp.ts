/** ARP for IPv4 over Ethernet (RFC 826). */
import { ethernetFrame, EtherType } from './ethernet.ts';
import type { Host } from './host.ts';
import { group } from './host.ts';
import { octets } from './octets.ts';
import type { Timeline } from './timeline.ts';

const UNKNOWN = new Uint8Array(6);

/** ARP packet; operation 1 asks, 2 answers. */
export function arpPacket(
  operation: number,
  senderMac: Uint8Array,
  senderIp: Uint8Array,
  targetMac: Uint8Array,
  targetIp: Uint8Array,
): Uint8Array {
  return octets()
    .u16(1)
    .u16(EtherType.IPv4)
    .u8(6, 4)
    .u16(operation)
    .bytes(senderMac)
    .bytes(senderIp)
    .bytes(targetMac)
    .bytes(targetIp)
    .take();
}

/** Who has `target`? Broadcast; the target need not exist. */
export function request(timeline: Timeline, sender: Host, target: Host): void {
  const packet = arpPacket(1, sender.mac, sender.address, UNKNOWN, target.address);
  timeline.put(ethernetFrame(sender, group('255.255.255.255'), EtherType.ARP, packet));
}

/** `sender` tells `receiver` its address. */
export function reply(timeline: Timeline, sender: Host, receiver: Host): void {
  timeline.put(ethernetFrame(sender, receiver, EtherType.ARP, arpPacket(2, sender.mac, sender.address, receiver.mac, receiver.address)));
}

/** Question and answer. */
export function resolve(timeline: Timeline, sender: Host, target: Host): void {
  request(timeline, sender, target);
  reply(timeline, target, sender);
}

/** `sender` announces its own address to all. */
export function announce(timeline: Timeline, sender: Host): void {
  const packet = arpPacket(1, sender.mac, sender.address, UNKNOWN, sender.address);
  timeline.put(ethernetFrame(sender, group('255.255.255.255'), EtherType.ARP, packet));
}

/** `liar` tells `receiver` that the address of `owner` is at the liar's MAC. */
export function spoof(timeline: Timeline, liar: Host, owner: Host, receiver: Host): void {
  timeline.put(ethernetFrame(liar, receiver, EtherType.ARP, arpPacket(2, liar.mac, owner.address, receiver.mac, receiver.address)));
}
