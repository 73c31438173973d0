/** Custom alert rules on disk, and how often each held. */
import { type Database, sqlite } from './database.ts';

/** Days of packet time for which it is kept how often a rule held on them. */
const DAYS_KEPT = 62;
const WEEK = 7n;
const DAY_SECONDS = 86_400n;
const SECOND = 1_000_000_000n;

/** A rule as it is kept; `body` is the rule as JSON, which its reader checks. */
export interface StoredRule {
  readonly id: string;
  readonly name: string;
  readonly body: string;
  /** Who changed it last, and when, in milliseconds since 1970. */
  readonly by: string;
  readonly at: number;
}

/** How often a rule held: of one sensor, since it last told. */
export interface RuleHits {
  readonly rule: string;
  readonly count: number;
  /** Packet time of the last time, nanoseconds since 1970. */
  readonly last: bigint;
}

/** How often a rule held, over all sensors, or those that were asked for. */
export interface RuleActivity {
  readonly rule: string;
  /** Packet time of the last time. */
  readonly last: bigint;
  /** Times on the last seven days. */
  readonly count: number;
}

export class RuleRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By name. */
  async list(): Promise<StoredRule[]> {
    const rows = await this.#database.read(sqlite.selectFrom('rules').selectAll().orderBy('name'));
    return rows.map(({ id, name, body, who, at }) => ({ id, name, body, by: who, at: Number(at) }));
  }

  /** Rules leave, come and change together. What is counted of a rule goes with it. */
  change(change: { readonly remove: readonly string[]; readonly put: readonly StoredRule[] }): Promise<void> {
    const { remove, put } = change;
    // Names that are swapped stand in each other's way: each row is written anew.
    const gone = [...remove, ...put.map(({ id }) => id)];
    return this.#database.write([
      { sql: 'DELETE FROM rules WHERE id = ?', rows: gone.map((id) => [id]) },
      { sql: 'DELETE FROM rule_hits WHERE rule = ?', rows: remove.map((id) => [id]) },
      {
        sql: 'INSERT INTO rules (id, name, body, who, at) VALUES (?, ?, ?, ?, ?)',
        rows: put.map(({ id, name, body, by, at }) => [id, name, body, by, at]),
      },
    ]);
  }

  /** Adds to what is counted of rules that are still there. Days long before the newest go, but not the last one of a rule. */
  count(sensor: string, hits: readonly RuleHits[]): Promise<void> {
    if (hits.length === 0) return Promise.resolve();
    const days = hits.map(({ last }) => last / (DAY_SECONDS * SECOND));
    const newest = days.reduce((most, day) => (day > most ? day : most));
    return this.#database.write([
      {
        sql: `INSERT INTO rule_hits (rule, sensor, day, count, last) SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM rules WHERE id = ?1)
          ON CONFLICT (rule, sensor, day) DO UPDATE SET count = count + excluded.count, last = max(last, excluded.last)`,
        rows: hits.map(({ rule, count, last }, index) => [rule, sensor, days[index], count, last]),
      },
      {
        sql: `DELETE FROM rule_hits WHERE sensor = ?1 AND day < ?2
          AND day < (SELECT max(day) FROM rule_hits AS newer WHERE newer.rule = rule_hits.rule)`,
        rows: [[sensor, newest - BigInt(DAYS_KEPT)]],
      },
    ]);
  }

  /**
   * @param now packet time, nanoseconds since 1970; the last time that any rule held counts when it is later
   * @param sensors only what was counted at these
   */
  async activity(now: bigint, sensors?: readonly string[]): Promise<ReadonlyMap<string, RuleActivity>> {
    const all = sqlite.selectFrom('rule_hits').groupBy('rule');
    const hits = sensors ? all.where('sensor', 'in', sensors) : all;
    const lasts = await this.#database.read(hits.select(({ fn }) => ['rule', fn.max('last').as('last')]));
    const newest = lasts.reduce((most, { last }) => (last > most ? BigInt(last) : most), now);
    const day = newest / (DAY_SECONDS * SECOND) - WEEK;
    const counts = await this.#database.read(hits.select(({ fn }) => ['rule', fn.sum('count').as('count')]).where('day', '>', day));
    const counted = new Map(counts.map(({ rule, count }) => [rule, Number(count)]));
    return new Map(lasts.map(({ rule, last }) => [rule, { rule, last: BigInt(last), count: counted.get(rule) ?? 0 }]));
  }
}
