/** What people and the system decided about alerts, one row a decision: an alert's history, and what undoing needs. */
import type { AlertState } from '@annunciator/core/alert';
import { sql, type SqlBool } from 'kysely';
import { type Database, sqlite } from './database.ts';
import type { Statement } from './sqlite-messages.ts';

export interface AlertDecision {
  /** Id of the alert. */
  readonly alert: string;
  /** The alert's revision after it. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Name of the person; null when the system decided. */
  readonly who: string | null;
  /** A verb of the audit log, such as `alert.learn`. */
  readonly action: string;
  /** Id of the job that decided about many; null for a decision about one. */
  readonly job: string | null;
  readonly before: AlertState;
  readonly after: AlertState;
}

/**
 * Writes decisions beside the alerts they are about, in the same transaction and after these. One statement for all, since a
 * job decides about alerts by the thousand.
 * @param numberOf sequence number of an alert by its id, where it is at hand
 */
export function decisionStatement(decisions: readonly AlertDecision[], numberOf: ReadonlyMap<string, number>): Statement {
  const rows = decisions.map(({ alert, revision, at, who, action, job, before, after }) => [
    numberOf.get(alert) ?? null,
    alert,
    revision,
    at,
    who,
    action,
    job,
    textOf(before),
    textOf(after),
  ]);
  return {
    sql: `INSERT INTO alert_decisions (alert, revision, at, who, action, job, before, after)
          SELECT alerts.seq, row ->> 2, row ->> 3, row ->> 4, row ->> 5, row ->> 6, row ->> 7, row ->> 8
          FROM (SELECT value AS row FROM json_each(?))
          CROSS JOIN alerts ON alerts.seq = coalesce(row ->> 0, (SELECT named.seq FROM alerts AS named WHERE named.id = row ->> 1))
          WHERE true ON CONFLICT DO NOTHING`,
    rows: decisions.length > 0 ? [[JSON.stringify(rows)]] : [],
  };
}

export class AlertDecisions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The newest decisions about an alert, newest first. */
  async of(alert: string, limit: number): Promise<AlertDecision[]> {
    const rows = await this.#database.read(
      decisions().where('alerts.id', '=', alert).orderBy('alert_decisions.revision', 'desc').limit(limit),
    );
    return rows.map(decisionOf);
  }

  /** Decisions of a job, by the order in which their alerts were first saved; `after` is where the last call ended. */
  async ofJob(
    job: string,
    after: number,
    limit: number,
  ): Promise<{ readonly decisions: readonly AlertDecision[]; readonly after: number }> {
    const query = decisions()
      .select('alert_decisions.alert as seq')
      .where('job', '=', job)
      .where(sql<SqlBool>`alert_decisions.alert > ${after}`)
      .orderBy('alert_decisions.alert')
      .limit(limit);
    const rows = await this.#database.read(query, 'long');
    return { decisions: rows.map(decisionOf), after: Number(rows.at(-1)?.seq ?? after) };
  }
}

function decisions() {
  return sqlite
    .selectFrom('alert_decisions')
    .innerJoin('alerts', 'alerts.seq', 'alert_decisions.alert')
    .select(['alerts.id as alert', 'alert_decisions.revision', 'at', 'who', 'action', 'job', 'before', 'after']);
}

function decisionOf(row: {
  alert: string;
  revision: bigint;
  at: bigint;
  who: string | null;
  action: string;
  job: string | null;
  before: string;
  after: string;
}): AlertDecision {
  const { alert, who, action, job } = row;
  return {
    alert,
    revision: Number(row.revision),
    at: Number(row.at),
    who,
    action,
    job,
    before: stateOf(row.before),
    after: stateOf(row.after),
  };
}

/** The four parts in order: an array is half as long as names. */
function textOf({ status, disposition, closeReason, portalSeverity }: AlertState): string {
  return JSON.stringify([status, disposition, closeReason, portalSeverity]);
}

function stateOf(text: string): AlertState {
  // Written by textOf.
  const [status, disposition, closeReason, portalSeverity] = JSON.parse(text) as [
    AlertState['status'],
    AlertState['disposition'],
    AlertState['closeReason'],
    AlertState['portalSeverity'],
  ];
  return { status, disposition, closeReason, portalSeverity };
}
