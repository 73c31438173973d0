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

/** Writes decisions beside the alerts they are about, in the same transaction. */
export function decisionStatement(decisions: readonly AlertDecision[]): Statement {
  return {
    sql: `INSERT INTO alert_decisions (alert, revision, at, who, action, job, before, after)
          SELECT seq, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM alerts WHERE id = ?1 ON CONFLICT DO NOTHING`,
    rows: decisions.map(({ alert, revision, at, who, action, job, before, after }) => [
      alert,
      revision,
      at,
      who,
      action,
      job,
      textOf(before),
      textOf(after),
    ]),
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
