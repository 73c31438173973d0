/** The alerts on SQLite, with the alert index for what lists ask. */
import type { Violation } from '@annunciator/core/alert';
import { sql, type SqlBool } from 'kysely';
import type {
  AlertMatch,
  AlertPage,
  AlertQuery,
  AlertRecord,
  AlertStore,
  Changes,
  ExportedColumn,
  GroupColumn,
  Groups,
  OpenAlerts,
  SavedBeside,
  Series,
  SeriesQuery,
  StoredAlert,
} from './alert-query.ts';
import { decisionStatement } from './alert-decisions.ts';
import { jobStatement } from './alert-jobs.ts';
import { findingStatement } from './finding-records.ts';
import type { IndexClient } from './alert-index/index-client.ts';
import {
  alertOf,
  alertRow,
  decidedAlert,
  evidenceOf,
  indexedAlert,
  recordOf,
  seqOf,
  severityRank,
  type TacticsOf,
  violationBody,
  violationOf,
  violationsOf,
  WHOLE_COLUMNS,
  type WholeRow,
} from './alert-row.ts';
import { type Database, sqlite } from './database.ts';
import { RecentMap } from './recent-map.ts';
import type { SqliteValue, Statement } from './sqlite-messages.ts';
import { textHash } from './text-hash.ts';

/** Alerts whose number and violation rows are remembered, so that a save looks for nothing and writes only new rows. */
const REMEMBERED = 10_000;
const BATCH = 500;

/** Columns that stay as the alert was raised. */
const WRITTEN_ONCE = new Set([
  'id',
  'born',
  'title',
  'engine',
  'category',
  'type',
  'first_detection',
  'tactics',
  'message',
  'flood',
  'traffic',
  'traffic_hash',
]);

export class SqliteAlertStore implements AlertStore {
  readonly #database: Database;
  readonly #index: IndexClient;
  readonly #tacticsOf: TacticsOf;
  /** The rows of violations that are in the database, by alert; their values never change, so identity tells. */
  readonly #written = new RecentMap<readonly Violation[]>(REMEMBERED);
  /** Sequence numbers of alerts that were read or written of late, by id. */
  readonly #numbers = new RecentMap<number>(REMEMBERED);
  #lastChange: number;

  constructor(database: Database, index: IndexClient, tacticsOf: TacticsOf) {
    this.#database = database;
    this.#index = index;
    this.#tacticsOf = tacticsOf;
    this.#lastChange = index.lastChange;
  }

  get lastChange(): number {
    return this.#lastChange;
  }

  async save(
    alerts: readonly StoredAlert[],
    { decided = [], decisions = [], jobs = [], findings = [] }: SavedBeside = {},
  ): Promise<number> {
    const numbers = await this.#numbersOf(decided.map(({ id }) => id));
    const rows = alerts.map((alert) => alertRow(alert, ++this.#lastChange, this.#tacticsOf(alert.type)));
    // An alert that was removed meanwhile has no number.
    const numbered = decided.flatMap((alert): Decided | [] => {
      const seq = numbers.get(alert.id);
      return seq === undefined ? [] : { alert, seq, change: ++this.#lastChange };
    });
    const last = this.#lastChange;
    const statements = [
      ...this.#wholeStatements(alerts, rows),
      decidedStatement(numbered),
      decisionStatement(decisions, numbers),
      ...jobs.map(jobStatement),
      findingStatement(findings),
    ];
    const written = await this.#database.writeReturning(statements.filter((one) => one.rows.length > 0));
    this.#index.apply(rows.map((row, at) => indexedAlert(row, Number(written[at]['seq']), Number(written[at]['born']))));
    if (numbered.length > 0) this.#index.decide(numbered.map(({ alert, seq, change }) => decidedAlert(alert, seq, change)));
    for (const [at, alert] of alerts.entries()) {
      this.#numbers.set(alert.id, Number(written[at]['seq']));
      if (alert.violations.length > 0) this.#written.set(alert.id, alert.violations);
    }
    return last;
  }

  /** Sequence numbers by id, for those alerts that are there. */
  async #numbersOf(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const numbers = new Map<string, number>();
    const unknown: string[] = [];
    for (const id of ids) {
      const number = this.#numbers.get(id);
      if (number === undefined) unknown.push(id);
      else numbers.set(id, number);
    }
    if (unknown.length === 0) return numbers;
    const query = 'SELECT id, seq FROM alerts WHERE id IN (SELECT value FROM json_each(?))';
    const found = await this.#database.readArrays(query, [JSON.stringify(unknown)]);
    for (const [id, seq] of found) numbers.set(String(id), Number(seq));
    return numbers;
  }

  /** Writes whole alerts; the first statement gives number and birth of each. */
  #wholeStatements(alerts: readonly StoredAlert[], rows: readonly ReturnType<typeof alertRow>[]): Statement[] {
    const columns = Object.keys(rows[0] ?? {});
    const updates = columns.filter((column) => !WRITTEN_ONCE.has(column)).map((column) => `${column} = excluded.${column}`);
    return [
      {
        sql: `INSERT INTO alerts (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
              ON CONFLICT (id) DO UPDATE SET ${updates.join(', ')} RETURNING seq, born`,
        // Object.values follows the order of the keys, and every row has the same.
        rows: rows.map((row) => Object.values(row) as SqliteValue[]),
        returning: true,
      },
      {
        sql: `INSERT INTO alert_evidence (seq, body) SELECT seq, ?2 FROM alerts WHERE id = ?1
              ON CONFLICT (seq) DO UPDATE SET body = excluded.body WHERE body <> excluded.body`,
        rows: alerts.map((alert) => [alert.id, evidenceOf(alert)]),
      },
      {
        sql: `INSERT INTO alert_violations (alert, position, body) SELECT seq, ?2, ?3 FROM alerts WHERE id = ?1
              ON CONFLICT (alert, position) DO UPDATE SET body = excluded.body`,
        rows: alerts.flatMap((alert) => this.#newViolations(alert)),
      },
    ];
  }

  #newViolations(alert: StoredAlert): SqliteValue[][] {
    const written = this.#written.get(alert.id);
    const rows: SqliteValue[][] = [];
    for (const [position, violation] of alert.violations.entries()) {
      if (written?.[position] !== violation) rows.push([alert.id, position, violationBody(violation)]);
    }
    return rows;
  }

  async get(id: string): Promise<StoredAlert | undefined> {
    return (await this.list([id]))[0];
  }

  async list(ids: readonly string[]): Promise<readonly StoredAlert[]> {
    return this.#read('id IN (SELECT value FROM json_each(?))', [JSON.stringify(ids)]);
  }

  async page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage> {
    const { rows, next, matching, total } = await this.#index.ask('page', { query, limit, cursor });
    return { alerts: rows.map(recordOf), next, matching, total };
  }

  count(match: AlertMatch): Promise<number> {
    return this.#index.ask('count', { match });
  }

  groups(match: AlertMatch, column: GroupColumn): Promise<Groups> {
    return this.#index.ask('groups', { match, column });
  }

  series(match: AlertMatch, series: SeriesQuery): Promise<readonly Series[]> {
    return this.#index.ask('series', { match, series });
  }

  openByDevice(): Promise<readonly OpenAlerts[]> {
    return this.#index.ask('openByDevice', {});
  }

  async *stream(query: AlertQuery, batch: number): AsyncIterable<readonly AlertRecord[]> {
    const stream = await this.#index.ask('open', { query });
    try {
      // The next rows are on their way while these are used.
      let next = this.#index.ask('next', { stream, limit: batch });
      for (;;) {
        const rows = await next;
        if (rows.length === 0) return;
        next = this.#index.ask('next', { stream, limit: batch });
        next.catch(() => undefined);
        yield rows.map(recordOf);
      }
    } finally {
      await this.#index.ask('end', { stream });
    }
  }

  async *csv(query: AlertQuery, columns: readonly ExportedColumn[], batch: number): AsyncIterable<Uint8Array> {
    const stream = await this.#index.ask('open', { query, csv: columns });
    try {
      // The next lines are written while these are sent.
      let next = this.#index.ask('nextCsv', { stream, limit: batch });
      for (;;) {
        const lines = await next;
        if (lines.length === 0) return;
        next = this.#index.ask('nextCsv', { stream, limit: batch });
        next.catch(() => undefined);
        yield lines;
      }
    } finally {
      await this.#index.ask('end', { stream });
    }
  }

  async batch(match: AlertMatch, after: number, limit: number): Promise<{ alerts: readonly StoredAlert[]; after: number }> {
    const found = await this.#index.ask('batch', { match, after, limit });
    return { alerts: await this.#complete(found.rows), after: found.after };
  }

  async changes(after: number, limit: number): Promise<Changes> {
    const { rows, changes, more } = await this.#index.ask('changes', { after, limit });
    const found = changes.flatMap(({ change, raised }, at) => {
      const row = rows[at];
      return row ? [{ change, raised, alert: recordOf(row) }] : [];
    });
    return { changes: found, last: changes.at(-1)?.change ?? after, more };
  }

  async openOf(sensor: string, keys: readonly string[]): Promise<readonly StoredAlert[]> {
    if (keys.length === 0) return [];
    const wanted = new Set(keys);
    const found = await this.#complete(await this.#index.ask('openOf', { traffic: keys.map(textHash) }));
    // Other texts may have the same number.
    return found.filter((alert) => alert.sensor === sensor && wanted.has(alert.key));
  }

  silencing(): AsyncIterable<readonly StoredAlert[]> {
    return this.#inOrder("disposition <> 'none'");
  }

  awaitingPackets(): AsyncIterable<readonly StoredAlert[]> {
    return this.#inOrder("pcap_state = 'requested'");
  }

  async *#inOrder(condition: string): AsyncIterable<readonly StoredAlert[]> {
    for (let after = -1; ; ) {
      const where = `${condition} AND alerts.seq > ? ORDER BY alerts.seq LIMIT ${BATCH}`;
      // The columns of WHOLE_COLUMNS.
      const rows = (await this.#database.readArrays(WHOLE + where, [after], 'long')) as unknown as WholeRow[];
      const last = rows.at(-1);
      if (!last) return;
      yield await this.#complete(rows);
      after = seqOf(last);
    }
  }

  /** Whole alerts that meet a condition. */
  async #read(condition: string, parameters: readonly SqliteValue[]): Promise<StoredAlert[]> {
    // The columns of WHOLE_COLUMNS.
    return this.#complete((await this.#database.readArrays(WHOLE + condition, parameters)) as unknown as WholeRow[]);
  }

  async remove(ids: readonly string[]): Promise<void> {
    const removed = await this.#database.writeReturning([
      { sql: 'DELETE FROM alerts WHERE id = ? RETURNING seq', rows: ids.map((id) => [id]), returning: true },
    ]);
    this.#index.remove(removed.map((row) => Number(row['seq'])));
    for (const id of ids) {
      this.#written.delete(id);
      this.#numbers.delete(id);
    }
  }

  async #complete(rows: readonly WholeRow[]): Promise<StoredAlert[]> {
    const violations = new Map<number, Violation[]>(rows.filter((row) => violationsOf(row) > 0).map((row) => [seqOf(row), []]));
    if (violations.size > 0) {
      const query = sqlite
        .selectFrom('alert_violations')
        .select(['alert', 'body'])
        .where(sql<SqlBool>`alert IN (SELECT value FROM json_each(${JSON.stringify([...violations.keys()])}))`)
        .orderBy('alert')
        .orderBy('position');
      for (const row of await this.#database.read(query)) violations.get(Number(row.alert))?.push(violationOf(row.body));
    }
    for (const row of rows) this.#numbers.set(row[0], seqOf(row));
    // An alert that was saved with fewer rows than before leaves the former ones behind.
    return rows.map((row) => alertOf(row, (violations.get(seqOf(row)) ?? []).slice(0, violationsOf(row))));
  }
}

const WHOLE = `SELECT ${WHOLE_COLUMNS} FROM alerts JOIN alert_evidence USING (seq) WHERE `;

interface Decided {
  readonly alert: StoredAlert;
  readonly seq: number;
  readonly change: number;
}

/** Writes what was decided about alerts, and nothing else of them; one statement for all, as a job decides about many. */
function decidedStatement(decided: readonly Decided[]): Statement {
  const rows = decided.map(({ alert, seq, change }) => {
    const { revision, portalSeverity, lastActivity, status, disposition, closeReason } = alert;
    // As text, since a number does not hold nanoseconds; the column makes it an integer.
    return [seq, change, revision, severityRank(alert), portalSeverity, String(lastActivity), status, disposition, closeReason];
  });
  return {
    sql: `UPDATE alerts SET change = row ->> 1, revision = row ->> 2, severity_rank = row ->> 3, portal_severity = row ->> 4,
            last_activity = row ->> 5, status = row ->> 6, disposition = row ->> 7, close_reason = row ->> 8
          FROM (SELECT value AS row FROM json_each(?)) WHERE alerts.seq = row ->> 0`,
    rows: decided.length > 0 ? [[JSON.stringify(rows)]] : [],
  };
}
