/**
 * A table of devices that people fill in: each line finds its device by number, id or address, and sets the fields of its
 * columns. Empty cells leave a field alone. Every line is answered: changed, as it was, entered, or refused and why.
 */
import { isDeviceType } from '@annunciator/core/device-types';
import { addressOrder } from '@annunciator/core/subnet';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { RequestError } from '../http/request-error.ts';
import { applyChanges, changesSchema, changesText, changeText, type DeviceChanges, EDITED_FIELDS, fieldText } from './device-edits.ts';
import { DEVICE_CSV } from './device-view.ts';

export const MOST_LINES = 100_000;
export const IMPORT_BYTES = 32 * 1024 * 1024;

/** Columns by their header in lower case: those of the export, and the names of the interface. */
type Read = (cell: string) => DeviceChanges;

const text =
  (
    field:
      | 'name'
      | 'subtype'
      | 'vendor'
      | 'model'
      | 'firmware'
      | 'serial'
      | 'os'
      | 'description'
      | 'location'
      | 'businessFunction'
      | 'owner',
  ): Read =>
  (cell) => ({ [field]: cell });

const FLAG_WORDS: Readonly<Record<string, boolean>> = {
  yes: true,
  true: true,
  authorized: true,
  no: false,
  false: false,
  unauthorized: false,
};
const flag =
  (field: 'authorised' | 'scanner' | 'programming'): Read =>
  (cell) => {
    const value = FLAG_WORDS[cell.toLowerCase()];
    if (value === undefined) throw new CellError(`"${cell}" is neither yes nor no`);
    return { [field]: value };
  };

class CellError extends Error {}

const COLUMNS: Readonly<Record<string, Read>> = {
  name: text('name'),
  type: (cell) => {
    if (!isDeviceType(cell)) throw new CellError(`"${cell}" is no type of device`);
    return { type: cell };
  },
  subtype: text('subtype'),
  'purdue level': (cell) => {
    if (!/^[0-5]$/.test(cell)) throw new CellError(`"${cell}" is no Purdue level: use 0 to 5`);
    return { purdueLevel: Number(cell) };
  },
  vendor: text('vendor'),
  model: text('model'),
  'firmware version': text('firmware'),
  'serial number': text('serial'),
  'operating system': text('os'),
  importance: (cell) => {
    const { success, data } = changesSchema.shape.importance.safeParse(cell);
    if (!success || data === null) throw new CellError(`"${cell}" is no importance: use Low, Normal or High`);
    return { importance: data };
  },
  authorization: flag('authorised'),
  'scanner device': flag('scanner'),
  'programming device': flag('programming'),
  description: text('description'),
  location: text('location'),
  'business function': text('businessFunction'),
  owner: text('owner'),
  tags: (cell) => ({
    tags: cell
      .split(';')
      .map((tag) => tag.trim())
      .filter(Boolean),
  }),
};

const KEYS = ['number', 'id', 'ip address', 'mac address'] as const;
/** Columns of the export that traffic alone fills: they are read past, so that an export can come back. */
const PASSED: ReadonlySet<string> = new Set(DEVICE_CSV.map(([header]) => header.toLowerCase()).filter((header) => !(header in COLUMNS)));

/** A line of the table. */
export interface ImportLine {
  /** Counted from 1, the header is line 1. */
  readonly line: number;
  readonly number: number | null;
  /** The version that was exported; a device that somebody changed since is refused. */
  readonly version: number | null;
  readonly id: string;
  readonly addresses: readonly string[];
  readonly changes: DeviceChanges;
  readonly error: string | null;
}

/** Reads the table. @throws RequestError when it is none, or has a column that nobody knows */
export function readTable(content: string): ImportLine[] {
  let rows: string[][];
  try {
    rows = parse(content, { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true, delimiter: delimiterOf(content) });
  } catch (error) {
    throw new RequestError(
      400,
      'no_table',
      `This is no table of comma-separated values: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const [header, ...lines] = rows;
  if (!header) throw new RequestError(400, 'no_table', 'The table is empty: its first line names the columns.');
  if (lines.length > MOST_LINES)
    throw new RequestError(
      400,
      'too_many_lines',
      `A table has at most ${MOST_LINES.toLocaleString('en')} lines, this one has ${lines.length.toLocaleString('en')}.`,
    );
  const names = header.map((name) => name.toLowerCase());
  const unknown = names.filter((name) => name !== '' && !(name in COLUMNS) && !KEYS.some((key) => key === name) && !PASSED.has(name));
  if (unknown.length > 0)
    throw new RequestError(
      400,
      'unknown_column',
      `There is no column ${unknown.join(', ')}. Columns: ${[...KEYS, ...Object.keys(COLUMNS)].join(', ')}.`,
    );
  if (!KEYS.some((key) => names.includes(key)))
    throw new RequestError(400, 'no_key', `A column must say which device a line means: one of ${KEYS.join(', ')}.`);
  return lines.map((cells, index) => lineOf(index + 2, names, cells));
}

/** What separates the columns of the first line: spreadsheets of some countries write semicolons. */
function delimiterOf(content: string): string {
  const [header = ''] = content.split(/\r?\n/, 1);
  const count = (delimiter: string): number => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

function lineOf(line: number, names: readonly string[], cells: readonly string[]): ImportLine {
  const cell = (name: string): string => unescaped(cells[names.indexOf(name)] ?? '');
  const addresses = ['ip address', 'mac address'].flatMap((name) => cell(name).split(/[;\s]+/)).filter(Boolean);
  const count = (name: string): number | null => (/^\d{1,9}$/.test(cell(name)) ? Number(cell(name)) : null);
  let changes: DeviceChanges = {};
  const errors: string[] = [];
  names.forEach((name, index) => {
    const value = unescaped(cells[index] ?? '');
    const read = COLUMNS[name];
    if (!read || value === '') return;
    try {
      changes = { ...changes, ...read(value) };
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      errors.push(error.message);
    }
  });
  const checked = changesSchema.safeParse(changes);
  if (!checked.success) errors.push(...checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
  return {
    line,
    number: count('number'),
    version: count('version'),
    id: cell('id'),
    addresses: addresses.map((address) => address.toLowerCase()),
    changes,
    error: errors.join('; ') || null,
  };
}

/** Cells that an export kept from running as formulas. */
function unescaped(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

export const IMPORT_OUTCOMES = ['changed', 'unchanged', 'entered', 'refused'] as const;
export type ImportOutcome = (typeof IMPORT_OUTCOMES)[number];

export const importReportSchema = z
  .object({
    dryRun: z.boolean(),
    counts: z.record(z.enum(IMPORT_OUTCOMES), z.number()),
    lines: z.array(
      z.object({
        line: z.number(),
        outcome: z.enum(IMPORT_OUTCOMES),
        number: z.number().nullable(),
        device: z.string(),
        message: z.string(),
      }),
    ),
  })
  .meta({ id: 'ImportReport' });
export type ImportReport = z.infer<typeof importReportSchema>;

/** What of the inventory a table may show and change; everything without it. */
export interface ImportReach {
  sees(row: DeviceRow): boolean;
  /** Why a device may not be changed so, as a sentence; null when it may. */
  refusal(row: DeviceRow, changes: DeviceChanges): string | null;
}

/** How devices are found and changed; the desk gives it. */
export interface ImportTarget {
  readonly reach?: ImportReach | undefined;
  /** Devices that have one of the numbers, ids or addresses. */
  find(lines: readonly ImportLine[]): Promise<readonly DeviceRow[]>;
  /** Changes a device as it is now. */
  change(row: DeviceRow, changes: DeviceChanges): Promise<boolean>;
  /** Enters a device that nobody has seen, null when the sensor has it already; absent where the import only changes. */
  enter?: ((line: ImportLine) => Promise<DeviceRow | null>) | undefined;
}

/** Lines that are looked up at once. */
const SLICE = 500;

/** Carries out a table, or says what it would do. */
export async function importTable(lines: readonly ImportLine[], target: ImportTarget, dryRun: boolean): Promise<ImportReport> {
  const report: ImportReport['lines'] = [];
  for (let at = 0; at < lines.length; at += SLICE) {
    const slice = lines.slice(at, at + SLICE);
    const found = await target.find(slice);
    const { reach } = target;
    const rows = reach ? found.filter((row) => reach.sees(row)) : found;
    const taken = new Set<number>();
    for (const line of slice) report.push(await carryOut(line, rows, taken, target, dryRun));
  }
  const counts = Object.fromEntries(IMPORT_OUTCOMES.map((outcome) => [outcome, report.filter((line) => line.outcome === outcome).length]));
  // One count for each outcome, by the line above.
  return { dryRun, counts: counts as Record<ImportOutcome, number>, lines: report };
}

async function carryOut(
  line: ImportLine,
  rows: readonly DeviceRow[],
  taken: Set<number>,
  target: ImportTarget,
  dryRun: boolean,
): Promise<ImportReport['lines'][number]> {
  const device = line.id || line.addresses[0] || String(line.number ?? '');
  const refused = (message: string, number: number | null = null) =>
    ({ line: line.line, outcome: 'refused', number, device, message }) as const;
  if (line.error !== null) return refused(`${line.error}.`);
  const found = meant(line, rows);
  if (found.length > 1) return refused(`Several devices fit: ${found.map(({ number }) => number).join(', ')}. Give the number of one.`);
  const [row] = found;
  if (!row) return enter(line, device, target, dryRun, refused);
  if (taken.has(row.number)) return refused(`An earlier line means device ${row.number}, too.`, row.number);
  taken.add(row.number);
  if (row.mergedInto !== null) return refused(`Device ${row.number} is a part of device ${row.mergedInto}.`, row.number);
  if (line.version !== null && line.version !== row.version)
    return refused(
      `Somebody has changed device ${row.number} since the table was exported: it has version ${row.version} now.`,
      row.number,
    );
  // A cell that says what the device is already pins nothing down: an export comes back as it went.
  const changes: DeviceChanges = Object.fromEntries(
    Object.entries(line.changes).filter(
      ([field, value]) => !EDITED_FIELDS.some((one) => one === field && fieldText(row, one) === changeText(value ?? null)),
    ),
  );
  const { changed } = applyChanges(row, changes, '', 0);
  if (changed.length === 0)
    return { line: line.line, outcome: 'unchanged', number: row.number, device, message: 'It is like that already.' };
  const shut = target.reach?.refusal(row, changes) ?? null;
  if (shut !== null) return refused(shut, row.number);
  if (!dryRun && !(await target.change(row, changes))) return refused('Somebody changed it at the same time.', row.number);
  return { line: line.line, outcome: 'changed', number: row.number, device, message: changesText(changed) };
}

async function enter(
  line: ImportLine,
  device: string,
  target: ImportTarget,
  dryRun: boolean,
  refused: (message: string) => ImportReport['lines'][number],
): Promise<ImportReport['lines'][number]> {
  if (!target.enter) return refused('There is no such device. Import with create=true to enter it.');
  if (line.number !== null) return refused(`There is no device ${line.number}.`);
  const [address] = line.addresses;
  if (address === undefined) return refused('A device that nobody has seen needs an IP or a MAC address.');
  const wrong = line.addresses.find((one) => addressOrder(one) === '' && !IS_MAC.test(one));
  if (wrong !== undefined) return refused(`"${wrong}" is neither an IP nor a MAC address.`);
  const entered = (number: number | null) =>
    ({ line: line.line, outcome: 'entered', number, device, message: 'Entered by hand.' }) as const;
  if (dryRun) return entered(null);
  const made = await target.enter(line);
  return made ? entered(made.number) : refused(`The sensor has a device ${address} already, at a place that you may not see.`);
}

const IS_MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

/** The devices that a line means; none, one, or several of which somebody has to choose. */
function meant(line: ImportLine, rows: readonly DeviceRow[]): DeviceRow[] {
  if (line.number !== null) return rows.filter(({ number }) => number === line.number);
  if (line.id !== '') {
    const named = rows.filter(({ id }) => id.toLowerCase() === line.id.toLowerCase());
    if (named.length > 0) return named;
  }
  return rows.filter(({ facts }) => line.addresses.some((address) => facts.ips.includes(address) || facts.macs.includes(address)));
}
