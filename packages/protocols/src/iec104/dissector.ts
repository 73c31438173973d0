/**
 * IEC 60870-5-104: APCI frames I, S and U, and the ASDUs of IEC 60870-5-101 inside I frames.
 *
 * Hot code: nothing is allocated per frame; commands and violations are rare and go through `tell`.
 */
import { u16le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { asduDetails } from './details.ts';
import { identify } from './identify.ts';
import {
  Cause,
  causeName,
  confirms,
  ELEMENT_BYTES,
  HEX32,
  type Iec104Violation,
  isCause,
  isPrivate,
  isUnnumbered,
  operationName,
  SUPERVISORY,
  typeName,
  UNNUMBERED,
  VIOLATIONS,
} from './names.ts';
import { isCommand, tellOperation } from './operations.ts';
import { APCI_HEADER, ASDU_HEADER, CONTROL, Format, formatOf, LONGEST, newAsdu, objectBytes, readAsdu, START } from './parse.ts';
import { SequenceNumbers } from './sequence.ts';

const IEC104 = PROTOCOLS.iec104.index;
const asdu = newAsdu();

function violate(facts: Facts, name: Iec104Violation, text: string): void {
  facts.tell({ is: 'violation', protocol: IEC104, name, malformed: VIOLATIONS[name].malformed, text });
}

/** Commands and their answers are a request and a response; what a station reports is a notification. */
function roleOf(type: number, cause: number): Role {
  if (cause >= Cause.UnknownType && cause <= Cause.UnknownObjectAddress) return Role.Response;
  if (cause === Cause.ActivationConfirmation || cause === Cause.DeactivationConfirmation || cause === Cause.ActivationTermination)
    return Role.Response;
  if (cause === Cause.Activation || cause === Cause.Deactivation) return Role.Request;
  if (type === 102) return Role.Request;
  return Role.Notification;
}

function checkAsdu(facts: Facts, start: number, end: number): void {
  const { type, count, sequence } = asdu;
  const size = end - start - ASDU_HEADER;
  if (ELEMENT_BYTES[type] === -2) {
    if (!isPrivate(type)) violate(facts, 'iec104.unknown-type', `Type identification ${type} is reserved.`);
  } else {
    const expected = objectBytes(type, sequence, count);
    if (count === 0) violate(facts, 'iec104.no-objects', `${typeName(type)} announces no information object.`);
    else if (size < 3)
      violate(facts, 'iec104.object-address', `${typeName(type)} has ${size} bytes after its header, an object address needs 3.`);
    else if (expected >= 0 && expected !== size) {
      const form = sequence ? 'a sequence of' : 'single';
      violate(
        facts,
        'iec104.length-mismatch',
        `${typeName(type)} with ${form} ${count} needs ${expected} bytes of objects, ${size} are there.`,
      );
    }
  }
  if (!isCause(asdu.cause)) violate(facts, 'iec104.unknown-cause', `Cause of transmission ${asdu.cause} is reserved.`);
  if (asdu.address === 0) violate(facts, 'iec104.common-address', 'Common address 0 is not used.');
}

/** The peer refused: causes 44 to 47, or a confirmation with its P/N bit set. */
function tellRefusal(facts: Facts): void {
  const { type, cause, negative, address, object } = asdu;
  const unknown = cause >= Cause.UnknownType && cause <= Cause.UnknownObjectAddress;
  if (!unknown && !(negative && roleOf(type, cause) === Role.Response)) return;
  const text = `${typeName(type)} for station ${address} was answered with cause ${cause} (${causeName(cause)}${negative ? ', negative' : ''}).`;
  const parameters = { type, commonAddress: address, object, negative };
  facts.tell({ is: 'failure', protocol: IEC104, name: 'iec104.cause', code: cause, operation: type, text, parameters });
}

function readInformation(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const at = start + CONTROL;
  if (end - at < ASDU_HEADER) {
    facts.message(IEC104, 0, Role.Notification);
    violate(facts, 'iec104.asdu-truncated', `An I frame carries ${end - at} bytes, the header of an ASDU needs ${ASDU_HEADER}.`);
    return;
  }
  readAsdu(bytes, at, end, asdu);
  const { type, cause } = asdu;
  facts.message(IEC104, type, roleOf(type, cause));
  facts.use(Aspect.Iec104Asdu, asdu.address, type);
  if (facts.countsFields) {
    facts.field('iec60870_asdu.typeid', type);
    facts.field('iec60870_asdu.causetx', cause);
    facts.field('iec60870_asdu.nega', asdu.negative ? 1 : 0);
    facts.field('iec60870_asdu.addr', asdu.address);
  }
  if (facts.wantsDetails) asduDetails(facts, asdu, bytes, end);
  checkAsdu(facts, at, end);
  if (isCommand(type) || type >= 120 || type === 70) tellOperation(facts, asdu, bytes, end);
  tellRefusal(facts);
}

function readUnnumbered(facts: Facts, bytes: Uint8Array, start: number, length: number): void {
  const function_ = bytes[start] >> 2;
  facts.message(IEC104, UNNUMBERED | function_, confirms(function_) ? Role.Response : Role.Request);
  if (facts.countsFields) facts.field('iec60870_104.utype', HEX32[function_]);
  if (!isUnnumbered(function_))
    violate(facts, 'iec104.unknown-u-function', `U frame with control 0x${bytes[start].toString(16)} sets none or several functions.`);
  else if ((bytes[start + 1] | bytes[start + 2] | bytes[start + 3]) !== 0)
    violate(facts, 'iec104.control-field', 'The last three control octets of a U frame must be 0.');
  if (length !== CONTROL) violate(facts, 'iec104.apdu-length', `A U frame has length ${length}, it must be ${CONTROL}.`);
}

/** Numbers of the flow; the check of sequences begins once a direction has shown its first one. */
function numbersOf(facts: Facts): SequenceNumbers {
  if (facts.state instanceof SequenceNumbers) return facts.state;
  const numbers = new SequenceNumbers();
  facts.state = numbers;
  return numbers;
}

/** I frames: N(S) goes up by one. A hole in the stream would have been heard as a gap. */
function checkNumber(facts: Facts, bytes: Uint8Array, at: number): void {
  const sent = u16le(bytes, at) >> 1;
  const due = numbersOf(facts).send(facts.toServer, sent);
  if (due >= 0 && due !== sent) violate(facts, 'iec104.sequence-gap', `Send sequence number ${sent} follows where ${due} is due.`);
}

function readFrame(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  const format = formatOf(bytes[at]);
  if (facts.countsFields) facts.field('iec60870_104.type', HEX32[format]);
  if (format === Format.Unnumbered) {
    readUnnumbered(facts, bytes, at, end - at);
    return;
  }
  if (format === Format.Supervisory) {
    facts.message(IEC104, SUPERVISORY, Role.Notification);
    if (end - at !== CONTROL) violate(facts, 'iec104.apdu-length', `An S frame has length ${end - at}, it must be ${CONTROL}.`);
    if (bytes[at] !== 1 || bytes[at + 1] !== 0)
      violate(facts, 'iec104.control-field', 'The first two control octets of an S frame must be 1 and 0.');
  } else readInformation(facts, bytes, at, end);
  if ((bytes[at + 2] & 1) !== 0) violate(facts, 'iec104.control-field', 'The lowest bit of the third control octet must be 0.');
  else if (format === Format.Information) checkNumber(facts, bytes, at);
}

/** Types below it are values of the controlled station. */
const FIRST_COMMAND = 45;

/** U frames, monitored values and the cause of a command tell. */
function speaker(bytes: Uint8Array, start: number, end: number): Speaker {
  const at = start + APCI_HEADER;
  if (end - at < CONTROL) return Speaker.Unknown;
  const format = formatOf(bytes[at]);
  // Both sides test the connection.
  if (format === Format.Unnumbered && bytes[at] >> 2 < 0x10) return confirms(bytes[at] >> 2) ? Speaker.Server : Speaker.Client;
  if (format !== Format.Information || end - at < CONTROL + ASDU_HEADER) return Speaker.Unknown;
  const { type, cause } = readAsdu(bytes, at + CONTROL, end, asdu);
  if (type < FIRST_COMMAND) return Speaker.Server;
  if (!isCommand(type)) return Speaker.Unknown;
  return cause === Cause.Activation || cause === Cause.Deactivation ? Speaker.Client : Speaker.Server;
}

export const iec104: Dissector = {
  protocol: PROTOCOLS.iec104,
  reports: [PROTOCOLS.iec104],
  tcpPorts: [2404],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: APCI_HEADER + 255,

  identify: (bytes, start, end, stream) => (stream ? identify(bytes, start, end) : Confidence.No),
  speaker,

  stream(facts, bytes, start, end) {
    if (start >= end) return start;
    if (bytes[start] !== START) {
      facts.message(IEC104, 0, Role.Notification);
      violate(facts, 'iec104.start-byte', `A frame begins with 0x${bytes[start].toString(16).padStart(2, '0')} instead of 0x68.`);
      return -1;
    }
    if (end - start < APCI_HEADER) return start;
    const length = bytes[start + 1];
    const next = start + APCI_HEADER + length;
    if (length < CONTROL) {
      facts.message(IEC104, 0, Role.Notification);
      violate(facts, 'iec104.apdu-length', `APDU length ${length}, but the control field alone has ${CONTROL} bytes.`);
      return -1;
    }
    if (next > end) return start;
    readFrame(facts, bytes, start + APCI_HEADER, next);
    if (length > LONGEST) violate(facts, 'iec104.apdu-length', `APDU length ${length}, the longest allowed is ${LONGEST}.`);
    return next;
  },

  gap(facts) {
    if (facts.state instanceof SequenceNumbers) facts.state.forget();
  },

  operationName: (_protocol, code) => operationName(code),

  aspects: {
    [Aspect.Iec104Asdu]: (a, b) => ({ commonAddress: a, type: b, name: typeName(b) }),
  },
};
