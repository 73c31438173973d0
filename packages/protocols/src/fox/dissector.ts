/**
 * Niagara Fox: sessions of workbenches with stations of building automation. Both sides say hello with who they are; the
 * station then asks for a sign-in. Texts are made of the first line, and of the properties of hellos only.
 */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { lineEnd } from '../http/line.ts';
import { PROTOCOLS } from '../registry.ts';
import { type FoxViolation, Frame, Operation, operationName, operationOf, VIOLATIONS } from './names.ts';

const FOX = PROTOCOLS.fox.index;
const LONGEST_MESSAGE = 262_144;
const LONGEST_LINE = 256;
/** Bytes of a hello in which properties are looked for. */
const READ_AT_MOST = 4096;
const LINE_FEED = 10;

/** Bytes of an unfinished message that have been searched for its end, from the client and from the server. */
class Session {
  client = 0;
  server = 0;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

function violate(facts: Facts, name: FoxViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: FOX, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Offset after `;;` and the line's end, or -1; looks from `from` on. */
function messageEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from + 1; at + 2 < end; at++) {
    if (bytes[at] !== 0x3b || bytes[at + 1] !== 0x3b || bytes[at - 1] !== 0x7d) continue;
    if (bytes[at + 2] === LINE_FEED) return at + 3;
    if (at + 3 < end && bytes[at + 2] === 13 && bytes[at + 3] === LINE_FEED) return at + 4;
  }
  return -1;
}

/** `station.name=s:Legion` gives `Legion`; empty without the property. */
function property(hello: string, name: string): string {
  return new RegExp(`(?:^|\\n)${name.replaceAll('.', '\\.')}=s:([^\\n\\r]{1,128})`).exec(hello)?.[1] ?? '';
}

function tellIdentity(facts: Facts, hello: string): void {
  const application = property(hello, 'app.name');
  const host = property(hello, 'hostId');
  const firmware = property(hello, 'app.version');
  const os = [property(hello, 'os.name'), property(hello, 'os.version')].filter(Boolean).join(' ');
  const name = property(hello, 'station.name') || (application === 'Station' ? '' : property(hello, 'hostName'));
  // The host id begins with the operating system and the model of the controller: Qnx-NPM6-...
  const model = /^[A-Za-z]+-([A-Z0-9]+)-/.exec(host)?.[1];
  facts.tell({
    is: 'identity',
    protocol: FOX,
    of: 'sender',
    ...(application === 'Station' ? { type: 'HVAC', vendor: 'Tridium', ...(model && { model }), ...(firmware && { firmware }) } : {}),
    ...(name && { name }),
    ...(os && { os }),
  });
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const feed = lineEnd(bytes, start, end);
  const parts = text(bytes, start, feed < 0 ? end : feed, LONGEST_LINE)
    .replace(/\.$/, '')
    .trim()
    .split(' ');
  const [, type = '', , , channel = '', command = ''] = parts;
  const code = operationOf(channel, command);
  const answer = type === Frame.Reply || type === Frame.Error || (!facts.toServer && code !== Operation.Challenge);
  facts.message(FOX, code, answer ? Role.Response : facts.toServer ? Role.Request : Role.Notification);
  if (parts.length < 6) violate(facts, 'fox.first-line', `A message begins with six words, this one with ${parts.length}.`);
  if (code === Operation.Hello) {
    if (facts.toServer) {
      facts.tell({ is: 'action', protocol: FOX, action: 'identity.request', phase: 'requested', text: 'Hello of a Fox session' });
    }
    tellIdentity(facts, Buffer.from(bytes.buffer, bytes.byteOffset + start, Math.min(end - start, READ_AT_MOST)).toString('latin1'));
  }
  if (code === Operation.Login && facts.toServer) facts.tell({ is: 'login', protocol: FOX, outcome: 'attempt', user: '' });
}

export const fox: Dissector = {
  protocol: PROTOCOLS.fox,
  reports: [PROTOCOLS.fox],
  tcpPorts: [1911],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_MESSAGE,

  /** `fox a 1 -1 `: the word, a type, a number. */
  identify(bytes, start, end, stream) {
    if (!stream) return Confidence.No;
    const word = 'fox ';
    for (let at = 0; at < word.length && start + at < end; at++) if (bytes[start + at] !== word.charCodeAt(at)) return Confidence.No;
    if (end - start < 12) return Confidence.More;
    return /^fox [aser] \d{1,10} -?\d{1,10} ?/.test(text(bytes, start, Math.min(end, start + 32), 32)) ? Confidence.Certain : Confidence.No;
  },

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    const searched = facts.toServer ? session.client : session.server;
    const after = messageEnd(bytes, Math.max(start, start + searched - 4), end);
    if (facts.toServer) session.client = after < 0 ? end - start : 0;
    else session.server = after < 0 ? end - start : 0;
    if (after < 0) return start;
    if (bytes[start] !== 0x66 || bytes[start + 1] !== 0x6f || bytes[start + 2] !== 0x78) return -1;
    readMessage(facts, bytes, start, after);
    return after;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
