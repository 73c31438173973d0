/**
 * The inventory on SQLite. Sensors write what traffic says; what people said stands over it and stays, whatever the sensors
 * write later. Reading takes the questions of the grid.
 */
import type { DeviceRecord } from '@annunciator/core/device';
import { addressOfOrder } from '@annunciator/core/subnet';
import type { Instant } from '@annunciator/core/time';
import { type RawBuilder, sql } from 'kysely';
import { bodyOf, factsOf } from '../device-body.ts';
import type { OpenAlerts } from '../alert-query.ts';
import { type Database, sqlite } from '../database.ts';
import type { SqliteValue, Statement } from '../sqlite-messages.ts';
import { StoreError } from '../store-error.ts';
import { type DeviceColumn, deviceColumn } from './device-columns.ts';
import { readMark, writeMark } from './page-mark.ts';
import { deviceRow, type JoinedRow, listValues, saidText, TOLD_COLUMNS, TOLD_LISTS, toldText } from './device-row.ts';
import type { DeviceEdits, DevicePage, DeviceQuery, DeviceRow, EditedField, EditNote, ValueCount } from './device-query.ts';
import { deviceConditions } from './device-where.ts';

/** Where a sensor stands. */
export interface DevicePlace {
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
}

/** Networks in which addresses lie, the closest first. */
export type SubnetsOf = (record: Pick<DeviceRecord, 'ips' | 'networkLocation'>) => readonly string[];

/** A device as the map shows it. */
export interface DeviceNode {
  readonly number: number;
  readonly id: string;
  readonly sensor: string;
  /** Its name, else its address. */
  readonly name: string;
  readonly type: string;
  readonly purdueLevel: number | null;
  readonly subnet: string;
  readonly importance: string;
  readonly authorised: boolean;
  readonly isNew: boolean;
  readonly openAlerts: number;
  readonly ip: string;
}

interface NodeRow {
  number: bigint;
  id: string;
  sensor: string;
  title: string;
  type: string;
  purdue: bigint | null;
  subnet: string;
  importance: string;
  authorised: bigint;
  is_new: bigint;
  open_alerts: bigint;
  ip_order: string;
}

export type Matching = Pick<DeviceQuery, 'search' | 'filters' | 'among' | 'scope'>;

/** What a change by people leaves in the row: all that it touches is given, so that the row is the same whoever wrote last. */
export interface EditedRow {
  readonly number: number;
  /** The version that the change was made to. */
  readonly version: number;
  readonly edits: DeviceEdits;
  readonly notes: Readonly<Partial<Record<EditedField, EditNote>>>;
  /** Columns of the table with their new values. */
  readonly cells: Readonly<Record<string, SqliteValue>>;
}

/** Values of one column that `values` tells at most. */
const MOST_VALUES = 1000;
const BATCH = 500;

const COUNT_CHANGE: Statement = { sql: 'UPDATE inventory_changes SET value = value + 1', rows: [[]] };
const CHANGE = '(SELECT value FROM inventory_changes)';
const NUMBER = '(SELECT number FROM devices WHERE sensor = ? AND id = ?)';

const TOLD = TOLD_COLUMNS.map(({ sql: name }) => name);
const UPSERT = `INSERT INTO devices (sensor, id, site, zone, is_new, first_seen, last_seen, changed, ${TOLD.join(', ')})
  VALUES (?, ?, ?, ?, ?, ?, ?, ${CHANGE}, ${TOLD.map(() => '?').join(', ')})
  ON CONFLICT (sensor, id) DO UPDATE SET
    site = excluded.site, zone = excluded.zone, origin = 'sensor', changed = excluded.changed,
    is_new = coalesce(edited ->> 'isNew', excluded.is_new),
    first_seen = min(first_seen, excluded.first_seen), last_seen = max(last_seen, excluded.last_seen),
    merged_into = CASE WHEN merged_by = 'sensor' THEN NULL ELSE merged_into END,
    merged_by = CASE WHEN merged_by = 'sensor' THEN NULL ELSE merged_by END,
    ${TOLD_COLUMNS.map(toldUpdate).join(', ')}`;

/** What people said stays: the value of the row, which an edit has set, is kept where the edit names its field. */
function toldUpdate({ sql: name, edit }: (typeof TOLD_COLUMNS)[number]): string {
  if (name === 'title') return "title = CASE WHEN edited ->> 'name' IS NULL THEN excluded.title ELSE title END";
  if (edit === undefined) return `${name} = excluded.${name}`;
  const said = edit === 'purdueLevel' ? "edited ->> 'purdueLevel' IS NULL AND edited ->> 'type' IS NULL" : `edited ->> '${edit}' IS NULL`;
  return `${name} = CASE WHEN ${said} THEN excluded.${name} ELSE ${name} END`;
}

const GROUPS = "(SELECT group_concat(v.value, char(10)) FROM device_values v WHERE v.number = d.number AND v.kind = 'group')";
const JOINED = sql.raw(`SELECT d.*, f.body, f.notes, ${GROUPS} AS groups FROM devices d JOIN device_facts f ON f.number = d.number`);

/** Alerts by number of the device that ids mean today: a part means what it is part of. */
const OPEN_ALERTS = `(SELECT coalesce(d.merged_into, d.number) AS number, sum(o.value ->> 2) AS alerts
  FROM json_each(?) o CROSS JOIN devices d ON d.sensor = o.value ->> 0 AND d.id = o.value ->> 1 GROUP BY 1)`;
const ENTER_OPEN_ALERTS = `UPDATE devices SET open_alerts = open.alerts FROM ${OPEN_ALERTS} open
  WHERE devices.number = open.number AND open_alerts <> open.alerts`;
const LEAVE_NO_OTHERS = `UPDATE devices SET open_alerts = 0 WHERE open_alerts > 0 AND number NOT IN (SELECT number FROM ${OPEN_ALERTS})`;

export class Devices {
  readonly #database: Database;
  #subnetsOf: SubnetsOf;

  constructor(database: Database, subnetsOf: SubnetsOf) {
    this.#database = database;
    this.#subnetsOf = subnetsOf;
  }

  /** Writes what a sensor says of new and changed devices, in one transaction. What people said of them stays. */
  put(place: DevicePlace, records: readonly DeviceRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    return this.#database.write([COUNT_CHANGE, ...this.#written(place, records)]);
  }

  #written({ sensor, site, zone }: DevicePlace, records: readonly DeviceRecord[]): Statement[] {
    const named = records.map((record) => ({ record, key: [sensor, record.id] as const, subnets: this.#subnetsOf(record) }));
    return [
      {
        sql: UPSERT,
        rows: named.map(({ record, key, subnets }) => [
          ...key,
          site,
          zone,
          record.appearedLate ? 1 : 0,
          record.firstSeen,
          record.lastSeen,
          ...TOLD_COLUMNS.map(({ value }) => value(record, subnets)),
        ]),
      },
      {
        sql: `INSERT INTO device_facts (number, body) VALUES (${NUMBER}, ?) ON CONFLICT (number) DO UPDATE SET body = excluded.body`,
        rows: named.map(({ record, key }) => [...key, bodyOf(record)]),
      },
      {
        sql: `INSERT INTO device_text (number, told) VALUES (${NUMBER}, ?) ON CONFLICT (number) DO UPDATE SET told = excluded.told`,
        rows: named.map(({ record, key }) => [...key, toldText(record)]),
      },
      {
        sql: `DELETE FROM device_values WHERE number = ${NUMBER} AND kind IN (${TOLD_LISTS.map((kind) => `'${kind}'`).join(', ')})`,
        rows: named.map(({ key }) => key),
      },
      {
        sql: `INSERT INTO device_values (number, kind, value) VALUES (${NUMBER}, ?, ?) ON CONFLICT DO NOTHING`,
        rows: named.flatMap(({ record, key, subnets }) => listValues(record, subnets).map((word) => [...key, ...word])),
      },
    ];
  }

  /** Devices were active again. */
  touch(sensor: string, devices: readonly { readonly id: string; readonly lastSeen: Instant }[]): Promise<void> {
    if (devices.length === 0) return Promise.resolve();
    return this.#database.write([
      {
        sql: 'UPDATE devices SET last_seen = max(last_seen, ?) WHERE sensor = ? AND id = ?',
        rows: devices.map(({ id, lastSeen }) => [lastSeen, sensor, id]),
      },
    ]);
  }

  /** The numbers of devices that a person entered, made when their ids are new. They are none of a sensor's until it sees them. */
  async enter(place: DevicePlace, records: readonly DeviceRecord[]): Promise<void> {
    const mark: Statement = {
      sql: "UPDATE devices SET origin = 'person', is_new = 0 WHERE sensor = ? AND id = ?",
      rows: records.map(({ id }) => [place.sensor, id]),
    };
    await this.#database.write([COUNT_CHANGE, ...this.#written(place, records), mark]);
  }

  /**
   * Writes changes that people made, all or none.
   * @throws StoreError `conflict` when one of the devices has another version by now.
   */
  async edit(rows: readonly EditedRow[]): Promise<void> {
    if (rows.length === 0) return;
    const statements = rows.flatMap(({ number, version, edits, notes, cells }): Statement[] => {
      const columns = Object.keys(cells);
      return [
        {
          sql: `UPDATE devices SET version = ?, edited = ?, is_new = 0, changed = ${CHANGE}${columns.map((name) => `, ${name} = ?`).join('')} WHERE number = ?`,
          rows: [[version + 1, JSON.stringify({ ...edits, isNew: false }), ...Object.values(cells), number]],
        },
        { sql: 'UPDATE device_facts SET notes = ? WHERE number = ?', rows: [[JSON.stringify(notes), number]] },
        { sql: 'UPDATE device_text SET said = ? WHERE number = ?', rows: [[saidText(edits), number]] },
        { sql: "DELETE FROM device_values WHERE number = ? AND kind = 'tag'", rows: [[number]] },
        {
          sql: "INSERT INTO device_values (number, kind, value) VALUES (?, 'tag', ?) ON CONFLICT DO NOTHING",
          rows: (edits.tags ?? []).map((tag) => [number, tag]),
        },
      ];
    });
    try {
      await this.#database.write([COUNT_CHANGE, ...statements]);
    } catch (error) {
      if (error instanceof StoreError && error.message.includes('device version'))
        throw new StoreError('conflict', 'Somebody else has changed the device since it was read: read it again.');
      throw error;
    }
  }

  /** Makes devices parts of another one, or (null) devices of their own again. Parts of parts follow. */
  async merge(numbers: readonly number[], into: number | null, by: 'person' | 'sensor' | null): Promise<void> {
    const statements: Statement[] = [
      {
        sql: `UPDATE devices SET merged_into = ?, merged_by = ?, changed = ${CHANGE} WHERE number = ?`,
        rows: numbers.map((number) => [into, by, number]),
      },
    ];
    if (into !== null)
      statements.push({
        sql: `UPDATE devices SET merged_into = ?, changed = ${CHANGE} WHERE merged_into = ?`,
        rows: numbers.map((number) => [into, number]),
      });
    await this.#database.write([COUNT_CHANGE, ...statements]);
  }

  /** Enters how many alerts are open at which devices; devices that are not among them have none. A part counts for the whole. */
  async countAlerts(open: readonly OpenAlerts[]): Promise<void> {
    const given = JSON.stringify(open.map(({ sensor, device, count }) => [sensor, device, count]));
    await this.#database.write([ENTER_OPEN_ALERTS, LEAVE_NO_OTHERS].map((sql) => ({ sql, rows: [[given]] })));
  }

  /** Takes devices and their parts out of the inventory. */
  remove(numbers: readonly number[]): Promise<void> {
    return this.#database.write([COUNT_CHANGE, { sql: 'DELETE FROM devices WHERE number = ?', rows: numbers.map((number) => [number]) }]);
  }

  async get(number: number): Promise<DeviceRow | undefined> {
    const rows = await this.#joined(sql`${JOINED} WHERE d.number = ${number}`);
    return rows[0];
  }

  async byId(sensor: string, id: string): Promise<DeviceRow | undefined> {
    const rows = await this.#joined(sql`${JOINED} WHERE d.sensor = ${sensor} AND d.id = ${id}`);
    return rows[0];
  }

  async byNumbers(numbers: readonly number[]): Promise<DeviceRow[]> {
    return this.#joined(sql`${JOINED} WHERE d.number IN (SELECT value FROM json_each(${JSON.stringify(numbers)})) ORDER BY d.number`);
  }

  /** The devices that are part of one. */
  async parts(number: number): Promise<DeviceRow[]> {
    return this.#joined(sql`${JOINED} WHERE d.merged_into = ${number} ORDER BY d.number`);
  }

  /** Devices that have one of the addresses (IP or MAC), or are named by it. */
  async byAddress(addresses: readonly string[], sensor?: string): Promise<DeviceRow[]> {
    const given = JSON.stringify(addresses);
    const of = sensor === undefined ? sql`` : sql` AND d.sensor = ${sensor}`;
    return this.#joined(sql`${JOINED} WHERE d.merged_into IS NULL${of} AND (d.id IN (SELECT value FROM json_each(${given}))
      OR d.number IN (SELECT v.number FROM device_values v WHERE v.kind IN ('ip', 'mac') AND v.value IN (SELECT value FROM json_each(${given}))))
      ORDER BY d.number`);
  }

  async #joined(query: RawBuilder<unknown>): Promise<DeviceRow[]> {
    // The columns are those of the two tables, which JoinedRow lists.
    const rows = (await this.#database.read(this.#compilable(query))) as JoinedRow[];
    return rows.map(deviceRow);
  }

  #compilable(query: RawBuilder<unknown>) {
    return { compile: () => query.compile(sqlite) };
  }

  /** Every device and part of one sensor, as it told them last: for it to go on after a restart. */
  async *told(sensor: string): AsyncIterable<readonly DeviceRow[]> {
    for (let after = 0; ; ) {
      const rows = await this.#joined(sql`${JOINED} WHERE d.sensor = ${sensor} AND d.number > ${after} ORDER BY d.number LIMIT ${BATCH}`);
      if (rows.length > 0) yield rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)?.number ?? after;
    }
  }

  /** Keyset paging: a deep page costs what the first costs. */
  async page(query: DeviceQuery, limit: number, mark: string | null): Promise<DevicePage> {
    const conditions = deviceConditions(query);
    const from = mark === null ? undefined : readMark(query.sort, mark);
    const [devices, matching, total] = await Promise.all([
      this.#list(query, conditions, limit + 1, from),
      from?.matching ?? this.#count(conditions),
      this.#count(deviceConditions({ filters: [], ...(query.scope ? { scope: query.scope } : {}) })),
    ]);
    const shown = devices.slice(0, limit);
    const last = devices.length > limit ? shown.at(-1) : undefined;
    return {
      devices: shown.map(({ device }) => device),
      next: last ? writeMark(query.sort, { ...last, matching }) : null,
      matching,
      total,
    };
  }

  async #list(
    query: DeviceQuery,
    conditions: RawBuilder<unknown>,
    limit: number,
    from: { value: string | bigint | null; number: bigint } | undefined,
  ): Promise<{ device: DeviceRow; value: string | bigint | null; number: bigint }[]> {
    const { column, descending } = query.sort;
    const cell = sql.ref(`d.${deviceColumn(column).sql}`);
    const order = sql.raw(descending ? 'DESC' : 'ASC');
    const behind = from ? sql` AND ${isBehind(cell, descending, from)}` : sql``;
    // What is not known comes last in either direction.
    const found = sql`SELECT d.number, ${cell} AS sort FROM devices d WHERE ${conditions}${behind}
      ORDER BY ${cell} IS NULL, ${cell} ${order}, d.number ${order} LIMIT ${limit}`;
    const rows = (await this.#database.read(
      this.#compilable(sql`WITH found AS MATERIALIZED (${found}) ${sql.raw(JOINED_SORT)} JOIN found ON found.number = d.number
        ORDER BY found.sort IS NULL, found.sort ${order}, d.number ${order}`),
      'long',
    )) as (JoinedRow & { sort: string | bigint | null })[];
    return rows.map((row) => ({ device: deviceRow(row), value: row.sort, number: row.number }));
  }

  async #count(conditions: RawBuilder<unknown>): Promise<number> {
    const [row] = (await this.#database.read(this.#compilable(sql`SELECT count(*) AS n FROM devices d WHERE ${conditions}`), 'long')) as {
      n: bigint;
    }[];
    return Number(row?.n ?? 0n);
  }

  /** Number of devices that match. */
  count(query: Matching): Promise<number> {
    return this.#count(deviceConditions(query));
  }

  /** Numbers of all devices that match, lowest first. */
  async numbers(query: Matching): Promise<number[]> {
    const found = sql`SELECT d.number FROM devices d WHERE ${deviceConditions(query)} ORDER BY d.number`;
    const rows = (await this.#database.read(this.#compilable(found), 'long')) as { number: bigint }[];
    return rows.map(({ number }) => Number(number));
  }

  /** What the map shows of the devices that match, those that were active last first; at most so many. */
  async nodes(query: Matching, most: number): Promise<DeviceNode[]> {
    const found = sql`SELECT d.number, d.id, d.sensor, d.title, d.type, d.purdue, d.subnet, d.importance, d.authorised, d.is_new, d.open_alerts, d.ip_order
      FROM devices d WHERE ${deviceConditions(query)} ORDER BY d.last_seen DESC, d.number LIMIT ${most}`;
    const rows = (await this.#database.read(this.#compilable(found), 'long')) as NodeRow[];
    return rows.map((row) => ({
      number: Number(row.number),
      id: row.id,
      sensor: row.sensor,
      name: row.title,
      type: row.type,
      purdueLevel: row.purdue === null ? null : Number(row.purdue),
      subnet: row.subnet,
      importance: row.importance,
      authorised: row.authorised !== 0n,
      isNew: row.is_new !== 0n,
      openAlerts: Number(row.open_alerts),
      ip: addressOfOrder(row.ip_order),
    }));
  }

  /** Numbers of the devices that ids of a sensor mean today: a part means what it is part of. */
  async meantBy(ids: Iterable<string>, sensor?: string): Promise<ReadonlyMap<string, number>> {
    const of = sensor === undefined ? sql`` : sql` AND sensor = ${sensor}`;
    const rows = (await this.#database.read(
      this.#compilable(sql`SELECT id, coalesce(merged_into, number) AS number FROM devices
        WHERE id IN (SELECT value FROM json_each(${JSON.stringify([...new Set(ids)])}))${of}`),
    )) as { id: string; number: bigint }[];
    return new Map(rows.map(({ id, number }) => [id, Number(number)]));
  }

  /** Every matching device in the query's order, in batches; memory stays flat. */
  async *stream(query: DeviceQuery): AsyncIterable<readonly DeviceRow[]> {
    let mark: string | null = null;
    do {
      const page: DevicePage = await this.page(query, BATCH, mark);
      if (page.devices.length > 0) yield page.devices;
      mark = page.next;
    } while (mark !== null);
  }

  /** Devices that were seen for the first time, by day (days since 1970, UTC), from one on. */
  async firstSeen(query: Matching, from: number): Promise<{ readonly day: number; readonly count: number }[]> {
    const day = sql`d.first_seen / 86400000000000`;
    const rows = (await this.#database.read(
      this.#compilable(
        sql`SELECT ${day} AS day, count(*) AS n FROM devices d WHERE ${deviceConditions(query)} AND ${day} >= ${from} GROUP BY 1 ORDER BY 1`,
      ),
      'long',
    )) as { day: bigint; n: bigint }[];
    return rows.map(({ day: at, n }) => ({ day: Number(at), count: Number(n) }));
  }

  /** Values of a column with the number of devices, most first. */
  async values(query: Matching, column: DeviceColumn): Promise<ValueCount[]> {
    const { kind, list, sql: name } = deviceColumn(column);
    const conditions = deviceConditions(query);
    const words =
      kind === 'list'
        ? sql`SELECT v.value AS value, count(*) AS n FROM devices d LEFT JOIN device_values v ON v.number = d.number AND v.kind = ${list ?? ''}
            WHERE ${conditions} GROUP BY v.value`
        : sql`SELECT ${sql.ref(`d.${name}`)} AS value, count(*) AS n FROM devices d WHERE ${conditions} GROUP BY 1`;
    const rows = (await this.#database.read(
      this.#compilable(sql`SELECT value, n FROM (${words}) ORDER BY n DESC, value LIMIT ${MOST_VALUES}`),
      'long',
    )) as { value: string | bigint | null; n: bigint }[];
    return rows.map(({ value, n }) => ({ value: valueWord(kind, value), count: Number(n) }));
  }

  /**
   * Names and numbers by which people know devices, for ids that alerts and events of a sensor carry; parts are known by what they
   * are part of. Two sensors may each have a device of the same id.
   */
  async named(sensor: string, ids: Iterable<string>): Promise<ReadonlyMap<string, { readonly name: string; readonly number: number }>> {
    const given = JSON.stringify([...new Set(ids)]);
    const rows = (await this.#database.read(
      this.#compilable(sql`SELECT d.id AS id, coalesce(m.title, d.title) AS title, coalesce(m.number, d.number) AS number
        FROM devices d LEFT JOIN devices m ON m.number = d.merged_into
        WHERE d.sensor = ${sensor} AND d.id IN (SELECT value FROM json_each(${given}))`),
    )) as { id: string; title: string; number: bigint }[];
    return new Map(rows.map(({ id, title, number }) => [id, { name: title, number: Number(number) }]));
  }

  /** Ids that alerts and events of devices carry, those of their parts among them. */
  async idsOf(numbers: Iterable<number>): Promise<string[]> {
    const given = JSON.stringify([...numbers]);
    const rows = (await this.#database.read(
      this.#compilable(sql`SELECT id FROM devices WHERE number IN (SELECT value FROM json_each(${given}))
        OR merged_into IN (SELECT value FROM json_each(${given}))`),
    )) as { id: string }[];
    return rows.map(({ id }) => id);
  }

  /** The count of changes: what was read before a higher one may be old. */
  async change(): Promise<number> {
    const row = await this.#database.readFirst(sqlite.selectFrom('inventory_changes').select('value'));
    return Number(row?.value ?? 0n);
  }

  /** Networks were named or taken away: tells all devices anew where their addresses lie. */
  async resettle(subnetsOf: SubnetsOf): Promise<void> {
    this.#subnetsOf = subnetsOf;
    for (let after = 0n; ; ) {
      const rows = (await this.#database.read(
        this.#compilable(sql`SELECT number, body FROM device_facts WHERE number > ${after} ORDER BY number LIMIT ${BATCH}`),
      )) as { number: bigint; body: string }[];
      const settled = rows.map(({ number, body }) => ({ number, subnets: subnetsOf(factsOf(body)) }));
      await this.#database.write([
        COUNT_CHANGE,
        {
          sql: `UPDATE devices SET subnet = ?, changed = ${CHANGE} WHERE number = ?`,
          rows: settled.map(({ number, subnets }) => [subnets[0] ?? '', number]),
        },
        { sql: "DELETE FROM device_values WHERE number = ? AND kind = 'subnet'", rows: settled.map(({ number }) => [number]) },
        {
          sql: "INSERT INTO device_values (number, kind, value) VALUES (?, 'subnet', ?) ON CONFLICT DO NOTHING",
          rows: settled.flatMap(({ number, subnets }) => subnets.map((subnet) => [number, subnet])),
        },
      ]);
      const last = rows.at(-1);
      if (!last || rows.length < BATCH) return;
      after = last.number;
    }
  }
}

const JOINED_SORT = `SELECT d.*, f.body, f.notes, ${GROUPS} AS groups, found.sort FROM devices d JOIN device_facts f ON f.number = d.number`;

/** Rows behind one, in the order that puts what is not known last. */
function isBehind(cell: RawBuilder<unknown>, descending: boolean, { value, number }: { value: string | bigint | null; number: bigint }) {
  const than = sql.raw(descending ? '<' : '>');
  if (value === null) return sql`(${cell} IS NULL AND d.number ${than} ${number})`;
  return sql`(${cell} IS NULL OR (${cell}, d.number) ${than} (${value}, ${number}))`;
}

function valueWord(kind: string, value: string | bigint | null): string {
  if (value === null) return '';
  if (kind === 'flag') return value === 0n ? 'no' : 'yes';
  return String(value);
}
