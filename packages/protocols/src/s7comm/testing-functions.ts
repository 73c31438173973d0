/**
 * Programmer commands that watch and change variables (variable status, modify variable, force): parameters of the job,
 * then addresses of six bytes, then values.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Aspect, type Facts } from '../facts.ts';
import { violate } from './report.ts';
import { readValues } from './variables.ts';

const VARIABLE_STATUS = 0x02;
const MODIFY_VARIABLE = 0x08;
const FORCE = 0x09;

/** Bytes of one address: area and width (1), repetition (1), data block (2), byte (2). */
const ADDRESS = 6;
/** Upper half of the area byte of a data block. */
const DATA_BLOCK = 7;

/** Reads the job data of a programmer command. The two sizes in front say where parameters end and data begin. */
export function readTestData(facts: Facts, bytes: Uint8Array, subfunction: number, request: boolean, start: number, end: number): void {
  if (subfunction !== VARIABLE_STATUS && subfunction !== MODIFY_VARIABLE && subfunction !== FORCE) return;
  if (end - start < 6) return;
  const data = start + 4 + u16(bytes, start);
  if (data + 2 > end) {
    if (data > end)
      violate(
        facts,
        's7comm.data-truncated',
        `A programmer command announces ${u16(bytes, start)} bytes of parameters, ${end - start - 4} are there.`,
      );
    return;
  }
  const count = u16(bytes, data);
  let at = data + 2;
  if (!request) {
    if (subfunction === VARIABLE_STATUS) readValues(facts, bytes, at, end, count, -1);
    return;
  }
  const write = subfunction !== VARIABLE_STATUS;
  for (let index = 0; index < count; index++, at += ADDRESS) {
    if (at + ADDRESS > end) {
      violate(
        facts,
        's7comm.item-count-mismatch',
        `Address ${index + 1} of ${count} does not fit the ${end - data - 2} bytes of the programmer command.`,
      );
      return;
    }
    if (bytes[at] >> 4 === DATA_BLOCK) facts.use(Aspect.S7DataBlock, write ? 1 : 0, u16(bytes, at + 2));
  }
  if (write && at < end) readValues(facts, bytes, at, end, count, -1);
}
