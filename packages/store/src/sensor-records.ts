/** What a sensor knows and must not forget: what was learned or muted. */
import type { Silencer } from '@annunciator/core/silencer';
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
