/**
 * The question that a grid of alerts asks. The server parses it from the address, the store answers it; the web portal
 * keeps it in the page's address.
 */
import type { Alert, Disposition, Engine, Severity, Status } from '@annunciator/core/alert';
import type { Instant } from '@annunciator/core/time';
import type { AlertDecision } from './alert-decisions.ts';
import type { FindingRecord } from './finding-records.ts';
import type { JobRecord } from './alert-jobs.ts';

/** Columns that can be filtered and sorted. */
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
  'dataSource',
  'securityGroup',
] as const;
export type AlertColumn = (typeof ALERT_COLUMNS)[number];

/** `device` is either end: an alert belongs to both of its devices. */
export const FILTER_COLUMNS = [...ALERT_COLUMNS, 'device'] as const;
export type FilterColumn = (typeof FILTER_COLUMNS)[number];

/** Columns whose values can be counted: those that alerts share. */
/** `sensorSeverity` counts the sensor's words, whatever people made of them in the portal. */
export const GROUP_COLUMNS = [
  'severity',
  'sensorSeverity',
  'title',
  'engine',
  'status',
  'disposition',
  'category',
  'type',
  'protocol',
  'sourceDevice',
  'sourceAddress',
  'destinationDevice',
  'destinationAddress',
  'device',
  'sensor',
  'site',
  'zone',
  'tactics',
  'dataSource',
  'securityGroup',
] as const satisfies readonly (FilterColumn | 'sensorSeverity')[];
export type GroupColumn = (typeof GROUP_COLUMNS)[number];

export const FILTER_OPERATORS = ['equals', 'notEquals', 'contains', 'notContains', 'startsWith', 'greater', 'less'] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

/** One pill: several values are OR; several filters are AND. */
export interface AlertFilter {
  readonly column: FilterColumn;
  readonly operator: FilterOperator;
  readonly values: readonly string[];
}

/** Which alerts are meant. */
export interface AlertMatch {
  /** Words that have to occur in title, message, devices, addresses or protocol, or in the id from four digits on; words in double quotes belong together. */
  readonly search?: string;
  /** Bounds on last detection, both inclusive, by the microsecond. */
  readonly from?: Instant;
  readonly to?: Instant;
  readonly filters: readonly AlertFilter[];
  /** What the asker may see: lists of filters of which at least one has to hold; everything when absent. */
  readonly scope?: readonly (readonly AlertFilter[])[];
}

export interface AlertQuery extends AlertMatch {
  /** Texts sort as people expect, times by the microsecond; ties follow the order in which alerts were first saved. */
  readonly sort: { readonly column: AlertColumn; readonly descending: boolean };
}

/** An alert as the store keeps it: with the place that detected it. */
export interface StoredAlert extends Alert {
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

/** What a list needs of an alert: all but its evidence. */
export interface AlertRecord
  extends Omit<
    StoredAlert,
    'key' | 'expected' | 'seen' | 'parameters' | 'frames' | 'learn' | 'internet' | 'violations' | 'violationsDropped'
  > {
  readonly violationCount: number;
  /** True for the one alert that counts more alerts of a type than are raised. */
  readonly flood: boolean;
}

/** What a column of an export says of an alert. Of an end its name, else its IP address, else its MAC address; or the latter two. */
export const EXPORTED_VALUES = [
  'id',
  'severity',
  'sensorSeverity',
  'title',
  'engine',
  'firstDetection',
  'lastDetection',
  'lastActivity',
  'status',
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
  'message',
  'count',
] as const;

/** Plain data, so that a thread of the store can write the lines. */
export interface ExportedColumn {
  readonly header: string;
  readonly value: (typeof EXPORTED_VALUES)[number];
  /** What is written for each text; nothing for others. Without it texts are written as they are. */
  readonly words?: ReadonlyMap<string, string>;
}

export interface AlertPage {
  readonly alerts: readonly AlertRecord[];
  /** Opaque; null on the last page. */
  readonly next: string | null;
  /** Number of alerts the query matches, and of all alerts that the asker may see. */
  readonly matching: number;
  readonly total: number;
}

/** Value and number of alerts, most first. */
export interface GroupCount {
  readonly value: string;
  readonly count: number;
}

export interface Groups {
  /** At most 1,000. */
  readonly groups: readonly GroupCount[];
  /** How many values there are. */
  readonly values: number;
}

/** Open alerts of a device at either end, by the id that they carry. */
export interface OpenAlerts {
  readonly sensor: string;
  readonly device: string;
  readonly count: number;
}

/** Alerts per span of time and value. */
export interface SeriesQuery {
  readonly column: GroupColumn;
  readonly time: 'firstDetection' | 'lastDetection';
  /** Milliseconds since 1970 at which the first span begins, and how long each is. */
  readonly start: number;
  readonly span: number;
  /** Spans, 400 at most. */
  readonly spans: number;
}

/** A value with its number of alerts in each span. */
export interface Series {
  readonly value: string;
  readonly counts: readonly number[];
}

/** An alert as it is now, because it was raised or changed after a change number. */
export interface AlertChange {
  /** Number of its last change; each save numbers on. */
  readonly change: number;
  /** True when it was raised after the asked number. */
  readonly raised: boolean;
  readonly alert: AlertRecord;
}

export interface Changes {
  /** In the order of their change numbers. */
  readonly changes: readonly AlertChange[];
  /** The number to ask after next. */
  readonly last: number;
  /** True when there are more. */
  readonly more: boolean;
}

/** What is written together with alerts. */
export interface SavedBeside {
  /** Alerts that the store has and of which only what was decided has changed: that is all that is written. */
  readonly decided?: readonly StoredAlert[];
  readonly decisions?: readonly AlertDecision[];
  /** Jobs that changed them, as far as they have come with it. */
  readonly jobs?: readonly JobRecord[];
  /** What hubs found, which alerts merge. */
  readonly findings?: readonly FindingRecord[];
}

/** What the server needs of the operational store for alerts. All methods run off the main thread. */
export interface AlertStore {
  /**
   * Writes new and changed alerts, and what goes with them, in one transaction, durable when the promise resolves; tells the
   * number of the last change.
   */
  save(alerts: readonly StoredAlert[], beside?: SavedBeside): Promise<number>;
  get(id: string): Promise<StoredAlert | undefined>;
  /** The alerts of these ids that exist, in no particular order. */
  list(ids: readonly string[]): Promise<readonly StoredAlert[]>;
  /** Keyset paging: a deep page costs what the first costs. */
  page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage>;
  count(match: AlertMatch): Promise<number>;
  groups(match: AlertMatch, column: GroupColumn): Promise<Groups>;
  /** Alerts per span of time and value, the values with most alerts first, at most 1,000. */
  series(match: AlertMatch, series: SeriesQuery): Promise<readonly Series[]>;
  /** Alerts that are not closed, by device. */
  openByDevice(): Promise<readonly OpenAlerts[]>;
  /** Every matching alert of this moment in the query's order, in batches; memory stays flat. */
  stream(query: AlertQuery, batch: number): AsyncIterable<readonly AlertRecord[]>;
  /** The same as lines of CSV without header, UTF-8. Cells are those of `csvCell`, times ISO 8601 with microseconds. */
  csv(query: AlertQuery, columns: readonly ExportedColumn[], batch: number): AsyncIterable<Uint8Array>;
  /** The next matching alerts with all of their evidence, oldest saved first, after a place in that order. */
  batch(match: AlertMatch, after: number, limit: number): Promise<{ readonly alerts: readonly StoredAlert[]; readonly after: number }>;
  /** What was raised or changed after a number, each alert once and as it is now. */
  changes(after: number, limit: number): Promise<Changes>;
  /** Number of the last change. */
  readonly lastChange: number;
  /** Open alerts of a sensor with one of these keys. */
  openOf(sensor: string, keys: readonly string[]): Promise<readonly StoredAlert[]>;
  /** Closed alerts whose disposition still silences. */
  silencing(): AsyncIterable<readonly StoredAlert[]>;
  /** Alerts whose packets were asked for and have not come. */
  awaitingPackets(): AsyncIterable<readonly StoredAlert[]>;
  remove(ids: readonly string[]): Promise<void>;
}

export type { Alert, Disposition, Engine, Severity, Status };
