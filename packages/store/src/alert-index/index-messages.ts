/** What the main thread and the thread of the alert index say to each other. */
import type { AlertMatch, AlertQuery, ExportedColumn, GroupColumn, Groups, OpenAlerts, Series, SeriesQuery } from '../alert-query.ts';
import type { RecordRow, WholeRow } from '../alert-row.ts';
import type { FoundChange } from './alert-index.ts';
import type { DecidedAlert, IndexedAlert } from './columns.ts';

export type { IndexedAlert };

export interface IndexQuestions {
  page: { readonly query: AlertQuery; readonly limit: number; readonly cursor: string | null };
  count: { readonly match: AlertMatch };
  groups: { readonly match: AlertMatch; readonly column: GroupColumn };
  series: { readonly match: AlertMatch; readonly series: SeriesQuery };
  openByDevice: Record<never, never>;
  batch: { readonly match: AlertMatch; readonly after: number; readonly limit: number };
  /** Open alerts by `textHash` of their keys. */
  openOf: { readonly traffic: readonly number[] };
  changes: { readonly after: number; readonly limit: number };
  /** Begins a stream and answers its number; with columns it is one of CSV. */
  open: { readonly query: AlertQuery; readonly csv?: readonly ExportedColumn[] };
  next: { readonly stream: number; readonly limit: number };
  /** The next lines of a stream of CSV, UTF-8; none when all were told. */
  nextCsv: { readonly stream: number; readonly limit: number };
  end: { readonly stream: number };
  close: Record<never, never>;
}

export interface IndexAnswers {
  page: { readonly rows: readonly RecordRow[]; readonly next: string | null; readonly matching: number; readonly total: number };
  count: number;
  groups: Groups;
  series: readonly Series[];
  openByDevice: readonly OpenAlerts[];
  batch: { readonly rows: readonly WholeRow[]; readonly after: number };
  openOf: readonly WholeRow[];
  changes: { readonly rows: readonly (RecordRow | undefined)[]; readonly changes: readonly FoundChange[]; readonly more: boolean };
  open: number;
  next: readonly RecordRow[];
  nextCsv: Uint8Array<ArrayBuffer>;
  end: null;
  close: null;
}

export type IndexQuestion = {
  [Kind in keyof IndexQuestions]: { readonly kind: Kind; readonly asked: IndexQuestions[Kind] };
}[keyof IndexQuestions];

export type ToIndex =
  | (IndexQuestion & { readonly id: number })
  | { readonly kind: 'apply'; readonly alerts: readonly IndexedAlert[] }
  | { readonly kind: 'decide'; readonly alerts: readonly DecidedAlert[] }
  | { readonly kind: 'remove'; readonly seqs: readonly number[] };
