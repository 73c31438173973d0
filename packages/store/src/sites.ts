/** Sites, their zones, and the sensors that were registered in them. Names compare without regard to case. */
import { type Database, sqlite, statement } from './database.ts';

/** How a sensor watches: in the plant's network without or with a connection to a cloud, or in the enterprise network. */
export const SENSOR_TYPES = ['OT - locally connected', 'OT - cloud connected', 'Enterprise IoT'] as const;
export type SensorType = (typeof SENSOR_TYPES)[number];

export interface Site {
  /** What alerts and devices carry; it stays. */
  readonly name: string;
  /** What people read; the name when empty. */
  readonly displayName: string;
  readonly tags: Readonly<Record<string, string>>;
  /** E-mail addresses. */
  readonly owners: readonly string[];
}

export interface Zone {
  readonly site: string;
  readonly name: string;
}

export interface RegisteredSensor {
  readonly name: string;
  readonly type: SensorType;
  readonly site: string;
  readonly zone: string;
  /** Who registered it; null when it came up by itself. */
  readonly by: string | null;
  /** Milliseconds since 1970. */
  readonly registered: number;
  /** When packets first came from it; null while it is pending. */
  readonly activated: number | null;
  /** When it was last seen running. */
  readonly lastConnected: number | null;
}

export class Sites {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<Site[]> {
    const rows = await this.#database.read(sqlite.selectFrom('sites').selectAll().orderBy('name'));
    // Written by put.
    return rows.map(({ name, display_name, tags, owners }) => ({
      name,
      displayName: display_name,
      tags: JSON.parse(tags) as Record<string, string>,
      owners: JSON.parse(owners) as string[],
    }));
  }

  async zones(): Promise<Zone[]> {
    return this.#database.read(sqlite.selectFrom('zones').select(['site', 'name']).orderBy('site').orderBy('name'));
  }

  /** Adds a site with zones, or changes the one of its name; its other zones stay. */
  put({ name, displayName, tags, owners }: Site, zones: readonly string[] = []): Promise<void> {
    const row = { name, display_name: displayName, tags: JSON.stringify(tags), owners: JSON.stringify(owners) };
    const { name: _, ...changed } = row;
    return this.#database.write([
      statement(
        sqlite
          .insertInto('sites')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(changed)),
      ),
      ...zones.map((zone) =>
        statement(
          sqlite
            .insertInto('zones')
            .values({ site: name, name: zone })
            .onConflict((conflict) => conflict.doNothing()),
        ),
      ),
    ]);
  }

  /** Removes a site with its zones. */
  remove(site: string): Promise<void> {
    return this.#database.write([
      statement(sqlite.deleteFrom('zones').where('site', '=', site)),
      statement(sqlite.deleteFrom('sites').where('name', '=', site)),
    ]);
  }

  removeZone({ site, name }: Zone): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('zones').where('site', '=', site).where('name', '=', name))]);
  }

  async sensors(): Promise<RegisteredSensor[]> {
    const rows = await this.#database.read(sqlite.selectFrom('registered_sensors').selectAll().orderBy('name'));
    return rows.map(({ type, by_whom, registered, activated, last_connected, ...row }) => ({
      ...row,
      type: SENSOR_TYPES.find((known) => known === type) ?? SENSOR_TYPES[0],
      by: by_whom,
      registered: Number(registered),
      activated: activated === null ? null : Number(activated),
      lastConnected: last_connected === null ? null : Number(last_connected),
    }));
  }

  /** Adds a sensor, or changes the one of its name. */
  putSensor({ by, lastConnected, ...sensor }: RegisteredSensor): Promise<void> {
    const row = { ...sensor, by_whom: by, last_connected: lastConnected };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('registered_sensors')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row)),
      ),
    ]);
  }

  removeSensor(name: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('registered_sensors').where('name', '=', name))]);
  }
}
