/** The event timeline on disk: the newest events, the oldest go when it is full. */
import type { TimelineEvent } from '@annunciator/core/events';
import type { EventSeverity, EventType } from '@annunciator/core/event-types';
import type { Instant } from '@annunciator/core/time';
import { sql, type SqlBool } from 'kysely';
import { type Database, sqlite, statement } from './database.ts';
import { StoreError } from './store-error.ts';

export interface StoredEvent extends TimelineEvent {
  readonly sensor: string;
}

export interface TimelineQuery {
  /** Bounds on the time, both inclusive. */
  readonly from?: Instant;
  readonly to?: Instant;
  readonly sensor?: string;
  readonly types?: readonly EventType[];
  readonly excludedTypes?: readonly EventType[];
  readonly severities?: readonly EventSeverity[];
  /** Events in which one of these devices takes part. */
  readonly devices?: readonly string[];
  /** False hides what people did. */
  readonly userOperations?: boolean;
  /** Text in the title or the content. */
  readonly search?: string;
  readonly limit: number;
  /** `next` of the page before. */
  readonly cursor?: string;
}

export interface TimelinePage {
  readonly events: readonly StoredEvent[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** Events that are dropped at once when the timeline is full, so that this happens seldom. */
const DROP = 1000;

export class Timeline {
  readonly #database: Database;
  readonly #capacity: number;
  #appended = 0;

  constructor(database: Database, capacity: number) {
    this.#database = database;
    this.#capacity = capacity;
  }

  /** Adds events in one transaction; an event that is there already, as after a replay, is not added twice. */
  async append(sensor: string, events: readonly TimelineEvent[]): Promise<void> {
    if (events.length === 0) return;
    const statements = [
      {
        sql: 'INSERT INTO events (sensor, id, time, type, severity, user_operation, body) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
        rows: events.map((event) => [sensor, event.id, event.time, event.type, event.severity, event.userOperation ? 1 : 0, bodyOf(event)]),
      },
      {
        sql: 'INSERT INTO event_devices (device, event) SELECT ?3, seq FROM events WHERE sensor = ?1 AND id = ?2 ON CONFLICT DO NOTHING',
        rows: events.flatMap((event) => event.devices.map((device) => [sensor, event.id, device])),
      },
    ];
    this.#appended += events.length;
    if (this.#appended < DROP) return this.#database.write(statements);
    this.#appended = 0;
    const oldest = sql`DELETE FROM events WHERE seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ${this.#capacity})`;
    return this.#database.write([...statements, statement({ compile: () => oldest.compile(sqlite) })]);
  }

  /** Newest first. */
  async list(query: TimelineQuery): Promise<TimelinePage> {
    let select = sqlite.selectFrom('events').select(['seq', 'sensor', 'time', 'body']).orderBy('time', 'desc').orderBy('seq', 'desc');
    if (query.from !== undefined) select = select.where('time', '>=', query.from);
    if (query.to !== undefined) select = select.where('time', '<=', query.to);
    if (query.sensor !== undefined) select = select.where('sensor', '=', query.sensor);
    if (query.types) select = select.where('type', 'in', query.types);
    if (query.excludedTypes && query.excludedTypes.length > 0) select = select.where('type', 'not in', query.excludedTypes);
    if (query.severities) select = select.where('severity', 'in', query.severities);
    if (query.userOperations === false) select = select.where('user_operation', '=', 0n);
    if (query.devices) {
      select = select.where('seq', 'in', sqlite.selectFrom('event_devices').select('event').where('device', 'in', query.devices));
    }
    if (query.search) {
      const pattern = `%${query.search.replace(/[\\%_]/g, '\\$&')}%`;
      select = select.where(sql<SqlBool>`(body ->> 'title') || ' ' || (body ->> 'content') LIKE ${pattern} ESCAPE '\\'`);
    }
    if (query.cursor !== undefined) {
      const [time, seq] = cursorOf(query.cursor);
      select = select.where(sql<SqlBool>`(time, seq) < (${time}, ${seq})`);
    }
    const rows = await this.#database.read(select.limit(query.limit + 1), 'long');
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      events: shown.map((row) => ({ ...JSON.parse(row.body), sensor: row.sensor, time: row.time })),
      next: last && rows.length > query.limit ? `${last.time}.${last.seq}` : null,
    };
  }
}

function bodyOf({ time: _time, ...rest }: TimelineEvent): string {
  return JSON.stringify(rest);
}

function cursorOf(text: string): [bigint, bigint] {
  const match = /^(-?\d{1,20})\.(\d{1,20})$/.exec(text);
  if (match) return [BigInt(match[1]), BigInt(match[2])];
  throw new StoreError('bad-cursor', 'This page marker is damaged: ask for the first page again.');
}
