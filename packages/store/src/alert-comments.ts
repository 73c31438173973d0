/** What people say about alerts. Comments are only ever added; they go with their alert. */
import { type Database, sqlite } from './database.ts';

export interface AlertComment {
  /** Counts up with the comments of an alert. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly who: string;
  readonly text: string;
}

export class AlertComments {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds a comment; undefined when the alert is gone. */
  async add(alert: string, comment: Omit<AlertComment, 'number'>): Promise<AlertComment | undefined> {
    const [row] = await this.#database.writeReturning([
      {
        sql: `INSERT INTO alert_comments (alert, number, at, who, text)
              SELECT seq, 1 + (SELECT count(*) FROM alert_comments WHERE alert = seq), ?2, ?3, ?4 FROM alerts WHERE id = ?1 RETURNING number`,
        rows: [[alert, comment.at, comment.who, comment.text]],
        returning: true,
      },
    ]);
    return row && { ...comment, number: Number(row['number']) };
  }

  /** The comments of an alert, oldest first. */
  async of(alert: string): Promise<AlertComment[]> {
    const rows = await this.#database.read(
      sqlite
        .selectFrom('alert_comments')
        .innerJoin('alerts', 'alerts.seq', 'alert_comments.alert')
        .select(['number', 'at', 'who', 'text'])
        .where('alerts.id', '=', alert)
        .orderBy('number'),
    );
    return rows.map((row) => ({ ...row, number: Number(row.number), at: Number(row.at) }));
  }
}
