/** Groups of devices that people make: lists of devices, and saved filters. */
import { sql } from 'kysely';
import { type Database, sqlite, statement } from '../database.ts';
import { StoreError } from '../store-error.ts';

export interface DeviceGroup {
  readonly id: number;
  readonly name: string;
  /** A saved filter, as the address of the inventory carries it; null for a group that lists its devices. */
  readonly filter: string | null;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Devices that it lists; 0 for a filter, whose devices depend on when it is asked. */
  readonly devices: number;
}

export class DeviceGroups {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async list(): Promise<DeviceGroup[]> {
    const query = sql`SELECT g.*, (SELECT count(*) FROM device_values v JOIN devices d ON d.number = v.number AND d.merged_into IS NULL
        WHERE v.kind = 'group' AND v.value = g.name) AS devices FROM device_groups g ORDER BY g.name`;
    const rows = (await this.#database.read({ compile: () => query.compile(sqlite) })) as {
      id: bigint;
      name: string;
      filter: string | null;
      by_whom: string;
      at: bigint;
      devices: bigint;
    }[];
    return rows.map(({ id, name, filter, by_whom, at, devices }) => ({
      id: Number(id),
      name,
      filter,
      by: by_whom,
      at: Number(at),
      devices: Number(devices),
    }));
  }

  async get(id: number): Promise<DeviceGroup | undefined> {
    return (await this.list()).find((group) => group.id === id);
  }

  /** Makes a group. @throws StoreError `conflict` when there is one of that name. */
  async create(group: { name: string; filter: string | null; by: string; at: number }, members: readonly number[]): Promise<DeviceGroup> {
    const { name, filter, by, at } = group;
    if ((await this.list()).some((other) => other.name.toLowerCase() === name.toLowerCase()))
      throw new StoreError('conflict', `There is a group "${name}" already: choose another name.`);
    await this.#database.write([
      statement(sqlite.insertInto('device_groups').values({ name, filter, by_whom: by, at })),
      ...joins(name, members),
    ]);
    const made = (await this.list()).find((other) => other.name === name);
    if (!made) throw new StoreError('failed', `The group "${name}" could not be read back.`);
    return made;
  }

  /** Changes the name, the filter, or who is in it; absent parts stay. */
  async change(
    before: DeviceGroup,
    to: { name?: string; filter?: string | null; add?: readonly number[]; remove?: readonly number[] },
  ): Promise<void> {
    const name = to.name ?? before.name;
    const others = await this.list();
    if (others.some((other) => other.id !== before.id && other.name.toLowerCase() === name.toLowerCase()))
      throw new StoreError('conflict', `There is a group "${name}" already: choose another name.`);
    const filter = to.filter === undefined ? before.filter : to.filter;
    await this.#database.write([
      { sql: "UPDATE device_values SET value = ? WHERE kind = 'group' AND value = ?", rows: [[name, before.name]] },
      statement(sqlite.updateTable('device_groups').set({ name, filter }).where('id', '=', BigInt(before.id))),
      {
        sql: "DELETE FROM device_values WHERE kind = 'group' AND value = ? AND number = ?",
        rows: (to.remove ?? []).map((number) => [name, number]),
      },
      ...joins(name, to.add ?? []),
    ]);
  }

  remove({ id, name }: DeviceGroup): Promise<void> {
    return this.#database.write([
      { sql: "DELETE FROM device_values WHERE kind = 'group' AND value = ?", rows: [[name]] },
      statement(sqlite.deleteFrom('device_groups').where('id', '=', BigInt(id))),
    ]);
  }
}

const joins = (name: string, members: readonly number[]) => [
  {
    sql: "INSERT INTO device_values (kind, value, number) VALUES ('group', ?, ?) ON CONFLICT DO NOTHING",
    rows: members.map((number) => [name, number]),
  },
];
