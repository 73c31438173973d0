/**
 * Who talks with whom over what. A sensor tells what each connection carried in its present run; the rows add what earlier
 * runs carried. The ends are devices of the inventory, with parts counted as what they are part of; an end that is no device
 * (a group, an address that never sent) keeps its address.
 */
import type { ConnectionKind, ConnectionRecord } from '@annunciator/core/device';
import type { Instant } from '@annunciator/core/time';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import { type Database, sqlite } from '../database.ts';
import type { DeviceQuery } from './device-query.ts';
import { scopeCondition } from './device-where.ts';
import { readMark, writeMark } from './page-mark.ts';

export interface ConnectionQuery {
  /** One of the ends is one of these. */
  readonly devices?: readonly number[];
  /** The other end is one of these, too. */
  readonly and?: readonly number[];
  /** Names or ids of protocols. */
  readonly protocols?: readonly string[];
  readonly ports?: readonly number[];
  readonly kinds?: readonly ConnectionKind[];
  readonly ot?: boolean;
  /** The ends lie in different networks. */
  readonly crossSubnet?: boolean;
  /** The protocol was recognised, or nothing but its transport is known. */
  readonly recognised?: boolean;
  /** On one of the usual ports (`protocol:port`), or on none of them. */
  readonly usualPorts?: { readonly ports: readonly string[]; readonly usual: boolean };
  /** Polls about so often, seconds. */
  readonly period?: number;
  readonly discoveredAfter?: Instant;
  readonly discoveredBefore?: Instant;
  readonly activeAfter?: Instant;
  readonly search?: string;
  /** What the asker may see: an end is a device for which one of these lists of filters holds; everything when absent. */
  readonly scope?: DeviceQuery['scope'];
  readonly sort: { readonly column: ConnectionColumn; readonly descending: boolean };
}

export const CONNECTION_COLUMNS = ['lastSeen', 'firstSeen', 'packets', 'bytes', 'protocol', 'port', 'source', 'destination'] as const;
export type ConnectionColumn = (typeof CONNECTION_COLUMNS)[number];

const CELLS: Readonly<Record<ConnectionColumn, string>> = {
  lastSeen: 'last_seen',
  firstSeen: 'first_seen',
  packets: 'packets',
  bytes: 'bytes',
  protocol: 'protocol_name',
  port: 'port',
  source: 'source',
  destination: 'destination',
};

/** One end: the device, or what stands in its place. */
export interface ConnectionEnd {
  /** Number of the device; null for a group or an address that never sent. */
  readonly number: number | null;
  /** As the sensor names it. */
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
}

export interface StoredConnection extends Omit<ConnectionRecord, 'source' | 'destination'> {
  readonly seq: number;
  readonly sensor: string;
  readonly source: ConnectionEnd;
  readonly destination: ConnectionEnd;
}

export interface ConnectionPage {
  readonly connections: readonly StoredConnection[];
  readonly next: string | null;
  readonly matching: number;
}

/** All that two ends exchange, for the map. */
export interface Link {
  readonly a: number;
  readonly b: number;
  readonly protocols: readonly string[];
  readonly ot: boolean;
  readonly kind: ConnectionKind;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeen: Instant;
}

const UPSERT = `INSERT INTO connections
    (sensor, source, destination, protocol, transport, port, protocol_name, ot, kind, run, packets, bytes, first_seen, last_seen, period, operations)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (sensor, source, destination, protocol, transport, port) DO UPDATE SET
    packets_before = CASE WHEN run = excluded.run THEN packets_before ELSE packets_before + packets END,
    bytes_before = CASE WHEN run = excluded.run THEN bytes_before ELSE bytes_before + bytes END,
    run = excluded.run, packets = excluded.packets, bytes = excluded.bytes,
    kind = CASE WHEN kind = 'Two Way' THEN kind ELSE excluded.kind END,
    first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
    period = CASE WHEN excluded.period > 0 THEN excluded.period ELSE period END,
    operations = CASE WHEN operations = excluded.operations THEN operations ELSE
      (SELECT json_group_array(value) FROM (SELECT value FROM json_each(operations) UNION SELECT value FROM json_each(excluded.operations))) END`;

/** Connections with their ends as devices. */
const ENDS = `SELECT c.seq, c.sensor, c.protocol, c.protocol_name, c.transport, c.port, c.ot, c.kind, c.first_seen, c.last_seen, c.period, c.operations,
    c.packets + c.packets_before AS packets, c.bytes + c.bytes_before AS bytes, c.source AS source_id, c.destination AS destination_id,
    coalesce(s.merged_into, s.number) AS source_number, coalesce(t.merged_into, t.number) AS destination_number,
    coalesce(sm.title, s.title, c.source) AS source, coalesce(tm.title, t.title, c.destination) AS destination,
    coalesce(sm.subnet, s.subnet, '') AS source_subnet, coalesce(tm.subnet, t.subnet, '') AS destination_subnet
  FROM connections c
    LEFT JOIN devices s ON s.sensor = c.sensor AND s.id = c.source LEFT JOIN devices sm ON sm.number = s.merged_into
    LEFT JOIN devices t ON t.sensor = c.sensor AND t.id = c.destination LEFT JOIN devices tm ON tm.number = t.merged_into`;

interface EndsRow {
  seq: bigint;
  sensor: string;
  protocol: string;
  protocol_name: string;
  transport: string;
  port: bigint;
  ot: bigint;
  kind: ConnectionKind;
  first_seen: bigint;
  last_seen: bigint;
  period: number;
  operations: string;
  packets: bigint;
  bytes: bigint;
  source_id: string;
  destination_id: string;
  source_number: bigint | null;
  destination_number: bigint | null;
  source: string;
  destination: string;
  source_subnet: string;
  destination_subnet: string;
  sort: string | bigint;
}

export class ConnectionRecords {
  readonly #database: Database;
  readonly #capacity: number;

  /** @param capacity most rows; the ones that have been quiet longest go when it is full */
  constructor(database: Database, capacity = 1_000_000) {
    this.#database = database;
    this.#capacity = capacity;
  }

  /** Writes new and changed connections of a run of a sensor. */
  put(sensor: string, run: string, records: readonly ConnectionRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const rows = records.map((record) => [
      sensor,
      record.source,
      record.destination,
      record.protocol,
      record.transport,
      record.port,
      record.protocolName,
      record.ot ? 1 : 0,
      record.kind,
      run,
      BigInt(record.packets),
      BigInt(record.bytes),
      record.firstSeen,
      record.lastSeen,
      record.period,
      JSON.stringify(record.operations),
    ]);
    return this.#database.write([{ sql: UPSERT, rows }]);
  }

  /**
   * A device became part of another one: its connections go on under that one's name. What the present run carried is told
   * anew by a sensor that goes on, and added when it does not.
   */
  rename(sensor: string, from: string, into: string, goesOn: boolean): Promise<void> {
    const carried = goesOn ? 'packets_before' : 'packets_before + packets';
    const bytes = goesOn ? 'bytes_before' : 'bytes_before + bytes';
    const moved = (source: string, destination: string, where: string) => ({
      sql: `INSERT INTO connections
          (sensor, source, destination, protocol, transport, port, protocol_name, ot, kind, run, packets, packets_before, bytes, bytes_before,
           first_seen, last_seen, period, operations)
        SELECT sensor, ${source}, ${destination}, protocol, transport, port, protocol_name, ot, kind, run, 0, ${carried}, 0, ${bytes},
          first_seen, last_seen, period, operations FROM connections WHERE sensor = ?1 AND ${where} = ?2
        ON CONFLICT (sensor, source, destination, protocol, transport, port) DO UPDATE SET
          packets_before = packets_before + excluded.packets_before, bytes_before = bytes_before + excluded.bytes_before,
          first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen)`,
      rows: [[sensor, from, into]],
    });
    const gone = (where: string) => ({ sql: `DELETE FROM connections WHERE sensor = ? AND ${where} = ?`, rows: [[sensor, from]] });
    return this.#database.write([
      moved('?3', 'destination', 'source'),
      gone('source'),
      moved('source', '?3', 'destination'),
      gone('destination'),
    ]);
  }

  /** Takes away what has been quiet since `before`, and what is too much. */
  tidy(before: Instant): Promise<void> {
    return this.#database.write([
      { sql: 'DELETE FROM connections WHERE last_seen < ?', rows: [[before]] },
      {
        sql: 'DELETE FROM connections WHERE seq IN (SELECT seq FROM connections ORDER BY last_seen DESC, seq DESC LIMIT -1 OFFSET ?)',
        rows: [[this.#capacity]],
      },
    ]);
  }

  /** Pairs of devices that have exchanged anything, newest first. */
  async pairs(sensor: string, most: number): Promise<[string, string][]> {
    const rows = (await this.#read(
      sql`SELECT source, destination, max(last_seen) AS last FROM connections WHERE sensor = ${sensor} AND kind = 'Two Way'
        GROUP BY source, destination ORDER BY last DESC LIMIT ${most}`,
    )) as { source: string; destination: string }[];
    return rows.map(({ source, destination }) => [source, destination]);
  }

  async page(query: ConnectionQuery, limit: number, mark: string | null): Promise<ConnectionPage> {
    const { column, descending } = query.sort;
    const cell = sql.ref(`e.${CELLS[column]}`);
    const order = sql.raw(descending ? 'DESC' : 'ASC');
    const conditions = conditionsOf(query);
    const from = mark === null ? undefined : readMark(query.sort, mark);
    const than = sql.raw(descending ? '<' : '>');
    const behind = from ? sql` AND (${cell}, e.seq) ${than} (${from.value}, ${from.number})` : sql``;
    const [rows, matching] = await Promise.all([
      this.#read(
        sql`SELECT e.*, ${cell} AS sort FROM (${sql.raw(ENDS)}) e WHERE ${conditions}${behind} ORDER BY ${cell} ${order}, e.seq ${order} LIMIT ${limit + 1}`,
      ),
      from?.matching ?? this.count(query),
    ]);
    const found = rows as EndsRow[];
    const shown = found.slice(0, limit);
    const last = found.length > limit ? shown.at(-1) : undefined;
    return {
      connections: shown.map(connectionOf),
      next: last ? writeMark(query.sort, { value: last.sort, number: last.seq, matching }) : null,
      matching,
    };
  }

  async count(query: Omit<ConnectionQuery, 'sort'>): Promise<number> {
    const [row] = (await this.#read(sql`SELECT count(*) AS n FROM (${sql.raw(ENDS)}) e WHERE ${conditionsOf(query)}`)) as { n: bigint }[];
    return Number(row?.n ?? 0n);
  }

  /** Everything that matches, in batches. */
  async *stream(query: ConnectionQuery): AsyncIterable<readonly StoredConnection[]> {
    let mark: string | null = null;
    do {
      const page: ConnectionPage = await this.page(query, 500, mark);
      if (page.connections.length > 0) yield page.connections;
      mark = page.next;
    } while (mark !== null);
  }

  /** What pairs of devices exchange, among the devices with these numbers; pairs in which both are one are left out. */
  async links(query: Omit<ConnectionQuery, 'sort'>, numbers: readonly number[]): Promise<Link[]> {
    const among = JSON.stringify(numbers);
    const rows = (await this.#read(sql`SELECT min(source_number, destination_number) AS a, max(source_number, destination_number) AS b,
        json_group_array(DISTINCT protocol_name) AS protocols, max(ot) AS ot, max(kind = 'Two Way') AS both_ways,
        sum(packets) AS packets, sum(bytes) AS bytes, max(last_seen) AS last_seen
      FROM (${sql.raw(ENDS)}) e
      WHERE ${conditionsOf(query)} AND source_number IN (SELECT value FROM json_each(${among}))
        AND destination_number IN (SELECT value FROM json_each(${among})) AND source_number <> destination_number
      GROUP BY 1, 2 ORDER BY 1, 2`)) as {
      a: bigint;
      b: bigint;
      protocols: string;
      ot: bigint;
      both_ways: bigint;
      packets: bigint;
      bytes: bigint;
      last_seen: bigint;
    }[];
    return rows.map((row) => ({
      a: Number(row.a),
      b: Number(row.b),
      protocols: (JSON.parse(row.protocols) as string[]).sort(),
      ot: row.ot !== 0n,
      kind: row.both_ways === 0n ? 'One Way' : 'Two Way',
      packets: Number(row.packets),
      bytes: Number(row.bytes),
      lastSeen: row.last_seen,
    }));
  }

  /** Numbers of the devices at the other ends. */
  async neighbours(query: Omit<ConnectionQuery, 'sort'>, numbers: readonly number[]): Promise<number[]> {
    const of = { ...query, devices: numbers };
    const rows =
      (await this.#read(sql`SELECT source_number AS n FROM (${sql.raw(ENDS)}) e WHERE ${conditionsOf(of)} AND source_number IS NOT NULL
      UNION SELECT destination_number FROM (${sql.raw(ENDS)}) e WHERE ${conditionsOf(of)} AND destination_number IS NOT NULL`)) as {
        n: bigint;
      }[];
    return rows.map(({ n }) => Number(n));
  }

  #read(query: RawBuilder<unknown>): Promise<unknown[]> {
    return this.#database.read({ compile: () => query.compile(sqlite) }, 'long');
  }
}

function conditionsOf(query: Omit<ConnectionQuery, 'sort'>): RawBuilder<SqlBool> {
  const conditions: RawBuilder<SqlBool>[] = [];
  const oneOf = (cell: string, values: readonly (string | number)[]): RawBuilder<SqlBool> =>
    sql<SqlBool>`${sql.ref(`e.${cell}`)} IN (SELECT value FROM json_each(${JSON.stringify(values)}))`;
  const either = (numbers: readonly number[]): RawBuilder<SqlBool> =>
    sql<SqlBool>`(${oneOf('source_number', numbers)} OR ${oneOf('destination_number', numbers)})`;
  if (query.devices) conditions.push(either(query.devices));
  if (query.and) conditions.push(either(query.and), sql<SqlBool>`e.source_number IS NOT e.destination_number`);
  if (query.protocols) conditions.push(sql<SqlBool>`(${oneOf('protocol_name', query.protocols)} OR ${oneOf('protocol', query.protocols)})`);
  if (query.ports) conditions.push(oneOf('port', query.ports));
  if (query.kinds) conditions.push(oneOf('kind', query.kinds));
  if (query.ot !== undefined) conditions.push(sql<SqlBool>`e.ot = ${query.ot ? 1 : 0}`);
  if (query.crossSubnet !== undefined) {
    const crosses = sql<SqlBool>`(e.source_subnet <> '' AND e.destination_subnet <> '' AND e.source_subnet <> e.destination_subnet)`;
    conditions.push(query.crossSubnet ? crosses : sql<SqlBool>`NOT ${crosses}`);
  }
  if (query.recognised !== undefined)
    conditions.push(query.recognised ? sql<SqlBool>`e.protocol <> e.transport` : sql<SqlBool>`e.protocol = e.transport`);
  if (query.usualPorts) {
    const { ports, usual } = query.usualPorts;
    const among = sql<SqlBool>`e.protocol || ':' || e.port IN (SELECT value FROM json_each(${JSON.stringify(ports)}))`;
    conditions.push(sql<SqlBool>`e.protocol <> e.transport AND e.port > 0`, usual ? among : sql<SqlBool>`NOT ${among}`);
  }
  if (query.period !== undefined) conditions.push(sql<SqlBool>`e.period BETWEEN ${query.period * 0.8} AND ${query.period * 1.25}`);
  if (query.discoveredAfter !== undefined) conditions.push(sql<SqlBool>`e.first_seen >= ${query.discoveredAfter}`);
  if (query.discoveredBefore !== undefined) conditions.push(sql<SqlBool>`e.first_seen <= ${query.discoveredBefore}`);
  if (query.activeAfter !== undefined) conditions.push(sql<SqlBool>`e.last_seen >= ${query.activeAfter}`);
  if (query.scope)
    conditions.push(
      sql<SqlBool>`EXISTS (SELECT 1 FROM devices d WHERE d.sensor = e.sensor AND d.id IN (e.source_id, e.destination_id) AND ${scopeCondition(query.scope)})`,
    );
  const text = query.search?.trim();
  if (text) {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    const cells = ['source', 'destination', 'source_id', 'destination_id', 'protocol_name', 'operations'];
    const some = cells.map((cell) => sql<SqlBool>`${sql.ref(`e.${cell}`)} LIKE ${pattern} ESCAPE '\\'`);
    conditions.push(sql<SqlBool>`(${sql.join(some, sql` OR `)})`);
  }
  return conditions.length === 0 ? sql<SqlBool>`1` : sql.join(conditions, sql` AND `);
}

function connectionOf(row: EndsRow): StoredConnection {
  const end = (side: 'source' | 'destination'): ConnectionEnd => {
    const number = row[`${side}_number`];
    return { number: number === null ? null : Number(number), id: row[`${side}_id`], name: row[side], subnet: row[`${side}_subnet`] };
  };
  return {
    seq: Number(row.seq),
    sensor: row.sensor,
    source: end('source'),
    destination: end('destination'),
    protocol: row.protocol,
    protocolName: row.protocol_name,
    ot: row.ot !== 0n,
    transport: row.transport,
    port: Number(row.port),
    kind: row.kind,
    packets: Number(row.packets),
    bytes: Number(row.bytes),
    operations: JSON.parse(row.operations),
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    period: row.period,
  };
}
