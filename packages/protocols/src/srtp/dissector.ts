/**
 * GE SRTP: service requests to GE and Emerson PLCs over TCP. Frames have 56 bytes; longer data follows as text. Written from
 * public descriptions: no public capture of the project holds it.
 *
 * Hot code: requests that wait for their answers are numbers in a small ring; nothing is allocated for a message.
 */
import { text, u16le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  Frame,
  isRun,
  isService,
  Mailbox,
  OPENING,
  operationName,
  segmentName,
  Service,
  type SrtpViolation,
  stateName,
  statusName,
  VIOLATIONS,
} from './names.ts';

const SRTP = PROTOCOLS.srtp.index;
const HEADER = 56;
const LONGEST_TEXT = 65_535;
/** Offsets in the frame. */
const TEXT_LENGTH = 4;
const SEQUENCE = 30;
const MAILBOX = 31;
const DESTINATION = 37;
/** Service request, and its arguments, in a short request and in one with text. */
const SERVICE = 42;
const SERVICE_WITH_TEXT = 50;
/** Status word of the PLC in an answer. */
const STATUS_WORD = 54;
/** Second byte of the mailbox of a CPU. */
const CPU = 0x0e;
/** Bytes of text that are read. */
const READ_AT_MOST = 128;

class Flow {
  /** Services by mailbox sequence; -1 for none. */
  readonly waiting = new Int16Array(256).fill(-1);
  client = 0;
  server = 0;
  state = -1;
}

function flowOf(facts: Facts): Flow {
  if (facts.state instanceof Flow) return facts.state;
  const flow = new Flow();
  facts.state = flow;
  return flow;
}

function violate(facts: Facts, name: SrtpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SRTP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const isZero = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
};
const answers = (type: number): boolean => type === Mailbox.Answer || type === Mailbox.AnswerWithText || type === Mailbox.Refusal;
const asks = (type: number): boolean => type === Mailbox.Request || type === Mailbox.RequestWithText;

/** A request or answer to the mailbox of a CPU, or from it, with a service that exists is certain; 56 zeros, and no more, open a connection on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const type = bytes[start];
  if (type > Frame.Response) return Confidence.No;
  if (end - start < HEADER) return Confidence.More;
  if (type === Frame.Init) {
    const more = end - start > HEADER && bytes[start + HEADER] === 0;
    return isZero(bytes, start, start + HEADER) && !more ? Confidence.Possible : Confidence.No;
  }
  if (type === Frame.InitAnswer) return isZero(bytes, start + 1, start + 8) ? Confidence.Possible : Confidence.No;
  if (bytes[start + 1] !== 0 || !isZero(bytes, start + 6, start + 9)) return Confidence.No;
  const mailbox = bytes[start + MAILBOX];
  if (type === Frame.Response) return answers(mailbox) ? Confidence.Possible : Confidence.No;
  if (!asks(mailbox) || bytes[start + DESTINATION] !== CPU) return Confidence.No;
  return isService(bytes[start + (mailbox === Mailbox.Request ? SERVICE : SERVICE_WITH_TEXT)]) ? Confidence.Certain : Confidence.No;
}

function actionOf(service: number, argument: number): ActionName | undefined {
  switch (service) {
    case Service.SetState:
      return isRun(argument) ? 'controller.start' : 'controller.stop';
    case Service.ProgrammerLogon:
      return 'programming.logon';
    case Service.SetTime:
      return 'time.set';
    case Service.StoreProgramBlock:
    case Service.ProgramBlockProgramStore:
    case Service.StoreBlock:
    case Service.ProgramStore:
    case Service.ProgramStoreExtended:
      return 'program.download';
    case Service.ProgramBlockLoad:
    case Service.ProgramBlockProgramLoad:
    case Service.LoadBlock:
    case Service.ProgramLoad:
    case Service.ProgramLoadExtended:
      return 'program.upload';
    case Service.DeleteProgramBlock:
    case Service.ClearAllMemory:
    case Service.ClearLogicMemory:
      return 'program.delete';
    case Service.ClearConfiguration:
    case Service.WriteSlotConfiguration:
      return 'configuration.write';
    case Service.StoreOsExtension:
      return 'firmware.update';
    case Service.ForceMemory:
      return 'control.operate';
    case Service.ControllerType:
      return 'identity.request';
    default:
      return undefined;
  }
}

/** Services that name a program or block in the text that follows. */
const isFileAccess = (service: number): boolean =>
  service === Service.ProgramNames || actionOf(service, 0)?.startsWith('program.') === true;

function tellAction(facts: Facts, service: number, argument: number, phase: 'requested' | 'accepted' | 'refused'): void {
  const action = actionOf(service, argument);
  if (!action) return;
  const state = service === Service.SetState ? `: ${stateName(argument)}` : '';
  facts.tell({
    is: 'action',
    protocol: SRTP,
    action,
    phase,
    text: `${operationName(service)}${state} (service request 0x${service.toString(16)})`,
  });
}

function readRequest(facts: Facts, flow: Flow, bytes: Uint8Array, start: number, end: number): void {
  const mailbox = bytes[start + MAILBOX];
  const at = start + (mailbox === Mailbox.RequestWithText ? SERVICE_WITH_TEXT : SERVICE);
  const service = bytes[at];
  flow.waiting[bytes[start + SEQUENCE]] = service;
  facts.message(SRTP, service, Role.Request);
  if (!asks(mailbox)) violate(facts, 'srtp.mailbox-type', `A request has mailbox type 0x80 or 0xC0, this one 0x${mailbox.toString(16)}.`);
  if (!isService(service)) {
    violate(facts, 'srtp.service', `Service request 0x${service.toString(16)} is not defined.`);
    return;
  }
  facts.use(Aspect.SrtpCommand, service, 0);
  if (service === Service.ReadSystemMemory || service === Service.WriteSystemMemory) {
    const key = ((service === Service.WriteSystemMemory ? 1 : 0) << 8) | bytes[at + 1];
    facts.useRange(Aspect.SrtpMemory, key, u16le(bytes, at + 2), Math.max(1, u16le(bytes, at + 4)));
  } else if (isFileAccess(service)) {
    const name = end > start + HEADER ? text(bytes, start + HEADER, end, 32).replace(/\.+.*$/, '') : '';
    facts.use(Aspect.SrtpFile, service, facts.intern(name));
  } else if (service === Service.Privilege) facts.tell({ is: 'login', protocol: SRTP, outcome: 'attempt', user: `level ${bytes[at + 1]}` });
  tellAction(facts, service, bytes[at + 1], 'requested');
}

function readAnswer(facts: Facts, flow: Flow, bytes: Uint8Array, start: number): void {
  const mailbox = bytes[start + MAILBOX];
  const sequence = bytes[start + SEQUENCE];
  const service = flow.waiting[sequence];
  flow.waiting[sequence] = -1;
  facts.message(SRTP, Math.max(0, service), Role.Response);
  if (!answers(mailbox))
    violate(facts, 'srtp.mailbox-type', `An answer has mailbox type 0x94, 0xD1 or 0xD4, this one 0x${mailbox.toString(16)}.`);
  if (service >= 0) facts.use(Aspect.SrtpCommand, service, 0);
  const refused = mailbox === Mailbox.Refusal;
  if (refused) {
    const [major, minor] = [bytes[start + SERVICE], bytes[start + SERVICE + 1]];
    const sentence = `${service < 0 ? 'A service request' : operationName(service)} was refused: ${statusName(major, minor)}`;
    facts.tell({ is: 'failure', protocol: SRTP, name: 'srtp.status', code: major, operation: Math.max(0, service), text: sentence });
  }
  if (service === Service.Privilege) facts.tell({ is: 'login', protocol: SRTP, outcome: refused ? 'failure' : 'success', user: '' });
  if (service >= 0 && service !== Service.SetState) tellAction(facts, service, 0, refused ? 'refused' : 'accepted');
  if (mailbox !== Mailbox.Answer) return;
  const state = u16le(bytes, start + STATUS_WORD) >> 12;
  if (state === flow.state) return;
  flow.state = state;
  facts.tell({ is: 'identity', protocol: SRTP, of: 'sender', vendor: 'GE', type: 'PLC', mode: stateName(state) });
}

export const srtp: Dissector = {
  protocol: PROTOCOLS.srtp,
  reports: [PROTOCOLS.srtp],
  tcpPorts: [18_245],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: HEADER + READ_AT_MOST,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const flow = flowOf(facts);
    const left = facts.toServer ? flow.client : flow.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      if (facts.toServer) flow.client -= passed;
      else flow.server -= passed;
      return start + passed;
    }
    if (bytes[start] > Frame.Response) return -1;
    if (end - start < HEADER) return start;
    const type = bytes[start];
    const textLength = type === Frame.Request || type === Frame.Response ? Math.min(u16le(bytes, start + TEXT_LENGTH), LONGEST_TEXT) : 0;
    if (end - start - HEADER < Math.min(textLength, READ_AT_MOST)) return start;
    const stop = Math.min(end, start + HEADER + textLength);
    if (type === Frame.Request) readRequest(facts, flow, bytes, start, stop);
    else if (type === Frame.Response) readAnswer(facts, flow, bytes, start);
    else facts.message(SRTP, OPENING, type === Frame.Init ? Role.Request : Role.Response);
    const rest = textLength - (stop - start - HEADER);
    if (facts.toServer) flow.client = rest;
    else flow.server = rest;
    return stop;
  },

  gap(facts) {
    if (!(facts.state instanceof Flow)) return;
    facts.state.client = 0;
    facts.state.server = 0;
    facts.state.waiting.fill(-1);
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {
    [Aspect.SrtpCommand]: (a) => ({ service: `0x${a.toString(16).padStart(2, '0')}`, name: operationName(a) }),
    [Aspect.SrtpMemory]: (a) => ({ access: a >> 8 ? 'write' : 'read', memory: segmentName(a & 0xff) }),
    [Aspect.SrtpFile]: (a, b, interned) => ({ service: operationName(a), ...(interned(b) && { program: interned(b) }) }),
  },
};
