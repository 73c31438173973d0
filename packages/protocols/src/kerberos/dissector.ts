/**
 * Kerberos 5 (RFC 4120) over UDP and TCP: which messages are exchanged, who signs in, and whether the key distribution
 * centre lets him. Tickets are never read; they are encrypted.
 */
import { text, u32 } from '@annunciator/packet/bytes';
import { integer, Tlv, Universal } from '../ber/tlv.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { errorName, isMessage, Message, messageName, PROOFS, REFUSALS, TGS_PROOF, USUAL, VIOLATIONS } from './names.ts';

const KERBEROS = PROTOCOLS.kerberos.index;
const LONGEST_MESSAGE = 65_536;
const RECORD_MARK = 4;
const LONGEST_TEXT = 128;
/** Identifier octets: a message is an application tag, its parts are context tags. */
const APPLICATION = 0x60;
const PART = 0xa0;
/** Most parts and most elements of pre-authentication that are looked at. */
const MOST_ELEMENTS = 32;

/** Remembered for a flow: who asked, and whether he proved himself. */
class Session {
  user = '';
  signingIn = false;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** An application tag of a message around a SEQUENCE, protocol version 5 close behind. */
function identify(bytes: Uint8Array, at: number, end: number): Confidence {
  if ((bytes[at] & 0xe0) !== APPLICATION || !isMessage(bytes[at] & 0x1f)) return Confidence.No;
  if (end - at < 16) return Confidence.More;
  for (let next = at + 2; next < at + 12; next++) {
    const version = bytes[next] === PART || bytes[next] === PART + 1;
    if (version && u32(bytes, next + 1) >>> 0 === 0x03020105) return Confidence.Certain;
  }
  return Confidence.No;
}

function violate(facts: Facts, sentence: string): void {
  const { malformed } = VIOLATIONS['kerberos.message'];
  facts.tell({ is: 'violation', protocol: KERBEROS, name: 'kerberos.message', malformed, text: sentence });
}

const cursor = new Tlv();

/** Where the part `[number]` of the SEQUENCE `bytes[start, end)` has its contents, or undefined. */
function part(bytes: Uint8Array, start: number, end: number, number: number): { readonly start: number; readonly end: number } | undefined {
  for (let at = start, seen = 0; at < end && seen < MOST_ELEMENTS; seen++) {
    if (!cursor.read(bytes, at, end)) return undefined;
    if (cursor.tag === PART + number) return { start: cursor.start, end: cursor.end };
    at = cursor.next;
  }
  return undefined;
}

/** Contents of the SEQUENCE at `start`, or undefined. */
function sequence(bytes: Uint8Array, start: number, end: number): { readonly start: number; readonly end: number } | undefined {
  return cursor.read(bytes, start, end) && cursor.tag === Universal.Sequence ? { start: cursor.start, end: cursor.end } : undefined;
}

function number(bytes: Uint8Array, start: number, end: number, which: number): number {
  const found = part(bytes, start, end, which);
  return found && cursor.read(bytes, found.start, found.end) ? integer(bytes, cursor.start, cursor.end) : -1;
}

/** PrincipalName in part `which`: its components with slashes between; empty without. */
function principal(bytes: Uint8Array, start: number, end: number, which: number): string {
  const found = part(bytes, start, end, which);
  const name = found && sequence(bytes, found.start, found.end);
  const strings = name && part(bytes, name.start, name.end, 1);
  const list = strings && sequence(bytes, strings.start, strings.end);
  const components: string[] = [];
  for (let at = list?.start ?? 0; list && at < list.end && components.length < 4; at = cursor.next) {
    if (!cursor.read(bytes, at, list.end)) break;
    components.push(text(bytes, cursor.start, cursor.end, LONGEST_TEXT));
  }
  return components.join('/');
}

/** What a request proves: calls `take` with each type of pre-authentication and where its value is. */
function eachProof(bytes: Uint8Array, start: number, end: number, take: (type: number, from: number, to: number) => void): void {
  const found = part(bytes, start, end, 3);
  const list = found && sequence(bytes, found.start, found.end);
  for (let at = list?.start ?? 0, seen = 0; list && at < list.end && seen < MOST_ELEMENTS; seen++) {
    if (!cursor.read(bytes, at, list.end)) return;
    const { start: from, end: to } = cursor;
    at = cursor.next;
    const type = number(bytes, from, to, 1);
    const value = part(bytes, from, to, 2);
    if (value && cursor.read(bytes, value.start, value.end)) take(type, cursor.start, cursor.end);
  }
}

function count(facts: Facts, type: number): void {
  if (facts.countsFields) facts.field('kerberos.msg_type', type);
}

function readRequest(facts: Facts, type: number, bytes: Uint8Array, start: number, end: number): void {
  let proven = false;
  eachProof(bytes, start, end, (kind, from, to) => {
    proven ||= PROOFS.has(kind);
    // A ticket-granting request carries an AP-REQ: a message within the message.
    if (kind === TGS_PROOF && identify(bytes, from, to) === Confidence.Certain) count(facts, bytes[from] & 0x1f);
  });
  if (type !== Message.AsRequest) return;
  const body = part(bytes, start, end, 4);
  const inner = body && sequence(bytes, body.start, body.end);
  const session = sessionOf(facts);
  session.user = inner ? principal(bytes, inner.start, inner.end, 1) : '';
  session.signingIn = proven;
  if (proven) facts.tell({ is: 'login', protocol: KERBEROS, outcome: 'attempt', user: session.user });
}

function readError(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const code = number(bytes, start, end, 6);
  const session = sessionOf(facts);
  const user = principal(bytes, start, end, 8) || session.user;
  if (!USUAL.has(code)) {
    facts.tell({ is: 'failure', protocol: KERBEROS, name: 'kerberos.error', code, operation: Message.AsRequest, text: errorName(code) });
  }
  if (REFUSALS.has(code)) facts.tell({ is: 'login', protocol: KERBEROS, outcome: 'failure', user });
  session.signingIn = false;
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const outer = cursor.read(bytes, start, end) && (cursor.tag & 0xe0) === APPLICATION && isMessage(cursor.number);
  const type = cursor.number;
  const body = outer ? sequence(bytes, cursor.start, cursor.end) : undefined;
  if (!body) {
    if (facts.complete) violate(facts, `A message of ${end - start} bytes is no element of Kerberos that fits into it.`);
    return;
  }
  const request = type === Message.AsRequest || type === Message.TgsRequest || type === Message.ApRequest;
  facts.message(KERBEROS, type, request ? Role.Request : Role.Response);
  count(facts, type);
  if (request) readRequest(facts, type, bytes, body.start, body.end);
  else if (type === Message.Error) readError(facts, bytes, body.start, body.end);
  else if (type === Message.AsReply) {
    const session = sessionOf(facts);
    if (session.signingIn) facts.tell({ is: 'login', protocol: KERBEROS, outcome: 'success', user: session.user });
    session.signingIn = false;
  }
}

export const kerberos: Dissector = {
  protocol: PROTOCOLS.kerberos,
  reports: [PROTOCOLS.kerberos],
  tcpPorts: [88],
  udpPorts: [88],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_MESSAGE,

  identify(bytes, start, end, stream) {
    if (start >= end) return Confidence.No;
    if (!stream) return end - start < 16 ? Confidence.No : identify(bytes, start, end);
    if (bytes[start] !== 0) return Confidence.No;
    return end - start < RECORD_MARK + 16 ? Confidence.More : identify(bytes, start + RECORD_MARK, end);
  },

  stream(facts, bytes, start, end) {
    if (end - start < RECORD_MARK) return start;
    const length = u32(bytes, start);
    if (length > LONGEST_MESSAGE || length === 0) return -1;
    if (end - start < RECORD_MARK + length) return start;
    readMessage(facts, bytes, start + RECORD_MARK, start + RECORD_MARK + length);
    return start + RECORD_MARK + length;
  },

  datagram: readMessage,

  operationName: (_protocol, code) => messageName(code),
  aspects: {},
};
