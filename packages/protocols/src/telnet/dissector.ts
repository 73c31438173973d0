/**
 * Telnet (RFC 854): option negotiation and data, and sign-ins read from the prompts that terminals show. Passwords are
 * counted and compared, never kept.
 *
 * Hot code: one object per connection; text is made only for the last bytes of a prompt.
 */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { Command, commandName, HIGHEST_OPTION, IAC } from './names.ts';

const TELNET = PROTOCOLS.telnet.index;
const DATA = 0;
const LONG = 8191;
/** Last bytes of the server's output that a prompt is looked for in. */
const PROMPT = 80;
const LONGEST_USER = 64;

type Prompted = 'nothing' | 'user' | 'password';

class Session {
  prompted: Prompted = 'nothing';
  user = '';
  /** A password was sent and what the server thinks of it has not shown. */
  judging = false;
  /** Bytes of the client's line so far, and their hash while a password is asked for. */
  line = 0;
  secret = 0;
  /** End of what the server wrote last. */
  shown = '';
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

const isNegotiation = (code: number): boolean => code >= Command.Will && code <= Command.Dont;

/** Two negotiations of known options in a row are certain; one, or printable text, is possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== IAC) {
    for (let at = start; at < Math.min(end, start + 16); at++)
      if (bytes[at] > 126 || (bytes[at] < 32 && (bytes[at] < 7 || bytes[at] > 13) && bytes[at] !== 27 && bytes[at] !== 0))
        return Confidence.No;
    return Confidence.Possible;
  }
  if (end - start < 3) return Confidence.More;
  let pairs = 0;
  for (let at = start; at + 3 <= end && pairs < 2; at += 3) {
    if (bytes[at] !== IAC) break;
    if (bytes[at + 1] === Command.Subnegotiation && pairs > 0) return Confidence.Certain;
    if (!isNegotiation(bytes[at + 1]) || (bytes[at + 2] > HIGHEST_OPTION && bytes[at + 2] !== 255)) return Confidence.No;
    pairs++;
  }
  return pairs >= 2 ? Confidence.Certain : Confidence.Possible;
}

function readShown(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): void {
  session.shown = (session.shown + text(bytes, Math.max(start, end - PROMPT), end, PROMPT)).slice(-PROMPT);
  const { shown } = session;
  if (session.judging && /incorrect|invalid|fail|denied|bad password|not authorized/i.test(shown)) {
    session.judging = false;
    facts.tell({ is: 'login', protocol: TELNET, outcome: 'failure', user: session.user });
    session.shown = '';
  }
  if (/pass(?:word|code)[^:]{0,24}: ?\.{0,2}$/i.test(shown)) session.prompted = 'password';
  else if (/(?:login|user ?name|user)\s?: ?\.{0,2}$/i.test(shown)) {
    session.prompted = 'user';
    session.user = '';
    session.judging = false;
  } else if (session.judging && /[$#>%] ?$/.test(shown)) {
    session.judging = false;
    facts.tell({ is: 'login', protocol: TELNET, outcome: 'success', user: session.user });
  }
}

function readTyped(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const code = bytes[at];
    if (code !== 13 && code !== 10) {
      session.line++;
      if (session.prompted === 'user' && code > 32 && code < 127 && session.user.length < LONGEST_USER)
        session.user += String.fromCharCode(code);
      if (session.prompted === 'password') session.secret = hashOf(bytes, at, at + 1, session.line === 1 ? undefined : session.secret);
      continue;
    }
    if (session.line >= LONG) facts.tell({ is: 'length', protocol: TELNET, element: 'line', bytes: session.line });
    if (session.prompted === 'password' && code === 13) {
      facts.tell({ is: 'login', protocol: TELNET, outcome: 'attempt', user: session.user, passwordHash: session.secret });
      session.judging = true;
      session.shown = '';
    }
    if (session.line > 0 || code === 13) session.prompted = 'nothing';
    session.line = 0;
  }
}

/** Offset after the subnegotiation whose data begins at `at`, or -1 when its end has not come. */
function subnegotiationEnd(bytes: Uint8Array, at: number, end: number): number {
  for (; at + 1 < end; at++) {
    if (bytes[at] !== IAC) continue;
    if (bytes[at + 1] === Command.SubnegotiationEnd) return at + 2;
    at++;
  }
  return -1;
}

function readCommand(facts: Facts, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return start;
  const code = bytes[start + 1];
  const role = facts.toServer ? Role.Request : Role.Response;
  if (code === Command.Subnegotiation) {
    const after = subnegotiationEnd(bytes, start + 2, end);
    if (after < 0) return start;
    facts.message(TELNET, code, role);
    if (facts.countsFields) {
      facts.field('telnet.cmd', code);
      facts.field('telnet.cmd', Command.SubnegotiationEnd);
    }
    return after;
  }
  const size = isNegotiation(code) ? 3 : 2;
  if (end - start < size) return start;
  if (code === IAC) return start + 2;
  if (code < Command.SubnegotiationEnd) return -1;
  facts.message(TELNET, code, role);
  if (facts.countsFields) facts.field('telnet.cmd', code);
  return start + size;
}

export const telnet: Dissector = {
  protocol: PROTOCOLS.telnet,
  reports: [PROTOCOLS.telnet],
  tcpPorts: [23, 2323],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 4096,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    if (bytes[start] === IAC) return readCommand(facts, bytes, start, end);
    let stop = start;
    while (stop < end && bytes[stop] !== IAC) stop++;
    facts.message(TELNET, DATA, facts.toServer ? Role.Request : Role.Response);
    if (facts.toServer) readTyped(facts, session, bytes, start, stop);
    else if (session.judging || stop - start < 512) readShown(facts, session, bytes, start, stop);
    return stop;
  },

  operationName: (_protocol, code) => commandName(code),
  aspects: {},
};
