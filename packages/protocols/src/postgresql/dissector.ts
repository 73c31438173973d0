/**
 * PostgreSQL (frontend/backend protocol, version 3): who signs in and whether the server lets him, and what statements touch.
 * Rows are passed over as they come; what goes over to TLS is read as TLS.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { DATABASE_ASPECTS } from '../sql/aspects.ts';
import { useStatement } from '../sql/statement.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';
import {
  ANSWER,
  CANCEL_REQUEST,
  GSS_REQUEST,
  isAnswer,
  isRequest,
  operationName,
  refusesSignIn,
  SSL_REQUEST,
  Step,
  VERSION_3,
  VIOLATIONS,
} from './names.ts';

const POSTGRESQL = PROTOCOLS.postgresql.index;
/** Type and length; the length counts itself. */
const HEADER = 5;
const READ_AT_MOST = 4096;
const LONGEST_STARTUP = 10_000;

const code = (letter: string): number => letter.charCodeAt(0);
const AUTHENTICATION = code('R');
const ERROR = code('E');
const QUERY = code('Q');
const PARSE = code('P');
const DATA_ROW = code('D');

class Session {
  client = 0;
  server = 0;
  user = '';
  /** The client has sent its startup message; types follow. */
  started = false;
  /** TLS was asked for and the server has not said yes or no. */
  asked = false;
  waiting = false;
  /** Type of the last message of the client, for the failure of what it asked. */
  last = 0;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** A startup message of version 3.0 with a user, or a request for TLS, is certain; other messages are possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < 8) return Confidence.More;
  const length = u32(bytes, start);
  const version = u32(bytes, start + 4);
  if (length === 8 && (version === SSL_REQUEST || version === GSS_REQUEST)) return Confidence.Certain;
  if (length === 16 && version === CANCEL_REQUEST) return Confidence.Certain;
  if (length >= 16 && length <= LONGEST_STARTUP && u16(bytes, start + 4) === VERSION_3) {
    if (end - start < 13) return Confidence.More;
    return text(bytes, start + 8, start + 13) === 'user.' ? Confidence.Certain : Confidence.Possible;
  }
  const size = u32(bytes, start + 1);
  return (isRequest(bytes[start]) || isAnswer(bytes[start])) && size >= 4 && size < 1 << 24 ? Confidence.Possible : Confidence.No;
}

/** Names and values, each with a zero at its end. */
function parameter(bytes: Uint8Array, at: number, end: number, wanted: string): string {
  const words = text(bytes, at, end, 1024).split('.');
  const index = words.findIndex((word, position) => position % 2 === 0 && word === wanted);
  return index < 0 ? '' : (words[index + 1] ?? '');
}

function readStartup(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 8) return start;
  const length = u32(bytes, start);
  const version = u32(bytes, start + 4);
  if (length < 8 || length > LONGEST_STARTUP) return -1;
  if (end - start < length) return start;
  if (version === SSL_REQUEST || version === GSS_REQUEST) {
    facts.message(POSTGRESQL, Step.Tls, Role.Request);
    session.asked = true;
  } else if (version === CANCEL_REQUEST) facts.message(POSTGRESQL, Step.Cancel, Role.Request);
  else {
    facts.message(POSTGRESQL, Step.Startup, Role.Request);
    session.started = true;
    session.user = parameter(bytes, start + 8, start + length, 'user');
    session.waiting = true;
    facts.tell({ is: 'login', protocol: POSTGRESQL, outcome: 'attempt', user: session.user });
  }
  return start + length;
}

/** Fields of an error: a letter, a text, a zero (55.8). */
function readError(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  let state = '';
  let sentence = '';
  while (at < end && bytes[at] !== 0) {
    let stop = at + 1;
    while (stop < end && bytes[stop] !== 0) stop++;
    if (bytes[at] === code('C')) state = text(bytes, at + 1, stop, 5);
    else if (bytes[at] === code('M')) sentence = text(bytes, at + 1, stop, 160);
    at = stop + 1;
  }
  // Five characters of base 36 fit a number exactly; the text shows them as they are.
  const number = Number.parseInt(state, 36) || 0;
  facts.tell({
    is: 'failure',
    protocol: POSTGRESQL,
    name: 'postgresql.error',
    code: number,
    operation: session.last,
    text: `${state} ${sentence}`.trim(),
  });
  if (session.waiting && refusesSignIn(state)) facts.tell({ is: 'login', protocol: POSTGRESQL, outcome: 'failure', user: session.user });
  session.waiting = false;
}

function readAnswer(facts: Facts, session: Session, type: number, bytes: Uint8Array, at: number, end: number): void {
  // Rows are as many as a result is long: they count for one packet, no more is read.
  facts.message(POSTGRESQL, ANSWER | type, Role.Response);
  if (type === DATA_ROW) return;
  if (type === ERROR) readError(facts, session, bytes, at, end);
  else if (type === AUTHENTICATION && end - at >= 4 && u32(bytes, at) === 0 && session.waiting) {
    session.waiting = false;
    facts.use(Aspect.DatabaseLogin, facts.intern(session.user), 0);
    facts.tell({ is: 'login', protocol: POSTGRESQL, outcome: 'success', user: session.user });
  }
}

function readRequest(facts: Facts, session: Session, type: number, bytes: Uint8Array, at: number, end: number): void {
  facts.message(POSTGRESQL, type, Role.Request);
  session.last = type;
  if (type !== QUERY && type !== PARSE) return;
  // Parse names its statement first.
  if (type === PARSE) while (at < end && bytes[at] !== 0) at++;
  const from = type === PARSE ? at + 1 : at;
  let stop = from;
  while (stop < end && bytes[stop] !== 0) stop++;
  if (stop > from) useStatement(facts, POSTGRESQL, Buffer.from(bytes.buffer, bytes.byteOffset + from, stop - from).toString('utf8'));
}

export const postgresql: Dissector = {
  protocol: PROTOCOLS.postgresql,
  reports: [PROTOCOLS.postgresql, PROTOCOLS.tls],
  tcpPorts: [5432],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_STARTUP,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (hasGoneOver(facts)) return tls.stream?.(facts, bytes, start, end) ?? end;
    const session = sessionOf(facts);
    const left = facts.toServer ? session.client : session.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      if (facts.toServer) session.client -= passed;
      else session.server -= passed;
      return start + passed;
    }
    if (session.asked) {
      if (!facts.toServer) {
        facts.message(POSTGRESQL, Step.Tls, Role.Response);
        session.asked = false;
        return start + 1;
      }
      session.asked = false;
    }
    if (facts.toServer && bytes[start] === 0x16 && tls.identify?.(bytes, start, end, true) === Confidence.Certain)
      return tls.stream?.(facts, bytes, start, end) ?? end;
    if (facts.toServer && !session.started && !isRequest(bytes[start])) return readStartup(facts, session, bytes, start, end);
    if (end - start < HEADER) return start;
    const type = bytes[start];
    const size = u32(bytes, start + 1);
    if (facts.toServer ? !isRequest(type) : !isAnswer(type)) return -1;
    if (size < 4) {
      const { malformed } = VIOLATIONS['postgresql.length'];
      facts.message(POSTGRESQL, facts.toServer ? type : ANSWER | type, facts.toServer ? Role.Request : Role.Response);
      facts.tell({
        is: 'violation',
        protocol: POSTGRESQL,
        name: 'postgresql.length',
        malformed,
        text: `A length counts its own 4 bytes, this one is ${size}.`,
      });
      return -1;
    }
    const at = start + HEADER;
    const wanted = Math.min(size - 4, type === DATA_ROW ? 0 : READ_AT_MOST);
    if (end - at < wanted) return start;
    const stop = Math.min(end, at + size - 4);
    session.started = true;
    if (facts.toServer) readRequest(facts, session, type, bytes, at, stop);
    else readAnswer(facts, session, type, bytes, at, stop);
    const rest = size - 4 - (stop - at);
    if (facts.toServer) session.client = rest;
    else session.server = rest;
    return stop;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (protocol, operation) =>
    protocol === PROTOCOLS.tls.index ? tls.operationName(protocol, operation) : operationName(operation),
  aspects: DATABASE_ASPECTS,
};
