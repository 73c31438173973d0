/**
 * Remote framebuffer, as VNC speaks it (RFC 6143): how a session is secured, who signs in and how it ends, and what the
 * client sends. What the screen shows is passed over, as are security types with messages of their own.
 *
 * Hot code: one object per connection, nothing per message.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ClientMessage, clientMessageBytes, messageName, Result, Security, Step, VIOLATIONS, type VncViolation } from './names.ts';

const VNC = PROTOCOLS.vnc.index;
const VERSION_BYTES = 12;
const CHALLENGE_BYTES = 16;
/** From version 3.7 on the client chooses among security types; from 3.8 on every choice has a result (RFC 6143, 7.1.2 and 7.1.3). */
const CHOOSES = 7;
const ALWAYS_RESULT = 8;
const Phase = { Version: 0, Security: 1, Challenge: 2, Result: 3, Init: 4, Messages: 5, Opaque: 6 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

class Session {
  client: Phase = Phase.Version;
  server: Phase = Phase.Version;
  /** Minor version that the client wants. */
  minor = 0;
  /** Security type in use, 0 while none is. */
  security = 0;
  /** Bytes of a client's text or encodings that are passed over. */
  left = 0;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

function violate(facts: Facts, name: VncViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: VNC, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const count = (facts: Facts, code: number): void => facts.message(VNC, code, facts.toServer ? Role.Request : Role.Response);
const login = (facts: Facts, outcome: 'attempt' | 'success' | 'failure'): void =>
  facts.tell({ is: 'login', protocol: VNC, outcome, user: '' });

/** `RFB 003.008` and LF. */
function isVersion(bytes: Uint8Array, at: number): boolean {
  return (
    u32(bytes, at) === 0x52464220 && /^\d{3}\.\d{3}\n$/.test(text(bytes, at + 4, at + 11, 7).concat(bytes[at + 11] === 10 ? '\n' : ''))
  );
}

function readVersion(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < VERSION_BYTES) return start;
  if (!isVersion(bytes, start)) return -1;
  count(facts, Step.Version);
  if (facts.toServer) {
    session.minor = Number(text(bytes, start + 8, start + 11, 3));
    session.client = session.minor >= CHOOSES ? Phase.Security : Phase.Challenge;
  } else session.server = Phase.Security;
  return start + VERSION_BYTES;
}

/** The client or, before 3.7, the server has settled the security type. */
function settle(session: Session, type: number): void {
  session.security = type;
  const known = type === Security.None || type === Security.Password;
  const result = type === Security.Password || session.minor >= ALWAYS_RESULT;
  session.client = !known ? Phase.Opaque : type === Security.Password ? Phase.Challenge : Phase.Init;
  session.server = !known ? Phase.Opaque : type === Security.Password ? Phase.Challenge : result ? Phase.Result : Phase.Opaque;
}

/** The security types that a server offers, or the one it decides for. */
function readOffer(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  const chooses = session.minor >= CHOOSES;
  const next = chooses ? start + 1 + bytes[start] : start + 4;
  if (next > end) return start;
  count(facts, Step.SecurityTypes);
  const first = chooses ? start + 1 : start + 3;
  if (facts.countsFields) for (let at = first; at < next; at++) facts.field('vnc.security_type', bytes[at]);
  if (chooses ? bytes[start] === 0 : u32(bytes, start) === Security.Invalid) {
    refused(facts, 0, 'The server offers no security type.');
    session.server = Phase.Opaque;
  } else if (!chooses) settle(session, bytes[start + 3]);
  else session.server = Phase.Challenge;
  return next;
}

function refused(facts: Facts, code: number, sentence: string): void {
  facts.tell({ is: 'failure', protocol: VNC, name: 'vnc.security-result', code, operation: Step.SecurityResult, text: sentence });
}

function readResult(facts: Facts, session: Session, bytes: Uint8Array, start: number): number {
  count(facts, Step.SecurityResult);
  const result = u32(bytes, start);
  session.server = Phase.Opaque;
  if (result > Result.TooMany) violate(facts, 'vnc.security-result', `A security result is 0, 1 or 2, this one is ${result}.`);
  else if (result === Result.Ok) {
    if (session.security === Security.Password) login(facts, 'success');
  } else {
    refused(facts, result, `The server refused the session with result ${result}.`);
    if (session.security === Security.Password) login(facts, 'failure');
  }
  return start + 4;
}

function readServer(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  switch (session.server) {
    case Phase.Version:
      return readVersion(facts, session, bytes, start, end);
    case Phase.Security:
      return readOffer(facts, session, bytes, start, end);
    case Phase.Challenge:
      if (end - start < CHALLENGE_BYTES) return start;
      count(facts, Step.Challenge);
      session.server = Phase.Result;
      return start + CHALLENGE_BYTES;
    case Phase.Result:
      return end - start < 4 ? start : readResult(facts, session, bytes, start);
    default:
      count(facts, Step.Screen);
      return end;
  }
}

function readClientMessage(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  const type = bytes[start];
  const size = clientMessageBytes(type);
  if (size === 0) {
    session.client = Phase.Opaque;
    return end;
  }
  if (end - start < size) return start;
  count(facts, type);
  if (facts.countsFields) facts.field('vnc.client_message_type', type);
  if (type === ClientMessage.SetEncodings) session.left = 4 * u16(bytes, start + 2);
  // A negative length is that of an extended clipboard.
  else if (type === ClientMessage.CutText) session.left = Math.abs(u32(bytes, start + 4) | 0);
  return start + size;
}

function readClient(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  switch (session.client) {
    case Phase.Version:
      return readVersion(facts, session, bytes, start, end);
    case Phase.Security:
      count(facts, Step.SecurityType);
      if (bytes[start] === Security.Invalid) violate(facts, 'vnc.security-type', 'The client chose security type 0, which does not exist.');
      settle(session, bytes[start]);
      return start + 1;
    case Phase.Challenge:
      // Before 3.7 the server has decided; until it is read, nothing tells what these bytes are.
      if (session.security !== Security.Password) {
        session.client = Phase.Opaque;
        return end;
      }
      if (end - start < CHALLENGE_BYTES) return start;
      count(facts, Step.Answer);
      login(facts, 'attempt');
      session.client = Phase.Init;
      return start + CHALLENGE_BYTES;
    case Phase.Init:
      count(facts, Step.Init);
      session.client = Phase.Messages;
      return start + 1;
    case Phase.Messages: {
      if (session.left === 0) return readClientMessage(facts, session, bytes, start, end);
      const passed = Math.min(session.left, end - start);
      session.left -= passed;
      return start + passed;
    }
    default:
      count(facts, Step.Screen);
      return end;
  }
}

export const vnc: Dissector = {
  protocol: PROTOCOLS.vnc,
  reports: [PROTOCOLS.vnc],
  tcpPorts: [5900, 5901],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 1024,

  identify(bytes, start, end, stream) {
    if (!stream || bytes[start] !== 0x52) return Confidence.No;
    if (end - start < VERSION_BYTES) return Confidence.More;
    return isVersion(bytes, start) ? Confidence.Certain : Confidence.No;
  },

  stream(facts, bytes, start, end) {
    if (start >= end) return start;
    const session = sessionOf(facts);
    return facts.toServer ? readClient(facts, session, bytes, start, end) : readServer(facts, session, bytes, start, end);
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client = Phase.Opaque;
    facts.state.server = Phase.Opaque;
  },

  operationName: (_protocol, code) => messageName(code),
  aspects: {},
};
