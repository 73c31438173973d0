/**
 * Alarm services of the CPU functions: indications a controller sends by itself, with the values that go with them, and
 * answers to an alarm query.
 */
import type { Facts } from '../facts.ts';
import { HEX } from './names.ts';
import { readValues } from './variables.ts';

const ALARM_8 = 0x05;
const NOTIFY = 0x06;
const QUERY = 0x13;

/** Time stamp (BCD, 8), function and number of objects before the first object. */
const INDICATION_HEADER = 10;
/** Specification, length, syntax, number of values, event id (4), state (4). */
const OBJECT_HEADER = 12;
const INDICATION_SYNTAX = 0x16;

/** Reads the data of a message service: the first object of an indication, or the verdict on a query. */
export function readAlarm(facts: Facts, bytes: Uint8Array, subfunction: number, request: boolean, start: number, end: number): void {
  if (request) return;
  if (subfunction === QUERY) {
    // function and number of objects, then the return code of the first one
    if (end - start >= 6 && facts.countsFields) facts.field('s7comm.data.returncode', HEX[bytes[start + 2]]);
    return;
  }
  if (subfunction !== ALARM_8 && subfunction !== NOTIFY) return;
  const object = start + INDICATION_HEADER;
  if (object + OBJECT_HEADER > end || bytes[object] !== 0x12 || bytes[object + 2] !== INDICATION_SYNTAX) return;
  readValues(facts, bytes, object + OBJECT_HEADER, end, bytes[object + 3], -1);
}
