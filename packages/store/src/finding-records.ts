/**
 * What custom alerts and the built-in alerts of a hub found: a row for each window, value or event. Alerts merge them; these
 * rows keep them apart, and tell what was taken in already when a hub tells it again after a crash.
 */
import type { Database } from './database.ts';
import { sql } from 'kysely';
import { sqlite } from './database.ts';
import type { Statement } from './sqlite-messages.ts';

export interface FindingRecord {
  readonly id: string;
  readonly alertType: string;
  /** Null for what concerns the hub itself. */
  readonly device: string | null;
  readonly securityGroup: string | null;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly count: number;
  /** JSON text of all of it. */
  readonly body: string;
}

/** Writes findings; a known one gets the greater count. */
export function findingStatement(findings: readonly FindingRecord[]): Statement {
  return {
    sql: `INSERT INTO findings (id, alert_type, device, security_group, time, count, body) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET count = excluded.count, body = excluded.body WHERE excluded.count >= count`,
    rows: findings.map(({ id, alertType, device, securityGroup, time, count, body }) => [
      id,
      alertType,
      device,
      securityGroup,
      time,
      count,
      body,
    ]),
  };
}

export class FindingRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts of those that are known, by id. */
  async known(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#database.read(
      sqlite
        .selectFrom('findings')
        .select(['id', 'count'])
        .where(sql<boolean>`id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`),
    );
    return new Map(rows.map(({ id, count }) => [id, Number(count)]));
  }

  /** The newest findings, newest first; of some types, from a time on, older than a place. Times are milliseconds since 1970. */
  async list(
    limit: number,
    { since = 0, before }: { since?: number; before?: { readonly time: number; readonly id: string } } = {},
  ): Promise<FindingRecord[]> {
    let query = sqlite
      .selectFrom('findings')
      .selectAll()
      .where('time', '>=', BigInt(since))
      .orderBy('time', 'desc')
      .orderBy('id', 'desc')
      .limit(limit);
    if (before) query = query.where(sql<boolean>`(time, id) < (${before.time}, ${before.id})`);
    return (await this.#database.read(query)).map((row) => ({
      id: row.id,
      alertType: row.alert_type,
      device: row.device,
      securityGroup: row.security_group,
      time: Number(row.time),
      count: Number(row.count),
      body: row.body,
    }));
  }

  /** Forgets those older than a time, milliseconds since 1970, and the oldest beyond so many. */
  async prune(before: number, most: number): Promise<void> {
    await this.#database.write([
      { sql: 'DELETE FROM findings WHERE time < ?', rows: [[before]] },
      { sql: 'DELETE FROM findings WHERE id IN (SELECT id FROM findings ORDER BY time DESC, id DESC LIMIT -1 OFFSET ?)', rows: [[most]] },
    ]);
  }
}
