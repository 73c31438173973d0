/**
 * Items of Read Var and Write Var: the addresses in the parameters and the values in the data. Hot code: a walk over
 * bytes, numbers out of one reused object.
 */
import { u16, u24 } from '@annunciator/packet/bytes';

/** Syntax of an item's address (`s7comm.param.item.syntaxid`). */
export const Syntax = {
  S7Any: 0x10,
  ParameterId: 0x13,
  ShortId: 0x15,
  Nck: 0x82,
  NckMetric: 0x83,
  NckInch: 0x84,
  DriveEsAny: 0xa2,
  DbRead: 0xb0,
  Symbolic1200: 0xb2,
} as const;

export interface Item {
  syntax: number;
  /** Memory area, or -1 when the syntax names none. */
  area: number;
  /** Data block; 0 when none. */
  db: number;
  /** Number of elements, and the address in bits; 0 when the syntax has neither. */
  count: number;
  address: number;
  /** Byte after the item, or -1 when it does not fit. */
  next: number;
}

export const newItem = (): Item => ({ syntax: 0, area: -1, db: 0, count: 0, address: 0, next: 0 });

/** Areas of a symbolic address of an S7-1200: a data block follows 0x8a0e, anything else 0x0000. */
const SYMBOLIC_DB = 0x8a0e;

/** Reads the item at `at` (variable specification 0x12, length, syntax, address). */
export function readItem(bytes: Uint8Array, at: number, end: number, into: Item): Item {
  into.area = -1;
  into.db = 0;
  into.count = 0;
  into.address = 0;
  into.next = -1;
  if (at + 3 > end || bytes[at] !== 0x12) return into;
  const length = bytes[at + 1];
  const next = at + 2 + length;
  if (length === 0 || next > end) return into;
  into.syntax = bytes[at + 2];
  into.next = next;
  if (into.syntax === Syntax.S7Any && length === 10) {
    into.count = u16(bytes, at + 4);
    into.db = u16(bytes, at + 6);
    into.area = bytes[at + 8];
    into.address = u24(bytes, at + 9);
  } else if (into.syntax === Syntax.DbRead && length >= 7) {
    // number of areas, then length, data block and address of each
    into.count = bytes[at + 3];
    into.db = u16(bytes, at + 5);
    into.address = u16(bytes, at + 7) * 8;
  } else if (into.syntax === Syntax.Symbolic1200 && length >= 8) {
    into.db = u16(bytes, at + 4) === SYMBOLIC_DB ? u16(bytes, at + 6) : 0;
  }
  return into;
}

/** Areas of a DbRead item: `count` entries of length (1), data block (2) and address (2) from `at + 4`. */
export function dbOfArea(bytes: Uint8Array, item: number, index: number, next: number): number {
  const at = item + 4 + 5 * index;
  return at + 5 <= next ? u16(bytes, at + 1) : 0;
}

/** Transport sizes whose length counts bits: BIT 3, BYTE/WORD 4, INT 5. The others count bytes. */
const countsBits = (size: number): boolean => size >= 3 && size <= 5;

/** Bytes of the data item at `at` without the fill byte, or -1 when its header does not fit. */
export function dataItemLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 > end) return -1;
  const length = u16(bytes, at + 2);
  return 4 + (countsBits(bytes[at + 1]) ? (length + 7) >> 3 : length);
}
