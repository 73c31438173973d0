/**
 * TPKT (RFC 1006, 6) and the COTP header (X.224, 13) as pure functions from bytes to values. Hot code: `readHeader`
 * fills one reused object and allocates nothing.
 */
import { text, u16 } from '@annunciator/packet/bytes';
import { Parameter, PduType } from './names.ts';

/** TPKT header and the shortest TPDU header (DT: length, type, number). */
export const TPKT_HEADER = 4;
export const SHORTEST_TPKT = 7;

/** One TPDU; offsets into the bytes that were read. */
export interface CotpHeader {
  type: number;
  /** Last DT of its TSDU. */
  last: boolean;
  /** First byte after the TPDU header: user data up to the end of the TPKT. */
  data: number;
  /** Length indicator runs past the packet, or is too short for the type. */
  broken: boolean;
}

export const newHeader = (): CotpHeader => ({ type: 0, last: true, data: 0, broken: false });

/** Shortest length indicator by type: CR, CC and DR carry two references and a class or reason, ER a reference and a cause. */
function shortestHeader(type: number): number {
  if (type === PduType.ConnectRequest || type === PduType.ConnectConfirm || type === PduType.DisconnectRequest) return 6;
  if (type === PduType.Error) return 4;
  return type === PduType.Data ? 2 : 1;
}

/** Reads the TPDU header of `bytes[start, end)`, which begins at the length indicator. */
export function readHeader(bytes: Uint8Array, start: number, end: number, into: CotpHeader): CotpHeader {
  const indicator = bytes[start];
  into.type = bytes[start + 1] >> 4;
  into.data = start + 1 + indicator;
  into.broken = indicator === 255 || into.data > end || indicator < shortestHeader(into.type);
  into.last = into.type !== PduType.Data || into.broken || (bytes[start + 2] & 0x80) !== 0;
  return into;
}

/** Parameters of CR and CC that say who connects to whom. */
export interface ConnectParameters {
  readonly calling: Uint8Array;
  readonly called: Uint8Array;
  /** A parameter runs past the header. */
  readonly broken: boolean;
}

const nothing = new Uint8Array(0);

/** Reads the variable part of a CR or CC whose TPDU begins at `start` and whose header ends at `end`. */
export function readConnect(bytes: Uint8Array, start: number, end: number): ConnectParameters {
  let calling = nothing;
  let called = nothing;
  let at = start + 7;
  while (at + 2 <= end) {
    const next = at + 2 + bytes[at + 1];
    if (next > end) return { calling, called, broken: true };
    if (bytes[at] === Parameter.CallingTsap) calling = bytes.slice(at + 2, next);
    else if (bytes[at] === Parameter.CalledTsap) called = bytes.slice(at + 2, next);
    at = next;
  }
  return { calling, called, broken: at !== end };
}

/**
 * CR or CC of the remote desktop protocol (MS-RDPBCGR 2.2.1.1 and 2.2.1.2): the variable part is a cookie or routing
 * token in text, or a negotiation structure (type 1 request, 2 response, 3 failure; length 8 little-endian).
 */
export function isRemoteDesktop(bytes: Uint8Array, start: number, end: number): boolean {
  const at = start + 7;
  if (at + 8 > end) return false;
  if (bytes[at] >= 1 && bytes[at] <= 3 && bytes[at + 2] === 8 && bytes[at + 3] === 0) return true;
  return text(bytes, at, Math.min(end, at + 7), 7) === 'Cookie:';
}

/** Kind of partner a two-byte Siemens TSAP names: its first byte. */
const resources: Readonly<Record<number, string>> = { 1: 'PG', 2: 'OP', 3: 'S7 basic' };

/** A TSAP as S7 uses it: two bytes, kind of connection and `rack << 5 | slot`. */
export interface S7Tsap {
  readonly resource: string;
  readonly rack: number;
  readonly slot: number;
}

/** Rack and slot of a Siemens TSAP, or undefined when the bytes are no such TSAP. */
export function s7Tsap(tsap: Uint8Array): S7Tsap | undefined {
  if (tsap.length !== 2) return undefined;
  const resource = resources[tsap[0]] ?? (tsap[0] >= 0x10 && tsap[0] < 0xe0 ? `connection 0x${tsap[0].toString(16)}` : undefined);
  return resource === undefined ? undefined : { resource, rack: tsap[1] >> 5, slot: tsap[1] & 31 };
}

/** The TSAP is the name under which S7-1200 and S7-1500 controllers are reached: SIMATIC-ROOT-HMI, -ES, -OTHER. */
export function isSimaticRoot(tsap: Uint8Array): boolean {
  return text(tsap, 0, Math.min(tsap.length, 12), 12) === 'SIMATIC-ROOT';
}

/** The two TSAPs fit S7 communication: a SIMATIC root name, or Siemens kinds on both sides with a PG, OP or basic server. */
export function fitsS7(connect: ConnectParameters): boolean {
  if (isSimaticRoot(connect.called)) return true;
  const { calling, called } = connect;
  if (calling.length !== 2 || called.length !== 2) return false;
  return called[0] >= 1 && called[0] <= 3 && calling[0] >= 1 && calling[0] <= 0x10;
}

/** Length the TPKT header announces, header included. */
export const tpktLength = (bytes: Uint8Array, start: number): number => u16(bytes, start + 2);
