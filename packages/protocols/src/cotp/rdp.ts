/**
 * Remote desktop on its TPKT side (MS-RDPBCGR, T.125): recognised so that it is never taken for a plant's ISO-on-TCP,
 * and counted. After the connection sequence it turns into TLS or fast-path PDUs, which are skipped by their length.
 *
 * Hot code: nothing is allocated per packet.
 */
import { text, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { isMcs } from './identify.ts';
import { PduType, pduName, TYPE_TEXT } from './names.ts';
import { isRemoteDesktop, newHeader, readHeader, SHORTEST_TPKT, TPKT_HEADER, tpktLength } from './parse.ts';

const RDP = PROTOCOLS.rdp.index;
const header = newHeader();

/** Operation code of a fast-path PDU (MS-RDPBCGR 2.2.8.1.2, 2.2.9.1.2); transport PDUs count by their COTP type. */
const FAST_PATH = 0x100;

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if ((start < end && bytes[start] !== 3) || (start + 1 < end && bytes[start + 1] !== 0)) return Confidence.No;
  if (end - start < SHORTEST_TPKT + 2) return Confidence.More;
  const packetEnd = start + tpktLength(bytes, start);
  const tpdu = start + TPKT_HEADER;
  if (readHeader(bytes, tpdu, packetEnd, header).broken) return Confidence.No;
  const known = Math.min(end, packetEnd);
  if (header.type === PduType.Data) {
    if (!isMcs(bytes, header.data, packetEnd)) return Confidence.No;
    return bytes[header.data] === 0x7f && bytes[header.data + 1] <= 0x66 && bytes[header.data + 2] === 0x82
      ? Confidence.Certain
      : Confidence.Possible;
  }
  if (header.type !== PduType.ConnectRequest && header.type !== PduType.ConnectConfirm) return Confidence.No;
  if (header.data !== packetEnd) return Confidence.No;
  return isRemoteDesktop(bytes, tpdu, known) ? Confidence.Certain : Confidence.Possible;
}

/** Length of the fast-path PDU at `start`, or -1 when the bytes are none; 0 when more bytes are needed. */
function fastPathLength(bytes: Uint8Array, start: number, end: number): number {
  if ((bytes[start] & 3) !== 0) return -1;
  if (end - start < 3) return 0;
  const length = bytes[start + 1] & 0x80 ? u16(bytes, start + 1) & 0x7fff : bytes[start + 1];
  return length < 3 ? -1 : length;
}

const COOKIE = 'Cookie: mstshash=';

/** Every connection request is a sign-in attempt; the cookie holds the beginning of the user's name, up to CR LF. */
function tellAttempt(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const cookie = text(bytes, start, Math.min(end, start + 64), 64);
  const user = cookie.startsWith(COOKIE) ? cookie.slice(COOKIE.length) : '';
  const stop = bytes.subarray(start, end).indexOf(0x0d);
  facts.tell({ is: 'login', protocol: RDP, outcome: 'attempt', user: stop >= 0 ? user.slice(0, Math.max(0, stop - COOKIE.length)) : user });
}

export const rdp: Dissector = {
  protocol: PROTOCOLS.rdp,
  reports: [PROTOCOLS.rdp],
  tcpPorts: [3389],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (start >= end) return start;
    if (bytes[start] !== 3) {
      const length = fastPathLength(bytes, start, end);
      if (length < 0) return -1;
      if (length === 0 || end - start < length) return start;
      facts.message(RDP, FAST_PATH, Role.Notification);
      return start + length;
    }
    if (end - start < TPKT_HEADER) return start;
    const length = tpktLength(bytes, start);
    if (bytes[start + 1] !== 0 || length < SHORTEST_TPKT) return -1;
    if (end - start < length) return start;
    const { type } = readHeader(bytes, start + TPKT_HEADER, start + length, header);
    facts.message(
      RDP,
      type,
      type === PduType.ConnectRequest ? Role.Request : type === PduType.ConnectConfirm ? Role.Response : Role.Notification,
    );
    if (facts.countsFields && !header.broken) facts.field('cotp.type', TYPE_TEXT[type]);
    if (type === PduType.ConnectRequest && !header.broken) tellAttempt(facts, bytes, start + TPKT_HEADER + 7, start + length);
    return start + length;
  },

  operationName: (_protocol, code) => (code === FAST_PATH ? 'Fast-path PDU' : pduName(code)),
  aspects: {},
};
