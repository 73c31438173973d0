/** Variables of Read Var and Write Var, each with the number that is written, for custom rules. */
import { f32, i16, i32, u16, u32 } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import { dataItemLength, newItem, readItem, Syntax } from './items.ts';
import { Area } from './names.ts';

/** Bytes of an area in an item of the syntax DbRead. */
const AREA_BYTES = 5;
const item = newItem();
/** Transport sizes of values (`s7comm.data.transportsize`). */
const Size = { Bit: 3, Bytes: 4, Integer: 5, Real: 7 } as const;

/** @param parameters where the addresses begin; @param data where the values do, `end` when none are written */
export function variableDetails(facts: Facts, bytes: Uint8Array, parameters: number, data: number, end: number, count: number): void {
  let at = parameters;
  let value = data;
  for (let index = 0; index < count; index++) {
    readItem(bytes, at, data, item);
    if (item.next < 0) return;
    stateItem(facts, bytes, at);
    at = item.next + (index + 1 < count ? (item.next - at) & 1 : 0);
    const length = value < end ? dataItemLength(bytes, value, end) : -1;
    if (length < 0 || value + length > end) continue;
    const number = numberAt(bytes, bytes[value + 1], value + 4, length - 4);
    if (Number.isFinite(number)) facts.detail(Detail.S7Value, number);
    value += length + (length & 1);
  }
}

function stateItem(facts: Facts, bytes: Uint8Array, at: number): void {
  if (item.syntax === Syntax.DbRead) {
    // Each area has a length, a data block and an address.
    for (let area = at + 4; area + AREA_BYTES <= item.next; area += AREA_BYTES) {
      facts.detail(Detail.S7Area, Area.DataBlock);
      facts.detail(Detail.S7Block, u16(bytes, area + 1));
      facts.detail(Detail.S7Offset, u16(bytes, area + 3));
      facts.detail(Detail.S7Count, bytes[area]);
    }
    return;
  }
  if (item.area >= 0) facts.detail(Detail.S7Area, item.area);
  if (item.db > 0) facts.detail(Detail.S7Block, item.db);
  if (item.count === 0) return;
  facts.detail(Detail.S7Offset, item.address >> 3);
  facts.detail(Detail.S7Count, item.count);
}

function numberAt(bytes: Uint8Array, size: number, at: number, length: number): number {
  if (size === Size.Bit && length === 1) return bytes[at] & 1;
  if (size === Size.Real && length === 4) return f32(bytes, at);
  if (size !== Size.Bytes && size !== Size.Integer) return Number.NaN;
  const signed = size === Size.Integer;
  if (length === 1) return signed ? (bytes[at] << 24) >> 24 : bytes[at];
  if (length === 2) return signed ? i16(bytes, at) : u16(bytes, at);
  return length === 4 ? (signed ? i32(bytes, at) : u32(bytes, at)) : Number.NaN;
}
