/** Spanning tree (IEEE 802.1D) in IEEE 802.2 frames, and Cisco's per VLAN: who sends which BPDU. Hot code: bridges send every two seconds and nothing is allocated. */
import { u16, u24 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Bpdu, bpduName, VIOLATIONS } from './names.ts';

const STP = PROTOCOLS.stp.index;
/** Protocol id, version and type of a BPDU; configuration and rapid BPDUs have 35 bytes (9.3.1). */
const SHORTEST = 4;
const WHOLE = 35;
const TYPE = 3;
/** LLC header of the standard; LLC and SNAP header (organization 00-00-0C, 0x010B) of Cisco's spanning trees per VLAN. */
const LLC = 3;
const SNAP = 8;

/** Bytes that a BPDU of this type has, or 0 when there is no such type. */
function shortest(type: number): number {
  if (type === Bpdu.TopologyChange) return SHORTEST;
  return type === Bpdu.Configuration || type === Bpdu.Rapid ? WHOLE : 0;
}

/** Offset of the BPDU after SAP 0x42 on both sides, or after Cisco's SNAP header; -1 for another frame. */
function bpduAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= LLC + SHORTEST && u16(bytes, start) === 0x4242 && bytes[start + 2] === 3) return start + LLC;
  const cisco =
    end - start >= SNAP + SHORTEST &&
    u24(bytes, start) === 0xaaaa03 &&
    u24(bytes, start + 3) === 0x00000c &&
    u16(bytes, start + 6) === 0x010b;
  return cisco ? start + SNAP : -1;
}

/** Protocol 0; version 0, 2, 3 or 4; a type that exists. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const at = bpduAt(bytes, start, end);
  if (at < 0 || u16(bytes, at) !== 0) return Confidence.No;
  const version = bytes[at + 2];
  return version !== 1 && version <= 4 && shortest(bytes[at + TYPE]) > 0 ? Confidence.Certain : Confidence.No;
}

export const stp: Dissector = {
  protocol: PROTOCOLS.stp,
  reports: [PROTOCOLS.stp],
  tcpPorts: [],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    const at = bpduAt(bytes, start, end);
    if (at < 0) return;
    const type = bytes[at + TYPE];
    facts.message(STP, type, Role.Notification);
    if (facts.countsFields) facts.field('stp.type', type);
    if (end - at < shortest(type) && facts.complete) {
      const { malformed } = VIOLATIONS['stp.length'];
      const sentence = `${bpduName(type)} has at least ${shortest(type)} bytes, this one has ${end - at}.`;
      facts.tell({ is: 'violation', protocol: STP, name: 'stp.length', malformed, text: sentence });
    }
  },

  operationName: (_protocol, code) => bpduName(code),
  aspects: {},
};
