/** Spanning tree (IEEE 802.1D) in IEEE 802.2 frames: who sends which BPDU. Hot code: bridges send every two seconds and nothing is allocated. */
import { u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Bpdu, bpduName, VIOLATIONS } from './names.ts';

const STP = PROTOCOLS.stp.index;
/** LLC header of three bytes, then protocol id, version and type. */
const TYPE = 6;
const SHORTEST = TYPE + 1;
/** Configuration and rapid BPDUs with the LLC header. */
const WHOLE = 3 + 35;

/** Bytes that a BPDU of this type has with the LLC header, or 0 when there is no such type. */
function shortest(type: number): number {
  if (type === Bpdu.TopologyChange) return SHORTEST;
  return type === Bpdu.Configuration || type === Bpdu.Rapid ? WHOLE : 0;
}

/** SAP 0x42 on both sides, unnumbered information, protocol 0; version 0, 2, 3 or 4. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < SHORTEST || u16(bytes, start) !== 0x4242 || bytes[start + 2] !== 3 || u16(bytes, start + 3) !== 0) return Confidence.No;
  const version = bytes[start + 5];
  const fits = version !== 1 && version <= 4 && shortest(bytes[start + TYPE]) > 0;
  return fits ? Confidence.Certain : Confidence.No;
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
    if (end - start < SHORTEST || u16(bytes, start) !== 0x4242) return;
    const type = bytes[start + TYPE];
    facts.message(STP, type, Role.Notification);
    if (facts.countsFields) facts.field('stp.type', type);
    if (end - start < shortest(type) && facts.complete) {
      const { malformed } = VIOLATIONS['stp.length'];
      const sentence = `${bpduName(type)} has at least ${shortest(type) - 3} bytes, this one has ${end - start - 3}.`;
      facts.tell({ is: 'violation', protocol: STP, name: 'stp.length', malformed, text: sentence });
    }
  },

  operationName: (_protocol, code) => bpduName(code),
  aspects: {},
};
