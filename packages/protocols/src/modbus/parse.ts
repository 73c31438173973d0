/**
 * Modbus/TCP from bytes: the MBAP header (Messaging on TCP/IP V1.0b, 3.1.3) and whether a body fits its function
 * (Application Protocol V1.1b3, clause 6). Hot code: numbers in, numbers out, no allocation.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Confidence, Speaker } from '../dissector.ts';
import { DIAGNOSTIC_NAMES, EXCEPTION_NAMES, isPublic, Mei, type ModbusViolation } from './names.ts';
import { Umas, UMAS_NAMES } from './umas-names.ts';

/** Transaction, protocol, length; the unit identifier and the function code follow and belong to the length. */
export const HEADER = 6;
/** Header, unit identifier, function code. */
export const SHORTEST = 8;
/** Largest length field: unit identifier and a PDU of 253 bytes. */
export const LONGEST_LENGTH = 254;
/** UMAS agrees on longer messages; nothing real goes beyond this. */
export const LONGEST_SENSIBLE_LENGTH = 2048;

/** What a body check says. 0 is none; the others are violations, in the order of `FAULT_NAMES`. */
export const Fault = {
  None: 0,
  Length: 1,
  ByteCount: 2,
  Quantity: 3,
  AddressRange: 4,
  CoilValue: 5,
  DiagnosticCode: 6,
  MeiType: 7,
  ReadCode: 8,
  ObjectLength: 9,
  FileRecord: 10,
  FifoCount: 11,
  ExceptionCode: 12,
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

export const FAULT_NAMES: readonly (ModbusViolation | undefined)[] = [
  undefined,
  'modbus.length-mismatch',
  'modbus.byte-count',
  'modbus.quantity',
  'modbus.address-range',
  'modbus.coil-value',
  'modbus.diagnostic-code',
  'modbus.mei-type',
  'modbus.read-device-id-code',
  'modbus.object-length',
  'modbus.file-record',
  'modbus.fifo-count',
  'modbus.exception-code',
];

/** Highest quantity of a function's request (clauses 6.1 to 6.17); 0 for functions without one. */
function quantityLimit(code: number): number {
  switch (code) {
    case 1:
    case 2:
      return 2000;
    case 3:
    case 4:
    case 23:
      return 125;
    case 15:
      return 1968;
    case 16:
      return 123;
    default:
      return 0;
  }
}

function range(first: number, quantity: number, limit: number): Fault {
  if (quantity === 0 || quantity > limit) return Fault.Quantity;
  return first + quantity > 65536 ? Fault.AddressRange : Fault.None;
}

/** Groups of Read and Write File Record requests, and of the write's response. Every step consumes at least 7 bytes. */
function fileGroups(bytes: Uint8Array, at: number, end: number, write: boolean): Fault {
  while (at < end) {
    if (end - at < 7 || bytes[at] !== 6) return Fault.FileRecord;
    at += 7 + (write ? 2 * u16(bytes, at + 5) : 0);
  }
  return at === end ? Fault.None : Fault.FileRecord;
}

/** Judges a request's body. `at` is the offset of the function code, `end` the end of the PDU. */
export function requestFault(bytes: Uint8Array, at: number, end: number): Fault {
  const code = bytes[at];
  const size = end - at - 1;
  const body = at + 1;
  switch (code) {
    case 1:
    case 2:
    case 3:
    case 4:
      return size === 4 ? range(u16(bytes, body), u16(bytes, body + 2), quantityLimit(code)) : Fault.Length;
    case 5: {
      if (size !== 4) return Fault.Length;
      const value = u16(bytes, body + 2);
      return value === 0 || value === 0xff00 ? Fault.None : Fault.CoilValue;
    }
    case 6:
      return size === 4 ? Fault.None : Fault.Length;
    case 7:
    case 11:
    case 12:
    case 17:
      return size === 0 ? Fault.None : Fault.Length;
    case 8:
      return diagnosticFault(bytes, body, size);
    case 15:
    case 16: {
      if (size < 5) return Fault.Length;
      const quantity = u16(bytes, body + 2);
      const fault = range(u16(bytes, body), quantity, quantityLimit(code));
      if (fault !== Fault.None) return fault;
      const wanted = code === 15 ? (quantity + 7) >> 3 : 2 * quantity;
      if (bytes[body + 4] !== wanted) return Fault.ByteCount;
      return size === 5 + wanted ? Fault.None : Fault.Length;
    }
    case 20:
    case 21: {
      if (size < 1) return Fault.Length;
      if (bytes[body] !== size - 1 || size < 8) return Fault.ByteCount;
      return fileGroups(bytes, body + 1, end, code === 21);
    }
    case 22:
      return size === 6 ? Fault.None : Fault.Length;
    case 23: {
      if (size < 9) return Fault.Length;
      const written = u16(bytes, body + 6);
      const fault = range(u16(bytes, body), u16(bytes, body + 2), 125) || range(u16(bytes, body + 4), written, 121);
      if (fault !== Fault.None) return fault;
      if (bytes[body + 8] !== 2 * written) return Fault.ByteCount;
      return size === 9 + 2 * written ? Fault.None : Fault.Length;
    }
    case 24:
      return size === 2 ? Fault.None : Fault.Length;
    case 43: {
      if (size < 1) return Fault.Length;
      if (bytes[body] === Mei.CanOpen) return Fault.None;
      if (bytes[body] !== Mei.DeviceIdentification) return Fault.MeiType;
      if (size !== 3) return Fault.Length;
      return bytes[body + 1] >= 1 && bytes[body + 1] <= 4 ? Fault.None : Fault.ReadCode;
    }
    default:
      return Fault.None;
  }
}

function diagnosticFault(bytes: Uint8Array, body: number, size: number): Fault {
  if (size < 2) return Fault.Length;
  const subfunction = u16(bytes, body);
  if (DIAGNOSTIC_NAMES[subfunction] === undefined) return Fault.DiagnosticCode;
  if (subfunction === 0) return size >= 4 && (size & 1) === 0 ? Fault.None : Fault.Length;
  return size === 4 ? Fault.None : Fault.Length;
}

/** Judges a response's body, exceptions included. */
export function responseFault(bytes: Uint8Array, at: number, end: number): Fault {
  const code = bytes[at];
  const size = end - at - 1;
  const body = at + 1;
  if (code & 0x80) {
    if (size < 1) return Fault.Length;
    if (EXCEPTION_NAMES[bytes[body]] === undefined) return Fault.ExceptionCode;
    return size === 1 ? Fault.None : Fault.Length;
  }
  switch (code) {
    case 1:
    case 2:
      if (size < 1) return Fault.Length;
      return bytes[body] === size - 1 && size > 1 ? Fault.None : Fault.ByteCount;
    case 3:
    case 4:
    case 23:
      if (size < 1) return Fault.Length;
      return bytes[body] === size - 1 && size > 1 && (size & 1) === 1 ? Fault.None : Fault.ByteCount;
    case 5:
    case 6:
    case 22:
      return requestFault(bytes, at, end);
    case 7:
      return size === 1 ? Fault.None : Fault.Length;
    case 8:
      return diagnosticFault(bytes, body, size);
    case 11:
      return size === 4 ? Fault.None : Fault.Length;
    case 12:
      if (size < 1) return Fault.Length;
      return bytes[body] === size - 1 && size >= 7 ? Fault.None : Fault.ByteCount;
    case 15:
    case 16:
      return size === 4 ? range(u16(bytes, body), u16(bytes, body + 2), quantityLimit(code)) : Fault.Length;
    case 17:
      if (size < 1) return Fault.Length;
      return bytes[body] === size - 1 ? Fault.None : Fault.ByteCount;
    case 20:
      if (size < 1) return Fault.Length;
      return bytes[body] === size - 1 ? readFileAnswer(bytes, body + 1, end) : Fault.ByteCount;
    case 21:
      return requestFault(bytes, at, end);
    case 24: {
      if (size < 4) return Fault.Length;
      if (u16(bytes, body) !== size - 2) return Fault.ByteCount;
      const count = u16(bytes, body + 2);
      if (count > 31) return Fault.FifoCount;
      return size === 4 + 2 * count ? Fault.None : Fault.ByteCount;
    }
    case 43:
      if (size < 1) return Fault.Length;
      if (bytes[body] === Mei.CanOpen) return Fault.None;
      if (bytes[body] !== Mei.DeviceIdentification) return Fault.MeiType;
      return size < 6 ? Fault.Length : objectsFault(bytes, body + 6, end, bytes[body + 5]);
    default:
      return Fault.None;
  }
}

function readFileAnswer(bytes: Uint8Array, at: number, end: number): Fault {
  while (at < end) {
    const size = bytes[at];
    if (size < 1 || at + 1 + size > end || bytes[at + 1] !== 6) return Fault.FileRecord;
    at += 1 + size;
  }
  return Fault.None;
}

function objectsFault(bytes: Uint8Array, at: number, end: number, count: number): Fault {
  for (; count > 0; count--) {
    if (at + 2 > end || at + 2 + bytes[at + 1] > end) return Fault.ObjectLength;
    at += 2 + bytes[at + 1];
  }
  return at === end ? Fault.None : Fault.Length;
}

/** Whether a PDU is a well-formed request or response of a known function. */
export function fits(bytes: Uint8Array, at: number, end: number): boolean {
  const code = bytes[at];
  if (code === 90) return end - at >= 3 && UMAS_NAMES[bytes[at + 2]] !== undefined;
  if (code & 0x80) return (isPublic(code & 0x7f) || code === 0xda) && responseFault(bytes, at, end) === Fault.None;
  return isPublic(code) && (requestFault(bytes, at, end) === Fault.None || responseFault(bytes, at, end) === Fault.None);
}

/**
 * Judges the first bytes of a stream or a datagram. Certain: protocol identifier 0, the length fields divide the bytes
 * into whole messages (the last of a stream may be unfinished), and the first body fits its function: less than one in
 * 10^9 random segments. Possible: a header that could be one.
 */
export function identifyModbus(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  const size = end - start;
  if (size < SHORTEST) {
    if (!stream || size < 1) return size < 1 ? Confidence.More : Confidence.No;
    return (size < 3 || bytes[start + 2] === 0) && (size < 4 || bytes[start + 3] === 0) && (size < 5 || bytes[start + 4] < 8)
      ? Confidence.More
      : Confidence.No;
  }
  const length = u16(bytes, start + 4);
  const next = start + HEADER + length;
  if (length < 2 || length > LONGEST_SENSIBLE_LENGTH) return Confidence.No;
  const known = next <= end && fits(bytes, start + 7, next);
  if (u16(bytes, start + 2) !== 0) return known && next === end ? Confidence.Possible : Confidence.No;
  // Of a datagram the length or the function must fit: two zero bytes are in many others.
  if (!stream) return next !== end ? (known ? Confidence.Possible : Confidence.No) : known ? Confidence.Certain : Confidence.Possible;
  if (next > end) return length <= 64 - HEADER ? Confidence.More : Confidence.Possible;
  return known && continues(bytes, next, end) ? Confidence.Certain : Confidence.Possible;
}

/** Which side sends a message: told when its body fits the function as a request alone, or as a response alone. */
export function speakerOf(bytes: Uint8Array, start: number, end: number): Speaker {
  const next = end - start < SHORTEST ? end + 1 : start + HEADER + u16(bytes, start + 4);
  if (next > end) return Speaker.Unknown;
  if (bytes[start + 7] === 90) {
    const answers = next > start + 9 && (bytes[start + 9] === Umas.Done || bytes[start + 9] === Umas.Refused);
    return answers ? Speaker.Server : Speaker.Client;
  }
  const asks = requestFault(bytes, start + 7, next) === Fault.None;
  const answers = responseFault(bytes, start + 7, next) === Fault.None;
  if (asks === answers) return Speaker.Unknown;
  return asks ? Speaker.Client : Speaker.Server;
}

/** Whether the bytes after a message are whole messages and perhaps the beginning of one. Each step consumes 8 bytes or more. */
function continues(bytes: Uint8Array, at: number, end: number): boolean {
  while (at < end) {
    if (end - at < SHORTEST) return end - at < 4 || u16(bytes, at + 2) === 0;
    const length = u16(bytes, at + 4);
    if (u16(bytes, at + 2) !== 0 || length < 2 || length > LONGEST_SENSIBLE_LENGTH) return false;
    at += HEADER + length;
  }
  return true;
}
