/**
 * TDS, the protocol of Microsoft SQL Server and Sybase (MS-TDS): who signs in and whether the server lets him, and what
 * statements touch. Where the login is encrypted, as it is by default, its TLS records travel inside pre-login packets and are
 * left alone. Rows are passed over as they come.
 */
import { u16, u16le, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { windowsText } from '../smb/ntlm.ts';
import { DATABASE_ASPECTS } from '../sql/aspects.ts';
import { useStatement } from '../sql/statement.ts';
import { isPacket, Packet, packetName, procedureName, REFUSALS, Token, VIOLATIONS } from './names.ts';

const TDS = PROTOCOLS.tds.index;
const HEADER = 8;
const LARGEST = 32_767;
const END_OF_MESSAGE = 1;
/** Bits of the status that exist (MS-TDS, 2.2.3.1.2). */
const STATUS = 0x1b;
/** Fixed part of a login; where the user name and the client's name lie in it. */
const LOGIN = 94;
const HOST = 36;
const USER = 40;
const LONGEST_STATEMENT = 1024;
const MOST_TOKENS = 64;

class Session {
  client = 0;
  server = 0;
  user = '';
  waiting = false;
  /** Packets that go on with a message begin no new one. */
  clientGoesOn = false;
  serverGoesOn = false;
  last = 0;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

function violate(facts: Facts, sentence: string): void {
  facts.tell({ is: 'violation', protocol: TDS, name: 'tds.length', malformed: VIOLATIONS['tds.length'].malformed, text: sentence });
}

/** A pre-login begins with an option that gives the version, at an offset that its length allows; other packets are possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER + 5) return isPacket(bytes[start]) ? Confidence.More : Confidence.No;
  const length = u16(bytes, start + 2);
  if (!isPacket(bytes[start]) || (bytes[start + 1] & ~STATUS) !== 0 || length < HEADER || length > LARGEST || bytes[start + 7] !== 0)
    return Confidence.No;
  const at = start + HEADER;
  const offset = u16(bytes, at + 1);
  const version =
    bytes[start] === Packet.PreLogin && bytes[at] === 0 && u16(bytes, at + 3) === 6 && offset >= 6 && offset + 6 <= length - HEADER;
  return version && (offset - 1) % 5 === 0 ? Confidence.Certain : Confidence.Possible;
}

/** A text of a login: offset and number of characters at `at`, both from the login's beginning. */
function loginText(bytes: Uint8Array, login: number, at: number, end: number): string {
  const from = login + u16le(bytes, login + at);
  const to = from + 2 * u16le(bytes, login + at + 2);
  return to > end ? '' : windowsText(bytes, from, to, true, 128);
}

function readLogin(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < LOGIN) {
    if (facts.complete) violate(facts, `A login has at least ${LOGIN} bytes, this one has ${end - at}.`);
    return;
  }
  session.user = loginText(bytes, at, USER, end);
  session.waiting = true;
  const host = loginText(bytes, at, HOST, end);
  facts.tell({ is: 'login', protocol: TDS, outcome: 'attempt', user: session.user });
  if (host !== '') facts.tell({ is: 'identity', protocol: TDS, of: 'sender', name: host });
}

/** All headers of a batch or call come first, with their whole length (MS-TDS, 2.2.5.3). */
function afterHeaders(bytes: Uint8Array, at: number, end: number): number {
  const total = end - at >= 4 ? u32le(bytes, at) : 0;
  return total >= 4 && total <= 512 && at + total <= end ? at + total : at;
}

function readCall(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const at = afterHeaders(bytes, start, end);
  if (end - at < 4) return;
  const size = u16le(bytes, at);
  const name =
    size === 0xffff ? procedureName(u16le(bytes, at + 2)) : windowsText(bytes, at + 2, Math.min(end, at + 2 + 2 * size), true, 64);
  if (name !== '') facts.use(Aspect.DatabaseOperation, facts.intern('EXEC'), facts.intern(name.toLowerCase()));
}

function readRequest(facts: Facts, session: Session, type: number, bytes: Uint8Array, at: number, end: number): void {
  facts.message(TDS, type, Role.Request);
  session.last = type;
  if (type === Packet.Login7) readLogin(facts, session, bytes, at, end);
  else if (type === Packet.Batch) useStatement(facts, TDS, windowsText(bytes, afterHeaders(bytes, at, end), end, true, LONGEST_STATEMENT));
  else if (type === Packet.Rpc) readCall(facts, bytes, at, end);
}

/** Errors and the word on a sign-in stand before rows (MS-TDS, 2.2.7). */
function readTokens(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  for (let count = 0; count < MOST_TOKENS && at + 3 <= end; count++) {
    const token = bytes[at];
    const next = at + 3 + u16le(bytes, at + 1);
    if (next > end) return;
    if (token === Token.Error) readError(facts, session, bytes, at + 3, next);
    else if (token === Token.LoginAcknowledged) {
      if (session.waiting) {
        facts.use(Aspect.DatabaseLogin, facts.intern(session.user), 0);
        facts.tell({ is: 'login', protocol: TDS, outcome: 'success', user: session.user });
      }
      session.waiting = false;
    } else if (token !== Token.EnvironmentChange && token !== Token.Info) return;
    at = next;
  }
}

function readError(facts: Facts, session: Session, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 8) return;
  const code = u32le(bytes, at);
  const sentence = windowsText(bytes, at + 8, Math.min(end, at + 8 + 2 * u16le(bytes, at + 6)), true, 160);
  facts.tell({ is: 'failure', protocol: TDS, name: 'tds.error', code, operation: session.last, text: sentence || `error ${code}` });
  if (REFUSALS.has(code)) facts.tell({ is: 'login', protocol: TDS, outcome: 'failure', user: session.user });
  session.waiting = false;
}

export const tds: Dissector = {
  protocol: PROTOCOLS.tds,
  reports: [PROTOCOLS.tds],
  tcpPorts: [1433],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LARGEST,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    const left = facts.toServer ? session.client : session.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      if (facts.toServer) session.client -= passed;
      else session.server -= passed;
      return start + passed;
    }
    if (end - start < HEADER) return start;
    const type = bytes[start];
    const length = u16(bytes, start + 2);
    if (!isPacket(type)) return -1;
    if (length < HEADER) {
      facts.message(TDS, type, facts.toServer ? Role.Request : Role.Response);
      violate(facts, `A packet has at least ${HEADER} bytes, this one says ${length}.`);
      return -1;
    }
    const goesOn = facts.toServer ? session.clientGoesOn : session.serverGoesOn;
    const ends = (bytes[start + 1] & END_OF_MESSAGE) !== 0;
    // Of a message of several packets the first is read.
    const wanted = goesOn ? HEADER : Math.min(length, 4096);
    if (end - start < wanted) return start;
    const stop = Math.min(end, start + length);
    if (facts.countsFields) facts.field('tds.type', type);
    if (facts.toServer) session.clientGoesOn = !ends;
    else session.serverGoesOn = !ends;
    if (!goesOn && facts.toServer) readRequest(facts, session, type, bytes, start + HEADER, stop);
    else if (!goesOn) {
      facts.message(TDS, type, Role.Response);
      if (type === Packet.Result) readTokens(facts, session, bytes, start + HEADER, stop);
    }
    const rest = length - (stop - start);
    if (facts.toServer) session.client = rest;
    else session.server = rest;
    return stop;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
    facts.state.clientGoesOn = false;
    facts.state.serverGoesOn = false;
  },

  operationName: (_protocol, code) => packetName(code),
  aspects: DATABASE_ASPECTS,
};
