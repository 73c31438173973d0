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
  GroupColumn,
  Groups,
  OpenAlerts,
  StoredAlert,
} from './alert-query.ts';
import { type AlertDecision, decisionStatement } from './alert-decisions.ts';
import { type FindingRecord, findingStatement } from './finding-records.ts';
import type { IndexClient } from './alert-index/index-client.ts';
import {
  type AlertRow,
  alertOf,
  alertRow,
  evidenceOf,
  indexedAlert,
  recordOf,
  type TacticsOf,
  violationBody,
  violationOf,
} from './alert-row.ts';
import { type Database, sqlite } from './database.ts';
import type { SqliteValue, Statement } from './sqlite-messages.ts';

/** Alerts whose violation rows are remembered, so that a save writes only the new ones. */
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
]);

type RowWithEvidence = AlertRow & { readonly body: string };

export class SqliteAlertStore implements AlertStore {
  readonly #database: Database;
  readonly #index: IndexClient;
  readonly #tacticsOf: TacticsOf;
  /** The rows of violations that are in the database, by alert; their values never change, so identity tells. */
  readonly #written = new Map<string, readonly Violation[]>();
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
    decisions: readonly AlertDecision[] = [],
    findings: readonly FindingRecord[] = [],
  ): Promise<number> {
    if (alerts.length === 0) {
      if (findings.length > 0) await this.#database.write([findingStatement(findings)]);
      return this.#lastChange;
    }
    const rows = alerts.map((alert) => alertRow(alert, ++this.#lastChange, this.#tacticsOf(alert.type)));
    const last = this.#lastChange;
    const columns = Object.keys(rows[0]);
    const updates = columns.filter((column) => !WRITTEN_ONCE.has(column)).map((column) => `${column} = excluded.${column}`);
    const statements: Statement[] = [
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
    if (decisions.length > 0) statements.push(decisionStatement(decisions));
    if (findings.length > 0) statements.push(findingStatement(findings));
    const written = await this.#database.writeReturning(statements);
    this.#index.apply(rows.map((row, at) => indexedAlert(row, Number(written[at]['seq']), Number(written[at]['born']))));
    for (const alert of alerts) this.#remember(alert);
    return last;
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
    return (await this.list([id]))[0];
  }

  async list(ids: readonly string[]): Promise<readonly StoredAlert[]> {
    return this.#complete(
      await this.#database.read(withEvidence().where(sql<SqlBool>`id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)),
    );
  }

  async page(query: AlertQuery, limit: number, cursor: string | null): Promise<AlertPage> {
    const { rows, next, matching, total } = await this.#index.ask('page', { query, limit, cursor });
    return { alerts: rows.map(recordOf), next, matching, total };
  }

  groups(match: AlertMatch, column: GroupColumn): Promise<Groups> {
    return this.#index.ask('groups', { match, column });
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

  async batch(match: AlertMatch, after: number, limit: number): Promise<{ alerts: readonly StoredAlert[]; after: number }> {
    const found = await this.#index.ask('batch', { match, after, limit });
    // The columns of `withEvidence`.
    return { alerts: await this.#complete(found.rows as unknown as RowWithEvidence[]), after: found.after };
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
    const query = withEvidence()
      .where('sensor', '=', sensor)
      // As the partial index of open alerts says it.
      .where(sql<SqlBool>`status <> 'Closed'`)
      .where(sql<SqlBool>`traffic IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`);
    return this.#complete(await this.#database.read(query));
  }

  silencing(): AsyncIterable<readonly StoredAlert[]> {
    return this.#inOrder(sql<SqlBool>`disposition <> 'none'`);
  }

  awaitingPackets(): AsyncIterable<readonly StoredAlert[]> {
    return this.#inOrder(sql<SqlBool>`pcap_state = 'requested'`);
  }

  async *#inOrder(condition: ReturnType<typeof sql<SqlBool>>): AsyncIterable<readonly StoredAlert[]> {
    for (let after = -1n; ; ) {
      const query = withEvidence().where(condition).where('alerts.seq', '>', after).orderBy('alerts.seq').limit(BATCH);
      const rows = await this.#database.read(query, 'long');
      const last = rows.at(-1);
      if (!last) return;
      yield await this.#complete(rows);
      after = last.seq;
    }
  }

  async remove(ids: readonly string[]): Promise<void> {
    const removed = await this.#database.writeReturning([
      { sql: 'DELETE FROM alerts WHERE id = ? RETURNING seq', rows: ids.map((id) => [id]), returning: true },
    ]);
    this.#index.remove(removed.map((row) => Number(row['seq'])));
    for (const id of ids) this.#written.delete(id);
  }

  async #complete(rows: readonly RowWithEvidence[]): Promise<StoredAlert[]> {
    const aggregated = rows.filter((row) => row.violations > 0n).map((row) => row.seq);
    const violations = new Map<bigint, Violation[]>(aggregated.map((seq) => [seq, []]));
    if (aggregated.length > 0) {
      const query = sqlite
        .selectFrom('alert_violations')
        .select(['alert', 'body'])
        .where(sql<SqlBool>`alert IN (SELECT value FROM json_each(${`[${aggregated.join(',')}]`}))`)
        .orderBy('alert')
        .orderBy('position');
      for (const row of await this.#database.read(query)) violations.get(row.alert)?.push(violationOf(row.body));
    }
    // An alert that was saved with fewer rows than before leaves the former ones behind.
    return rows.map((row) => alertOf(row, row.body, (violations.get(row.seq) ?? []).slice(0, Number(row.violations))));
  }
}

function withEvidence() {
  return sqlite
    .selectFrom('alerts')
    .innerJoin('alert_evidence', 'alert_evidence.seq', 'alerts.seq')
    .selectAll('alerts')
    .select('alert_evidence.body');
}
