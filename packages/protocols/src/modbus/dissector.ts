/**
 * Modbus/TCP and Modbus over UDP. Requests and responses are told apart by direction: who opened the connection asks,
 * but port 502 is always the server's (a device that sends answers out of its own connection is still no client).
 *
 * Hot code: a well-formed read or write allocates nothing; the texts of violations and failures are made when they occur.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Dissector } from '../dissector.ts';
import { type ActionFact, Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { requestDetails, responseDetails } from './details.ts';
import { tellDeviceIdentification, tellServerId } from './identity.ts';
import {
  DIAGNOSTIC_NAMES,
  exceptionName,
  functionName,
  isPublic,
  isReserved,
  isUserDefined,
  type ModbusViolation,
  Table,
  TABLE_NAMES,
  UNREADABLE,
  VIOLATIONS,
} from './names.ts';
import {
  FAULT_NAMES,
  Fault,
  fits,
  HEADER,
  identifyModbus,
  LONGEST_LENGTH,
  LONGEST_SENSIBLE_LENGTH,
  requestFault,
  responseFault,
  SHORTEST,
  speakerOf,
} from './parse.ts';
import { Match, Transactions } from './transactions.ts';
import { isUmas, readUmasRequest, readUmasResponse } from './umas.ts';
import { umasName } from './umas-names.ts';

const MODBUS = PROTOCOLS.modbus.index;
const UMAS = PROTOCOLS.umas.index;
const PORT = 502;

function violate(facts: Facts, name: ModbusViolation, text: string): void {
  facts.tell({ is: 'violation', protocol: MODBUS, name, malformed: VIOLATIONS[name].malformed, text });
}

function flowOf(facts: Facts): Transactions {
  if (facts.state instanceof Transactions) return facts.state;
  const flow = new Transactions();
  facts.state = flow;
  return flow;
}

/** A header that cannot be followed. */
function unreadable(facts: Facts, name: ModbusViolation, text: string): void {
  facts.message(MODBUS, UNREADABLE, Role.Notification);
  violate(facts, name, text);
}

function fromClient(facts: Facts): boolean {
  const { sourcePort, destinationPort } = facts;
  if (sourcePort === PORT || destinationPort === PORT) return destinationPort === PORT && (sourcePort !== PORT || facts.toServer);
  return facts.toServer;
}

/** Reads the message in `bytes[start, end)`, header included, of which at least unit and function code are there. */
function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number, datagram: boolean): void {
  const unit = bytes[start + 6];
  const at = start + 7;
  const code = bytes[at];
  const identifier = u16(bytes, start + 2);
  if (facts.countsFields && identifier === 0) countFields(facts, unit, bytes, at, end);
  const flow = flowOf(facts);
  if (fromClient(facts)) readRequest(facts, flow, u16(bytes, start), unit, bytes, at, end);
  else readResponse(facts, flow, u16(bytes, start), unit, bytes, at, end, datagram);
  if (identifier !== 0) violate(facts, 'modbus.protocol-id', `Protocol identifier ${identifier} instead of 0.`);
  if (end - start > HEADER + LONGEST_LENGTH && code !== 90)
    violate(facts, 'modbus.length-too-long', `Length field ${end - start - HEADER}, but the longest message has ${LONGEST_LENGTH}.`);
}

/** As tshark lists them: the function code without its exception bit, and what stands behind it. */
function countFields(facts: Facts, unit: number, bytes: Uint8Array, at: number, end: number): void {
  const code = bytes[at] & 0x7f;
  const size = end - at - 1;
  facts.field('mbtcp.unit_id', unit);
  facts.field('modbus.func_code', code);
  if (bytes[at] & 0x80) {
    if (size >= 1) facts.field('modbus.exception_code', bytes[at + 1]);
  } else if (code === 8 && size >= 2) facts.field('modbus.diagnostic_code', u16(bytes, at + 1));
  else if (code === 43 && size >= 1) facts.field('modbus.mei', bytes[at + 1]);
  else if (code === 90 && size >= 2) facts.field('x.umas.fc', `0x${bytes[at + 2].toString(16).padStart(2, '0')}`);
}

function readRequest(
  facts: Facts,
  flow: Transactions,
  transaction: number,
  unit: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const code = bytes[at];
  if (code & 0x80) {
    facts.message(MODBUS, code & 0x7f, Role.Request);
    violate(facts, 'modbus.exception-in-request', `Function code ${code} of a request has the exception bit.`);
    return;
  }
  const umas = code === 90 && isUmas(bytes, at, end);
  if (umas) readUmasRequest(facts, flow, unit, bytes, at);
  else facts.message(MODBUS, code, Role.Request);
  if (facts.wantsDetails) facts.detail(Detail.ModbusUnit, unit);
  facts.use(Aspect.ModbusFunction, (unit << 8) | code, 0);
  judgeFunction(facts, code, umas);
  const fault = requestFault(bytes, at, end);
  if (fault !== Fault.None) tellFault(facts, fault, bytes, at, end);
  flow.request(transaction, code, fault === Fault.None ? detailOf(bytes, at, umas) : umas ? bytes[at + 2] : 0);
  if (fault !== Fault.None && fault !== Fault.CoilValue) return;
  useAddresses(facts, unit, bytes, at);
  if (facts.wantsDetails) requestDetails(facts, bytes, at, end);
  tellRequested(facts, unit, bytes, at);
}

/** What the answer of a request is checked against, or 0: bytes of data for reads, the subfunction for others. */
function detailOf(bytes: Uint8Array, at: number, umas: boolean): number {
  switch (bytes[at]) {
    case 1:
    case 2:
      return (u16(bytes, at + 3) + 7) >> 3;
    case 3:
    case 4:
    case 23:
      return 2 * u16(bytes, at + 3);
    case 8:
      return u16(bytes, at + 1);
    case 90:
      return umas ? bytes[at + 2] : 0;
    default:
      return 0;
  }
}

function judgeFunction(facts: Facts, code: number, umas: boolean): void {
  if (isPublic(code) || umas || isUserDefined(code)) return;
  if (code === 0) violate(facts, 'modbus.function-zero', 'Function code 0 is not allowed.');
  else if (isReserved(code)) violate(facts, 'modbus.reserved-function', `Function code ${code} is reserved.`);
  else violate(facts, 'modbus.unassigned-function', `Function code ${code} is not assigned.`);
}

function useAddresses(facts: Facts, unit: number, bytes: Uint8Array, at: number): void {
  const key = unit << 8;
  const body = at + 1;
  switch (bytes[at]) {
    case 1:
    case 15:
      facts.useRange(Aspect.ModbusAddress, key | Table.Coils, u16(bytes, body), u16(bytes, body + 2));
      return;
    case 2:
      facts.useRange(Aspect.ModbusAddress, key | Table.DiscreteInputs, u16(bytes, body), u16(bytes, body + 2));
      return;
    case 3:
    case 16:
      facts.useRange(Aspect.ModbusAddress, key | Table.HoldingRegisters, u16(bytes, body), u16(bytes, body + 2));
      return;
    case 4:
      facts.useRange(Aspect.ModbusAddress, key | Table.InputRegisters, u16(bytes, body), u16(bytes, body + 2));
      return;
    case 5:
      facts.useRange(Aspect.ModbusAddress, key | Table.Coils, u16(bytes, body), 1);
      return;
    case 6:
    case 22:
      facts.useRange(Aspect.ModbusAddress, key | Table.HoldingRegisters, u16(bytes, body), 1);
      return;
    case 23:
      facts.useRange(Aspect.ModbusAddress, key | Table.HoldingRegisters, u16(bytes, body), u16(bytes, body + 2));
      facts.useRange(Aspect.ModbusAddress, key | Table.HoldingRegisters, u16(bytes, body + 4), u16(bytes, body + 6));
      return;
    default:
  }
}

/** The action of a function, for the few that have one; `detail` is the diagnostic subfunction. */
function actionOf(code: number, detail: number): ActionFact['action'] | undefined {
  switch (code) {
    case 8:
      return detail === 1 ? 'controller.reset' : detail === 4 ? 'controller.mode' : undefined;
    case 17:
      return 'identity.request';
    case 20:
      return 'file.read';
    case 21:
      return 'file.write';
    case 43:
      return 'identity.request';
    default:
      return undefined;
  }
}

function tellAction(facts: Facts, code: number, detail: number, unit: number, phase: ActionFact['phase']): void {
  const action = actionOf(code, detail);
  if (action === undefined) return;
  const name = code === 8 ? DIAGNOSTIC_NAMES[detail] : functionName(code);
  facts.tell({
    is: 'action',
    protocol: MODBUS,
    action,
    phase,
    text: code === 8 ? `${name} (function 8, subfunction ${detail})` : `${name} (function ${code})`,
    parameters: action === 'controller.mode' ? { unit, functionCode: code, mode: 'listen only' } : { unit, functionCode: code },
  });
}

function tellRequested(facts: Facts, unit: number, bytes: Uint8Array, at: number): void {
  const code = bytes[at];
  if (code === 43 && bytes[at + 1] !== 14) return;
  tellAction(facts, code, code === 8 ? u16(bytes, at + 1) : 0, unit, 'requested');
}

function readResponse(
  facts: Facts,
  flow: Transactions,
  transaction: number,
  unit: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  datagram: boolean,
): void {
  const raw = bytes[at];
  const code = raw & 0x7f;
  const { sure } = flow;
  const match = flow.answer(transaction, code);
  const matched = match === Match.One || match === Match.Several;
  const asked = matched ? flow.detail : 0;
  if (raw === 90 && end - at >= 3) readUmasResponse(facts, asked, unit, bytes, at, end);
  else facts.message(MODBUS, code, Role.Response);
  if (facts.wantsDetails) facts.detail(Detail.ModbusUnit, unit);
  if (match === Match.OtherFunction) {
    violate(facts, 'modbus.function-mismatch', `The answer to function ${flow.detail} has function ${code}.`);
  } else if (match === Match.None && sure && !datagram)
    violate(facts, 'modbus.response-without-request', `An answer to transaction ${transaction}, function ${code}, that nobody asked for.`);
  if (!matched && (raw & 0x80) === 0) judgeFunction(facts, raw, raw === 90 && end - at >= 3);
  const fault = responseFault(bytes, at, end);
  if (fault !== Fault.None) tellFault(facts, fault, bytes, at, end);
  if (raw & 0x80) {
    if (end - at >= 2) tellException(facts, code, bytes[at + 1], unit, asked);
    return;
  }
  if (fault !== Fault.None) return;
  if (facts.wantsDetails) responseDetails(facts, bytes, at, end);
  if (match === Match.One) judgeAnswerSize(facts, code, asked, bytes, at);
  if (code === 43) tellDeviceIdentification(facts, bytes, at, end);
  else if (code === 17) tellServerId(facts, bytes, at, end);
  else if (matched) tellAction(facts, code, asked, unit, 'accepted');
}

/** The answer of a read carries as much as was asked for. */
function judgeAnswerSize(facts: Facts, code: number, asked: number, bytes: Uint8Array, at: number): void {
  if (asked === 0 || !((code >= 1 && code <= 4) || code === 23) || bytes[at + 1] === asked) return;
  violate(facts, 'modbus.byte-count', `${functionName(code)} answered with ${bytes[at + 1]} bytes where ${asked} were asked for.`);
}

function tellException(facts: Facts, code: number, exception: number, unit: number, asked: number): void {
  facts.use(Aspect.ModbusException, (code << 8) | exception, 0);
  const name = code === 90 && asked !== 0 ? umasName(asked) : functionName(code);
  facts.tell({
    is: 'failure',
    protocol: MODBUS,
    name: 'modbus.exception',
    code: exception,
    operation: code,
    text: `${name} (function ${code}) answered with exception ${exception}, ${exceptionName(exception)}`,
    parameters: { unit, functionCode: code, exceptionCode: exception },
  });
  tellAction(facts, code, asked, unit, 'refused');
}

function tellFault(facts: Facts, fault: Fault, bytes: Uint8Array, at: number, end: number): void {
  const name = FAULT_NAMES[fault];
  if (name === undefined || (VIOLATIONS[name].malformed && !facts.complete)) return;
  violate(
    facts,
    name,
    `${functionName(bytes[at] & 0x7f)} (function ${bytes[at]}) with ${end - at - 1} bytes after the function code: ${FAULT_TEXTS[fault]}.`,
  );
}

const FAULT_TEXTS: readonly string[] = [
  '',
  'the function takes another number of bytes',
  'the byte count disagrees',
  'the quantity is 0 or above the limit',
  'the range goes past address 65535',
  'a coil is set by 0x0000 or 0xFF00 only',
  'the subfunction is reserved',
  'the type is neither 13 nor 14',
  'the access code is not 1 to 4',
  'an object runs past the message',
  'a group has a wrong reference type or length',
  'a FIFO answer has 31 registers at most',
  'the exception code is not assigned',
];

export const modbus: Dissector = {
  protocol: PROTOCOLS.modbus,
  reports: [PROTOCOLS.modbus, PROTOCOLS.umas],
  tcpPorts: [PORT],
  udpPorts: [PORT],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: HEADER + LONGEST_SENSIBLE_LENGTH,

  identify: identifyModbus,
  speaker: speakerOf,

  stream(facts, bytes, start, end) {
    if (end - start < SHORTEST) return start;
    const length = u16(bytes, start + 4);
    if (length < 2) {
      unreadable(facts, 'modbus.length', `Length field ${length}, but unit identifier and function code take 2.`);
      return -1;
    }
    if (length > LONGEST_SENSIBLE_LENGTH) {
      unreadable(facts, 'modbus.length-too-long', `Length field ${length}, but the longest message has ${LONGEST_LENGTH}.`);
      return -1;
    }
    const next = start + HEADER + length;
    const identifier = u16(bytes, start + 2);
    if (identifier !== 0 && (next > end || !fits(bytes, start + 7, next))) {
      unreadable(facts, 'modbus.protocol-id', `Protocol identifier ${identifier} instead of 0.`);
      return -1;
    }
    if (next > end) return start;
    readMessage(facts, bytes, start, next, false);
    return next;
  },

  datagram(facts, bytes, start, end) {
    if (end - start < SHORTEST) {
      facts.message(MODBUS, UNREADABLE, Role.Notification);
      if (facts.complete) violate(facts, 'modbus.length', `A datagram of ${end - start} bytes, but the shortest message has ${SHORTEST}.`);
      return;
    }
    const length = u16(bytes, start + 4);
    readMessage(facts, bytes, start, length >= 2 && start + HEADER + length < end ? start + HEADER + length : end, true);
    if (facts.complete && length !== end - start - HEADER)
      violate(facts, 'modbus.length-mismatch', `Length field ${length}, but ${end - start - HEADER} bytes follow it in the datagram.`);
  },

  gap(facts) {
    if (facts.state instanceof Transactions) facts.state.gap();
  },

  operationName: (protocol, code) => (protocol === UMAS ? umasName(code) : functionName(code)),

  aspects: {
    [Aspect.ModbusFunction]: (a) => ({ unit: a >> 8, functionCode: a & 0xff, function: functionName(a & 0xff) }),
    [Aspect.ModbusAddress]: (a) => ({ unit: a >> 8, table: TABLE_NAMES[a & 3] }),
    [Aspect.ModbusException]: (a) => ({
      functionCode: a >> 8,
      function: functionName(a >> 8),
      exceptionCode: a & 0xff,
      exception: exceptionName(a & 0xff),
    }),
    [Aspect.UmasFunction]: (a) => ({ function: `0x${a.toString(16).padStart(2, '0')}`, name: umasName(a) }),
  },
};
