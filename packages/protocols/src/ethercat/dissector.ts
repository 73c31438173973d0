/**
 * EtherCAT in Ethernet frames and UDP: datagrams of a master that pass through all slaves. Slaves that are led out of operation or
 * into bootstrap are told. Hot code: a frame holds dozens of datagrams a thousand times a second; nothing is allocated for them.
 */
import { u16le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  AL_CONTROL,
  BOOTSTRAP,
  commandName,
  type EthercatViolation,
  HeaderType,
  isCommand,
  operationName,
  OTHER,
  STATES,
  VIOLATIONS,
} from './names.ts';

const ETHERCAT = PROTOCOLS.ethercat.index;
const ETHERTYPE = 0x88a4;
const PORT = 0x88a4;
/** Command, index, address, length, interrupt; then data and a working counter of two bytes. */
const DATAGRAM = 10;
const COUNTER = 2;
const MORE = 0x8000;
const LENGTH = 0x07ff;
const MOST_DATAGRAMS = 256;
/** Commands that write to one address or to all. */
const isWrite = (command: number): boolean => command === 2 || command === 5 || command === 8;

/** The last state that the master ordered, so that a repeated order costs nothing. */
class Flow {
  state = -1;
}

function violate(facts: Facts, name: EthercatViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: ETHERCAT, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Slaves are told a state. Leaving operation stops what they drive; bootstrap takes new firmware. */
function tellState(facts: Facts, state: number): void {
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  const flow = facts.state as Flow; // assigned in the line before when it was none
  if (state === flow.state || STATES[state] === undefined) return;
  flow.state = state;
  const action = state === BOOTSTRAP ? 'firmware.update' : 'controller.mode';
  facts.tell({
    is: 'action',
    protocol: ETHERCAT,
    action,
    phase: 'requested',
    text: `state ${STATES[state]} ordered`,
    parameters: { mode: STATES[state] },
  });
}

function readDatagrams(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  for (let at = start, count = 0; count < MOST_DATAGRAMS; count++) {
    const length = at + DATAGRAM <= end ? u16le(bytes, at + 6) & LENGTH : 0;
    const next = at + DATAGRAM + length + COUNTER;
    if (next > end) {
      if (count === 0) facts.message(ETHERCAT, OTHER, Role.Notification);
      if (facts.complete) violate(facts, 'ethercat.length', `Datagram ${count + 1} ends ${next - end} bytes behind its frame.`);
      return;
    }
    const command = bytes[at];
    facts.message(ETHERCAT, command, Role.Notification);
    if (facts.countsFields) facts.field('ecat.cmd', `0x${command.toString(16).padStart(2, '0')}`);
    if (!isCommand(command)) violate(facts, 'ethercat.command', `Command ${command} (${commandName(command)}) is not defined.`);
    // A frame comes back through the master's port with counters of the slaves that have read it.
    else if (isWrite(command) && u16le(bytes, at + 4) === AL_CONTROL && length >= 1 && u16le(bytes, next - COUNTER) === 0)
      tellState(facts, bytes[at + DATAGRAM] & 15);
    if ((u16le(bytes, at + 6) & MORE) === 0) return;
    at = next;
  }
}

export const ethercat: Dissector = {
  protocol: PROTOCOLS.ethercat,
  reports: [PROTOCOLS.ethercat],
  tcpPorts: [],
  udpPorts: [PORT],
  etherTypes: [ETHERTYPE],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    if (stream || end - start < 2 + DATAGRAM + COUNTER) return Confidence.No;
    const header = u16le(bytes, start);
    return header >> 12 === HeaderType.Datagrams && (header & LENGTH) <= end - start - 2 && isCommand(bytes[start + 2])
      ? Confidence.Possible
      : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    if (end - start < 2) return;
    const header = u16le(bytes, start);
    if (header >> 12 !== HeaderType.Datagrams) {
      facts.message(ETHERCAT, OTHER + (header >> 12), Role.Notification);
      return;
    }
    readDatagrams(facts, bytes, start + 2, Math.min(end, start + 2 + (header & LENGTH)));
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
