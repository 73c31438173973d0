/**
 * What back ends are told: feedback about cloud-to-device messages, and files that devices uploaded. A notice is locked while
 * a back end has it, comes back when that does not settle it, and ends after an hour or ten deliveries.
 */
import type { Sql } from './sql.ts';

export type NoticeKind = 'feedback' | 'file';

export interface Notice {
  readonly sequence: number;
  /** JSON text. */
  readonly body: string;
  readonly created: number;
  readonly deliveries: number;
}

export interface NoticeLimits {
  readonly lifetimeMs: number;
  readonly lockMs: number;
  readonly maxDeliveries: number;
  /** Notices kept for each kind; the oldest give way. */
  readonly kept: number;
}

export class Notices {
  readonly #sql: Sql;
  readonly #limits: NoticeLimits;

  constructor(sql: Sql, limits: NoticeLimits) {
    this.#sql = sql;
    this.#limits = limits;
  }

  add(kind: NoticeKind, body: string, now: number): void {
    const sequence = this.#sql.insert('INSERT INTO notice (kind, body, created) VALUES (?, ?, ?)', kind, body, now);
    this.#sql.run(
      `DELETE FROM notice WHERE kind = ?1 AND sequence <= (SELECT sequence FROM notice WHERE kind = ?1 AND sequence <= ?2 ORDER BY sequence DESC LIMIT 1 OFFSET ?3)`,
      kind,
      sequence,
      this.#limits.kept,
    );
  }

  /** The oldest notices that nobody has, locked for `holder`. */
  take(kind: NoticeKind, holder: string, limit: number, now: number): Notice[] {
    const rows = this.#sql.all(
      `SELECT sequence, body, created, deliveries FROM notice
       WHERE kind = ? AND (locked_until IS NULL OR locked_until <= ?) AND created > ? ORDER BY sequence LIMIT ?`,
      kind,
      now,
      now - this.#limits.lifetimeMs,
      limit,
    );
    return rows.map((row) => {
      this.#sql.run(
        'UPDATE notice SET locked_until = ?, holder = ?, deliveries = deliveries + 1 WHERE sequence = ?',
        now + this.#limits.lockMs,
        holder,
        row['sequence'],
      );
      return {
        sequence: Number(row['sequence']),
        body: String(row['body']),
        created: Number(row['created']),
        deliveries: Number(row['deliveries']),
      };
    });
  }

  /** How many wait, and since when the oldest does. */
  waiting(kind: NoticeKind, now: number): { count: number; oldest: number } {
    const row = this.#sql.get(
      'SELECT count(*) AS n, min(created) AS oldest FROM notice WHERE kind = ? AND (locked_until IS NULL OR locked_until <= ?) AND created > ?',
      kind,
      now,
      now - this.#limits.lifetimeMs,
    );
    return { count: Number(row?.['n'] ?? 0), oldest: Number(row?.['oldest'] ?? 0) };
  }

  /** Ends notices that a holder has (`done`), or puts them back. What it no longer has is passed over. */
  settle(sequences: readonly number[], holder: string, done: boolean): void {
    for (const sequence of sequences) {
      if (done) this.#sql.run('DELETE FROM notice WHERE sequence = ? AND holder = ?', sequence, holder);
      else this.#sql.run('UPDATE notice SET locked_until = NULL, holder = NULL WHERE sequence = ? AND holder = ?', sequence, holder);
    }
    if (!done) this.#sql.run('DELETE FROM notice WHERE deliveries >= ? AND locked_until IS NULL', this.#limits.maxDeliveries);
  }

  /** Puts back everything that a holder has. */
  release(holder: string): void {
    this.#sql.run('UPDATE notice SET locked_until = NULL, holder = NULL WHERE holder = ?', holder);
  }

  releaseAll(): void {
    this.#sql.run('UPDATE notice SET locked_until = NULL, holder = NULL WHERE holder IS NOT NULL');
  }

  sweep(now: number): void {
    this.#sql.run('DELETE FROM notice WHERE created <= ?', now - this.#limits.lifetimeMs);
  }
}
