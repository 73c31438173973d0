/** Which file holds the packets of an alert. The files themselves are somebody else's. */
import { type Database, sqlite, statement } from './database.ts';

export interface EvidenceRecord {
  readonly alert: string;
  readonly sensor: string;
  /** Of the file, lower-case hexadecimal: its name, too. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly packets: number;
}

export class EvidenceRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Adds the record of an alert, or replaces it where it stands in the order. */
  put(record: EvidenceRecord): Promise<void> {
    const row = { ...record };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('evidence')
          .values(row)
          .onConflict((conflict) => conflict.column('alert').doUpdateSet(row)),
      ),
    ]);
  }

  remove(alerts: readonly string[]): Promise<void> {
    return this.#database.write([{ sql: 'DELETE FROM evidence WHERE alert = ?', rows: alerts.map((alert) => [alert]) }]);
  }

  /** All records, in the order in which their alerts got packets. */
  async list(): Promise<EvidenceRecord[]> {
    const rows = await this.#database.read(
      sqlite.selectFrom('evidence').select(['alert', 'sensor', 'sha256', 'size', 'packets']).orderBy('seq'),
      'long',
    );
    return rows.map((row) => ({ ...row, size: Number(row.size), packets: Number(row.packets) }));
  }
}
