/**
 * From a frame to its payload: link layer, tags, tunnels, IPv4 and IPv6, TCP and UDP.
 *
 * Hot code: fills the packet in place and allocates nothing on the usual path. Headers that break their standard never
 * throw: they stop the decoding there, are named in `packet.problem` and counted in `problems`.
 */
import { i32, i32le, u16, u16le } from './bytes.ts';
import { Fragments } from './fragments.ts';
import { LinkType } from './link-types.ts';
import { NO_FLOW, type Packet } from './packet.ts';
import { AddressTable } from './tables/address-table.ts';

/** Tags, tunnels and extension headers one frame may stack. */
const MOST_LAYERS = 16;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const VXLAN_PORT = 4789;

export const IpProtocol = { ICMP: 1, IPIP: 4, TCP: 6, UDP: 17, IPV6: 41, GRE: 47, ICMPV6: 58 } as const;

export class Decoder {
  /** Numbers of IPv6 addresses. */
  readonly addresses: AddressTable;
  readonly fragments: Fragments;
  /** Frames by the name of what is wrong with their headers. */
  readonly problems = new Map<string, number>();
  #layers = 0;
  /** The bytes under the decoder, and a view of them: reads a whole number with one check of its bounds. */
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(this.#bytes.buffer);

  constructor(addresses = new AddressTable(1 << 18), fragments = new Fragments()) {
    this.addresses = addresses;
    this.fragments = fragments;
  }

  /**
   * Decodes the frame of the packet (`bytes`, `start`, `end`, `linkType`). What could be read is in the packet
   * afterwards; `problem` tells what stopped it. A datagram that this fragment completes is decoded whole:
   * `reassembled` is set and `bytes`, `start`, `end` and all offsets then belong to a buffer with the whole frame.
   */
  decode(packet: Packet): void {
    // The frame that nearly all are: Ethernet, at most one tag, IPv4 without options or fragments, TCP or UDP, captured whole. One
    // straight look instead of a step per layer; nothing is said about another one until it is known to be one.
    packet.flowRow = NO_FLOW;
    if (packet.linkType !== LinkType.ETHERNET) return this.#decodeOther(packet);
    const { bytes, start, end } = packet;
    if (bytes !== this.#bytes) this.#look(bytes);
    const view = this.#view;
    let at = start + 14;
    let vlan = -1;
    if (at + 28 > end) return this.#decodeOther(packet);
    let etherType = view.getUint16(start + 12);
    if (etherType === 0x8100) {
      vlan = view.getUint16(at) & 0xfff;
      etherType = view.getUint16(at + 2);
      at += 4;
    }
    // Version 4 with five words of header.
    if (etherType !== ETHERTYPE_IPV4 || view.getUint8(at) !== 0x45 || (view.getUint16(at + 6) & 0x3fff) !== 0)
      return this.#decodeOther(packet);
    const stop = at + view.getUint16(at + 2);
    const upper = at + 20;
    const protocol = view.getUint8(at + 9);
    if (stop > end || upper + 8 > stop) return this.#decodeOther(packet);
    const ports = view.getInt32(upper);
    if (protocol === IpProtocol.TCP) {
      if (upper + 20 > stop) return this.#decodeOther(packet);
      const payload = upper + ((view.getUint8(upper + 12) >> 4) << 2);
      if (payload < upper + 20 || payload > stop) return this.#decodeOther(packet);
      packet.sequence = view.getInt32(upper + 4);
      packet.acknowledgement = view.getInt32(upper + 8);
      packet.flags = view.getUint8(upper + 13);
      packet.payload = payload;
    } else {
      if (protocol !== IpProtocol.UDP || stop !== upper + view.getUint16(upper + 4) || (ports & 0xffff) === VXLAN_PORT)
        return this.#decodeOther(packet);
      packet.sequence = 0;
      packet.acknowledgement = 0;
      packet.flags = 0;
      packet.payload = upper + 8;
    }
    packet.payloadEnd = stop;
    packet.sourcePort = ports >>> 16;
    packet.destinationPort = ports & 0xffff;
    packet.sourceMac = start + 6;
    packet.sourceMacLow = view.getInt32(start + 8);
    packet.destinationMac = start;
    packet.toGroup = (view.getUint8(start) & 1) !== 0;
    packet.vlan = vlan;
    packet.network = at;
    packet.source = view.getInt32(at + 12);
    packet.destination = view.getInt32(at + 16);
    packet.protocol = protocol;
    packet.timeToLive = view.getUint8(at + 8);
    if (!packet.plain) this.#makePlain(packet);
  }

  /** Every other frame, a step per layer. */
  #decodeOther(packet: Packet): void {
    const start = packet.start;
    packet.plain = false;
    packet.sourceMacLow = 0;
    packet.sourceMac = -1;
    packet.destinationMac = -1;
    packet.vlan = -1;
    packet.etherType = 0;
    packet.network = start;
    packet.toGroup = false;
    packet.ipVersion = 0;
    packet.source = 0;
    packet.destination = 0;
    packet.protocol = 0;
    packet.timeToLive = 0;
    packet.fragment = false;
    packet.reassembled = false;
    packet.sourcePort = 0;
    packet.destinationPort = 0;
    packet.sequence = 0;
    packet.acknowledgement = 0;
    packet.flags = 0;
    packet.payload = start;
    packet.payloadEnd = packet.end;
    packet.complete = true;
    packet.missing = 0;
    packet.tunnels = 0;
    packet.carrierMac = -1;
    packet.problem = '';
    packet.stopped = false;
    this.#layers = 0;
    if (packet.linkType === LinkType.ETHERNET) this.#ethernet(packet, start, packet.end);
    else this.#link(packet, packet.linkType, start);
    if (packet.sourceMac >= 0) packet.sourceMacLow = i32(packet.bytes, packet.sourceMac + 2);
  }

  #look(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** What all plain packets have in common. */
  #makePlain(packet: Packet): void {
    packet.plain = true;
    packet.etherType = ETHERTYPE_IPV4;
    packet.ipVersion = 4;
    packet.fragment = false;
    packet.reassembled = false;
    packet.complete = true;
    packet.missing = 0;
    packet.tunnels = 0;
    packet.carrierMac = -1;
    packet.problem = '';
    packet.stopped = false;
  }

  #link(packet: Packet, linkType: number, start: number): void {
    const { bytes, end } = packet;
    switch (linkType) {
      case LinkType.ETHERNET:
        this.#ethernet(packet, start, end);
        return;
      case LinkType.NULL:
      case LinkType.LOOP: {
        // The address family of the host that captured, in its byte order; 2 is IPv4, IPv6 differs by system.
        if (start + 4 > end) return this.#problem(packet, 'null.truncated');
        const family = bytes[start] === 0 && bytes[start + 1] === 0 ? i32(bytes, start) : i32le(bytes, start);
        if (family === 2) return this.#network(packet, ETHERTYPE_IPV4, start + 4, end);
        if (family === 24 || family === 28 || family === 30 || family === 10) return this.#network(packet, ETHERTYPE_IPV6, start + 4, end);
        // Families above the EtherType limit occur as EtherTypes.
        return this.#network(packet, family >= 0x600 && family <= 0xffff ? family : 0, start + 4, end);
      }
      case LinkType.RAW:
      case LinkType.RAW_BSD:
      case LinkType.RAW_OPENBSD:
      case LinkType.IPV4:
      case LinkType.IPV6:
        if (start >= end) return this.#problem(packet, 'ip.truncated');
        return this.#network(packet, bytes[start] >> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, start, end);
      case LinkType.LINUX_SLL:
        if (start + 16 > end) return this.#problem(packet, 'sll.truncated');
        packet.toGroup = u16(bytes, start) === 1 || u16(bytes, start) === 2;
        if (u16(bytes, start + 4) === 6) packet.sourceMac = start + 6;
        return this.#tagged(packet, u16(bytes, start + 14), start + 16, end);
      case LinkType.LINUX_SLL2:
        if (start + 20 > end) return this.#problem(packet, 'sll.truncated');
        packet.toGroup = bytes[start + 10] === 1 || bytes[start + 10] === 2;
        if (bytes[start + 11] === 6) packet.sourceMac = start + 12;
        return this.#tagged(packet, u16(bytes, start), start + 20, end);
      case LinkType.PPI: {
        // Per-Packet Information: a header with its length and the link type inside.
        const length = start + 8 <= end ? u16le(bytes, start + 2) : 0;
        const inner = length < 8 ? LinkType.PPI : i32le(bytes, start + 4);
        if (inner === LinkType.PPI || start + length > end) return this.#problem(packet, 'ppi.header-length');
        return this.#link(packet, inner, start + length);
      }
      default:
        return this.#problem(packet, 'link-type.unknown');
    }
  }

  #ethernet(packet: Packet, start: number, end: number): void {
    if (start + 14 > end) return this.#problem(packet, 'ethernet.truncated');
    const bytes = packet.bytes;
    packet.destinationMac = start;
    packet.sourceMac = start + 6;
    packet.toGroup = (bytes[start] & 1) !== 0;
    this.#tagged(packet, u16(bytes, start + 12), start + 14, end);
  }

  /** IEEE 802.1Q and 802.1ad tags, then IEEE 802.3 length with LLC and SNAP. */
  #tagged(packet: Packet, etherType: number, at: number, end: number): void {
    if (etherType === ETHERTYPE_IPV4) {
      packet.etherType = etherType;
      packet.network = at;
      this.#ipv4(packet, at, end);
      return;
    }
    const bytes = packet.bytes;
    while (etherType === 0x8100 || etherType === 0x88a8 || etherType === 0x9100) {
      if (at + 4 > end) return this.#problem(packet, 'vlan.truncated');
      if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
      if (packet.vlan < 0) packet.vlan = u16(bytes, at) & 0xfff;
      etherType = u16(bytes, at + 2);
      at += 4;
    }
    if (etherType < 0x600 && packet.destinationMac >= 0) {
      // The length field tells where padding begins.
      if (at + etherType < end) end = at + etherType;
      if (at + 8 <= end && bytes[at] === 0xaa && bytes[at + 1] === 0xaa && bytes[at + 2] === 3) {
        const organization = (bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5];
        if (organization === 0) {
          etherType = u16(bytes, at + 6);
          at += 8;
        }
      }
    }
    this.#network(packet, etherType, at, end);
  }

  #network(packet: Packet, etherType: number, at: number, end: number): void {
    packet.etherType = etherType;
    packet.network = at;
    switch (etherType) {
      case ETHERTYPE_IPV4:
        return this.#ipv4(packet, at, end);
      case ETHERTYPE_IPV6:
        return this.#ipv6(packet, at, end);
      case 0x8847:
      case 0x8848:
        return this.#mpls(packet, at, end);
      case 0x8864:
        return this.#pppoe(packet, at, end);
      default:
        packet.payload = at;
        packet.payloadEnd = end;
        if (packet.end - packet.start < packet.wireLength && !packet.reassembled) {
          packet.missing = packet.wireLength - (packet.end - packet.start);
          packet.complete = false;
        }
    }
  }

  /** RFC 791. */
  #ipv4(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    if (at + 20 > end) return this.#problem(packet, 'ipv4.truncated');
    const first = bytes[at];
    if (first >> 4 !== 4) return this.#problem(packet, 'ipv4.version');
    const header = (first & 15) << 2;
    if (header < 20 || at + header > end) return this.#problem(packet, 'ipv4.header-length');
    // Segmentation offload leaves the total length 0: the frame's end counts.
    const total = u16(bytes, at + 2) || end - at;
    if (total < header) return this.#problem(packet, 'ipv4.total-length');
    packet.ipVersion = 4;
    packet.source = i32(bytes, at + 12);
    packet.destination = i32(bytes, at + 16);
    packet.timeToLive = bytes[at + 8];
    const protocol = bytes[at + 9];
    packet.protocol = protocol;
    let stop = at + total;
    if (stop > end) {
      this.#cut(packet, stop - end, 'ipv4.total-length');
      stop = end;
    }
    const fragmentation = u16(bytes, at + 6);
    if ((fragmentation & 0x3fff) !== 0) {
      packet.payload = at + header;
      packet.payloadEnd = stop;
      const offset = (fragmentation & 0x1fff) << 3;
      const more = (fragmentation & 0x2000) !== 0;
      this.#fragment(packet, at, at + header, at + 9, u16(bytes, at + 4), offset, more);
      return;
    }
    this.#transport(packet, protocol, at + header, stop);
  }

  /** RFC 8200. */
  #ipv6(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    if (at + 40 > end) return this.#problem(packet, 'ipv6.truncated');
    if (bytes[at] >> 4 !== 6) return this.#problem(packet, 'ipv6.version');
    packet.ipVersion = 6;
    packet.source = this.addresses.ipv6(bytes, at + 8);
    packet.destination = this.addresses.ipv6(bytes, at + 24);
    packet.timeToLive = bytes[at + 7];
    let next = bytes[at + 6];
    packet.protocol = next;
    // Jumbograms and segmentation offload leave the length 0: the frame's end counts.
    const length = u16(bytes, at + 4);
    let stop = length === 0 && next !== 59 ? end : at + 40 + length;
    if (stop > end) {
      this.#cut(packet, stop - end, 'ipv6.payload-length');
      stop = end;
    }
    let nextAt = at + 6;
    at += 40;
    for (;;) {
      let size: number;
      if (next === 0 || next === 43 || next === 60 || next === 135 || next === 139 || next === 140) size = (bytes[at + 1] + 1) << 3;
      else if (next === 51) size = (bytes[at + 1] + 2) << 2;
      else if (next === 44) size = 8;
      else break;
      if (at + 8 > stop || at + size > stop) return this.#problem(packet, 'ipv6.extension-length');
      if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
      const kind = next;
      next = bytes[at];
      packet.protocol = next;
      if (kind === 44) {
        const field = u16(bytes, at + 2);
        if ((field & 0xfff9) !== 0) {
          packet.payload = at + 8;
          packet.payloadEnd = stop;
          this.#fragment(packet, packet.network, at, nextAt, i32(bytes, at + 4), field & 0xfff8, (field & 1) !== 0);
          return;
        }
      }
      nextAt = at;
      at += size;
    }
    this.#transport(packet, next, at, stop);
  }

  #transport(packet: Packet, protocol: number, at: number, end: number): void {
    const bytes = packet.bytes;
    packet.payload = at;
    packet.payloadEnd = end;
    if (protocol === IpProtocol.TCP) {
      if (at + 20 > end) return this.#problem(packet, 'tcp.truncated');
      const header = (bytes[at + 12] >> 4) << 2;
      if (header < 20 || at + header > end) return this.#problem(packet, packet.complete ? 'tcp.header-length' : 'tcp.truncated');
      packet.sourcePort = u16(bytes, at);
      packet.destinationPort = u16(bytes, at + 2);
      packet.sequence = i32(bytes, at + 4);
      packet.acknowledgement = i32(bytes, at + 8);
      packet.flags = bytes[at + 13];
      packet.payload = at + header;
    } else if (protocol === IpProtocol.UDP) {
      if (at + 8 > end) return this.#problem(packet, 'udp.truncated');
      packet.sourcePort = u16(bytes, at);
      packet.destinationPort = u16(bytes, at + 2);
      // Length 0 stands for a jumbogram or segmentation offload: the datagram's end counts.
      const length = u16(bytes, at + 4) || end - at;
      packet.payload = at + 8;
      if (length < 8) return this.#problem(packet, 'udp.length');
      if (at + length <= end) packet.payloadEnd = at + length;
      else if (packet.complete) this.#note(packet, 'udp.length');
      if (packet.destinationPort === VXLAN_PORT) this.#vxlan(packet);
    } else if (protocol === IpProtocol.GRE) this.#gre(packet, at, end);
    else if (protocol === IpProtocol.IPIP) this.#peel(packet, ETHERTYPE_IPV4, at, end);
    else if (protocol === IpProtocol.IPV6) this.#peel(packet, ETHERTYPE_IPV6, at, end);
  }

  /** The packet inside takes the place of the one around it. */
  #peel(packet: Packet, etherType: number, at: number, end: number): void {
    if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
    packet.tunnels++;
    this.#network(packet, etherType, at, end);
  }

  #peelEthernet(packet: Packet, at: number, end: number): void {
    if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
    if (packet.tunnels++ === 0) {
      packet.carrierMac = packet.sourceMac;
      packet.carrierVersion = packet.ipVersion;
      packet.carrierSource = packet.source;
      packet.carrierTimeToLive = packet.timeToLive;
      packet.carrierVlan = packet.vlan;
    }
    packet.vlan = -1;
    packet.ipVersion = 0;
    packet.protocol = 0;
    packet.source = 0;
    packet.destination = 0;
    packet.sourcePort = 0;
    packet.destinationPort = 0;
    this.#ethernet(packet, at, end);
  }

  /** RFC 3032: labels until the bottom of the stack, then IP by its version, or Ethernet behind a control word. */
  #mpls(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    for (;;) {
      if (at + 4 > end) return this.#problem(packet, 'mpls.truncated');
      if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
      const bottom = (bytes[at + 2] & 1) !== 0;
      at += 4;
      if (bottom) break;
    }
    packet.payload = at;
    packet.payloadEnd = end;
    if (at >= end) return;
    const version = bytes[at] >> 4;
    if (version === 4) this.#peel(packet, ETHERTYPE_IPV4, at, end);
    else if (version === 6) this.#peel(packet, ETHERTYPE_IPV6, at, end);
    else if (version === 0 && at + 18 <= end) this.#peelEthernet(packet, at + 4, end);
  }

  /** RFC 2516, session stage. */
  #pppoe(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    if (at + 8 > end) return this.#problem(packet, 'pppoe.truncated');
    const stop = Math.min(end, at + 6 + u16(bytes, at + 4));
    this.#ppp(packet, at + 6, stop);
  }

  #ppp(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    packet.payload = at;
    packet.payloadEnd = end;
    if (at + 2 <= end && bytes[at] === 0xff && bytes[at + 1] === 3) at += 2;
    if (at + 2 > end) return;
    // The protocol field may be compressed to one byte (RFC 1661, 6.5).
    const short = (bytes[at] & 1) !== 0;
    const protocol = short ? bytes[at] : u16(bytes, at);
    at += short ? 1 : 2;
    if (protocol === 0x21) this.#peel(packet, ETHERTYPE_IPV4, at, end);
    else if (protocol === 0x57) this.#peel(packet, ETHERTYPE_IPV6, at, end);
  }

  /** RFC 2784 and 2890; version 1 (RFC 2637, PPTP); Ethernet inside as TEB or ERSPAN. */
  #gre(packet: Packet, at: number, end: number): void {
    const bytes = packet.bytes;
    if (at + 4 > end) return this.#problem(packet, 'gre.truncated');
    const flags = u16(bytes, at);
    const type = u16(bytes, at + 2);
    const version = flags & 7;
    if (version > 1 || (flags & 0x4000) !== 0) return;
    at += 4;
    if ((flags & 0x8000) !== 0) at += 4;
    if ((flags & 0x2000) !== 0) at += 4;
    if ((flags & 0x1000) !== 0) at += 4;
    if (version === 1 && (flags & 0x80) !== 0) at += 4;
    if (at > end) return this.#problem(packet, 'gre.truncated');
    packet.payload = at;
    if (version === 1) {
      if (type === 0x880b && at < end) this.#ppp(packet, at, end);
    } else if (type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 || type === 0x8847) this.#peel(packet, type, at, end);
    else if (type === 0x6558) this.#peelEthernet(packet, at, end);
    // ERSPAN type I has no header of its own and no GRE sequence number; type II has both.
    else if (type === 0x88be) this.#erspan(packet, at, end, (flags & 0x1000) === 0 ? 0 : 8);
    else if (type === 0x22eb) this.#erspan(packet, at, end, 12);
  }

  /** A mirrored frame (draft-foschiano-erspan-03): behind no header (type I), 8 bytes (type II), or 12 and an optional 8 (type III). */
  #erspan(packet: Packet, at: number, end: number, header: number): void {
    const { bytes } = packet;
    if (at + header > end) return this.#problem(packet, 'erspan.truncated');
    const optional = header === 12 && (bytes[at + 11] & 1) !== 0 ? 8 : 0;
    const frame = at + header + optional;
    // Frame type 2 of type III: the mirrored packet is bare IP.
    if (header === 12 && ((bytes[at + 10] >> 2) & 31) === 2) {
      if (frame < end) this.#peel(packet, bytes[frame] >> 4 === 6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4, frame, end);
    } else this.#peelEthernet(packet, frame, end);
    // A tag that the switch took off stands in the header; type II says whether it did (ISL or 802.1Q before).
    const takenOff = header === 12 || (header === 8 && [1, 2].includes((bytes[at + 2] >> 3) & 3));
    const vlan = takenOff ? u16(bytes, at) & 0xfff : 0;
    if (packet.vlan < 0 && vlan !== 0 && !packet.reassembled) packet.vlan = vlan;
  }

  /** RFC 7348. The reserved fields must be zero, so that other traffic on the port is left alone. */
  #vxlan(packet: Packet): void {
    const { bytes, payload } = packet;
    if (payload + 22 > packet.payloadEnd || i32(bytes, payload) !== 0x08000000 || bytes[payload + 7] !== 0) return;
    this.#peelEthernet(packet, payload + 8, packet.payloadEnd);
  }

  #fragment(packet: Packet, ip: number, data: number, nextAt: number, id: number, offset: number, more: boolean): void {
    packet.fragment = true;
    const whole = this.fragments.add(packet, ip, data, nextAt, id, offset, more);
    if (whole === null) {
      if (this.fragments.problem !== '') this.#note(packet, this.fragments.problem);
      return;
    }
    if (this.#layers++ >= MOST_LAYERS) return this.#problem(packet, 'layers.too-many');
    // The buffer holds the whole frame: everything before the IP header as in this fragment, then the datagram.
    const shift = packet.start;
    if (packet.sourceMac >= 0) packet.sourceMac -= shift;
    if (packet.destinationMac >= 0) packet.destinationMac -= shift;
    if (packet.carrierMac >= 0) packet.carrierMac -= shift;
    packet.bytes = whole;
    packet.start = 0;
    packet.end = whole.length;
    packet.network = ip - shift;
    packet.fragment = false;
    packet.reassembled = true;
    packet.complete = true;
    packet.missing = 0;
    if (packet.ipVersion === 4) this.#ipv4(packet, packet.network, packet.end);
    else this.#ipv6(packet, packet.network, packet.end);
  }

  /** The headers announce more bytes than there are: the capture cut them off, or the length is wrong and the frame's end counts. */
  #cut(packet: Packet, missing: number, problem: string): void {
    if (packet.reassembled || packet.wireLength <= packet.end - packet.start) this.#note(packet, problem);
    else {
      packet.complete = false;
      packet.missing = missing;
    }
  }

  /** Decoding goes on. */
  #note(packet: Packet, name: string): void {
    packet.problem = name;
    this.problems.set(name, (this.problems.get(name) ?? 0) + 1);
  }

  /** Decoding ends here. */
  #problem(packet: Packet, name: string): void {
    this.#note(packet, name);
    packet.stopped = true;
    // Nobody can blame the sender for bytes that the capture left out.
    if (packet.wireLength > packet.end - packet.start && !packet.reassembled) packet.complete = false;
  }
}
