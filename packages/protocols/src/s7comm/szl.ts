/**
 * System status lists (SZL): what a controller tells about itself. Module identification 0xXY11, component
 * identification 0xXY1C, operating status 0xXY24 and protection 0xXY32 index 4, as the manual "System Software for
 * S7-300/400, System and Standard Functions" lists them.
 */
import { text, u16 } from '@annunciator/packet/bytes';
import type { Facts, IdentityFact } from '../facts.ts';
import { S7, tellAction, violate } from './report.ts';

/** `0x0011`, as Wireshark prints `s7comm.data.userdata.szl_id`. */
export const szlText = (id: number): string => `0x${id.toString(16).padStart(4, '0')}`;

/** List without its extract: 0x0111 and 0x0011 are both module identification. */
const list = (id: number): number => id & 0xff;

/** The list tells who the device is. */
export const asksIdentity = (id: number): boolean => list(id) === 0x11 || list(id) === 0x1c;

/** Records looked at in one list; a list of 64 KiB has no more modules that matter. */
const MOST_RECORDS = 128;

const modes: Readonly<Record<number, string>> = {
  1: 'STOP',
  2: 'STOP',
  3: 'STOP',
  4: 'STOP',
  5: 'STARTUP',
  6: 'STARTUP',
  7: 'STARTUP',
  8: 'RUN',
  9: 'RUN',
  10: 'HOLD',
  11: 'RUN',
  12: 'RUN',
  13: 'DEFECT',
};

const keySwitches: Readonly<Record<number, string>> = { 1: 'RUN', 2: 'RUN-P', 3: 'STOP', 4: 'MRES' };

/** What is remembered of a controller between lists of one connection. */
export interface ControllerMemory {
  order: string;
  mode: string;
}

/** Text of a record's field: up to its first zero, without padding. */
function field(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  while (end < at + length && bytes[end] !== 0) end++;
  return text(bytes, at, end, length).trim();
}

type Told = { -readonly [K in keyof IdentityFact]?: IdentityFact[K] };

/** 0xXY11, 28 bytes: index, order number (20), module type, version (2 x 2). Index 7 is the firmware: `V`, 3, 2, 7. */
function moduleRecord(bytes: Uint8Array, at: number, told: Told, memory: ControllerMemory): void {
  const index = u16(bytes, at);
  if (index === 1) {
    memory.order = field(bytes, at + 2, 20);
    told.model = memory.order;
    if (/^6(ES|AG|GK)/.test(memory.order)) told.vendor = 'Siemens';
  } else if (index === 7 && bytes[at + 24] === 0x56) told.firmware = `V${bytes[at + 25]}.${bytes[at + 26]}.${bytes[at + 27]}`;
}

/** 0xXY1C, 34 bytes: index and 32 bytes of text or numbers. */
function componentRecord(bytes: Uint8Array, at: number, told: Told, memory: ControllerMemory): void {
  const index = u16(bytes, at);
  const value = field(bytes, at + 2, 32);
  if (index === 9 && u16(bytes, at + 2) === 0x002a) told.vendor = 'Siemens';
  if (value === '') return;
  if (index === 1) told.name ??= value;
  else if (index === 2) told.name = value;
  else if (index === 3) told.plant = value;
  else if (index === 5) told.serial = value;
  else if (index === 7 && memory.order === '') told.model = value;
}

/** 0xXY24, 20 bytes: event, 0xff, mode in the low half of the fourth byte. */
function statusRecord(bytes: Uint8Array, at: number, told: Told): void {
  const mode = modes[bytes[at + 3] & 0x0f];
  if (mode) told.mode = mode;
}

/** Smallest record that the list must have, by list. */
const shortest: Readonly<Record<number, number>> = { 17: 28, 28: 34, 36: 4, 50: 12 };

/** Reads a whole list: id, index, record length, number of records, records. Tells identity and mode. */
export function readSzl(facts: Facts, bytes: Uint8Array, start: number, end: number, memory: ControllerMemory): void {
  if (end - start < 8) return;
  const id = u16(bytes, start);
  const size = u16(bytes, start + 4);
  const count = u16(bytes, start + 6);
  const least = shortest[list(id)];
  if (least === undefined || size === 0 || count === 0) return;
  // extract 0xF is the header of the list without its records
  if (size < least || ((id >> 8) & 0x0f) === 0x0f) return;
  if (start + 8 + size > end) {
    violate(facts, 's7comm.szl-length', `List ${szlText(id)} announces records of ${size} bytes, ${end - start - 8} are there.`);
    return;
  }
  const told: Told = {};
  const records = Math.min(count, MOST_RECORDS);
  for (let record = 0, at = start + 8; record < records && at + size <= end; record++, at += size) {
    if (list(id) === 0x11) moduleRecord(bytes, at, told, memory);
    else if (list(id) === 0x1c) componentRecord(bytes, at, told, memory);
    else if (list(id) === 0x24) statusRecord(bytes, at, told);
    else if (u16(bytes, at) === 4) {
      const position = keySwitches[u16(bytes, at + 8)];
      if (position) told.keySwitch = position;
    }
  }
  if (Object.keys(told).length > 0) facts.tell({ is: 'identity', protocol: S7, of: 'sender', type: 'PLC', ...told });
  if (told.mode) tellMode(facts, memory, told.mode);
}

/** Tells a change of mode that this connection has seen happen; the first mode seen is no change. */
export function tellMode(facts: Facts, memory: ControllerMemory, mode: string): void {
  const before = memory.mode;
  memory.mode = mode;
  if (before !== '' && before !== mode)
    tellAction(facts, 'controller.mode', 'accepted', `Operating mode changed from ${before} to ${mode}`, { mode, before });
}
