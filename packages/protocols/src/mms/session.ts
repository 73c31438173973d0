/**
 * Session (ISO 8327-1) and presentation (ISO 8823-1) as far as they lead to their user: where its data lies, and whether
 * that user is MMS. Pure functions from bytes to offsets. Hot code: one object is filled for every message.
 */
import { u16 } from '@annunciator/packet/bytes';
import { integer, same, Tlv, Universal } from '../ber/tlv.ts';
import { Spdu } from './names.ts';

/** Parameters that hold user data, up to 512 bytes and beyond. */
const USER_DATA = 0xc1;
const EXTENDED_USER_DATA = 0xc2;
/** A length indicator that says that two octets of length follow. */
const LONG_LENGTH = 0xff;

export class SessionPdu {
  type = 0;
  /** User data: `bytes[start, end)`; empty when there is none. */
  start = 0;
  end = 0;
  /** A length does not fit the bytes. */
  broken = false;

  /** Reads the SPDU of `bytes[start, end)`; give-tokens and the data transfer that follows it count as one. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.type = bytes[start];
    this.start = end;
    this.end = end;
    let at = parameters(bytes, start, end);
    const last = parametersEnd(bytes, start, end);
    this.broken = last > end;
    if (this.broken) return;
    if (this.type === Spdu.GiveTokensOrData) {
      if (bytes[last] !== Spdu.GiveTokensOrData || parametersEnd(bytes, last, end) > end) this.broken = last < end;
      else this.start = parametersEnd(bytes, last, end);
      return;
    }
    for (; at < last; at = parametersEnd(bytes, at, last)) {
      const next = parametersEnd(bytes, at, last);
      if (next > last) {
        this.broken = true;
        return;
      }
      if (bytes[at] !== USER_DATA && bytes[at] !== EXTENDED_USER_DATA) continue;
      this.start = parameters(bytes, at, last);
      this.end = next;
    }
  }
}

/** First byte after identifier and length indicator at `at`. */
function parameters(bytes: Uint8Array, at: number, end: number): number {
  return at + 1 < end && bytes[at + 1] === LONG_LENGTH ? at + 4 : at + 2;
}

/** First byte after the SPDU or parameter at `at`; beyond `end` when it does not fit. */
function parametersEnd(bytes: Uint8Array, at: number, end: number): number {
  const from = parameters(bytes, at, end);
  if (from > end) return end + 1;
  return from + (from === at + 4 ? u16(bytes, at + 2) : bytes[at + 1]);
}

/** Identifier octets of presentation: normal-mode parameters, context definition list, fully-encoded user data. */
const NORMAL_MODE = 0xa2;
const CONTEXT_LIST = 0xa4;
const USER = 0x61;
/** Values of a PDV-list: a single ASN.1 type, or octets. */
const SINGLE_TYPE = 0xa0;
const OCTETS = 0x81;

/** Object identifier of the abstract syntax of MMS: iso 9506 2 1. */
export const MMS_SYNTAX = Uint8Array.of(0x28, 0xca, 0x22, 0x02, 0x01);

const tlv = new Tlv();
const inner = new Tlv();

export class Presentation {
  /** PDV-lists: `bytes[start, end)`. */
  start = 0;
  end = 0;
  /** The connect PDU names its abstract syntaxes, and MMS is none of them. */
  foreign = false;
  broken = false;

  /** Reads the user data of a session CONNECT or ACCEPT. */
  readConnect(bytes: Uint8Array, start: number, end: number): void {
    this.#clear(end);
    this.broken = !tlv.read(bytes, start, end) || tlv.tag !== Universal.Set;
    const setEnd = tlv.end;
    for (let at = tlv.start; !this.broken && at < setEnd; at = tlv.next) {
      this.broken = !tlv.read(bytes, at, setEnd);
      if (this.broken || tlv.tag !== NORMAL_MODE) continue;
      this.#readParameters(bytes, tlv.start, tlv.end);
      return;
    }
  }

  /** Reads the user data of other session PDUs. */
  readData(bytes: Uint8Array, start: number, end: number): void {
    this.#clear(end);
    this.broken = !tlv.read(bytes, start, end) || tlv.tag !== USER;
    if (this.broken) return;
    this.start = tlv.start;
    this.end = tlv.end;
  }

  /**
   * The next PDV of `bytes[start, end)`: moves `start` behind it and returns the cursor on its value, or undefined when
   * there is none or it is broken.
   */
  next(bytes: Uint8Array): Tlv | undefined {
    if (this.start >= this.end) return undefined;
    this.broken = !tlv.read(bytes, this.start, this.end) || tlv.tag !== Universal.Sequence;
    if (this.broken) return undefined;
    this.start = tlv.next;
    for (let at = tlv.start; at < tlv.end; at = inner.next) {
      if (!inner.read(bytes, at, tlv.end)) break;
      if (inner.tag === SINGLE_TYPE || inner.tag === OCTETS) return inner;
    }
    this.broken = true;
    return undefined;
  }

  #clear(end: number): void {
    this.start = end;
    this.end = end;
    this.foreign = false;
    this.broken = false;
  }

  #readParameters(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at = inner.next) {
      this.broken = !inner.read(bytes, at, end);
      if (this.broken) return;
      if (inner.tag === CONTEXT_LIST) this.foreign = !names(bytes, inner.start, inner.end, MMS_SYNTAX);
      else if (inner.tag === USER) {
        this.start = inner.start;
        this.end = inner.end;
      }
    }
  }
}

const item = new Tlv();
const part = new Tlv();

/** Whether a context definition list names an abstract syntax. */
function names(bytes: Uint8Array, start: number, end: number, syntax: Uint8Array): boolean {
  for (let at = start; at < end && item.read(bytes, at, end); at = item.next)
    for (let within = item.start; within < item.end && part.read(bytes, within, item.end); within = part.next)
      if (part.tag === Universal.ObjectIdentifier && same(bytes, part.start, part.end, syntax)) return true;
  return false;
}

/** Identifier octets of ACSE (ISO 8650-1) and of what an association request or response holds. */
export const Acse = { Request: 0x60, Response: 0x61, ReleaseRequest: 0x62, ReleaseResponse: 0x63, Abort: 0x64 } as const;
const RESULT = 0xa2;
const AUTHENTICATION_VALUE = 0xac;
const USER_INFORMATION = 0xbe;
const EXTERNAL = 0x28;

/** An association request or response (AARQ, AARE). */
export class Association {
  /** AARE: 0 accepted, 1 rejected for good, 2 for now. */
  result = 0;
  /** AARQ: somebody proves who they are. */
  authenticates = false;
  /** The MMS PDU inside: `bytes[start, end)`, empty when there is none. */
  start = 0;
  end = 0;
  broken = false;

  /** Reads the contents of an AARQ or AARE. */
  read(bytes: Uint8Array, start: number, end: number): void {
    this.result = 0;
    this.authenticates = false;
    this.start = end;
    this.end = end;
    this.broken = false;
    for (let at = start; at < end; at = item.next) {
      this.broken = !item.read(bytes, at, end);
      if (this.broken) return;
      if (item.tag === RESULT && part.read(bytes, item.start, item.end) && part.tag === Universal.Integer)
        this.result = integer(bytes, part.start, part.end);
      else if (item.tag === AUTHENTICATION_VALUE) this.authenticates = true;
      else if (item.tag === USER_INFORMATION) this.#readExternal(bytes, item.start, item.end);
    }
  }

  #readExternal(bytes: Uint8Array, start: number, end: number): void {
    this.broken = !part.read(bytes, start, end) || part.tag !== EXTERNAL;
    const externalEnd = part.end;
    for (let at = part.start; !this.broken && at < externalEnd; at = part.next) {
      this.broken = !part.read(bytes, at, externalEnd);
      if (this.broken || (part.tag !== SINGLE_TYPE && part.tag !== OCTETS)) continue;
      this.start = part.start;
      this.end = part.end;
    }
  }
}
