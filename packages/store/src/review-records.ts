/** The review lists of sensors on disk: what was seen while learning and waits for a person, and what was decided. */
import type { ReviewItem, ReviewState } from '@annunciator/core/review';
import { type Database, sqlite } from './database.ts';

export class ReviewRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes items as a sensor tells them. A decision stays, also against a sensor that has not heard of it. */
  put(sensor: string, items: readonly ReviewItem[]): Promise<void> {
    const sql = `INSERT INTO reviews (sensor, id, state, who, at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (sensor, id) DO UPDATE
      SET body = excluded.body, state = iif(excluded.state = 'pending', state, excluded.state),
        who = iif(excluded.state = 'pending', who, excluded.who), at = iif(excluded.state = 'pending', at, excluded.at)`;
    return this.#database.write([
      { sql, rows: items.map((item) => [sensor, item.id, item.state, item.by, item.at, JSON.stringify(item, bigints)]) },
    ]);
  }

  async list(sensor: string): Promise<ReviewItem[]> {
    const rows = await this.#database.read(sqlite.selectFrom('reviews').selectAll().where('sensor', '=', sensor).orderBy('id'));
    return rows.map(({ body, state, who, at }) => {
      const item = JSON.parse(body);
      const { firstSeen, lastSeen, detection } = item;
      return {
        ...item,
        firstSeen: BigInt(firstSeen),
        lastSeen: BigInt(lastSeen),
        detection: { ...detection, time: BigInt(detection.time) },
        // Written by `put` from a ReviewItem.
        state: state as ReviewState,
        by: who,
        at: at === null ? null : Number(at),
      };
    });
  }
}

function bigints(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
