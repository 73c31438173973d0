/**
 * The baselines of sensors on disk, with their history. Each change writes a line of a journal; cutting a version gives the
 * lines since the last one its number, with who did it and why. An older version is what is there now, less what came since.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { Instant } from '@annunciator/core/time';
import { type Expression, sql, type SqlBool } from 'kysely';
import { type Database, sqlite } from './database.ts';
import type { SqliteValue, Statement } from './sqlite-messages.ts';

const BATCH = 5000;
/** Versions that are kept; older ones can no longer be brought back. */
const VERSIONS_KEPT = 1000;
const KEY = 'aspect, source, destination, value';
const COLUMNS = `${KEY}, learned, learned_by, learned_at, alert`;

/** What brings a baseline from one state to the next. */
export interface BaselineChange {
  /** `added` is the whole baseline. */
  readonly all: boolean;
  readonly added: readonly BaselineEntry[];
  readonly removed: readonly Learnable[];
}

/** Why a version was cut. */
export interface VersionNote {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Packet time, null before the first packet. */
  readonly packetTime: Instant | null;
  /** Null when the sensor did it by itself. */
  readonly by: string | null;
  readonly action: 'learned' | 'learning-ended' | 'alert-learned' | 'alert-unlearned' | 'reviewed' | 'edited' | 'imported' | 'reverted';
  readonly reason: string;
  /** Id of the alert or of the item on the review list that it was about. */
  readonly about: string | null;
}

export interface BaselineVersion extends VersionNote {
  /** From 1, without gaps. */
  readonly number: number;
  readonly added: number;
  readonly removed: number;
  /** Entries of the whole baseline. */
  readonly entries: number;
}

export interface VersionChanges {
  readonly added: readonly BaselineEntry[];
  readonly removed: readonly BaselineEntry[];
}

export class BaselineRecords {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes in a change; with a note it becomes a version of its own, when it changed anything. Durable when the promise resolves. */
  apply(sensor: string, change: BaselineChange, note?: VersionNote): Promise<void> {
    const statements = change.all ? replaced(sensor, change.added) : changed(sensor, change);
    return this.#database.write(note ? [...statements, ...versionCut(sensor, note)] : statements);
  }

  /** Cuts a version of what changed since the last one, if anything did. */
  cut(sensor: string, note: VersionNote): Promise<void> {
    return this.#database.write(versionCut(sensor, note));
  }

  /** Entries of a sensor in the order of their columns, in batches. @param after only those behind this one */
  async *list(sensor: string, after?: Learnable): AsyncIterable<readonly BaselineEntry[]> {
    let last = after;
    for (;;) {
      let query = sqlite
        .selectFrom('baseline')
        .selectAll()
        .where('sensor', '=', sensor)
        .orderBy('aspect')
        .orderBy('source')
        .orderBy('destination')
        .orderBy('value')
        .limit(BATCH);
      if (last) {
        const { aspect, source, destination, value } = last;
        query = query.where(({ refTuple, tuple, eb }) =>
          eb(refTuple('aspect', 'source', 'destination', 'value'), '>', tuple(aspect, source, destination, value)),
        );
      }
      const entries = (await this.#database.read(query, 'long')).map(entryOf);
      if (entries.length > 0) yield entries;
      if (entries.length < BATCH) return;
      last = entries.at(-1);
    }
  }

  async all(sensor: string): Promise<BaselineEntry[]> {
    const entries: BaselineEntry[] = [];
    for await (const batch of this.list(sensor)) for (const entry of batch) entries.push(entry);
    return entries;
  }

  /** Entries of one aspect between two ends. */
  async of(sensor: string, { aspect, source, destination }: Omit<Learnable, 'value'>): Promise<BaselineEntry[]> {
    const query = sqlite.selectFrom('baseline').selectAll().where('sensor', '=', sensor).where('aspect', '=', aspect);
    return (await this.#database.read(query.where('source', '=', source).where('destination', '=', destination))).map(entryOf);
  }

  /** How many entries there are of each aspect, the most first. */
  async aspects(sensor: string): Promise<{ readonly aspect: string; readonly count: number }[]> {
    const rows = await this.#database.read(
      sqlite
        .selectFrom('baseline')
        .select(({ fn }) => ['aspect', fn.countAll<bigint>().as('count')])
        .where('sensor', '=', sensor)
        .groupBy('aspect')
        .orderBy('count', 'desc')
        .orderBy('aspect'),
      'long',
    );
    return rows.map(({ aspect, count }) => ({ aspect, count: Number(count) }));
  }

  /** Names of the sensors that have a baseline or had one. */
  async sensors(): Promise<string[]> {
    const rows = await this.#database.read(
      sqlite.selectFrom('baseline').select('sensor').union(sqlite.selectFrom('baseline_versions').select('sensor')).orderBy('sensor'),
    );
    return rows.map(({ sensor }) => sensor);
  }

  /** Versions, newest first. @param before only older ones than this number */
  async versions(sensor: string, limit: number, before?: number): Promise<BaselineVersion[]> {
    let query = sqlite.selectFrom('baseline_versions').selectAll().where('sensor', '=', sensor).orderBy('number', 'desc').limit(limit);
    if (before !== undefined) query = query.where('number', '<', BigInt(before));
    return (await this.#database.read(query)).map((row) => ({
      number: Number(row.number),
      at: Number(row.at),
      packetTime: row.packet_time,
      by: row.who,
      // Written by versionCut from a VersionNote.
      action: row.action as VersionNote['action'],
      reason: row.reason,
      about: row.about,
      added: Number(row.added),
      removed: Number(row.removed),
      entries: Number(row.entries),
    }));
  }

  /** Number of the newest version; 0 when there is none. */
  async newest(sensor: string): Promise<number> {
    return (await this.versions(sensor, 1))[0]?.number ?? 0;
  }

  /**
   * What changed after version `from` up to version `to`; up to now, with what no version holds yet, when `to` is absent. What
   * came and went in between is left out.
   */
  async changes(sensor: string, from: number, to?: number): Promise<VersionChanges> {
    const within: Expression<SqlBool> =
      to === undefined ? sql`(version > ${BigInt(from)} or version is null)` : sql`version > ${BigInt(from)} and version <= ${BigInt(to)}`;
    const rows = await this.#database.read(
      sqlite
        .selectFrom('baseline_changes')
        .select(['aspect', 'source', 'destination', 'value'])
        .select(({ fn }) => [
          fn.sum<bigint>('sign').as('net'),
          fn.max('learned').as('learned'),
          fn.max('learned_by').as('learned_by'),
          fn.max('learned_at').as('learned_at'),
          fn.max('alert').as('alert'),
        ])
        .where('sensor', '=', sensor)
        .where(within)
        .groupBy(['aspect', 'source', 'destination', 'value'])
        .having(({ fn }) => fn.sum('sign'), '<>', 0n)
        .orderBy('aspect')
        .orderBy('source')
        .orderBy('destination')
        .orderBy('value'),
      'long',
    );
    const of = (sign: boolean): BaselineEntry[] => rows.filter(({ net }) => net > 0n === sign).map(entryOf);
    return { added: of(true), removed: of(false) };
  }

  /** The entries of a version, in no order. The caller makes sure that it exists. */
  async at(sensor: string, version: number): Promise<BaselineEntry[]> {
    const { added, removed } = await this.changes(sensor, version);
    const came = new Set(added.map(keyOf));
    return [...(await this.all(sensor)).filter((entry) => !came.has(keyOf(entry))), ...removed];
  }
}

const keyOf = ({ aspect, source, destination, value }: Learnable): string => JSON.stringify([aspect, source, destination, value]);

/** Each entry once, the last of those that are the same. */
function once<E extends Learnable>(entries: readonly E[]): E[] {
  return [...new Map(entries.map((entry) => [keyOf(entry), entry])).values()];
}

interface EntryRow {
  readonly aspect: string;
  readonly source: string;
  readonly destination: string;
  readonly value: string;
  readonly learned: bigint | null;
  readonly learned_by: string | null;
  readonly learned_at: bigint | null;
  readonly alert: string | null;
}

function entryOf({ aspect, source, destination, value, learned, learned_by, learned_at, alert }: EntryRow): BaselineEntry {
  const at = learned_at === null ? null : Number(learned_at);
  return { aspect, source, destination, value, learned, origin: { by: learned_by, at, alert } };
}

function rowOf(sensor: string, { aspect, source, destination, value, learned, origin }: BaselineEntry): SqliteValue[] {
  return [sensor, aspect, source, destination, value, learned, origin.by, origin.at, origin.alert];
}

const THERE = 'SELECT 1 FROM baseline WHERE sensor = ?1 AND aspect = ?2 AND source = ?3 AND destination = ?4 AND value = ?5';

function changed(sensor: string, { added, removed }: BaselineChange): Statement[] {
  // Each statement runs for all of its rows before the next one: a row that came twice would be counted twice.
  const gone = once(removed).map(({ aspect, source, destination, value }) => [sensor, aspect, source, destination, value]);
  const come = once(added).map((entry) => rowOf(sensor, entry));
  return [
    {
      sql: `INSERT INTO baseline_changes (sensor, sign, ${COLUMNS}) SELECT sensor, -1, ${COLUMNS} FROM baseline
        WHERE sensor = ?1 AND aspect = ?2 AND source = ?3 AND destination = ?4 AND value = ?5`,
      rows: gone,
    },
    { sql: 'DELETE FROM baseline WHERE sensor = ?1 AND aspect = ?2 AND source = ?3 AND destination = ?4 AND value = ?5', rows: gone },
    {
      sql: `INSERT INTO baseline_changes (sensor, sign, ${COLUMNS}) SELECT ?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE NOT EXISTS (${THERE})`,
      rows: come,
    },
    {
      sql: `INSERT INTO baseline (sensor, ${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE
        SET learned = excluded.learned, learned_by = excluded.learned_by, learned_at = excluded.learned_at, alert = excluded.alert`,
      rows: come,
    },
  ];
}

/** Compares the whole baseline with what is there, in the database. */
function replaced(sensor: string, entries: readonly BaselineEntry[]): Statement[] {
  const here = [[sensor]];
  const matches =
    'o.sensor = b.sensor AND o.aspect = b.aspect AND o.source = b.source AND o.destination = b.destination AND o.value = b.value';
  const columns = COLUMNS.replaceAll(/\b(\w+)/g, 'b.$1');
  return [
    { sql: 'DELETE FROM baseline_incoming WHERE sensor = ?1', rows: here },
    {
      sql: `INSERT INTO baseline_incoming (sensor, ${COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING`,
      rows: entries.map((entry) => rowOf(sensor, entry)),
    },
    {
      sql: `INSERT INTO baseline_changes (sensor, sign, ${COLUMNS}) SELECT b.sensor, -1, ${columns} FROM baseline b
        WHERE b.sensor = ?1 AND NOT EXISTS (SELECT 1 FROM baseline_incoming o WHERE ${matches})`,
      rows: here,
    },
    {
      sql: `INSERT INTO baseline_changes (sensor, sign, ${COLUMNS}) SELECT b.sensor, 1, ${columns} FROM baseline_incoming b
        WHERE b.sensor = ?1 AND NOT EXISTS (SELECT 1 FROM baseline o WHERE ${matches})`,
      rows: here,
    },
    {
      sql: `DELETE FROM baseline AS b WHERE b.sensor = ?1 AND NOT EXISTS (SELECT 1 FROM baseline_incoming o WHERE ${matches})`,
      rows: here,
    },
    {
      sql: `INSERT INTO baseline (sensor, ${COLUMNS}) SELECT sensor, ${COLUMNS} FROM baseline_incoming WHERE sensor = ?1 ON CONFLICT DO UPDATE
        SET learned = excluded.learned, learned_by = excluded.learned_by, learned_at = excluded.learned_at, alert = excluded.alert`,
      rows: here,
    },
    { sql: 'DELETE FROM baseline_incoming WHERE sensor = ?1', rows: here },
  ];
}

/** Lines of the journal that no version holds become the next version, unless they undo each other. */
function versionCut(sensor: string, note: VersionNote): Statement[] {
  const here = [[sensor]];
  return [
    {
      sql: `DELETE FROM baseline_changes WHERE sensor = ?1 AND version IS NULL AND (${KEY}) IN (
        SELECT ${KEY} FROM baseline_changes WHERE sensor = ?1 AND version IS NULL GROUP BY ${KEY} HAVING sum(sign) = 0)`,
      rows: here,
    },
    {
      sql: `INSERT INTO baseline_versions (sensor, number, at, packet_time, who, action, reason, about, added, removed, entries)
        SELECT ?1, (SELECT coalesce(max(number), 0) + 1 FROM baseline_versions WHERE sensor = ?1), ?2, ?3, ?4, ?5, ?6, ?7,
          coalesce(sum(net > 0), 0), coalesce(sum(net < 0), 0), (SELECT count(*) FROM baseline WHERE sensor = ?1)
        FROM (SELECT sum(sign) AS net FROM baseline_changes WHERE sensor = ?1 AND version IS NULL GROUP BY ${KEY})
        HAVING count(*) > 0`,
      rows: [[sensor, note.at, note.packetTime, note.by, note.action, note.reason, note.about]],
    },
    {
      sql: `UPDATE baseline_changes SET version = (SELECT max(number) FROM baseline_versions WHERE sensor = ?1)
        WHERE sensor = ?1 AND version IS NULL`,
      rows: here,
    },
    {
      sql: `DELETE FROM baseline_changes WHERE sensor = ?1
        AND version <= (SELECT max(number) FROM baseline_versions WHERE sensor = ?1) - ${VERSIONS_KEPT}`,
      rows: here,
    },
    {
      sql: `DELETE FROM baseline_versions WHERE sensor = ?1
        AND number <= (SELECT max(number) FROM baseline_versions WHERE sensor = ?1) - ${VERSIONS_KEPT}`,
      rows: here,
    },
  ];
}
