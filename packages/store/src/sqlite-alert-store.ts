/** The alerts on SQLite. */
import type { Violation } from '@annunciator/core/alert';
import { formatInstant } from '@annunciator/core/time';
import { sql, type SqlBool } from 'kysely';
import type { AlertColumn, AlertPage, AlertQuery, AlertStore, GroupCount, StoredAlert } from './alert-query.ts';
import { alertOf, alertRow, searchText, SENSOR_WEIGHTS, type TacticsOf, violationBody, violationOf } from './alert-row.ts';
import { type Approach, conditionsOf, groupWords, SQL_COLUMN } from './alert-where.ts';
import { type Cursor, readCursor, writeCursor } from './cursor.ts';
import { type Database, sqlite } from './database.ts';
import type { SqliteValue, Statement } from './sqlite-messages.ts';

/** Values that `groups` tells at most. */
const MAX_GROUPS = 1000;
/** Alerts whose violation rows are remembered, so that a save writes only the new ones. */
const REMEMBERED = 10_000;
const OPEN_BATCH = 500;

/** Columns that change after an alert is raised; the others are written once. */
const CHANGING = [
  'severity_rank',
  'last_detection',
  'last_activity',
  'status',
  'disposition',
  'sensor',
  'site',
  'zone',
  'violations',
  'body',
] as const;

interface FoundRow {
  seq: bigint;
  sort: string | bigint;
  violations: bigint;
  body: string;
}

/** When fewer than one alert in so many matches, filters find the page sooner than the order does. */
const FEW = 50;

function approachFor(matching: number, total: number): Approach {
  return matching * FEW < total ? 'filter' : 'order';
}

export class SqliteAlertStore implements AlertStore {
  readonly #database: Database;
  readonly #tacticsOf: TacticsOf;
  /** The rows of violations that are in the database, by alert; their values never change, so identity tells. */
  readonly #written = new Map<string, readonly Violation[]>();
  readonly #counted = new Map<string, { version: number; matching: Promise<number> }>();
  #version = 0;

  constructor(database: Database, tacticsOf: TacticsOf) {
    this.#database = database;
    this.#tacticsOf = tacticsOf;
  }

  async save(alerts: readonly StoredAlert[]): Promise<void> {
    if (alerts.length === 0) return;
    const rows = alerts.map((alert) => alertRow(alert, this.#tacticsOf(alert.type)));
    const columns = Object.keys(rows[0]);
    const updates = CHANGING.map((column) => `${column} = excluded.${column}`).join(', ');
    const statements: Statement[] = [
      {
        sql: `INSERT INTO alerts (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) ON CONFLICT (id) DO UPDATE SET ${updates}`,
        // Object.values follows the order of the keys, and every row has the same.
        rows: rows.map((row) => Object.values(row) as SqliteValue[]),
      },
      {
        sql: `INSERT INTO alert_text (seq, text) SELECT seq, ?2 FROM alerts WHERE id = ?1
              ON CONFLICT (seq) DO UPDATE SET text = excluded.text WHERE text <> excluded.text`,
        rows: alerts.map((alert) => [alert.id, searchText(alert)]),
      },
      {
        sql: `INSERT INTO alert_violations (alert, position, body) SELECT seq, ?2, ?3 FROM alerts WHERE id = ?1
              ON CONFLICT (alert, position) DO UPDATE SET body = excluded.body`,
        rows: alerts.flatMap((alert) => this.#newViolations(alert)),
      },
    ];
    await this.#database.write(statements);
    this.#version++;
    for (const alert of alerts) this.#remember(alert);
  }

  #newViolations(alert: StoredAlert): SqliteValue[][] {
    const written = this.#written.get(alert.id);
    const rows: SqliteValue[][] = [];
    for (const [position, violation] of alert.violations.entries()) {
      if (written?.[position] !== violation) rows.push([alert.id, position, violationBody(violation)]);
    }
    return rows;
  }

  #remember(alert: StoredAlert): void {
    if (alert.violations.length === 0) return;
    this.#written.delete(alert.id);
    this.#written.set(alert.id, alert.violations);
    if (this.#written.size <= REMEMBERED) return;
    const oldest = this.#written.keys().next();
    if (!oldest.done) this.#written.delete(oldest.value);
  }

  async get(id: string): Promise<StoredAlert | undefined> {
    const query = sqlite.selectFrom('alerts').select(['seq', 'seq as sort', 'violations', 'body']).where('id', '=', id);
    return (await this.#complete(await this.#database.read(query)))[0];
  }

  async page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage> {
    const after = cursor === null ? undefined : readCursor(query.sort, cursor);
    const [matching, total] = await Promise.all([after ? after.matching : this.#count(query), this.#total()]);
    const found = await this.#find(query, limit + 1, approachFor(matching, total), after);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    const next = last && found.length > limit ? writeCursor(query.sort, { value: last.sort, seq: last.seq, matching }) : null;
    return { alerts: await this.#complete(rows), next, matching, total };
  }

  async groups(query: AlertQuery, column: AlertColumn): Promise<readonly GroupCount[]> {
    const value = sql<
      string | bigint
    >`${column === 'severity' ? sql`severity_rank / ${sql.lit(SENSOR_WEIGHTS)} * ${sql.lit(SENSOR_WEIGHTS)}` : sql.ref(SQL_COLUMN[column])}`;
    const select = sqlite
      .selectFrom('alerts')
      .select((builder) => [value.as('value'), builder.fn.countAll<bigint>().as('count')])
      .where((builder) => conditionsOf(builder, query))
      .groupBy(value)
      .orderBy('count', 'desc')
      .limit(MAX_GROUPS);
    const counts = new Map<string, number>();
    for (const row of await this.#database.read(select, 'long')) {
      for (const word of groupWords(column, row.value, (at) => formatInstant(at, 9)))
        counts.set(word, (counts.get(word) ?? 0) + Number(row.count));
    }
    return Array.from(counts, ([word, count]) => ({ value: word, count })).sort(
      (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
    );
  }

  async *stream(query: AlertQuery, batch: number): AsyncIterable<readonly StoredAlert[]> {
    const approach = approachFor(await this.#count(query), await this.#total());
    let after: { value: string | bigint; seq: bigint } | undefined;
    for (;;) {
      const rows = await this.#find(query, batch, approach, after);
      const last = rows.at(-1);
      if (!last) return;
      yield await this.#complete(rows);
      if (rows.length < batch) return;
      after = { value: last.sort, seq: last.seq };
    }
  }

  async *open(): AsyncIterable<readonly StoredAlert[]> {
    for (let after = -1n; ; ) {
      const query = sqlite
        .selectFrom('alerts')
        .select(['seq', 'seq as sort', 'violations', 'body'])
        .where(sql<SqlBool>`(status <> 'Closed' OR disposition <> 'none')`)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(OPEN_BATCH);
      const rows = await this.#database.read(query, 'long');
      const last = rows.at(-1);
      if (!last) return;
      yield await this.#complete(rows);
      after = last.seq;
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#database.write([{ sql: 'DELETE FROM alerts WHERE id = ?', rows: ids.map((id) => [id]) }]);
    this.#version++;
    for (const id of ids) this.#written.delete(id);
  }

  /** Rows in the query's order, after a row. Ties follow the order in which alerts were first saved. */
  #find(query: AlertQuery, limit: number, approach: Approach, after?: Pick<Cursor, 'value' | 'seq'>): Promise<FoundRow[]> {
    const column = SQL_COLUMN[query.sort.column];
    const direction = query.sort.descending ? 'desc' : 'asc';
    let keys = sqlite
      .selectFrom('alerts')
      .select('seq as found')
      .where((builder) => conditionsOf(builder, query, approach))
      .orderBy(column, direction)
      .orderBy('seq', direction)
      .limit(limit);
    if (after) {
      const comparison = query.sort.descending ? sql`<` : sql`>`;
      keys = keys.where(sql<SqlBool>`(${sql.ref(column)}, seq) ${comparison} (${after.value}, ${after.seq})`);
    }
    // Only the rows of the page are read; finding them needs the indices alone.
    const select = sqlite
      .selectFrom(keys.as('keys'))
      // A cross join, so that SQLite does not look through all alerts for those of the page.
      .crossJoin('alerts')
      .whereRef('alerts.seq', '=', 'keys.found')
      .select(['seq', `${column} as sort`, 'violations', 'body'])
      .orderBy(column, direction)
      .orderBy('seq', direction);
    return this.#database.read(select, 'long');
  }

  /** Counts what matches; the answer is kept until the next save. */
  #count(query: AlertQuery): Promise<number> {
    if (query.filters.length === 0 && !query.search && query.from === undefined && query.to === undefined) return this.#total();
    const text = JSON.stringify([query.search, String(query.from), String(query.to), query.filters]);
    const known = this.#counted.get(text);
    if (known?.version === this.#version) return known.matching;
    const select = sqlite
      .selectFrom('alerts')
      .select((builder) => builder.fn.countAll<bigint>().as('count'))
      .where((builder) => conditionsOf(builder, query));
    const matching = this.#database.readFirst(select, 'long').then((row) => Number(row?.count ?? 0));
    if (this.#counted.size >= 100) this.#counted.clear();
    this.#counted.set(text, { version: this.#version, matching });
    matching.catch(() => this.#counted.delete(text));
    return matching;
  }

  async #total(): Promise<number> {
    const row = await this.#database.readFirst(sqlite.selectFrom('counters').select('value').where('name', '=', 'alerts'));
    return Number(row?.value ?? 0);
  }

  async #complete(rows: readonly FoundRow[]): Promise<StoredAlert[]> {
    const aggregated = rows.filter((row) => row.violations > 0n).map((row) => row.seq);
    const violations = new Map<bigint, Violation[]>(aggregated.map((seq) => [seq, []]));
    if (aggregated.length > 0) {
      const query = sqlite
        .selectFrom('alert_violations')
        .select(['alert', 'body'])
        .where(sql<SqlBool>`alert IN (SELECT value FROM json_each(${`[${aggregated.join(',')}]`}))`)
        .orderBy('alert')
        .orderBy('position');
      for (const row of await this.#database.read(query, 'long')) violations.get(row.alert)?.push(violationOf(row.body));
    }
    // An alert that was saved with fewer rows than before leaves the former ones behind.
    return rows.map((row) => alertOf(row.body, (violations.get(row.seq) ?? []).slice(0, Number(row.violations))));
  }
}
