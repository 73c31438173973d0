/** The databases of a data directory: `hub.sqlite`, and one `state.sqlite` in each partition's folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HubError } from '../hub-error.ts';
import { HubRecords } from './hub-records.ts';
import { Partition, type StateLimits } from './partition.ts';
import { HUB_REQUESTS, PARTITION_REQUESTS } from './requests.ts';
import { type Sql, storageError } from './sql.ts';

export const HUB = -1;

/** A request as it crosses threads. */
export interface StateRequest {
  readonly id: number;
  /** {@link HUB} for the hub's own records. */
  readonly partition: number;
  readonly name: string;
  readonly input: object;
}

export function partitionFolder(directory: string, partition: number): string {
  return join(directory, 'partitions', String(partition));
}

export class DatabaseFiles {
  readonly #hub: HubRecords;
  readonly #partitions: readonly Partition[];
  readonly #begun = new Set<Sql>();
  /** Transactions that SQLite itself ended, with why: nothing of them stays, so every request in them has failed. */
  readonly #ended = new Map<Sql, unknown>();

  /**
   * Opens the databases, makes them when there are none.
   * @param partitions for a new hub; one that exists keeps its number
   */
  constructor(directory: string, partitions: number, limits: StateLimits, now: number) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#hub = new HubRecords(join(directory, 'hub.sqlite'));
    const kept = this.#hub.setting('partitions');
    if (kept === undefined) this.#hub.setSetting('partitions', String(partitions));
    const count = kept === undefined ? partitions : Number(kept);
    this.#partitions = Array.from({ length: count }, (_, partition) => {
      const folder = partitionFolder(directory, partition);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const opened = new Partition(join(folder, 'state.sqlite'), limits);
      opened.afterStart(now);
      return opened;
    });
  }

  get partitions(): number {
    return this.#partitions.length;
  }

  /** Does one request within the open transaction of its database. @throws what the request throws; nothing of it stays */
  perform({ partition, name, input }: StateRequest): unknown {
    const sql = this.#sqlOf(partition);
    if (this.#ended.has(sql)) throw this.#ended.get(sql);
    if (!this.#begun.has(sql)) {
      sql.execute('BEGIN IMMEDIATE');
      this.#begun.add(sql);
    }
    sql.execute('SAVEPOINT request');
    try {
      const answer = this.#run(partition, name, input);
      sql.execute('RELEASE request');
      return answer;
    } catch (error) {
      const refusal = storageError(error);
      if (sql.inTransaction) {
        sql.execute('ROLLBACK TO request');
        sql.execute('RELEASE request');
      } else this.#ended.set(sql, refusal);
      throw refusal;
    }
  }

  #sqlOf(partition: number): Sql {
    const owner = partition === HUB ? this.#hub : this.#partitions[partition];
    if (!owner) throw new HubError('ServerError', `There is no partition ${partition}.`);
    return owner.sql;
  }

  #run(partition: number, name: string, input: object): unknown {
    // HubState's types tie names to inputs; here they meet again.
    if (partition === HUB)
      return (HUB_REQUESTS as unknown as Record<string, (hub: HubRecords, input: object) => unknown>)[name](this.#hub, input);
    const handlers = PARTITION_REQUESTS as unknown as Record<string, (partition: Partition, input: object) => unknown>;
    return handlers[name](this.#partitions[partition], input);
  }

  /** Makes everything since the last commit durable. Returns the failures by partition; what failed is undone. */
  commit(): Map<number, unknown> {
    const failed = new Map<number, unknown>();
    for (let partition = HUB; partition < this.#partitions.length; partition++) {
      const sql = this.#sqlOf(partition);
      if (!this.#begun.has(sql)) continue;
      try {
        if (this.#ended.has(sql)) throw this.#ended.get(sql);
        sql.execute('COMMIT');
      } catch (error) {
        if (sql.inTransaction) sql.execute('ROLLBACK');
        failed.set(partition, storageError(error));
      }
    }
    this.#begun.clear();
    this.#ended.clear();
    return failed;
  }

  close(): void {
    for (const { sql } of this.#partitions) sql.close();
    this.#hub.sql.close();
  }
}
