/** Jobs that do one action on many alerts: what was asked, how far it has come, what it could not do. */
import { type AuditEntry, auditStatement } from './audit-log.ts';
import { type Database, sqlite } from './database.ts';
import type { JsonValue } from './settings.ts';
import type { Statement } from './sqlite-messages.ts';

export type JobState = 'running' | 'done' | 'cancelled' | 'failed';

/** Alerts that one reason kept from changing. */
export interface JobRefusal {
  readonly code: string;
  /** The sentence for one of them. */
  readonly message: string;
  readonly count: number;
  /** The first ones. */
  readonly ids: readonly string[];
}

export interface JobRecord {
  readonly id: string;
  /** Chosen by the client: the same person asking with the same key gets the same job. */
  readonly key: string;
  readonly who: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly finished: number | null;
  readonly state: JobState;
  /** What is done, and with which alerts: the server's own form. */
  readonly asked: JsonValue;
  readonly total: number;
  /** Where to go on: everything before is done. */
  readonly position: number;
  readonly done: number;
  readonly changed: number;
  readonly refused: readonly JobRefusal[];
  /** Alerts that were changed, by sensor. */
  readonly sensors: Readonly<Record<string, number>>;
  /** The job that this one undoes, and the one that undid this. */
  readonly undoes: string | null;
  readonly undoneBy: string | null;
  /** Why it failed. */
  readonly problem: string | null;
}

/** Jobs that are kept, the newest. */
const KEPT = 500;

/** Writes a job as it is now; beside alerts, so that what is done and what is said to be done are the same. */
export function jobStatement(job: JobRecord): Statement {
  const row = [job.id, `${job.who}\n${job.key}`, job.created, job.state, JSON.stringify(job)];
  return {
    sql: `INSERT INTO alert_jobs (id, who_key, created, state, body) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`,
    rows: [row],
  };
}

export class AlertJobRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds or changes jobs in one transaction, with an entry of the audit log. */
  async put(jobs: readonly JobRecord[], entry?: AuditEntry): Promise<void> {
    const oldest = {
      sql: `DELETE FROM alert_jobs WHERE rowid <= (SELECT max(rowid) FROM alert_jobs) - ${KEPT} AND state <> 'running'`,
      rows: [[]],
    };
    await this.#database.write([...jobs.map(jobStatement), oldest, ...(entry ? [auditStatement(entry)] : [])]);
  }

  async get(id: string): Promise<JobRecord | undefined> {
    return jobOf(await this.#database.readFirst(sqlite.selectFrom('alert_jobs').select('body').where('id', '=', id)));
  }

  /** The job that a person asked for with a key. */
  async byKey(who: string, key: string): Promise<JobRecord | undefined> {
    return jobOf(await this.#database.readFirst(sqlite.selectFrom('alert_jobs').select('body').where('who_key', '=', `${who}\n${key}`)));
  }

  /** The newest jobs, newest first. */
  async list(limit: number): Promise<JobRecord[]> {
    const rows = await this.#database.read(sqlite.selectFrom('alert_jobs').select('body').orderBy('rowid', 'desc').limit(limit));
    return rows.flatMap((row) => jobOf(row) ?? []);
  }

  /** Jobs that an earlier run began and did not finish, oldest first. */
  async running(): Promise<JobRecord[]> {
    const rows = await this.#database.read(sqlite.selectFrom('alert_jobs').select('body').where('state', '=', 'running').orderBy('rowid'));
    return rows.flatMap((row) => jobOf(row) ?? []);
  }
}

function jobOf(row: { readonly body: string } | undefined): JobRecord | undefined {
  // Written by jobStatement.
  return row && (JSON.parse(row.body) as JobRecord);
}
