/**
 * MySQL and MariaDB (client/server protocol, version 10): who signs in and whether the server lets him, and what statements
 * touch. Results are passed over as they come; what goes over to TLS is read as TLS.
 */
import { text, u16le, u24le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { DATABASE_ASPECTS } from '../sql/aspects.ts';
import { useStatement } from '../sql/statement.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';
import { Answer, CLIENT_41, CLIENT_SSL, Command, HIGHEST_COMMAND, operationName, REFUSALS, Step, VIOLATIONS } from './names.ts';

const MYSQL = PROTOCOLS.mysql.index;
const HEADER = 4;
/** Bytes of a packet that are read. */
const READ_AT_MOST = 4096;
const LONGEST_TEXT = 128;
/** Fixed part of a sign-in in the 4.1 protocol, and before it. */
const LOGIN = 32;
const OLD_LOGIN = 5;

class Session {
  /** Bytes of a packet to pass over, from the client and from the server. */
  client = 0;
  server = 0;
  /** `greeting` until the server has spoken, `login` until it has let somebody in. */
  phase: 'greeting' | 'login' | 'commands' = 'greeting';
  user = '';
  /** The client has sent its user name and the server has not decided. */
  waiting = false;
  command = 0;
  /** The answer to the last command has begun. */
  answered = true;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** Length of at least 40, sequence 0, protocol 10 and a version: a server's first packet. Others are possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < 8) return end - start < HEADER || bytes[start + 3] <= 1 ? Confidence.More : Confidence.No;
  const size = u24le(bytes, start);
  const first = bytes[start + HEADER];
  if (bytes[start + 3] === 0 && size >= 40 && size <= 256 && first === 10)
    return /^(?:5\.5\.5-)?\d{1,2}\.\d{1,2}\.\d/.test(text(bytes, start + 5, Math.min(end, start + 24)))
      ? Confidence.Certain
      : Confidence.No;
  const command = bytes[start + 3] === 0 && size >= 1 && first <= HIGHEST_COMMAND;
  const login = bytes[start + 3] === 1 && size >= LOGIN && (u16le(bytes, start + HEADER) & CLIENT_41) !== 0;
  const refusal = bytes[start + 3] === 0 && size >= 3 && first === Answer.Error;
  return command || login || refusal ? Confidence.Possible : Confidence.No;
}

const zero = (bytes: Uint8Array, at: number, end: number): number => {
  while (at < end && bytes[at] !== 0) at++;
  return at;
};

function readGreeting(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  facts.message(MYSQL, Step.Greeting, Role.Notification);
  if (bytes[at] === Answer.Error) {
    readError(facts, session, Step.Greeting, bytes, at, end);
    return;
  }
  session.phase = 'login';
  const version = text(bytes, at + 1, Math.min(end, zero(bytes, at + 1, end)), LONGEST_TEXT);
  if (version !== '') facts.tell({ is: 'identity', protocol: MYSQL, of: 'sender', type: 'DB Server', model: `MySQL ${version}` });
}

function readLogin(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number, whole: boolean): void {
  const flags = end - at >= 2 ? u16le(bytes, at) : 0;
  if ((flags & CLIENT_SSL) !== 0 && end - at === LOGIN) {
    facts.message(MYSQL, Step.Tls, Role.Request);
    return;
  }
  facts.message(MYSQL, Step.Login, Role.Request);
  const from = at + (flags & CLIENT_41 ? LOGIN : OLD_LOGIN);
  const stop = zero(bytes, from, end);
  if (stop >= end) {
    if (whole && facts.complete) {
      const { malformed } = VIOLATIONS['mysql.length'];
      const sentence = `A sign-in of ${end - at} bytes ends before its user name does.`;
      facts.tell({ is: 'violation', protocol: MYSQL, name: 'mysql.length', malformed, text: sentence });
    }
    return;
  }
  signIn(facts, session, text(bytes, from, stop, LONGEST_TEXT));
}

function signIn(facts: Facts, session: Session, user: string): void {
  session.user = user;
  session.waiting = true;
  facts.tell({ is: 'login', protocol: MYSQL, outcome: 'attempt', user });
}

function readCommand(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  const command = bytes[at];
  session.command = command;
  session.answered = false;
  facts.message(MYSQL, command, Role.Request);
  if (facts.countsFields) facts.field('mysql.command', command);
  if (command === Command.Query || command === Command.Prepare) useStatement(facts, MYSQL, utf8(bytes, at + 1, end));
  else if (command === Command.CreateDatabase || command === Command.DropDatabase)
    facts.use(
      Aspect.DatabaseOperation,
      facts.intern(command === Command.CreateDatabase ? 'CREATE DATABASE' : 'DROP DATABASE'),
      facts.intern(text(bytes, at + 1, end, 64)),
    );
  else if (command === Command.ChangeUser) signIn(facts, session, text(bytes, at + 1, zero(bytes, at + 1, end), LONGEST_TEXT));
}

const utf8 = (bytes: Uint8Array, at: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.max(0, end - at)).toString('utf8');

function readError(facts: Facts, session: Session, operation: number, bytes: Uint8Array, at: number, end: number): void {
  const code = end - at >= 3 ? u16le(bytes, at + 1) : 0;
  const from = bytes[at + 3] === 0x23 ? at + 9 : at + 3;
  facts.tell({ is: 'failure', protocol: MYSQL, name: 'mysql.error', code, operation, text: text(bytes, from, end, 160) });
  const refused = session.waiting || session.phase !== 'commands';
  session.waiting = false;
  if (refused && REFUSALS.has(code)) facts.tell({ is: 'login', protocol: MYSQL, outcome: 'failure', user: session.user });
}

/** The first packet of an answer, or of a step of signing in; what follows belongs to a result. */
function readAnswer(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  if (session.phase === 'commands' && !session.waiting) {
    if (session.answered) return;
    session.answered = true;
    facts.message(MYSQL, session.command, Role.Response);
    if (bytes[at] === Answer.Error) readError(facts, session, session.command, bytes, at, end);
    return;
  }
  facts.message(MYSQL, Step.Authentication, Role.Response);
  if (bytes[at] === Answer.Error) readError(facts, session, Step.Login, bytes, at, end);
  else if (bytes[at] === Answer.Ok) {
    session.phase = 'commands';
    session.answered = true;
    if (!session.waiting) return;
    session.waiting = false;
    facts.use(Aspect.DatabaseLogin, facts.intern(session.user), 0);
    facts.tell({ is: 'login', protocol: MYSQL, outcome: 'success', user: session.user });
  }
}

export const mysql: Dissector = {
  protocol: PROTOCOLS.mysql,
  reports: [PROTOCOLS.mysql, PROTOCOLS.tls],
  tcpPorts: [3306],
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
      if (facts.toServer) session.client -= passed;
      else session.server -= passed;
      return start + passed;
    }
    if (end - start < HEADER) return start;
    const size = u24le(bytes, start);
    const at = start + HEADER;
    if (end - at < Math.min(size, READ_AT_MOST)) return start;
    const stop = at + Math.min(size, end - at);
    if (size > 0) {
      const sequence = bytes[start + 3];
      if (!facts.toServer && session.phase === 'greeting' && sequence === 0) readGreeting(facts, session, bytes, at, stop);
      else if (!facts.toServer) readAnswer(facts, session, bytes, at, stop);
      else if (session.phase === 'login' && sequence > 0 && !session.waiting)
        readLogin(facts, session, bytes, at, stop, stop - at === size);
      else if (sequence === 0 && bytes[at] <= HIGHEST_COMMAND) {
        // Picked up in the middle: whoever sends commands has signed in.
        session.phase = 'commands';
        readCommand(facts, session, bytes, at, stop);
      } else facts.message(MYSQL, Step.Authentication, Role.Request);
    }
    const rest = size - (stop - at);
    if (facts.toServer) session.client = rest;
    else session.server = rest;
    return stop;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (protocol, code) => (protocol === PROTOCOLS.tls.index ? tls.operationName(protocol, code) : operationName(code)),
  aspects: DATABASE_ASPECTS,
};
