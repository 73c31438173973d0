/** The event timeline on disk: the newest events, the oldest go when it is full. */
import type { TimelineEvent } from '@annunciator/core/events';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { type Database, sqlite, statement } from './database.ts';
import type { Statement } from './sqlite-messages.ts';
import { StoreError } from './store-error.ts';
import { plainConditions, selectiveConditions, type TimelineQuery } from './timeline-where.ts';

export type { TimelineQuery };

export interface StoredEvent extends TimelineEvent {
  readonly sensor: string;
}

export interface TimelinePage {
  readonly events: readonly StoredEvent[];
  /** Null on the last page. */
  readonly next: string | null;
}

/** Events that are dropped at once when the timeline is full, so that this happens seldom. */
const DROP = 1000;
/** So many events are looked up rather than met in the order of time. */
const FEW = 20_000;

export class Timeline {
  readonly #database: Database;
  #capacity: number;
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
    return this.#database.write([...statements, this.#dropOldest()]);
  }

  /** Holds so many events from now on; the oldest beyond them go at once. */
  keep(capacity: number): Promise<void> {
    this.#capacity = capacity;
    return this.#database.write([this.#dropOldest()]);
  }

  #dropOldest(): Statement {
    const oldest = sql`DELETE FROM events WHERE seq <= (SELECT seq FROM events ORDER BY seq DESC LIMIT 1 OFFSET ${this.#capacity})`;
    return statement({ compile: () => oldest.compile(sqlite) });
  }

  /** Newest first. */
  async list(query: TimelineQuery): Promise<TimelinePage> {
    const conditions = plainConditions(query);
    for (const { rows, test } of selectiveConditions(query)) {
      conditions.push(test);
      if (await this.#areFew(rows)) conditions.push(sql<SqlBool>`seq IN (${rows})`);
    }
    if (query.cursor !== undefined) {
      const [time, seq] = cursorOf(query.cursor);
      conditions.push(sql<SqlBool>`(time, seq) < (${time}, ${seq})`);
    }
    let select = sqlite.selectFrom('events').select(['seq', 'sensor', 'time', 'body']).orderBy('time', 'desc').orderBy('seq', 'desc');
    for (const condition of conditions) select = select.where(condition);
    const rows = await this.#database.read(select.limit(query.limit + 1), 'long');
    const shown = rows.slice(0, query.limit);
    const last = shown.at(-1);
    return {
      events: shown.map((row) => ({ ...JSON.parse(row.body), sensor: row.sensor, time: row.time })),
      next: last && rows.length > query.limit ? `${last.time}.${last.seq}` : null,
    };
  }

  async #areFew(rows: RawBuilder<unknown>): Promise<boolean> {
    const counted = sql`SELECT count(*) AS n FROM (${rows} LIMIT ${FEW + 1})`;
    const [row] = (await this.#database.read({ compile: () => counted.compile(sqlite) }, 'long')) as { n: bigint }[];
    return Number(row?.n ?? 0n) <= FEW;
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
