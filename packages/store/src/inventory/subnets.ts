/** Networks and VLANs: what people named, and what devices were seen in. */
import { addressOrder, assumedNetwork, contains, type Network, parseNetwork } from '@annunciator/core/subnet';
import { type RawBuilder, sql } from 'kysely';
import { type Database, sqlite, statement } from '../database.ts';
import type { DeviceQuery } from './device-query.ts';
import { scopeCondition } from './device-where.ts';
import type { SubnetsOf } from './devices.ts';

/** Whether a network is one of a plant; `auto` leaves it to who speaks plant protocols in it. */
export const SUBNET_KINDS = ['auto', 'ot', 'it'] as const;
export type SubnetKind = (typeof SUBNET_KINDS)[number];

/** A network that a person named. */
export interface NamedSubnet {
  readonly cidr: string;
  readonly name: string;
  readonly kind: SubnetKind;
  readonly by: string;
  readonly at: number;
}

/** A network with devices in it. */
export interface SeenSubnet {
  readonly cidr: string;
  readonly devices: number;
  /** Devices in it that speak a protocol of plants. */
  readonly otDevices: number;
}

export class Subnets {
  readonly #database: Database;
  #named: readonly (NamedSubnet & { network: Network })[] = [];

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(database: Database): Promise<Subnets> {
    const subnets = new Subnets(database);
    await subnets.#read();
    return subnets;
  }

  async #read(): Promise<void> {
    const rows = await this.#database.read(sqlite.selectFrom('subnets').selectAll());
    this.#named = rows
      .flatMap(({ cidr, name, kind, by_whom, at }) => {
        const network = parseNetwork(cidr);
        const known = SUBNET_KINDS.find((one) => one === kind) ?? 'auto';
        return network ? [{ cidr, name, kind: known, by: by_whom, at: Number(at), network }] : [];
      })
      .sort((a, b) => b.network.prefix - a.network.prefix);
  }

  named(): readonly NamedSubnet[] {
    return this.#named.map(({ network: _network, ...subnet }) => subnet);
  }

  async put(subnet: NamedSubnet): Promise<void> {
    const { cidr, name, kind, by, at } = subnet;
    const row = { cidr, name, kind, by_whom: by, at };
    await this.#database.write([
      statement(
        sqlite
          .insertInto('subnets')
          .values(row)
          .onConflict((conflict) => conflict.column('cidr').doUpdateSet(row)),
      ),
    ]);
    await this.#read();
  }

  async remove(cidr: string): Promise<void> {
    await this.#database.write([statement(sqlite.deleteFrom('subnets').where('cidr', '=', cidr))]);
    await this.#read();
  }

  /** Networks in which addresses lie: the closest that a person named, else the one that is assumed. */
  readonly of: SubnetsOf = ({ ips }) => [...new Set(ips.map((ip) => this.#subnetOf(ip)).filter(Boolean))];

  #subnetOf(ip: string): string {
    const order = addressOrder(ip);
    if (order === '') return '';
    return this.#named.find(({ network }) => contains(network, order))?.cidr ?? assumedNetwork(ip);
  }

  /** Networks that devices lie in. @param scope counts these devices only */
  async seen(scope?: DeviceQuery['scope']): Promise<SeenSubnet[]> {
    const query = sql`SELECT v.value AS cidr, count(*) AS devices,
        count(CASE WHEN EXISTS (SELECT 1 FROM device_values o WHERE o.number = d.number AND o.kind = 'ot-protocol') THEN 1 END) AS ot
      FROM device_values v JOIN devices d ON d.number = v.number AND d.merged_into IS NULL
      WHERE v.kind = 'subnet' AND ${within(scope)} GROUP BY v.value ORDER BY v.value`;
    const rows = (await this.#database.read({ compile: () => query.compile(sqlite) }, 'long')) as {
      cidr: string;
      devices: bigint;
      ot: bigint;
    }[];
    return rows.map(({ cidr, devices, ot }) => ({ cidr, devices: Number(devices), otDevices: Number(ot) }));
  }
}

/** The condition that a device lies within what may be seen. */
const within = (scope: DeviceQuery['scope']): RawBuilder<unknown> => (scope ? scopeCondition(scope) : sql`1`);

/** Names of VLANs. */
export class Vlans {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** VLANs that have a name or devices, lowest first. @param scope only those that these devices are in */
  async list(scope?: DeviceQuery['scope']): Promise<{ id: number; name: string; devices: number }[]> {
    const query = sql`SELECT id, max(name) AS name, sum(devices) AS devices FROM (
        SELECT id, name, 0 AS devices FROM vlans
        UNION ALL SELECT CAST(v.value AS INTEGER), '', count(*) FROM device_values v JOIN devices d ON d.number = v.number AND d.merged_into IS NULL
          WHERE v.kind = 'vlan' AND ${within(scope)} GROUP BY v.value) GROUP BY id ${scope ? sql`HAVING sum(devices) > 0` : sql``} ORDER BY id`;
    const rows = (await this.#database.read({ compile: () => query.compile(sqlite) })) as { id: bigint; name: string; devices: bigint }[];
    return rows.map(({ id, name, devices }) => ({ id: Number(id), name, devices: Number(devices) }));
  }

  /** An empty name takes it away. */
  name(id: number, name: string): Promise<void> {
    if (name === '') return this.#database.write([statement(sqlite.deleteFrom('vlans').where('id', '=', BigInt(id)))]);
    const row = { id: BigInt(id), name };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('vlans')
          .values(row)
          .onConflict((conflict) => conflict.column('id').doUpdateSet(row)),
      ),
    ]);
  }
}
