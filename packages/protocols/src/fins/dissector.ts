/**
 * Omron FINS over UDP and TCP: what controllers are asked and answer, their identity and mode, programs and memory written.
 * A response repeats the command it answers, so nothing is remembered between messages.
 *
 * Hot code: nothing is allocated for a message but identities and actions.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  Command,
  commandName,
  endCode,
  endName,
  type FinsViolation,
  isCommand,
  isTcpCommand,
  modeName,
  TCP_COMMAND,
  TcpCommand,
  VIOLATIONS,
} from './names.ts';

const FINS = PROTOCOLS.fins.index;
/** Ten bytes of header, two of command (W342, 5-1-1). */
const HEADER = 12;
const RESPONSE = 0x40;
/** Bits of the information control field that have a meaning. */
const CONTROL_BITS = 0xc1;
const MAGIC = 0x46494e53;
/** Magic, length, command, error code (W421, 7-4-1); the length counts what follows it. */
const TCP_HEADER = 16;
const TCP_PREFIX = 8;
const LONGEST_FRAME = 2048;

/** What a command does, told when it is asked for and when it is answered. */
const ACTIONS: Readonly<Record<number, ActionName>> = {
  [Command.ParameterRead]: 'configuration.read',
  [Command.ParameterWrite]: 'configuration.write',
  [Command.ParameterClear]: 'configuration.write',
  [Command.ProgramProtect]: 'configuration.write',
  [Command.ProgramProtectClear]: 'configuration.write',
  [Command.ProgramRead]: 'program.upload',
  [Command.ProgramWrite]: 'program.download',
  [Command.ProgramClear]: 'program.delete',
  [Command.Run]: 'controller.start',
  [Command.Stop]: 'controller.stop',
  [Command.Reset]: 'controller.reset',
  [Command.ControllerData]: 'identity.request',
  [Command.ConnectionData]: 'identity.request',
  [Command.ClockWrite]: 'time.set',
  [Command.FileRead]: 'file.read',
  [Command.FileWrite]: 'file.write',
  [Command.FileDelete]: 'file.delete',
  [Command.FileProgram]: 'program.download',
  [Command.ForcedSet]: 'control.operate',
  [Command.ForcedCancel]: 'control.operate',
};

function violate(facts: Facts, name: FinsViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: FINS, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const hex4 = (code: number): string => `0x${code.toString(16).padStart(4, '0')}`;

/** Model and version, twenty bytes each (W342, 5-3-16). */
function tellIdentity(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (at + 40 > end) return;
  const words = (from: number): string =>
    text(bytes, from, from + 20, 20)
      .replaceAll(/\.{2,}|\s+/g, ' ')
      .replace(/[. ]+$/, '');
  const model = words(at);
  const firmware = words(at + 20);
  if (model === '') return;
  facts.tell({ is: 'identity', protocol: FINS, of: 'sender', vendor: 'Omron', type: 'PLC', model, ...(firmware && { firmware }) });
}

function readAnswer(facts: Facts, command: number, bytes: Uint8Array, at: number, end: number): void {
  if (at + 2 > end) {
    if (facts.complete) violate(facts, 'fins.length', `The answer to ${commandName(command)} ends before its end code.`);
    return;
  }
  const raw = u16(bytes, at);
  if (facts.countsFields) facts.field('omron.response.code', hex4(raw));
  const code = endCode(raw);
  if (code > 1) {
    const sentence = `${commandName(command)} was refused: ${endName(code)} (${hex4(code)}).`;
    facts.tell({ is: 'failure', protocol: FINS, name: 'fins.end-code', code, operation: command, text: sentence });
  }
  const action = ACTIONS[command];
  if (action) tellAction(facts, action, code > 1 ? 'refused' : 'accepted', command);
  if (code > 1) return;
  if (command === Command.ControllerData) tellIdentity(facts, bytes, at + 2, end);
  else if (command === Command.ControllerStatus && at + 4 <= end)
    facts.tell({ is: 'identity', protocol: FINS, of: 'sender', mode: modeName(bytes[at + 3]) });
}

function tellAction(facts: Facts, action: ActionName, phase: 'requested' | 'accepted' | 'refused', command: number): void {
  facts.tell({ is: 'action', protocol: FINS, action, phase, text: `${commandName(command)} (FINS command ${hex4(command)})` });
}

/** Reads one FINS frame in `bytes[start, end)`. */
function readFrame(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (end - start < HEADER) {
    facts.message(FINS, 0, Role.Notification);
    if (facts.complete) violate(facts, 'fins.length', `A frame has at least ${HEADER} bytes, this one has ${end - start}.`);
    return;
  }
  const control = bytes[start];
  const command = u16(bytes, start + 10);
  const answer = (control & RESPONSE) !== 0;
  facts.message(FINS, command, answer ? Role.Response : Role.Request);
  if (facts.countsFields) facts.field('omron.command', hex4(command));
  if ((control & ~CONTROL_BITS) !== 0)
    violate(facts, 'fins.control-field', `The information control field 0x${control.toString(16)} has reserved bits set.`);
  facts.use(Aspect.FinsCommand, command, 0);
  if (answer) readAnswer(facts, command, bytes, start + HEADER, end);
  else if (ACTIONS[command]) tellAction(facts, ACTIONS[command], 'requested', command);
}

function identifyFrame(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER || (bytes[start] & ~CONTROL_BITS) !== 0 || bytes[start + 1] !== 0) return Confidence.No;
  // Gateways passed at most seven networks; network addresses end at 127, unit addresses follow.
  if (bytes[start + 2] > 7 || bytes[start + 3] > 127 || bytes[start + 6] > 127) return Confidence.No;
  if (!isCommand(u16(bytes, start + 10))) return Confidence.No;
  return bytes[start] >= 0x80 && bytes[start + 2] >= 1 ? Confidence.Certain : Confidence.Possible;
}

/** What identifies a stream names a datagram as well: FINS/TCP puts its own header before a frame. */
function speaker(bytes: Uint8Array, start: number, end: number): Speaker {
  const wrapped = end - start >= TCP_HEADER && u32(bytes, start) === MAGIC;
  if (wrapped) {
    const command = u32(bytes, start + 8);
    if (command === TcpCommand.NodeAddressRequest) return Speaker.Client;
    if (command === TcpCommand.NodeAddress) return Speaker.Server;
    if (command !== TcpCommand.Frame) return Speaker.Unknown;
  }
  const frame = wrapped ? start + TCP_HEADER : start;
  if (frame >= end) return Speaker.Unknown;
  return bytes[frame] & RESPONSE ? Speaker.Server : Speaker.Client;
}

export const fins: Dissector = {
  protocol: PROTOCOLS.fins,
  reports: [PROTOCOLS.fins],
  tcpPorts: [9600],
  udpPorts: [9600],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_FRAME + TCP_HEADER,

  identify(bytes, start, end, stream) {
    if (!stream) return identifyFrame(bytes, start, end);
    for (let at = 0; at < 4 && start + at < end; at++) if (bytes[start + at] !== ((MAGIC >>> (24 - 8 * at)) & 0xff)) return Confidence.No;
    if (end - start < TCP_HEADER) return Confidence.More;
    return isTcpCommand(u32(bytes, start + 8)) ? Confidence.Certain : Confidence.Possible;
  },

  speaker,

  stream(facts, bytes, start, end) {
    if (end - start < TCP_HEADER) return start;
    const length = u32(bytes, start + 4);
    if (u32(bytes, start) !== MAGIC || length > LONGEST_FRAME + TCP_PREFIX) return -1;
    const command = u32(bytes, start + 8);
    const next = start + TCP_PREFIX + length;
    if (length < TCP_PREFIX) {
      facts.message(FINS, TCP_COMMAND, Role.Notification);
      violate(facts, 'fins.length', `The length of a FINS/TCP header is at least ${TCP_PREFIX}, this one says ${length}.`);
      return start + TCP_HEADER;
    }
    if (next > end) return start;
    if (command === TcpCommand.Frame) readFrame(facts, bytes, start + TCP_HEADER, next);
    else {
      facts.message(FINS, TCP_COMMAND + (command & 0xffff), facts.toServer ? Role.Request : Role.Response);
      if (!isTcpCommand(command)) violate(facts, 'fins.tcp-command', `FINS/TCP has no command ${command}.`);
    }
    return next;
  },

  datagram: readFrame,

  operationName: (_protocol, code) => commandName(code),
  aspects: { [Aspect.FinsCommand]: (a) => ({ command: hex4(a), name: commandName(a) }) },
};
