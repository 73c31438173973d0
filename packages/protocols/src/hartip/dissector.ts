/**
 * HART-IP over TCP and UDP: sessions, and the HART frames passed through them to field devices. Commands that change settings
 * are told, and what devices are. Hot code: a read and its answer allocate nothing.
 */
import { u16, u24 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { type ActionName, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  COMMAND,
  Command,
  type HartIpViolation,
  Id,
  isId,
  isWarning,
  Message,
  operationName,
  responseName,
  VIOLATIONS,
  WRITES,
} from './names.ts';

const HARTIP = PROTOCOLS.hartip.index;
const HEADER = 8;
const LONGEST = 2048;
/** A session is opened with one byte of host type and four of a timer. */
const INITIATE = HEADER + 5;
/** Delimiter of a frame: long address; expansion bytes in bits 5 and 6 (HCF SPEC-081, 6.1). */
const LONG_ADDRESS = 0x80;

function violate(facts: Facts, name: HartIpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: HARTIP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** The opening of a session is certain; other messages with a type, an id and a length that can be are possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (bytes[start] !== 1 && bytes[start] !== 2) return Confidence.No;
  if (end - start < HEADER) return stream ? Confidence.More : Confidence.No;
  const length = u16(bytes, start + 6);
  if (bytes[start + 1] > Message.Refusal || !isId(bytes[start + 2]) || length < HEADER || length > LONGEST) return Confidence.No;
  if (!stream && length !== end - start) return Confidence.No;
  const opens = bytes[start + 2] === Id.Initiate && bytes[start + 1] <= 1 && bytes[start + 3] === 0 && length === INITIATE;
  if (opens && end - start < INITIATE) return stream ? Confidence.More : Confidence.No;
  return opens && bytes[start + HEADER] <= 1 ? Confidence.Certain : Confidence.Possible;
}

function actionOf(command: number): ActionName | undefined {
  if (command === Command.Reset) return 'controller.reset';
  if (command === Command.WriteVariable || command === Command.FixedCurrent) return 'control.operate';
  if (command === Command.SetClock) return 'time.set';
  if (command === Command.ReadIdentifier || command === Command.ByTag || command === Command.ByLongTag || command === Command.FindDevice)
    return 'identity.request';
  return WRITES.has(command) ? 'configuration.write' : undefined;
}

/** Delimiter, address, expansion, command, count, data, check (HCF SPEC-081, 6). */
function readFrame(facts: Facts, type: number, bytes: Uint8Array, start: number, end: number): void {
  const address = bytes[start] & LONG_ADDRESS ? 5 : 1;
  const at = start + 1 + address + ((bytes[start] >> 5) & 3);
  const command = at < end ? bytes[at] : 0;
  facts.message(
    HARTIP,
    COMMAND + command,
    type === Message.Request ? Role.Request : type === Message.Publish ? Role.Notification : Role.Response,
  );
  const data = at + 2;
  const stop = data + bytes[at + 1];
  if (at + 2 > end || stop + 1 > end) {
    if (facts.complete)
      violate(
        facts,
        'hartip.length',
        `A HART frame of ${end - start} bytes ends before its ${at + 1 < end ? bytes[at + 1] : 0} bytes of data do.`,
      );
    return;
  }
  if (facts.countsFields) facts.field('hart_ip.pt.command', command);
  let check = 0;
  for (let byte = start; byte < stop; byte++) check ^= bytes[byte];
  if (check !== bytes[stop]) violate(facts, 'hartip.check', `The check byte of HART command ${command} is ${bytes[stop]}, ${check} fits.`);
  const action = actionOf(command);
  const answer = type === Message.Response;
  const response = answer && stop > data ? bytes[data] : 0;
  // With its top bit the first byte tells of the link, not of the command.
  const refused = answer && response < 128 && !isWarning(response);
  if (action && type !== Message.Publish)
    facts.tell({
      is: 'action',
      protocol: HARTIP,
      action,
      phase: !answer ? 'requested' : refused ? 'refused' : 'accepted',
      text: `${operationName(COMMAND + command)} (HART command ${command})`,
    });
  if (refused) {
    const sentence = `${operationName(COMMAND + command)}: ${responseName(response)}`;
    facts.tell({ is: 'failure', protocol: HARTIP, name: 'hartip.response', code: response, operation: COMMAND + command, text: sentence });
  } else if (answer && command === Command.ReadIdentifier && stop - data >= 14 && bytes[data + 2] === 254)
    tellDevice(facts, bytes, data + 2);
}

/** 254, device type, preambles, revisions of HART, device, software and hardware, flags, device id (SPEC-127, 6.1). */
function tellDevice(facts: Facts, bytes: Uint8Array, at: number): void {
  const id = u24(bytes, at + 9)
    .toString(16)
    .padStart(6, '0');
  facts.tell({
    is: 'identity',
    protocol: HARTIP,
    of: 'sender',
    model: `HART device type 0x${u16(bytes, at + 1)
      .toString(16)
      .padStart(4, '0')}, revision ${bytes[at + 5]}`,
    firmware: `software ${bytes[at + 6]}`,
    place: `device ${id}`,
  });
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const type = bytes[start + 1];
  const id = bytes[start + 2];
  // Wireshark does not know the messages that came with the second version of HART-IP.
  if (facts.countsFields && id !== Id.DirectPdu && id !== Id.ReadAuditLog) {
    facts.field('hart_ip.message_type', type);
    facts.field('hart_ip.message_id', id);
    facts.field('hart_ip.status', bytes[start + 3]);
  }
  if (id === Id.PassThrough && end > start + HEADER) readFrame(facts, type, bytes, start + HEADER, end);
  else facts.message(HARTIP, id, type === Message.Request ? Role.Request : type === Message.Publish ? Role.Notification : Role.Response);
}

export const hartip: Dissector = {
  protocol: PROTOCOLS.hartip,
  reports: [PROTOCOLS.hartip],
  tcpPorts: [5094],
  udpPorts: [5094],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify,
  speaker: (bytes, start, end) =>
    end - start < HEADER ? Speaker.Unknown : bytes[start + 1] === Message.Request ? Speaker.Client : Speaker.Server,

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    const length = u16(bytes, start + 6);
    if (length > LONGEST || bytes[start] === 0 || bytes[start] > 2) return -1;
    if (length < HEADER) {
      facts.message(HARTIP, bytes[start + 2], Role.Notification);
      violate(facts, 'hartip.length', `A message has at least ${HEADER} bytes, this one says ${length}.`);
      return -1;
    }
    if (end - start < length) return start;
    readMessage(facts, bytes, start, start + length);
    return start + length;
  },

  datagram(facts, bytes, start, end) {
    const length = end - start >= HEADER ? u16(bytes, start + 6) : 0;
    if (length >= HEADER && length <= end - start) {
      readMessage(facts, bytes, start, start + length);
      return;
    }
    facts.message(HARTIP, end - start > 2 ? bytes[start + 2] : 0, Role.Notification);
    if (facts.complete) violate(facts, 'hartip.length', `A message says ${length} bytes in a datagram of ${end - start}.`);
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
