/**
 * Ether-S-Bus of SAIA Burgess controllers over UDP: commands, acknowledgements, firmware. Hot code: nothing is allocated for a
 * telegram but identities and actions.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type ActionName, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  ANSWER,
  Attribute,
  Command,
  commandName,
  isClear,
  isCommand,
  isRestart,
  isRun,
  isStop,
  type SbusViolation,
  VIOLATIONS,
} from './names.ts';

const SBUS = PROTOCOLS.sbus.index;
/** Length, version, type, sequence, attribute; then destination and command in requests; a check sequence of two bytes last. */
const ATTRIBUTE = 8;
const REQUEST = 11;
const SHORTEST = 11;
const LONGEST = 1500;

/** The last request of a flow: its sequence and command. */
class Flow {
  sequence = -1;
  command = -1;
}

/** CRC-16 with polynomial x^16 + x^12 + x^5 + 1, from 0. */
export function check(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0;
  for (let at = start; at < end; at++) {
    crc ^= bytes[at] << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : crc << 1;
  }
  return crc;
}

function violate(facts: Facts, name: SbusViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SBUS, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** A length that is the datagram's, version 0 or 1, type 0, an attribute that exists, a check that fits. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const size = end - start;
  if (
    size < SHORTEST ||
    size > LONGEST ||
    u32(bytes, start) !== size ||
    bytes[start + 4] > 1 ||
    bytes[start + 5] !== 0 ||
    bytes[start + ATTRIBUTE] > 2
  )
    return Confidence.No;
  return check(bytes, start, end - 2) === u16(bytes, end - 2) ? Confidence.Certain : Confidence.Possible;
}

function actionOf(command: number): ActionName | undefined {
  if (isRun(command)) return 'controller.start';
  if (isStop(command)) return 'controller.stop';
  if (isRestart(command)) return 'controller.reset';
  if (isClear(command)) return 'control.operate';
  switch (command) {
    case Command.SetClock:
      return 'time.set';
    case Command.WriteMemory:
    case Command.WriteLine:
    case Command.InsertLine:
    case Command.DeleteLine:
    case Command.ChangeOnRun:
    case Command.BlockData:
      return 'program.download';
    case Command.EraseFlash:
      return 'program.delete';
    case Command.DownloadFirmware:
      return 'firmware.update';
    case Command.FirmwareVersion:
      return 'identity.request';
    default:
      return undefined;
  }
}

function readAnswer(facts: Facts, flow: Flow | undefined, attribute: number, bytes: Uint8Array, start: number, end: number): void {
  const command = flow && flow.sequence === u16(bytes, start + 6) ? flow.command : -1;
  facts.message(SBUS, command < 0 ? ANSWER : command, Role.Response);
  if (command >= 0) facts.use(Aspect.SbusCommand, command, 0);
  const at = start + ATTRIBUTE + 1;
  const refused = attribute === Attribute.Acknowledge && end - at >= 4 && u16(bytes, at) !== 0;
  if (refused) {
    const sentence = `${command < 0 ? 'A command' : commandName(command)} was not acknowledged (code ${u16(bytes, at)})`;
    facts.tell({ is: 'failure', protocol: SBUS, name: 'sbus.nak', code: u16(bytes, at), operation: Math.max(0, command), text: sentence });
  }
  const action = command < 0 ? undefined : actionOf(command);
  if (action) tellAction(facts, action, command, refused ? 'refused' : 'accepted');
  if (command === Command.FirmwareVersion && attribute === Attribute.Response && end - at >= 10) {
    // Five characters of the type of controller, three of the version, one more.
    const model = text(bytes, at, at + 5, 5);
    facts.tell({
      is: 'identity',
      protocol: SBUS,
      of: 'sender',
      vendor: 'SAIA Burgess',
      type: 'PLC',
      model: `PC${model}`,
      firmware: text(bytes, at + 5, at + 8, 3),
    });
  }
}

function tellAction(facts: Facts, action: ActionName, command: number, phase: 'requested' | 'accepted' | 'refused'): void {
  facts.tell({ is: 'action', protocol: SBUS, action, phase, text: `${commandName(command)} (S-Bus command 0x${command.toString(16)})` });
}

export const sbus: Dissector = {
  protocol: PROTOCOLS.sbus,
  reports: [PROTOCOLS.sbus],
  tcpPorts: [],
  udpPorts: [5050],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    const size = end - start;
    if (size < SHORTEST || u32(bytes, start) !== size) {
      facts.message(SBUS, ANSWER, Role.Notification);
      if (facts.complete)
        violate(facts, 'sbus.length', `A telegram says ${size < 4 ? 0 : u32(bytes, start)} bytes in a datagram of ${size}.`);
      return;
    }
    const attribute = bytes[start + ATTRIBUTE];
    if (facts.countsFields) facts.field('sbus.att', `0x${attribute.toString(16).padStart(2, '0')}`);
    if (attribute === Attribute.Request && size > REQUEST) {
      const command = bytes[start + 10];
      if (!(facts.state instanceof Flow)) facts.state = new Flow();
      const flow = facts.state as Flow; // assigned in the line before when it was none
      flow.sequence = u16(bytes, start + 6);
      flow.command = command;
      facts.message(SBUS, command, Role.Request);
      if (facts.countsFields) facts.field('sbus.cmd', `0x${command.toString(16).padStart(2, '0')}`);
      if (isCommand(command)) facts.use(Aspect.SbusCommand, command, 0);
      const action = actionOf(command);
      if (action) tellAction(facts, action, command, 'requested');
    } else readAnswer(facts, facts.state instanceof Flow ? facts.state : undefined, attribute, bytes, start, end);
    if (attribute > Attribute.Acknowledge) violate(facts, 'sbus.attribute', `Attribute ${attribute} does not exist.`);
    if (check(bytes, start, end - 2) !== u16(bytes, end - 2))
      violate(facts, 'sbus.check', `The check of a telegram of ${size} bytes does not fit.`);
  },

  operationName: (_protocol, code) => commandName(code),
  aspects: { [Aspect.SbusCommand]: (a) => ({ command: `0x${a.toString(16).padStart(2, '0')}`, name: commandName(a) }) },
};
