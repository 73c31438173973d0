/**
 * Mitsubishi MELSEC: SLMP and MC protocol frames 3E and 4E in binary code, and MELSOFT, over TCP and UDP. Commands, remote run
 * and stop, files, the type of the CPU.
 *
 * Hot code: the command of an answer is remembered per flow; a usual message allocates nothing.
 */
import { text, u16, u16le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Command, isCommand, MELSOFT, MELSOFT_OPENING, MelsoftCommand, operationName, VIOLATIONS } from './names.ts';

const MELSEC = PROTOCOLS.melsec.index;
const LONGEST = 0x4000;
/** Subheaders of frames (SH-080956ENG, 5.1): requests and answers of 3E, of 4E with a serial number. */
const REQUEST_3E = 0x5000;
const ANSWER_3E = 0xd000;
const REQUEST_4E = 0x5400;
const ANSWER_4E = 0xd400;
/** Network, station, module, multidrop station, length. */
const ACCESS = 7;
/** Subheaders of MELSOFT: openings and messages, from the client and from the server. */
const MELSOFT_BYTES: ReadonlySet<number> = new Set([0x57, 0xd7, 0x5a, 0xda]);
/** Where a message of MELSOFT has the length of what follows its header of 21 bytes. */
const MELSOFT_LENGTH = 19;
const MELSOFT_HEADER = 21;
/** Fixed bytes within the header. */
const MELSOFT_MARK = 0x1111;
const VENDOR = 'Mitsubishi Electric';

class Flow {
  /** Command and subcommand of the last request. */
  command = -1;
  subcommand = 0;
}

function flowOf(facts: Facts): Flow {
  if (facts.state instanceof Flow) return facts.state;
  const flow = new Flow();
  facts.state = flow;
  return flow;
}

function violate(facts: Facts, sentence: string): void {
  facts.tell({
    is: 'violation',
    protocol: MELSEC,
    name: 'melsec.length',
    malformed: VIOLATIONS['melsec.length'].malformed,
    text: sentence,
  });
}

/** Offset of the access route in a frame, or -1 for a subheader that is none. */
function routeAt(bytes: Uint8Array, start: number, end: number): number {
  const subheader = end - start >= 2 ? u16(bytes, start) : 0;
  if (subheader === REQUEST_3E || subheader === ANSWER_3E) return start + 2;
  return (subheader === REQUEST_4E || subheader === ANSWER_4E) && end - start >= 6 && u16(bytes, start + 4) === 0 ? start + 6 : -1;
}

/** Modules that can be addressed: the own CPU, control and standby CPUs, those of a multiple CPU system, or a module by its slot. */
const isModule = (module: number): boolean => (module >= 0x03d0 && module <= 0x03e3) || module === 0x03ff || module <= 0x01ff;

function identifySlmp(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  const at = routeAt(bytes, start, end);
  if (at < 0) return Confidence.No;
  if (end - at < ACCESS + 6)
    return stream ? Confidence.More : end - at >= ACCESS + 2 && (bytes[start] & 0x80) !== 0 ? Confidence.Possible : Confidence.No;
  const length = u16le(bytes, at + 5);
  if (bytes[at] > 0xef || !isModule(u16le(bytes, at + 2)) || bytes[at + 4] > 0x1f || length > LONGEST) return Confidence.No;
  if (!stream && at + ACCESS + length !== end) return Confidence.No;
  if (bytes[start] & 0x80) return Confidence.Possible;
  return length >= 6 && isCommand(u16le(bytes, at + ACCESS + 2)) ? Confidence.Certain : Confidence.No;
}

const isMelsoft = (bytes: Uint8Array, start: number, end: number): boolean =>
  end - start >= MELSOFT_HEADER &&
  (bytes[start] === 0x57 || bytes[start] === 0xd7) &&
  u16(bytes, start + 5) === MELSOFT_MARK &&
  u16(bytes, start + 2) === 0;

function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (!MELSOFT_BYTES.has(bytes[start])) return identifySlmp(bytes, start, end, stream);
  if (end - start < MELSOFT_HEADER) {
    // Openings are short: 0x5A or 0xDA, then zeros.
    const opens = (bytes[start] === 0x5a || bytes[start] === 0xda) && end - start >= 4 && u16(bytes, start + 1) === 0;
    return opens ? Confidence.Possible : stream && end - start < 8 ? Confidence.More : Confidence.No;
  }
  if (!isMelsoft(bytes, start, end))
    return u16(bytes, start + 1) === 0 && bytes[start] !== 0x57 && bytes[start] !== 0xd7 ? Confidence.Possible : Confidence.No;
  const length = u16le(bytes, start + MELSOFT_LENGTH);
  if (stream) return length >= 8 && length <= LONGEST ? Confidence.Certain : Confidence.No;
  return start + MELSOFT_HEADER + length === end ? Confidence.Certain : Confidence.No;
}

function actionOf(command: number): ActionName | undefined {
  switch (command) {
    case Command.ReadTypeName:
    case MELSOFT + MelsoftCommand.ReadModel:
      return 'identity.request';
    case Command.RemoteRun:
      return 'controller.start';
    case Command.RemoteStop:
    case Command.RemotePause:
      return 'controller.stop';
    case Command.RemoteReset:
      return 'controller.reset';
    case Command.LatchClear:
      return 'configuration.write';
    case Command.NewFile:
    case Command.WriteFile:
      return 'program.download';
    case Command.DeleteFile:
      return 'program.delete';
    case Command.ReadFile:
      return 'program.upload';
    default:
      return undefined;
  }
}

function tellAction(facts: Facts, command: number, phase: 'requested' | 'accepted' | 'refused'): void {
  const action = actionOf(command);
  if (action)
    facts.tell({
      is: 'action',
      protocol: MELSEC,
      action,
      phase,
      text: `${operationName(command)} (command 0x${(command & 0xffff).toString(16).padStart(4, '0')})`,
    });
}

/** Name of sixteen characters and a code of two bytes. The firmware of these controllers shows in no answer: their type stands for it. */
function tellModel(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (at + 18 > end) return;
  const model = text(bytes, at, at + 16, 16).replace(/[.\s]+$/, '');
  const code = `0x${u16le(bytes, at + 16)
    .toString(16)
    .padStart(4, '0')}`;
  if (model !== '')
    facts.tell({ is: 'identity', protocol: MELSEC, of: 'sender', vendor: VENDOR, type: 'PLC', model, firmware: `type code ${code}` });
}

function request(facts: Facts, command: number, subcommand: number): void {
  const flow = flowOf(facts);
  flow.command = command;
  flow.subcommand = subcommand;
  facts.message(MELSEC, command, Role.Request);
  facts.use(Aspect.MelsecCommand, command, subcommand);
  tellAction(facts, command, 'requested');
  if (command === Command.Unlock) facts.tell({ is: 'login', protocol: MELSEC, outcome: 'attempt', user: '' });
}

function answer(facts: Facts, code: number, bytes: Uint8Array, data: number, end: number): void {
  const flow = flowOf(facts);
  const { command } = flow;
  facts.message(MELSEC, Math.max(0, command), Role.Response);
  if (command < 0) return;
  facts.use(Aspect.MelsecCommand, command, flow.subcommand);
  flow.command = -1;
  if (code !== 0) {
    const sentence = `${operationName(command)} was refused with end code 0x${code.toString(16).padStart(4, '0')}`;
    facts.tell({ is: 'failure', protocol: MELSEC, name: 'melsec.end-code', code, operation: command, text: sentence });
  }
  if (command === Command.Unlock) facts.tell({ is: 'login', protocol: MELSEC, outcome: code === 0 ? 'success' : 'failure', user: '' });
  tellAction(facts, command, code === 0 ? 'accepted' : 'refused');
  if (code === 0 && (command === Command.ReadTypeName || command === MELSOFT + MelsoftCommand.ReadModel))
    tellModel(facts, bytes, data, end);
}

/** One SLMP frame whose route begins at `at` and whose length is there. */
function readSlmp(facts: Facts, bytes: Uint8Array, start: number, at: number, end: number): void {
  const body = at + ACCESS;
  if (bytes[start] & 0x80) {
    if (end - body >= 2) answer(facts, u16le(bytes, body), bytes, body + 2, end);
    else facts.message(MELSEC, 0, Role.Response);
    return;
  }
  if (end - body < 6) {
    facts.message(MELSEC, 0, Role.Request);
    violate(facts, `A request has at least 6 bytes after its length, this one ${end - body}.`);
    return;
  }
  request(facts, u16le(bytes, body + 2), u16le(bytes, body + 4));
}

/** A message of MELSOFT: a part whose third byte counts what follows it, then the command, a serial number and an end code. */
function readMelsoft(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const part = start + MELSOFT_HEADER;
  const at = part + 2 + (part + 2 < end ? bytes[part + 2] : 0);
  const asks = bytes[start] === 0x57;
  if (at + 6 > end) {
    facts.message(MELSEC, MELSOFT, asks ? Role.Request : Role.Response);
    return;
  }
  const command = MELSOFT + u16(bytes, at);
  if (asks) request(facts, command, 0);
  else {
    flowOf(facts).command = command;
    answer(facts, u16le(bytes, at + 4), bytes, at + 6, end);
  }
}

export const melsec: Dissector = {
  protocol: PROTOCOLS.melsec,
  reports: [PROTOCOLS.melsec],
  tcpPorts: [5007, 5002, 5006, 5562],
  udpPorts: [5006, 5560],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (start < end ? identify(bytes, start, end, stream) : Confidence.No),
  // The top bit of the subheader marks an answer; MELSOFT has its openings besides.
  speaker: (bytes, start) => (bytes[start] & 0x80 ? Speaker.Server : Speaker.Client),

  stream(facts, bytes, start, end) {
    if (isMelsoft(bytes, start, end)) {
      const after = start + MELSOFT_HEADER + u16le(bytes, start + MELSOFT_LENGTH);
      if (after - start > LONGEST) return -1;
      if (after > end) return start;
      readMelsoft(facts, bytes, start, after);
      return after;
    }
    if (MELSOFT_BYTES.has(bytes[start])) {
      if (end - start < MELSOFT_HEADER && (bytes[start] === 0x57 || bytes[start] === 0xd7)) return start;
      if (bytes[start] === 0x57 || bytes[start] === 0xd7) return -1;
      // Where an opening ends is not known: it comes alone in its segment.
      facts.message(MELSEC, MELSOFT_OPENING, bytes[start] === 0x5a ? Role.Request : Role.Response);
      return end;
    }
    if (end - start < 6) return start;
    const at = routeAt(bytes, start, end);
    if (at < 0) return -1;
    if (end - at < ACCESS) return start;
    const after = at + ACCESS + u16le(bytes, at + 5);
    if (after - start > LONGEST) return -1;
    if (after > end) return start;
    readSlmp(facts, bytes, start, at, after);
    return after;
  },

  datagram(facts, bytes, start, end) {
    if (isMelsoft(bytes, start, end)) {
      readMelsoft(facts, bytes, start, end);
      return;
    }
    if (MELSOFT_BYTES.has(bytes[start])) {
      facts.message(MELSEC, MELSOFT_OPENING, bytes[start] === 0x5a ? Role.Request : Role.Response);
      return;
    }
    const at = routeAt(bytes, start, end);
    if (at < 0 || end - at < ACCESS) {
      facts.message(MELSEC, 0, Role.Notification);
      return;
    }
    const length = u16le(bytes, at + 5);
    if (at + ACCESS + length !== end && facts.complete) {
      facts.message(MELSEC, 0, Role.Notification);
      violate(facts, `A frame says ${length} bytes, ${end - at - ACCESS} follow.`);
    } else readSlmp(facts, bytes, start, at, end);
  },

  gap(facts) {
    if (facts.state instanceof Flow) facts.state.command = -1;
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {
    [Aspect.MelsecCommand]: (a, b) => ({
      command: operationName(a),
      ...(a < MELSOFT && { subcommand: `0x${b.toString(16).padStart(4, '0')}` }),
    }),
  },
};
