/**
 * Rows as CSV (RFC 4180). Cells that a spreadsheet would run as a formula are escaped with an apostrophe, because names in
 * them come from the network.
 */
import { stringify } from 'csv-stringify/sync';

export type CsvColumn<Row> = readonly [header: string, cell: (row: Row) => string];

/** The header line, with the byte order mark by which spreadsheets know UTF-8. */
export function csvHeaderLine(headers: readonly string[]): string {
  return `\uFEFF${stringify([[...headers]], { escape_formulas: true, record_delimiter: 'windows' })}`;
}

/** Lines without header. */
export function csvLines(rows: readonly (readonly string[])[]): string {
  return stringify(
    rows.map((cells) => [...cells]),
    { escape_formulas: true, record_delimiter: 'windows' },
  );
}

/** Headers and rows as one text. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  return csvHeaderLine(columns.map(([header]) => header)) + csvRowsOf(columns, rows);
}

export function csvRowsOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  return csvLines(rows.map((row) => columns.map(([, cell]) => cell(row))));
}
