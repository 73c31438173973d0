/** What a sensor knows and must not forget: what was learned or muted, and its devices. */
import type { DeviceRecord } from '@annunciator/core/device';
import type { Silencer } from '@annunciator/core/silencer';
import { bodyOf, factsOf } from './device-body.ts';
import { type Database, sqlite, statement } from './database.ts';

/** What learned and muted alerts silence; kept when the alerts are gone. */
export class Silencers {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  put(sensor: string, silencer: Silencer): Promise<void> {
    const row = { sensor, alert: silencer.alert, body: JSON.stringify({ ...silencer, since: String(silencer.since) }) };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('silencers')
          .values(row)
          .onConflict((conflict) => conflict.columns(['sensor', 'alert']).doUpdateSet(row)),
      ),
    ]);
  }

  /** Removes the silence of an alert. */
  remove(sensor: string, alert: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('silencers').where('sensor', '=', sensor).where('alert', '=', alert))]);
  }

  async list(sensor: string): Promise<Silencer[]> {
    const rows = await this.#database.read(sqlite.selectFrom('silencers').select('body').where('sensor', '=', sensor).orderBy('alert'));
    return rows.map(({ body }) => {
      const { since, ...rest } = JSON.parse(body);
      return { ...rest, since: BigInt(since) };
    });
  }
}

/** A device as a sensor knows it. */
export interface StoredDevice {
  readonly sensor: string;
  readonly record: DeviceRecord;
}

export class Devices {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Writes new and changed devices in one transaction. */
  put(sensor: string, devices: readonly DeviceRecord[]): Promise<void> {
    const sql = `INSERT INTO devices (sensor, id, first_seen, last_seen, body) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (sensor, id) DO UPDATE SET first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
      body = excluded.body`;
    const rows = devices.map((record) => [sensor, record.id, record.firstSeen, record.lastSeen, bodyOf(record)]);
    return this.#database.write([{ sql, rows }]);
  }

  async get(sensor: string, id: string): Promise<StoredDevice | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('devices').selectAll().where('sensor', '=', sensor).where('id', '=', id));
    return row && deviceOf(row);
  }

  /** Devices of one sensor, or of all. */
  async list(sensor?: string): Promise<StoredDevice[]> {
    let query = sqlite.selectFrom('devices').selectAll().orderBy('sensor').orderBy('id');
    if (sensor !== undefined) query = query.where('sensor', '=', sensor);
    return (await this.#database.read(query)).map(deviceOf);
  }

  remove(sensor: string, ids: readonly string[]): Promise<void> {
    return this.#database.write([{ sql: 'DELETE FROM devices WHERE sensor = ? AND id = ?', rows: ids.map((id) => [sensor, id]) }]);
  }
}

function deviceOf(row: { sensor: string; id: string; first_seen: bigint; last_seen: bigint; body: string }): StoredDevice {
  return { sensor: row.sensor, record: { ...factsOf(row.body), id: row.id, firstSeen: row.first_seen, lastSeen: row.last_seen } };
}
