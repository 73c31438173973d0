/** Who is part of whom, and what people took apart. */
import { type Database, sqlite, statement } from '../database.ts';

/** How a device became part of another one, and what undoing it needs. */
export interface DeviceUnionRecord {
  readonly part: number;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What the sensor said was moved; opaque here. */
  readonly body: string;
}

export class DeviceUnions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(unions: readonly DeviceUnionRecord[]): Promise<void> {
    const query =
      'INSERT INTO device_unions (part, by_whom, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (part) DO UPDATE SET by_whom = excluded.by_whom, at = excluded.at, body = excluded.body';
    return this.#database.write([{ sql: query, rows: unions.map(({ part, by, at, body }) => [part, by, at, body]) }]);
  }

  async get(part: number): Promise<DeviceUnionRecord | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('device_unions').selectAll().where('part', '=', BigInt(part)));
    return row && { part, by: row.by_whom, at: Number(row.at), body: row.body };
  }

  remove(part: number): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('device_unions').where('part', '=', BigInt(part)))]);
  }

  /** Addresses of a sensor that stay apart. */
  async apart(sensor: string): Promise<string[]> {
    const rows = await this.#database.read(
      sqlite.selectFrom('devices_apart').select('address').where('sensor', '=', sensor).orderBy('address'),
    );
    return rows.map(({ address }) => address);
  }

  keepApart(sensor: string, addresses: readonly string[]): Promise<void> {
    return this.#database.write([
      {
        sql: 'INSERT INTO devices_apart (sensor, address) VALUES (?, ?) ON CONFLICT DO NOTHING',
        rows: addresses.map((address) => [sensor, address]),
      },
    ]);
  }

  letJoin(sensor: string, addresses: readonly string[]): Promise<void> {
    return this.#database.write([
      { sql: 'DELETE FROM devices_apart WHERE sensor = ? AND address = ?', rows: addresses.map((address) => [sensor, address]) },
    ]);
  }
}
