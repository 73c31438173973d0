/** FTP control connections (RFC 959): commands and replies, who signs in and whether it worked, and which files move. */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { lineEnd } from '../http/line.ts';
import { PROTOCOLS } from '../registry.ts';
import { commandCode, commandName, Reply } from './names.ts';

const FTP = PROTOCOLS.ftp.index;
const LONGEST_LINE = 131_072;
const LONG = 8191;

class Session {
  user = '';
  userFrame = 0;
  /** PASS was sent and its reply has not come. */
  signingIn = false;
  /** Code of a reply of several lines that is not finished, 0 otherwise (RFC 959, 4.2). */
  open = 0;
  /** Operation of the last command, for its replies. */
  command = 0;
  /** TLS took over after AUTH. */
  encrypted = false;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;

/** Reply code at `at`, or 0: three digits of which the first is 1 to 6, then a space, a hyphen or the line's end. */
function replyCode(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 3 || bytes[at] < 49 || bytes[at] > 54 || !isDigit(bytes[at + 1]) || !isDigit(bytes[at + 2])) return 0;
  if (end - at > 3 && bytes[at + 3] !== 32 && bytes[at + 3] !== 45 && bytes[at + 3] !== 13 && bytes[at + 3] !== 10) return 0;
  return (bytes[at] - 48) * 100 + (bytes[at + 1] - 48) * 10 + bytes[at + 2] - 48;
}

/** A greeting that names FTP is certain; other greetings and commands are shared with mail protocols. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < 5) return start < end && !isDigit(bytes[start]) && !isLetter(bytes[start]) ? Confidence.No : Confidence.More;
  const code = replyCode(bytes, start, end);
  if (code === 220 || code === 120 || code === 421) {
    const greeting = text(bytes, start, Math.min(end, start + 64), 64);
    return /\bS?MTP\b|ESMTP/i.test(greeting)
      ? Confidence.No
      : /\bFTP|FTPD|FileZilla|ftp\b/.test(greeting)
        ? Confidence.Certain
        : Confidence.Possible;
  }
  if (code !== 0) return Confidence.Possible;
  let at = start;
  while (at < end && at - start < 5 && isLetter(bytes[at])) at++;
  if (at - start < 3 || at - start > 4 || (bytes[at] !== 32 && bytes[at] !== 13)) return Confidence.No;
  return commandCode(text(bytes, start, at, 8).toUpperCase()) === 0 ? Confidence.No : Confidence.Possible;
}

function tellTransfer(facts: Facts, command: string, name: string): void {
  const read = command === 'RETR';
  if (!read && command !== 'STOR' && command !== 'APPE' && command !== 'STOU') return;
  facts.tell({ is: 'transfer', protocol: FTP, direction: read ? 'read' : 'write', name, text: `${command} ${name}` });
}

function readCommand(facts: Facts, session: Session, bytes: Uint8Array, start: number, stop: number): void {
  let at = start;
  while (at < stop && bytes[at] !== 32) at++;
  const command = text(bytes, start, at, 16);
  const upper = command.toUpperCase();
  session.command = commandCode(upper);
  facts.message(FTP, session.command, Role.Request);
  if (facts.countsFields) facts.field('ftp.request.command', command);
  if (stop - start >= LONG) facts.tell({ is: 'length', protocol: FTP, element: 'command line', bytes: stop - start });
  if (upper === 'USER') {
    session.user = text(bytes, at + 1, stop, 64);
    session.userFrame = facts.frame;
  } else if (upper === 'PASS') {
    session.signingIn = true;
    const { user, userFrame } = session;
    facts.tell({ is: 'login', protocol: FTP, outcome: 'attempt', user, userFrame, passwordHash: hashOf(bytes, at + 1, stop) });
  } else tellTransfer(facts, upper, text(bytes, at + 1, stop, 256));
}

function readReply(facts: Facts, session: Session, bytes: Uint8Array, start: number, stop: number): boolean {
  const code = replyCode(bytes, start, stop);
  const more = stop - start > 3 && bytes[start + 3] === 45;
  if (session.open !== 0) {
    if (code === session.open && !more) session.open = 0;
    return true;
  }
  if (code === 0) return false;
  if (more) session.open = code;
  facts.message(FTP, session.command, Role.Response);
  if (facts.countsFields) facts.field('ftp.response.code', code);
  if (code === Reply.SecurityAccepted) session.encrypted = true;
  if (code >= 400) {
    facts.tell({ is: 'failure', protocol: FTP, name: 'ftp.reply', code, operation: session.command, text: text(bytes, start, stop, 120) });
  }
  // A refused USER (430, 530 before PASS) is a failed login as well.
  const refused = code === Reply.Refused || code === Reply.InvalidUser;
  if (refused && (session.signingIn || session.command === commandCode('USER'))) {
    facts.tell({ is: 'login', protocol: FTP, outcome: 'failure', user: session.user, userFrame: session.userFrame });
  } else if (code === Reply.Accepted) facts.tell({ is: 'login', protocol: FTP, outcome: 'success', user: session.user });
  if (code >= 200) session.signingIn = false;
  return true;
}

export const ftp: Dissector = {
  protocol: PROTOCOLS.ftp,
  reports: [PROTOCOLS.ftp],
  tcpPorts: [21],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_LINE,

  identify: (bytes, start, end, stream) => (stream ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    if (session.encrypted) return end;
    const feed = lineEnd(bytes, start, end);
    if (feed < 0) return start;
    const stop = feed > start && bytes[feed - 1] === 13 ? feed - 1 : feed;
    if (stop === start) return feed + 1;
    if (!facts.toServer) return readReply(facts, session, bytes, start, stop) ? feed + 1 : -1;
    if (!isLetter(bytes[start])) return -1;
    readCommand(facts, session, bytes, start, stop);
    return feed + 1;
  },

  gap(facts) {
    if (facts.state instanceof Session) facts.state.open = 0;
  },

  operationName: (_protocol, code) => commandName(code),
  aspects: {},
};
