/**
 * Alerts as lines of CSV, written where the columns are: texts that many alerts share are escaped once, and only what the
 * index does not hold is read from the database.
 */
import { PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import { csvCell } from '@annunciator/core/csv';
import { formatMicroseconds } from '@annunciator/core/time';
import type { ExportedColumn } from '../alert-query.ts';
import { SENSOR_WEIGHTS } from '../alert-row.ts';
import type { Columns } from './columns.ts';

/** What is read of an alert beside the index, in the order of {@link FurtherRow}; MAC addresses of ends without an IP address. */
export const FURTHER_COLUMNS = `message, count, CASE WHEN source_address IS NULL THEN source_mac END,
  CASE WHEN destination_address IS NULL THEN destination_mac END`;
export type FurtherRow = readonly [message: string, count: number, sourceMac: string | null, destinationMac: string | null];

/** A cell with the mark that stands before it. */
type Cell = (slot: number, further: FurtherRow) => string;

/** More than the lines of most batches have; it grows. Bytes. */
const ROOM = 1 << 20;

export class CsvLines {
  readonly #cells: readonly Cell[];
  #written = Buffer.allocUnsafeSlow(ROOM);
  #end = 0;

  constructor(columns: Columns, exported: readonly ExportedColumn[]) {
    this.#cells = exported.map((column, at) => cellOf(columns, column, at === 0 ? '' : ','));
  }

  add(slot: number, further: FurtherRow): void {
    let line = '';
    for (const cell of this.#cells) line += cell(slot, further);
    line += '\r\n';
    // A code unit has three bytes at most.
    const most = this.#end + line.length * 3;
    if (most > this.#written.length) {
      const grown = Buffer.allocUnsafeSlow(most * 2);
      this.#written.copy(grown, 0, 0, this.#end);
      this.#written = grown;
    }
    this.#end += this.#written.write(line, this.#end);
  }

  /** What was added since the last time, as bytes of their own. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#end);
    taken.set(this.#written.subarray(0, this.#end));
    this.#end = 0;
    return taken;
  }
}

function cellOf(columns: Columns, { value, words }: ExportedColumn, mark: string): Cell {
  const said = (text: string): string => mark + csvCell(words ? (words.get(text) ?? '') : text);
  switch (value) {
    case 'id':
      return (slot) => said(columns.ids[slot]);
    case 'severity':
      return (slot) => said(PORTAL_SEVERITIES[PORTAL_SEVERITIES.length - 1 - Math.floor(columns.numbers.severity[slot] / SENSOR_WEIGHTS)]);
    case 'sensorSeverity':
      return (slot) => said(SEVERITIES[SEVERITIES.length - 1 - (columns.numbers.severity[slot] % SENSOR_WEIGHTS)]);
    case 'firstDetection':
    case 'lastDetection':
    case 'lastActivity':
      return (slot) => mark + csvCell(formatMicroseconds(columns.numbers[value][slot]));
    case 'message':
      return (_, [message]) => said(message);
    case 'count':
      return (_, [, count]) => mark + count;
    case 'sourceAddress':
    case 'destinationAddress': {
      const address = sharedText(columns, value, said);
      const mac = value === 'sourceAddress' ? 2 : 3;
      const none = columns.dictionaries[value].codeOf('');
      return (slot, further) => (columns.codes[value][slot] === none ? said(further[mac] ?? '') : address(slot));
    }
    default:
      return sharedText(columns, value, said);
  }
}

/** The text of a column that has few: each is escaped once. */
function sharedText(columns: Columns, column: keyof Columns['codes'], said: (text: string) => string): (slot: number) => string {
  const dictionary = columns.dictionaries[column];
  const cells: string[] = [];
  return (slot) => {
    const code = columns.codes[column][slot];
    // Codes come in any order: what lies between is filled, so that the array stays one without holes.
    for (let next = cells.length; next <= code; next++) cells.push(said(dictionary.textOf(next)));
    return cells[code];
  };
}
