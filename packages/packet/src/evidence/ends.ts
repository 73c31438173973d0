/**
 * A number for each end of a packet, by which the packets between two ends are found again, in this run and in later ones. An
 * IPv4 address is its own number. For others two ends may share one by chance; then an alert gets a packet too many.
 */
import { i32, u16 } from '../bytes.ts';
import type { Packet } from '../packet.ts';
import type { AddressTable } from '../tables/address-table.ts';

/** FNV-1a, 32 bits. */
const OFFSET_BASIS = 0x811c9dc5 | 0;
const PRIME = 0x01000193;
const MULTIPLIER = 0x9e3779b1 | 0;

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i;

/** Number of an address as alerts write it: IPv4, IPv6 (RFC 5952) or MAC. */
export function endOfText(address: string): number {
  const ipv4 = IPV4.exec(address);
  if (ipv4) return (Number(ipv4[1]) << 24) | (Number(ipv4[2]) << 16) | (Number(ipv4[3]) << 8) | Number(ipv4[4]);
  if (MAC.test(address)) return endOfMac(Buffer.from(address.replaceAll(':', ''), 'hex'), 0);
  let hash = OFFSET_BASIS;
  for (let i = 0; i < address.length; i++) hash = Math.imul(hash ^ address.charCodeAt(i), PRIME);
  return hash;
}

function endOfMac(bytes: Uint8Array, at: number): number {
  const mixed = Math.imul(i32(bytes, at + 2) ^ Math.imul(u16(bytes, at), PRIME), MULTIPLIER);
  return mixed ^ (mixed >>> 15);
}

/** Hot: the ends of decoded packets. */
export class PacketEnds {
  source = 0;
  destination = 0;
  readonly #addresses: AddressTable;
  /** Of the IPv6 addresses by the numbers of the table, as far as they were asked for. */
  #ipv6 = new Int32Array(256);
  #known = 0;

  /** @param addresses of the decoder that decoded the packets */
  constructor(addresses: AddressTable) {
    this.#addresses = addresses;
  }

  /** Sets `source` and `destination` to those of a packet; 0 where it tells none. */
  find(packet: Packet): void {
    if (packet.ipVersion === 4) {
      this.source = packet.source;
      this.destination = packet.destination;
    } else if (packet.ipVersion === 6) {
      this.source = this.#ofNumber(packet.source);
      this.destination = this.#ofNumber(packet.destination);
    } else {
      this.source = packet.sourceMac < 0 ? 0 : endOfMac(packet.bytes, packet.sourceMac);
      this.destination = packet.destinationMac < 0 ? 0 : endOfMac(packet.bytes, packet.destinationMac);
    }
  }

  #ofNumber(number: number): number {
    if (number > this.#known) this.#learn(number);
    return this.#ipv6[number];
  }

  #learn(number: number): void {
    if (number >= this.#ipv6.length) {
      const wider = new Int32Array(2 * number);
      wider.set(this.#ipv6);
      this.#ipv6 = wider;
    }
    while (this.#known < number) this.#ipv6[++this.#known] = endOfText(this.#addresses.ipv6Text(this.#known));
  }
}
