/**
 * ROC and ROC Plus of Emerson flow computers over TCP and UDP: opcodes, sign-ins, parameters written, errors. Hot code: nothing
 * is allocated for a message but sign-ins and failures.
 */
import { text, u16le } from '@annunciator/packet/bytes';
import { crc16 } from '../crc16.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { isOpcode, Opcode, opcodeName, type RocViolation, VIOLATIONS } from './names.ts';

const ROC = PROTOCOLS.roc.index;
/** Destination unit and group, source unit and group, opcode, length; then data and a check of two bytes, low byte first. */
const HEADER = 6;
const CHECK = 2;
const LONGEST = HEADER + 255 + CHECK;
/** A sign-in names its operator by three characters, or by thirty. */
const SHORT_OPERATOR = 3;
const LONG_OPERATOR = 30;

/** Whether the client waits for the answer to a sign-in, and as whom. */
class Flow {
  user: string | undefined;
  last = 0;
}

function violate(facts: Facts, name: RocViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: ROC, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** An opcode that exists and a check that fits are certain; a message too long to be seen whole is possible. */
function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (end - start < HEADER) return stream ? Confidence.More : Confidence.No;
  if (!isOpcode(bytes[start + 4])) return Confidence.No;
  const size = HEADER + bytes[start + 5] + CHECK;
  if (end - start >= size)
    return crc16(bytes, start, start + size - CHECK) === u16le(bytes, start + size - CHECK) ? Confidence.Certain : Confidence.No;
  // One that goes on past what is asked for tells nothing: the next segment begins with a message again.
  return stream && end - start < 64 ? Confidence.More : Confidence.No;
}

function tellLogin(facts: Facts, flow: Flow, bytes: Uint8Array, at: number, end: number): void {
  const long = end - at >= 2 * LONG_OPERATOR;
  const stop = at + (long ? LONG_OPERATOR : SHORT_OPERATOR);
  const trailing = text(bytes, at, end, 16);
  // A key of the session is asked for, or the operator leaves.
  if (end - at < SHORT_OPERATOR + 2 || trailing.startsWith('SESSION') || text(bytes, at, end, 32).includes('LOGOUT')) return;
  flow.user = text(bytes, at, stop, LONG_OPERATOR).trim();
  facts.tell({ is: 'login', protocol: ROC, outcome: 'attempt', user: flow.user, passwordHash: hashOf(bytes, stop, end) });
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  const flow = facts.state as Flow; // assigned in the line before when it was none
  const opcode = bytes[start + 4];
  const at = start + HEADER;
  const stop = end - CHECK;
  const report = opcode === Opcode.Report;
  facts.message(ROC, opcode, facts.toServer ? Role.Request : report ? Role.Notification : Role.Response);
  if (crc16(bytes, start, stop) !== u16le(bytes, stop)) {
    violate(facts, 'roc.check', `The check of a message of ${end - start} bytes does not fit.`);
    return;
  }
  if (!report && opcode !== Opcode.Error) facts.use(Aspect.RocOperation, opcode, 0);
  if (facts.toServer) {
    flow.last = opcode;
    if (opcode === Opcode.Login) tellLogin(facts, flow, bytes, at, stop);
    else if (opcode === Opcode.SetClock)
      facts.tell({ is: 'action', protocol: ROC, action: 'time.set', phase: 'requested', text: `${opcodeName(opcode)} (opcode ${opcode})` });
    else if (opcode === Opcode.SetPoint || opcode === Opcode.WriteParameters || opcode === Opcode.WriteConfigurable)
      facts.tell({
        is: 'action',
        protocol: ROC,
        action: 'configuration.write',
        phase: 'requested',
        text: `${opcodeName(opcode)} (opcode ${opcode})`,
      });
    else if (opcode === Opcode.SystemConfiguration)
      facts.tell({
        is: 'action',
        protocol: ROC,
        action: 'identity.request',
        phase: 'requested',
        text: `${opcodeName(opcode)} (opcode ${opcode})`,
      });
    return;
  }
  const { user } = flow;
  if (opcode === Opcode.Error) {
    const code = stop > at ? bytes[at] : 0;
    facts.tell({
      is: 'failure',
      protocol: ROC,
      name: 'roc.error',
      code,
      operation: flow.last,
      text: `${opcodeName(flow.last)} was refused with error ${code}`,
    });
  }
  if (user === undefined || (opcode !== Opcode.Login && opcode !== Opcode.Error)) return;
  flow.user = undefined;
  facts.tell({ is: 'login', protocol: ROC, outcome: opcode === Opcode.Login ? 'success' : 'failure', user });
}

export const roc: Dissector = {
  protocol: PROTOCOLS.roc,
  reports: [PROTOCOLS.roc],
  tcpPorts: [4000],
  udpPorts: [4000],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (start < end ? identify(bytes, start, end, stream) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    const size = HEADER + bytes[start + 5] + CHECK;
    if (!isOpcode(bytes[start + 4])) return -1;
    if (end - start < size) return start;
    readMessage(facts, bytes, start, start + size);
    return start + size;
  },

  datagram(facts, bytes, start, end) {
    let at = start;
    while (end - at >= HEADER + CHECK) {
      const size = HEADER + bytes[at + 5] + CHECK;
      if (at + size > end) break;
      readMessage(facts, bytes, at, at + size);
      at += size;
    }
    if (at < end && facts.complete) {
      if (at === start) facts.message(ROC, end - start > 4 ? bytes[start + 4] : 0, Role.Notification);
      violate(facts, 'roc.length', `${end - at} bytes are left after the last whole message of a datagram.`);
    }
  },

  operationName: (_protocol, code) => opcodeName(code),
  aspects: { [Aspect.RocOperation]: (a) => ({ opcode: a, name: opcodeName(a) }) },
};
