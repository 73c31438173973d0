/** What a person's action did to devices, and why it left others as they were. */
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { ErrorCode } from '../http/errors.ts';
import { RequestError } from '../http/request-error.ts';
import type { DeviceChanges } from './device-edits.ts';
import { nameOf } from './device-name.ts';

/** What a person's action changed, and what it could not change and why. */
export interface DeviceOutcome {
  readonly changed: readonly DeviceRow[];
  readonly refused: readonly Refused[];
}
export interface Refused {
  readonly number: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** A device and the version that somebody decided on. */
export interface DeviceVersion {
  readonly number: number;
  readonly version: number;
}

/** The refusals of numbers for which there is no device. */
export function absent(numbers: Iterable<number>, rows: readonly DeviceRow[]): Refused[] {
  const there = new Set(rows.map(({ number }) => number));
  return [...numbers]
    .filter((number) => !there.has(number))
    .map((number) => ({ number, code: 'not_found', message: `There is no device ${number}: it may have been deleted.` }));
}

export const isPart = (row: DeviceRow): Refused => ({
  number: row.number,
  code: 'is_part',
  message: `Device ${row.number} is a part of device ${row.mergedInto}: change that one, or split them first.`,
});

/** Says who changed what, so that the person can decide again. */
export function conflict(row: DeviceRow, changes: DeviceChanges): Refused {
  const fields = Object.keys(changes);
  const last = Object.entries(row.notes)
    .toSorted(([a, one], [b, other]) => Number(fields.includes(b)) - Number(fields.includes(a)) || other.at - one.at)
    .at(0);
  const who = last ? `${last[1].by} changed its ${last[0]} at ${new Date(last[1].at).toISOString()}` : 'it was changed';
  return {
    number: row.number,
    code: 'changed_meanwhile',
    message: `${nameOf(row)} is not as it was when you read it: ${who}. Read version ${row.version} and decide again.`,
  };
}

/** The device if it is there, whole, and of this version. @throws RequestError otherwise */
export function current(rows: readonly DeviceRow[], number: number, version: number): DeviceRow {
  const row = rows.find((one) => one.number === number);
  const refused = !row
    ? absent([number], rows)[0]
    : row.mergedInto !== null
      ? isPart(row)
      : row.version !== version
        ? conflict(row, {})
        : undefined;
  if (row && !refused) return row;
  throw new RequestError(refused?.code === 'not_found' ? 404 : 409, refused?.code ?? 'not_found', refused?.message ?? '');
}
