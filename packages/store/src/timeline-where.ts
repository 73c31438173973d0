/**
 * The question to the timeline as SQL. Events are told in the order of their time, so a condition that many events meet is best
 * asked event by event until the page is full, and one that few meet is best looked up: which of both it is, is counted first.
 */
import type { EventSeverity, EventType } from '@annunciator/core/event-types';
import type { Instant } from '@annunciator/core/time';
import { type RawBuilder, sql, type SqlBool } from 'kysely';

export interface TimelineQuery {
  /** One event; ids are unique at a sensor. */
  readonly id?: string;
  /** Bounds on the time, both inclusive. */
  readonly from?: Instant;
  readonly to?: Instant;
  readonly sensor?: string;
  /** What the asker may see: events of these sensors; everything when absent. */
  readonly scope?: readonly string[];
  readonly types?: readonly EventType[];
  readonly excludedTypes?: readonly EventType[];
  readonly severities?: readonly EventSeverity[];
  /** Events in which one of these devices takes part. */
  readonly devices?: readonly string[];
  /** Events in which none of these devices takes part. */
  readonly excludedDevices?: readonly string[];
  /** False hides what people did. */
  readonly userOperations?: boolean;
  /** Texts in the title or the content, all of them; case does not matter. */
  readonly keywords?: readonly string[];
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export type Condition = RawBuilder<SqlBool>;

/** A condition that few or many events meet. */
export interface Selective {
  /** The events that may meet it: a query of their `seq`. */
  readonly rows: RawBuilder<unknown>;
  /** Whether one event meets it. */
  readonly test: Condition;
}

/** Trigrams find texts of this length and longer. */
const TRIGRAM = 3;

const inList = (values: readonly string[]): RawBuilder<unknown> => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`;

/** Conditions that are asked of each event in turn. */
export function plainConditions(query: TimelineQuery): Condition[] {
  const { id, from, to, sensor, scope, excludedTypes, excludedDevices, userOperations } = query;
  const conditions: Condition[] = [];
  if (id !== undefined) conditions.push(sql<SqlBool>`id = ${id}`);
  if (from !== undefined) conditions.push(sql<SqlBool>`time >= ${from}`);
  if (to !== undefined) conditions.push(sql<SqlBool>`time <= ${to}`);
  if (sensor !== undefined) conditions.push(sql<SqlBool>`sensor = ${sensor}`);
  if (scope) conditions.push(sql<SqlBool>`sensor IN ${inList(scope)}`);
  if (excludedTypes && excludedTypes.length > 0) conditions.push(sql<SqlBool>`type NOT IN ${inList(excludedTypes)}`);
  if (excludedDevices && excludedDevices.length > 0) conditions.push(sql<SqlBool>`NOT ${takesPart(excludedDevices)}`);
  if (userOperations === false) conditions.push(sql<SqlBool>`user_operation = 0`);
  for (const keyword of query.keywords ?? []) if (!isIndexed(keyword)) conditions.push(says(keyword));
  return conditions;
}

/** Conditions that may be looked up. */
export function selectiveConditions({ types, severities, devices, keywords = [] }: TimelineQuery): Selective[] {
  const found: Selective[] = [];
  // The plus keeps the test from being looked up.
  if (types)
    found.push({ rows: sql`SELECT seq FROM events WHERE type IN ${inList(types)}`, test: sql<SqlBool>`+type IN ${inList(types)}` });
  if (severities)
    found.push({
      rows: sql`SELECT seq FROM events WHERE severity IN ${inList(severities)}`,
      test: sql<SqlBool>`+severity IN ${inList(severities)}`,
    });
  if (devices)
    found.push({ rows: sql`SELECT event AS seq FROM event_devices WHERE device IN ${inList(devices)}`, test: takesPart(devices) });
  for (const keyword of keywords)
    if (isIndexed(keyword))
      found.push({ rows: sql`SELECT rowid AS seq FROM event_search WHERE text LIKE ${`%${keyword}%`}`, test: says(keyword) });
  return found;
}

function takesPart(devices: readonly string[]): Condition {
  return sql<SqlBool>`EXISTS (SELECT 1 FROM event_devices WHERE event = seq AND device IN ${inList(devices)})`;
}

function says(keyword: string): Condition {
  return sql<SqlBool>`(body ->> 'title') || ' ' || (body ->> 'content') LIKE ${`%${keyword.replace(/[\\%_]/g, '\\$&')}%`} ESCAPE '\\'`;
}

/** The index knows no escape: `%` and `_` stand for others, so that it finds more than is meant. */
const isIndexed = (keyword: string): boolean => keyword.split(/[%_]/).some((part) => [...part].length >= TRIGRAM);
