/** AMQP 0-9-1 and 1.0 over TCP: methods and performatives, sign-ins by SASL. Contents are passed over as they come. */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';
import {
  ACCESS_REFUSED,
  type AmqpViolation,
  Class,
  FRAME,
  FRAME_END,
  FrameType,
  isAnswer,
  Method,
  operationName,
  Performative,
  PERFORMATIVE,
  PROTOCOL_HEADER,
  VIOLATIONS,
} from './names.ts';

const AMQP = PROTOCOLS.amqp.index;
/** `AMQP`, protocol id, version of three bytes. */
const MAGIC = 0x414d5150;
const HEADER = 8;
/** Type, channel, size; the end byte follows the payload (0-9-1, 2.3.5). */
const FRAME_HEADER = 7;
const READ_AT_MOST = 1024;
const LONGEST = 1 << 27;

class Session {
  client = 0;
  server = 0;
  /** 0 until a protocol header tells; 1 for 1.0, 9 for 0-9-1. */
  version = 0;
  user: string | undefined;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

function violate(facts: Facts, name: AmqpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: AMQP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== 0x41 && bytes[start] > 3 && bytes[start] !== 8) return Confidence.No;
  if (end - start < HEADER) return Confidence.More;
  if (u32(bytes, start) === MAGIC)
    return bytes[start + 4] <= 3 && bytes[start + 5] <= 1 && bytes[start + 6] <= 10 ? Confidence.Certain : Confidence.No;
  const type = bytes[start];
  const size = u32(bytes, start + 3);
  if (type === 0 || type > 8 || size > LONGEST) return Confidence.No;
  // A method names a class that exists; short frames show their end.
  if (type === FrameType.Method && end - start >= FRAME_HEADER + 4 && u16(bytes, start + FRAME_HEADER) % 5 !== 0) return Confidence.No;
  const last = start + FRAME_HEADER + size;
  return last < end && bytes[last] !== FRAME_END ? Confidence.No : Confidence.Possible;
}

/** SASL PLAIN: authorization, a zero, user, a zero, password (RFC 4616). */
function tellPlain(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  let first = at;
  while (first < end && bytes[first] !== 0) first++;
  let second = first + 1;
  while (second < end && bytes[second] !== 0) second++;
  session.user = second < end ? text(bytes, first + 1, second, 64) : '';
  const password = second < end ? { passwordHash: hashOf(bytes, second + 1, end) } : {};
  facts.tell({ is: 'login', protocol: AMQP, outcome: 'attempt', user: session.user, ...password });
}

function decide(facts: Facts, session: Session, outcome: 'success' | 'failure'): void {
  if (session.user !== undefined) facts.tell({ is: 'login', protocol: AMQP, outcome, user: session.user });
  session.user = undefined;
}

function readMethod(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4) {
    facts.message(AMQP, FRAME + FrameType.Method, Role.Notification);
    violate(facts, 'amqp.length', `A method has at least 4 bytes, this one has ${end - at}.`);
    return;
  }
  const classId = u16(bytes, at);
  const method = u16(bytes, at + 2);
  facts.message(
    AMQP,
    ((classId & 0xff) << 8) | (method & 0xff),
    isAnswer(classId, method) ? Role.Response : facts.toServer ? Role.Request : Role.Notification,
  );
  if (facts.countsFields) {
    facts.field('amqp.method.class', classId);
    facts.field('amqp.method.method', method);
  }
  if (classId === Class.Connection && method === Method.StartOk && facts.toServer && end - at >= 8) {
    // Properties of the client, then the mechanism and its response.
    const mechanism = at + 8 + u32(bytes, at + 4);
    const response = mechanism + 1 + (mechanism < end ? bytes[mechanism] : 0);
    if (response + 4 <= end) tellPlain(facts, session, bytes, response + 4, Math.min(end, response + 4 + u32(bytes, response)));
  } else if (classId === Class.Connection && method === Method.Tune && !facts.toServer) decide(facts, session, 'success');
  else if ((classId === Class.Connection && method === Method.Close) || (classId === Class.Channel && method === Method.ChannelClose)) {
    const code = end - at >= 6 ? u16(bytes, at + 4) : 0;
    if (code >= 300 && !facts.toServer)
      facts.tell({
        is: 'failure',
        protocol: AMQP,
        name: 'amqp.close',
        code,
        operation: 0,
        text: `the server closed with code ${code}: ${text(bytes, at + 7, Math.min(end, at + 7 + bytes[at + 6]), 120)}`,
      });
    if (code === ACCESS_REFUSED) decide(facts, session, 'failure');
  }
}

function readFrame(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < FRAME_HEADER) return start;
  const type = bytes[start];
  const size = u32(bytes, start + 3);
  if (type === 0 || type > 8 || size > LONGEST) return -1;
  const at = start + FRAME_HEADER;
  if (end - at < Math.min(size + 1, READ_AT_MOST)) return start;
  const stop = Math.min(end, at + size + 1);
  if (facts.countsFields) facts.field('amqp.type', type);
  if (type === FrameType.Method) readMethod(facts, session, bytes, at, Math.min(stop, at + size));
  else facts.message(AMQP, FRAME + type, Role.Notification);
  if (stop === at + size + 1 && bytes[at + size] !== FRAME_END)
    violate(facts, 'amqp.frame-end', `A frame ends with 0xCE, this one with 0x${bytes[at + size].toString(16)}.`);
  pass(facts, session, size + 1 - (stop - at));
  return stop;
}

function pass(facts: Facts, session: Session, bytes: number): void {
  if (facts.toServer) session.client = bytes;
  else session.server = bytes;
}

/** Size, offset of the body in words, type, channel; then a described list: 0x00, 0x53 and its number (1.0, 2.3 and 1.3). */
function readFrame1(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < HEADER) return start;
  const size = u32(bytes, start);
  if (size > LONGEST) return -1;
  if (size < HEADER) {
    facts.message(AMQP, PERFORMATIVE, Role.Notification);
    violate(facts, 'amqp.length', `A frame has at least ${HEADER} bytes, this one says ${size}.`);
    return -1;
  }
  if (end - start < Math.min(size, READ_AT_MOST)) return start;
  const stop = Math.min(end, start + size);
  const at = start + 4 * bytes[start + 4];
  const number = at + 3 <= stop && bytes[at] === 0 && bytes[at + 1] === 0x53 ? bytes[at + 2] : 0;
  facts.message(AMQP, PERFORMATIVE + number, facts.toServer ? Role.Request : Role.Response);
  if (facts.countsFields && number !== 0) facts.field('amqp.performative', number);
  if (number === Performative.SaslInit) {
    // The initial response is a binary of up to 255 bytes (0xA0) after the mechanism, a symbol (0xA3).
    let from = at + 3;
    while (from + 2 < stop && bytes[from] !== 0xa3) from++;
    const response = from + 2 + bytes[from + 1];
    if (response + 2 <= stop && bytes[response] === 0xa0)
      tellPlain(facts, session, bytes, response + 2, Math.min(stop, response + 2 + bytes[response + 1]));
  } else if (number === Performative.SaslOutcome) {
    let from = at + 3;
    while (from + 1 < stop && bytes[from] !== 0x50) from++;
    decide(facts, session, from + 1 < stop && bytes[from + 1] === 0 ? 'success' : 'failure');
  }
  pass(facts, session, size - (stop - start));
  return stop;
}

export const amqp: Dissector = {
  protocol: PROTOCOLS.amqp,
  reports: [PROTOCOLS.amqp, PROTOCOLS.tls],
  tcpPorts: [5672],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: READ_AT_MOST + HEADER,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (hasGoneOver(facts) || (facts.toServer && bytes[start] === 0x16 && tls.identify?.(bytes, start, end, true) === Confidence.Certain))
      return tls.stream?.(facts, bytes, start, end) ?? end;
    const session = sessionOf(facts);
    const left = facts.toServer ? session.client : session.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      pass(facts, session, left - passed);
      return start + passed;
    }
    if (bytes[start] === 0x41) {
      if (end - start < HEADER) return start;
      if (u32(bytes, start) !== MAGIC) return -1;
      session.version = bytes[start + 5] === 1 && bytes[start + 6] === 0 ? 1 : 9;
      facts.message(AMQP, PROTOCOL_HEADER, facts.toServer ? Role.Request : Role.Response);
      return start + HEADER;
    }
    return session.version === 1 ? readFrame1(facts, session, bytes, start, end) : readFrame(facts, session, bytes, start, end);
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (protocol, code) => (protocol === PROTOCOLS.tls.index ? tls.operationName(protocol, code) : operationName(code)),
  aspects: {},
};
