/**
 * LDAP (RFC 4511) over TCP, and its locator queries over UDP: which operations are asked for, who signs in and whether the
 * directory lets him. Entries are passed over as they come. What goes over to TLS is read as TLS; what a security layer
 * has sealed (RFC 4513, 5.2; RFC 4422, 3.7) is passed over.
 */
import { text, u32 } from '@annunciator/packet/bytes';
import { integer, Tlv, Universal } from '../ber/tlv.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';
import { ANSWERS, isOperation, Operation, operationName, REQUESTS, RESULTS_FINE, Result, resultName, VIOLATIONS } from './names.ts';

const LDAP = PROTOCOLS.ldap.index;
/** Bytes of a message that are read. */
const READ_AT_MOST = 4096;
/** Longest message that is believed: directories hold pictures and certificates. */
const LONGEST_MESSAGE = 16 * 1024 * 1024;
const LONGEST_TEXT = 128;
/** Class bits of an application tag. */
const APPLICATION = 0x40;
const SIMPLE = 0x80;

class Session {
  /** Bytes of a message to pass over, from the client and from the server. */
  client = 0;
  server = 0;
  user = '';
  /** A sign-in waits for its answer. */
  waiting = false;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

const outer = new Tlv();
const inner = new Tlv();

/** Bytes of the message at `start` with its tag and length, 0 when more bytes are needed to say, -1 when it is none. */
function sizeOf(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== Universal.Sequence) return -1;
  if (end - start < 2) return 0;
  const octets = bytes[start + 1] & 0x80 ? bytes[start + 1] & 0x7f : 0;
  if (octets > 4 || bytes[start + 1] === 0x80) return -1;
  if (end - start < 2 + octets) return 0;
  let length = octets === 0 ? bytes[start + 1] : 0;
  for (let at = 0; at < octets; at++) length = length * 256 + bytes[start + 2 + at];
  return length > LONGEST_MESSAGE ? -1 : 2 + octets + length;
}

/** LDAPMessage (4.1.1): SEQUENCE, INTEGER id, an application tag. A bind of version 3, and a tag whose length fills the message, are certain. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== Universal.Sequence) return Confidence.No;
  if (end - start < 7) return Confidence.More;
  const size = sizeOf(bytes, start, end);
  const id = start + 2 + (bytes[start + 1] & 0x80 ? bytes[start + 1] & 0x7f : 0);
  if (size < 7 || bytes[id] !== Universal.Integer || bytes[id + 1] === 0 || bytes[id + 1] > 4) return Confidence.No;
  const at = id + 2 + bytes[id + 1];
  if ((bytes[at] & 0xc0) !== APPLICATION || !isOperation(bytes[at] & 0x1f)) return Confidence.No;
  const bind = (bytes[at] & 0x1f) === Operation.BindRequest;
  const version = at + 2 + (bytes[at + 1] & 0x80 ? bytes[at + 1] & 0x7f : 0);
  return bind && version + 4 <= end && u32(bytes, version) >>> 0 === 0x02010304 ? Confidence.Certain : Confidence.Possible;
}

function violate(facts: Facts, sentence: string): void {
  const { malformed } = VIOLATIONS['ldap.message'];
  facts.tell({ is: 'violation', protocol: LDAP, name: 'ldap.message', malformed, text: sentence });
}

/** Contents of a bind request: version, name, how. */
function readBind(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): void {
  if (!inner.read(bytes, start, end) || !inner.read(bytes, inner.next, end)) return;
  const name = text(bytes, inner.start, inner.end, LONGEST_TEXT);
  if (!inner.read(bytes, inner.next, end)) return;
  const simple = inner.tag === SIMPLE;
  // Neither name nor password: nobody signs in (RFC 4513, 5.1.1).
  if (simple && (name === '' || inner.start === inner.end)) return;
  session.user = name;
  session.waiting = true;
  const secret = simple ? { passwordHash: hashOf(bytes, inner.start, inner.end) } : {};
  facts.tell({ is: 'login', protocol: LDAP, outcome: 'attempt', user: name, ...secret });
}

function readAnswer(facts: Facts, session: Session, operation: number, bytes: Uint8Array, start: number, end: number): void {
  if (!inner.read(bytes, start, end)) return;
  const code = integer(bytes, inner.start, inner.end);
  if (!RESULTS_FINE.has(code)) {
    facts.tell({ is: 'failure', protocol: LDAP, name: 'ldap.result', code, operation, text: resultName(code) });
  }
  if (operation !== Operation.BindResponse || !session.waiting || code === Result.BindInProgress) return;
  session.waiting = false;
  if (code === Result.Success) facts.tell({ is: 'login', protocol: LDAP, outcome: 'success', user: session.user });
  else if (code === Result.InvalidCredentials) facts.tell({ is: 'login', protocol: LDAP, outcome: 'failure', user: session.user });
}

/** Reads the message at `start`, of which `bytes[start, end)` are there and `size` were announced. */
function readMessage(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number, size: number): void {
  const cut = start + size > end;
  const id = start + (bytes[start + 1] & 0x80 ? 2 + (bytes[start + 1] & 0x7f) : 2);
  // An element that runs past what was read is fine as long as it does not run past the message.
  const named = outer.read(bytes, id, end) && outer.tag === Universal.Integer;
  const at = outer.next;
  const fits = named && (outer.read(bytes, at, end) || (cut && outer.end > end && outer.end <= start + size));
  if (!fits || (outer.tag & 0xc0) !== APPLICATION || !isOperation(outer.number)) {
    if (facts.complete) violate(facts, `A message of ${size} bytes does not hold an operation that fits into it.`);
    return;
  }
  const operation = outer.number;
  const { start: from } = outer;
  const to = Math.min(outer.end, end);
  facts.message(LDAP, operation, REQUESTS.has(operation) ? Role.Request : Role.Response);
  if (facts.countsFields) facts.field('ldap.protocolOp', operation);
  if (operation === Operation.BindRequest) readBind(facts, session, bytes, from, to);
  else if (ANSWERS.has(operation)) readAnswer(facts, session, operation, bytes, from, to);
}

export const ldap: Dissector = {
  protocol: PROTOCOLS.ldap,
  reports: [PROTOCOLS.ldap, PROTOCOLS.tls],
  tcpPorts: [389, 3268],
  udpPorts: [389],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: READ_AT_MOST + 8,

  identify: (bytes, start, end) => (start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    // STARTTLS: from a hello on, the connection is TLS.
    if (hasGoneOver(facts) || (facts.toServer && bytes[start] === 0x16 && tls.identify?.(bytes, start, end, true) === Confidence.Certain))
      return tls.stream?.(facts, bytes, start, end) ?? end;
    const session = sessionOf(facts);
    const left = facts.toServer ? session.client : session.server;
    const pass = (count: number): void => {
      if (facts.toServer) session.client = count;
      else session.server = count;
    };
    if (left > 0) {
      const passed = Math.min(left, end - start);
      pass(left - passed);
      return start + passed;
    }
    // A sealed buffer begins with four bytes of length, of which the first is 0 (RFC 4422, 3.7).
    const sealed = bytes[start] === 0;
    if (sealed && end - start < 4) return start;
    const size = sealed ? 4 + u32(bytes, start) : sizeOf(bytes, start, end);
    if (size < 0) return -1;
    if (size === 0) return start;
    const read = Math.min(size, READ_AT_MOST);
    if (!sealed && end - start < read) return start;
    if (!sealed) readMessage(facts, session, bytes, start, start + read, size);
    const stop = Math.min(end, start + (sealed ? size : read));
    pass(size - (stop - start));
    return stop;
  },

  datagram(facts, bytes, start, end) {
    const size = sizeOf(bytes, start, end);
    if (size > 0 && start + size <= end) readMessage(facts, sessionOf(facts), bytes, start, start + size, size);
    else if (facts.complete) violate(facts, `A datagram of ${end - start} bytes does not hold a whole message.`);
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (of, code) => (of === LDAP ? operationName(code) : tls.operationName(of, code)),
  aspects: {},
};
