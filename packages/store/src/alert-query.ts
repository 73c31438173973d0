/**
 * The question that a grid of alerts asks. The server parses it from the address, the store answers it; the web portal
 * keeps it in the page's address.
 */
import type { Alert, Disposition, Engine, Severity, Status } from '@annunciator/core/alert';
import type { Instant } from '@annunciator/core/time';

/** Columns that can be filtered, sorted and grouped. */
export const ALERT_COLUMNS = [
  'id',
  'severity',
  'title',
  'engine',
  'firstDetection',
  'lastDetection',
  'lastActivity',
  'status',
  'disposition',
  'category',
  'type',
  'protocol',
  'sourceDevice',
  'sourceAddress',
  'destinationDevice',
  'destinationAddress',
  'sensor',
  'site',
  'zone',
  'tactics',
] as const;
export type AlertColumn = (typeof ALERT_COLUMNS)[number];

export const FILTER_OPERATORS = ['equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'greater', 'less'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** One pill: several values are OR; several filters are AND. */
export interface AlertFilter {
  readonly column: AlertColumn;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

export interface AlertQuery {
  /** Free text over title, message, devices, addresses, protocol and id. */
  readonly search?: string;
  /** Bounds on last detection, both inclusive. */
  readonly from?: Instant;
  readonly to?: Instant;
  readonly filters: readonly AlertFilter[];
  readonly sort: { readonly column: AlertColumn; readonly descending: boolean };
}

/** An alert as the store keeps it: with the place that detected it. */
export interface StoredAlert extends Alert {
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

export interface AlertPage {
  readonly alerts: readonly StoredAlert[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
  /** Number of alerts the query matches, and of all alerts. */
  readonly matching: number;
  readonly total: number;
}

/** Value and number of alerts, most first. */
export interface GroupCount {
  readonly value: string;
  readonly count: number;
}

/** What the server needs of the operational store for alerts. All methods run off the main thread. */
export interface AlertStore {
  /** Writes new and changed alerts in one transaction, durable when the promise resolves. */
  save(alerts: readonly StoredAlert[]): Promise<void>;
  get(id: string): Promise<StoredAlert | undefined>;
  /** Keyset paging: a deep page costs what the first costs. */
  page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage>;
  groups(query: AlertQuery, column: AlertColumn): Promise<readonly GroupCount[]>;
  /** Every matching alert in the query's order, in batches; memory stays flat. */
  stream(query: AlertQuery, batch: number): AsyncIterable<readonly StoredAlert[]>;
  /** Alerts that are New or Active, and closed ones whose disposition still silences: what the life cycle must know at start. */
  open(): AsyncIterable<readonly StoredAlert[]>;
  remove(ids: readonly string[]): Promise<void>;
}

export type { Alert, Disposition, Engine, Severity, Status };
