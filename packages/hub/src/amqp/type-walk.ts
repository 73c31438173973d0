/**
 * Walks over encoded AMQP values without building anything (AMQP 1.0, part 1: types). The library that decodes them trusts
 * counts and nesting; what passes here cannot make it allocate or loop beyond the bytes it was given.
 */
import { AmqpViolation } from './violation.ts';

const MAX_DEPTH = 24;
/** Elements of an array whose elements have no bytes of their own. */
const MAX_EMPTY_ELEMENTS = 256;

const DESCRIBED = 0x00;

/** Offset behind the value at `at`. @throws AmqpViolation when it is malformed or reaches beyond `end` */
export function skipValue(bytes: Buffer, at: number, end: number, depth = 0): number {
  if (depth > MAX_DEPTH) throw new AmqpViolation(`values nested deeper than ${MAX_DEPTH}`);
  const code = octet(bytes, at, end);
  if (code === DESCRIBED) {
    const descriptorEnd = skipValue(bytes, at + 1, end, depth + 1);
    return skipValue(bytes, descriptorEnd, end, depth + 1);
  }
  return skipContent(bytes, at + 1, end, code, depth);
}

/** Offset behind the content of a value whose constructor has been read. */
function skipContent(bytes: Buffer, at: number, end: number, code: number, depth: number): number {
  switch (code >> 4) {
    case 0x4:
      return at;
    case 0x5:
      return within(at + 1, end);
    case 0x6:
      return within(at + 2, end);
    case 0x7:
      return within(at + 4, end);
    case 0x8:
      return within(at + 8, end);
    case 0x9:
      return within(at + 16, end);
    case 0xa:
      return within(at + 1 + octet(bytes, at, end), end);
    case 0xb:
      return within(at + 4 + word(bytes, at, end), end);
    case 0xc:
      return skipCompound(bytes, at, end, 1, depth);
    case 0xd:
      return skipCompound(bytes, at, end, 4, depth);
    case 0xe:
      return skipArray(bytes, at, end, 1, depth);
    case 0xf:
      return skipArray(bytes, at, end, 4, depth);
    default:
      throw new AmqpViolation(`type code 0x${code.toString(16)}`);
  }
}

function skipCompound(bytes: Buffer, at: number, end: number, width: 1 | 4, depth: number): number {
  const { contentAt, contentEnd, count } = sizeAndCount(bytes, at, end, width);
  if (count > contentEnd - contentAt) throw new AmqpViolation(`a list or map of ${count} values in ${contentEnd - contentAt} bytes`);
  let offset = contentAt;
  for (let value = 0; value < count; value++) offset = skipValue(bytes, offset, contentEnd, depth + 1);
  if (offset !== contentEnd) throw new AmqpViolation('a list or map with bytes left over');
  return contentEnd;
}

function skipArray(bytes: Buffer, at: number, end: number, width: 1 | 4, depth: number): number {
  const { contentAt, contentEnd, count } = sizeAndCount(bytes, at, end, width);
  let offset = contentAt;
  let code = octet(bytes, offset++, contentEnd);
  if (code === DESCRIBED) {
    offset = skipValue(bytes, offset, contentEnd, depth + 1);
    code = octet(bytes, offset++, contentEnd);
    if (code === DESCRIBED) throw new AmqpViolation('an array of twice described values');
  }
  const most = code >> 4 === 0x4 ? MAX_EMPTY_ELEMENTS : contentEnd - offset;
  if (count > most) throw new AmqpViolation(`an array of ${count} values in ${contentEnd - offset} bytes`);
  for (let value = 0; value < count; value++) offset = skipContent(bytes, offset, contentEnd, code, depth + 1);
  if (offset !== contentEnd) throw new AmqpViolation('an array with bytes left over');
  return contentEnd;
}

/** Head of a list, map or array: bytes of count and content, then the count. */
function sizeAndCount(bytes: Buffer, at: number, end: number, width: 1 | 4): { contentAt: number; contentEnd: number; count: number } {
  const read = width === 1 ? octet : word;
  const size = read(bytes, at, end);
  const contentEnd = within(at + width + size, end);
  if (size < width) throw new AmqpViolation('a list, map or array without a count');
  return { contentAt: at + 2 * width, contentEnd, count: read(bytes, at + width, contentEnd) };
}

function octet(bytes: Buffer, at: number, end: number): number {
  within(at + 1, end);
  return bytes[at];
}

function word(bytes: Buffer, at: number, end: number): number {
  within(at + 4, end);
  return bytes.readUInt32BE(at);
}

function within(offset: number, end: number): number {
  if (offset > end) throw new AmqpViolation('a value that reaches beyond its frame');
  return offset;
}

/** A described value, of which frames and outcomes are lists: its descriptor, and where its fields begin. */
export interface DescribedList {
  readonly descriptor: number;
  /** Sections of messages may be something else, and have no fields then. */
  readonly isList: boolean;
  readonly fieldsAt: number;
  readonly count: number;
}

/** Reads the head of a described value that has been walked over; undefined when its descriptor is no number. */
export function readDescribed(bytes: Buffer, at: number, end: number): DescribedList | undefined {
  if (bytes[at] !== DESCRIBED) return undefined;
  const descriptor = readNumber(bytes, at + 1);
  if (descriptor === undefined) return undefined;
  const valueAt = skipValue(bytes, at + 1, end);
  switch (bytes[valueAt]) {
    case 0xc0:
      return { descriptor, isList: true, fieldsAt: valueAt + 3, count: bytes[valueAt + 2] };
    case 0xd0:
      return { descriptor, isList: true, fieldsAt: valueAt + 9, count: bytes.readUInt32BE(valueAt + 5) };
    default:
      return { descriptor, isList: bytes[valueAt] === 0x45, fieldsAt: valueAt + 1, count: 0 };
  }
}

/** An unsigned number or a boolean (0 or 1); undefined for null and everything else. */
export function readNumber(bytes: Buffer, at: number): number | undefined {
  switch (bytes[at]) {
    case 0x43:
    case 0x44:
    case 0x42:
      return 0;
    case 0x41:
      return 1;
    case 0x50:
    case 0x52:
    case 0x53:
    case 0x56:
      return bytes[at + 1];
    case 0x60:
      return bytes.readUInt16BE(at + 1);
    case 0x70:
      return bytes.readUInt32BE(at + 1);
    case 0x80:
      return Number(bytes.readBigUInt64BE(at + 1));
    default:
      return undefined;
  }
}

/** Where the first `wanted` fields of a list begin; fewer when the list is shorter. */
export function fieldOffsets(bytes: Buffer, list: DescribedList, end: number, wanted: number): number[] {
  const offsets: number[] = [];
  let at = list.fieldsAt;
  for (let field = 0; field < Math.min(wanted, list.count); field++) {
    offsets.push(at);
    at = skipValue(bytes, at, end);
  }
  return offsets;
}
