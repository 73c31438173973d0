/** A table in plain text: columns as wide as they need, the widest shortened until the line fits. */
import { shorten } from './printable.ts';

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Least width; such columns give up space when the line is too long. Others keep theirs. */
  readonly least?: number;
}

const GAP = 2;

/** Lines of the table, the titles first, each at most `width` characters unless the fixed columns alone are wider. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const widths = columns.map((column, at) => rows.reduce((most, row) => Math.max(most, row[at]?.length ?? 0), column.title.length));
  let excess = widths.reduce((sum, one) => sum + one + GAP, -GAP) - width;
  while (excess > 0) {
    // One by one from the column that has most to give: the others stay whole.
    let widest = -1;
    columns.forEach(({ least }, at) => {
      if (least !== undefined && widths[at] > least && (widest < 0 || widths[at] > widths[widest])) widest = at;
    });
    if (widest < 0) break;
    widths[widest]--;
    excess--;
  }
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, at) => {
        const cell = shorten(cells[at] ?? '', widths[at]);
        return column.align === 'right' ? cell.padStart(widths[at]) : cell.padEnd(widths[at]);
      })
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)];
}
