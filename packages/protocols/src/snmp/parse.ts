/**
 * Bytes of SNMP messages (RFC 1157, RFC 3416, RFC 3412) into one reused object: where the parts lie. Pure but for that
 * object.
 *
 * Hot code: nothing is allocated. Every element consumes two bytes or more.
 */
import { u16 } from '@annunciator/packet/bytes';
import { integer, Tlv, Universal } from '../ber/tlv.ts';
import { Confidence } from '../dissector.ts';
import { ENCRYPTED, HIGHEST_PDU } from './names.ts';

const OCTETS = 0x04;
const CONTEXT = 0xa0;
const VERSION_3 = 3;

export class Message {
  version = 0;
  /** PDU type, `ENCRYPTED`, or -1 when the message ends before it. */
  pdu = -1;
  /** Community (versions 1 and 2c) or user name (version 3): `bytes[whoStart, whoEnd)`. */
  whoStart = 0;
  whoEnd = 0;
  /** Error status of a response. */
  error = 0;
  /** Variable bindings: `bytes[start, end)`; empty for other PDUs than those of RFC 3416. */
  start = 0;
  end = 0;
  /** Why reading stopped: nothing, bytes that do not fit, or a PDU that does not exist. */
  fault: '' | 'length' | 'pdu' = '';
}

const tlv = new Tlv();

/** Reads the element at `at` when it has this tag; false ends the message. */
const take = (bytes: Uint8Array, at: number, end: number, tag: number): boolean => tlv.read(bytes, at, end) && tlv.tag === tag;

/** Fills `message` from the datagram `bytes[start, end)`. */
export function readMessage(message: Message, bytes: Uint8Array, start: number, end: number): void {
  message.version = -1;
  message.pdu = -1;
  message.whoStart = message.whoEnd = message.start = message.end = message.error = 0;
  message.fault = 'length';
  if (!take(bytes, start, end, Universal.Sequence)) return;
  const stop = tlv.end;
  if (!take(bytes, tlv.start, stop, Universal.Integer)) return;
  message.version = integer(bytes, tlv.start, tlv.end);
  if (message.version === VERSION_3) readVersion3(message, bytes, tlv.next, stop);
  else if (take(bytes, tlv.next, stop, OCTETS)) {
    message.whoStart = tlv.start;
    message.whoEnd = tlv.end;
    readPdu(message, bytes, tlv.next, stop);
  }
}

/** Header, security parameters as octets, then the scoped PDU in clear or as octets (RFC 3412, 6; RFC 3414, 2.4). */
function readVersion3(message: Message, bytes: Uint8Array, at: number, stop: number): void {
  if (!take(bytes, at, stop, Universal.Sequence) || !take(bytes, tlv.next, stop, OCTETS)) return;
  const after = tlv.next;
  const security = tlv.end;
  if (take(bytes, tlv.start, security, Universal.Sequence)) {
    // engine id, boots, time, then the user name
    let user = tlv.start;
    for (let skip = 0; skip < 3 && user >= 0; skip++) user = tlv.read(bytes, user, security) ? tlv.next : -1;
    if (user >= 0 && take(bytes, user, security, OCTETS)) {
      message.whoStart = tlv.start;
      message.whoEnd = tlv.end;
    }
  }
  if (!tlv.read(bytes, after, stop)) return;
  if (tlv.tag === OCTETS) {
    message.pdu = ENCRYPTED;
    message.fault = '';
    return;
  }
  if (tlv.tag !== Universal.Sequence) return;
  const scoped = tlv.end;
  // context engine id and context name
  if (!take(bytes, tlv.start, scoped, OCTETS) || !take(bytes, tlv.next, scoped, OCTETS)) return;
  readPdu(message, bytes, tlv.next, scoped);
}

function readPdu(message: Message, bytes: Uint8Array, at: number, stop: number): void {
  if (!tlv.read(bytes, at, stop)) return;
  const pdu = tlv.tag - CONTEXT;
  if (pdu < 0 || pdu > HIGHEST_PDU) {
    message.fault = 'pdu';
    return;
  }
  message.pdu = pdu;
  const end = tlv.end;
  if (pdu === 4) {
    message.fault = '';
    return;
  }
  // request id, error status (or non-repeaters), error index (or most repetitions)
  if (!take(bytes, tlv.start, end, Universal.Integer) || !take(bytes, tlv.next, end, Universal.Integer)) return;
  if (pdu === 2) message.error = integer(bytes, tlv.start, tlv.end);
  if (!take(bytes, tlv.next, end, Universal.Integer) || !take(bytes, tlv.next, end, Universal.Sequence)) return;
  message.start = tlv.start;
  message.end = tlv.end;
  message.fault = '';
}

/** One variable: where its name and its value lie. */
export class Variable {
  nameStart = 0;
  nameEnd = 0;
  tag = 0;
  start = 0;
  end = 0;
  next = 0;

  /** Reads the variable binding at `at`; false when there is none that fits. */
  read(bytes: Uint8Array, at: number, end: number): boolean {
    if (!take(bytes, at, end, Universal.Sequence)) return false;
    this.next = tlv.next;
    const stop = tlv.end;
    if (!take(bytes, tlv.start, stop, Universal.ObjectIdentifier)) return false;
    this.nameStart = tlv.start;
    this.nameEnd = tlv.end;
    if (!tlv.read(bytes, tlv.next, stop)) return false;
    this.tag = tlv.tag;
    this.start = tlv.start;
    this.end = tlv.end;
    return true;
  }
}

/** A SEQUENCE that fills the datagram, version 0, 1 or 3, then what follows it. */
export function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < 20 || bytes[start] !== Universal.Sequence) return Confidence.No;
  const long = bytes[start + 1] & 0x80 ? bytes[start + 1] & 0x7f : 0;
  if (long > 2) return Confidence.No;
  const length = long === 0 ? bytes[start + 1] : long === 1 ? bytes[start + 2] : u16(bytes, start + 2);
  const at = start + 2 + long;
  if (at + length !== end || bytes[at] !== Universal.Integer || bytes[at + 1] !== 1) return Confidence.No;
  if (bytes[at + 2] === VERSION_3) return bytes[at + 3] === Universal.Sequence ? Confidence.Certain : Confidence.No;
  if (bytes[at + 2] > 1 || bytes[at + 3] !== OCTETS) return Confidence.No;
  const pdu = bytes[at + 5 + bytes[at + 4]] - CONTEXT;
  return pdu >= 0 && pdu <= HIGHEST_PDU ? Confidence.Certain : Confidence.No;
}
