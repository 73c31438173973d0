/**
 * Read Var (0x04) and Write Var (0x05), the bulk of S7 traffic. Hot code: walks items in place; one loop step consumes
 * at least one byte, so hostile counts cannot hold it up.
 */
import { Aspect, type Facts } from '../facts.ts';
import { variableDetails } from './details.ts';
import { dataItemLength, dbOfArea, newItem, readItem, Syntax } from './items.ts';
import { Area, Func, HEX, ReturnCode } from './names.ts';
import { tellItemFailure, violate } from './report.ts';

const item = newItem();

/**
 * Walks `count` addresses from `at` and tells which data blocks they use (`access` 0 read, 1 write). Returns the byte
 * after them, or -1 after a violation.
 */
export function readAddresses(facts: Facts, bytes: Uint8Array, start: number, end: number, count: number, access: number): number {
  let at = start;
  let lastDb = -1;
  for (let index = 0; index < count; index++) {
    readItem(bytes, at, end, item);
    if (item.next < 0) {
      violate(
        facts,
        at >= end ? 's7comm.item-count-mismatch' : 's7comm.item-length',
        `Item ${index + 1} of ${count} does not fit the ${end - start} bytes of addresses.`,
      );
      return -1;
    }
    if (item.area >= 0) {
      if (facts.countsFields) facts.field('s7comm.param.item.area', HEX[item.area]);
      if ((item.area === Area.DataBlock || item.area === Area.InstanceDataBlock) && item.db !== lastDb) {
        lastDb = item.db;
        facts.use(Aspect.S7DataBlock, access, item.db);
      }
    } else if (item.syntax === Syntax.DbRead) {
      for (let area = 0; area < item.count; area++) {
        const db = dbOfArea(bytes, at, area, item.next);
        if (db > 0 && db !== lastDb) {
          lastDb = db;
          facts.use(Aspect.S7DataBlock, access, db);
        }
      }
    } else if (item.db > 0 && item.db !== lastDb) {
      lastDb = item.db;
      facts.use(Aspect.S7DataBlock, access, item.db);
    }
    // a fill byte follows an item of odd length, except the last
    at = item.next + (index + 1 < count ? (item.next - at) & 1 : 0);
  }
  return at;
}

/** Walks `count` values with return code, size and length from `at`. `operation` is given when failures are to be told. */
export function readValues(facts: Facts, bytes: Uint8Array, start: number, end: number, count: number, operation: number): void {
  let at = start;
  let refused = 0;
  let firstCode = 0;
  for (let index = 0; index < count; index++) {
    const length = dataItemLength(bytes, at, end);
    if (length < 0) {
      violate(facts, 's7comm.item-count-mismatch', `Value ${index + 1} of ${count} does not fit the ${end - start} bytes of data.`);
      break;
    }
    const code = bytes[at];
    if (facts.countsFields) facts.field('s7comm.data.returncode', HEX[code]);
    if (code !== ReturnCode.Success && code !== ReturnCode.Reserved) {
      if (refused === 0) firstCode = code;
      refused++;
    }
    if (at + length > end) {
      violate(facts, 's7comm.data-truncated', `Value ${index + 1} of ${count} announces ${length - 4} bytes, ${end - at - 4} are there.`);
      break;
    }
    at += length + (index + 1 < count ? length & 1 : 0);
  }
  if (refused > 0 && operation >= 0) tellItemFailure(facts, operation, firstCode, refused);
}

/** Parameters and data of a Read Var or Write Var job. */
export function readVariableJob(facts: Facts, bytes: Uint8Array, func: number, parameters: number, data: number, end: number): void {
  if (data - parameters < 2) {
    violate(facts, 's7comm.parameter-truncated', `A variable job has ${data - parameters} bytes of parameters, at least 2 are needed.`);
    return;
  }
  const count = bytes[parameters + 1];
  const write = func === Func.WriteVar;
  const next = readAddresses(facts, bytes, parameters + 2, data, count, write ? 1 : 0);
  if (next >= 0 && next !== data)
    violate(facts, 's7comm.item-count-mismatch', `${count} addresses end ${data - next} bytes before the parameters do.`);
  if (facts.wantsDetails) variableDetails(facts, bytes, parameters + 2, data, write ? end : data, count);
  if (write) readValues(facts, bytes, data, end, count, -1);
}

/** The answer: values with return codes for a read, return codes alone for a write. */
export function readVariableAnswer(facts: Facts, bytes: Uint8Array, func: number, parameters: number, data: number, end: number): void {
  const count = data - parameters >= 2 ? bytes[parameters + 1] : 0;
  if (func === Func.ReadVar) {
    if (data < end) readValues(facts, bytes, data, end, count, func);
    return;
  }
  let refused = 0;
  let firstCode = 0;
  const known = Math.min(count, end - data);
  for (let index = 0; index < known; index++) {
    const code = bytes[data + index];
    if (facts.countsFields) facts.field('s7comm.data.returncode', HEX[code]);
    if (code !== ReturnCode.Success) {
      if (refused === 0) firstCode = code;
      refused++;
    }
  }
  if (known < count && data < end) violate(facts, 's7comm.item-count-mismatch', `${count} return codes are announced, ${known} are there.`);
  if (refused > 0) tellItemFailure(facts, func, firstCode, refused);
}
