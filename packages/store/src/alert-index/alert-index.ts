/**
 * All alerts in memory, as far as grids ask for them: every filter, sort, grouping and search is answered by looking
 * through columns of numbers, in milliseconds for a million alerts. It does no I/O; the database is the truth, and the
 * index is filled from it at the start.
 *
 * About 270 bytes for each alert of the store.
 */
import { ENGINES, PORTAL_SEVERITIES, SEVERITIES } from '@annunciator/core/alert';
import type { AlertMatch, AlertQuery, ExportedColumn, GroupColumn, Groups, OpenAlerts, Series, SeriesQuery } from '../alert-query.ts';
import { SENSOR_WEIGHTS } from '../alert-row.ts';
import { type Cursor, readCursor, writeCursor } from '../cursor.ts';
import { Columns, type DecidedAlert, type IndexedAlert } from './columns.ts';
import type { Dictionary } from './dictionary.ts';
import { CsvLines, type FurtherRow } from './csv-lines.ts';
import { comesAfter, compareBy, firstOf, Ordered, valueAt } from './order.ts';
import { type Selection, Selector, tacticsOf } from './selection.ts';
import { TrafficChains } from './traffic-chains.ts';

export type { IndexedAlert };

/** Values that `groups` tells at most. */
const MOST_GROUPS = 1000;
/** Removed alerts are kept as holes until there are so many, and one in four. */
const HOLES = 10_000;
/** Codes of devices are below this. */
const DEVICES = 2 ** 32;
/** Changes whose order is known without looking through all alerts. */
const RECENT = 8192;

export interface FoundPage {
  /** Sequence numbers, in order. */
  readonly seqs: readonly number[];
  readonly next: string | null;
  readonly matching: number;
  readonly total: number;
}

export interface FoundChange {
  readonly seq: number;
  readonly change: number;
  readonly raised: boolean;
}

export class AlertIndex {
  readonly #columns = new Columns();
  readonly #selector = new Selector(this.#columns);
  readonly #chains = new TrafficChains();
  readonly #ordered = new Set<Ordered>();
  /** Every change after `#recentAfter`, oldest first; an alert that changed again stands there twice. */
  #recent: { change: number; seq: number }[] = [];
  #recentAfter = 0;
  #holes = 0;

  get total(): number {
    return this.#columns.size - this.#holes;
  }

  /** Takes in an alert of the database, at the start. */
  load(alert: IndexedAlert): void {
    this.#set(alert);
    this.#recentAfter = Math.max(this.#recentAfter, alert.change);
  }

  /** Number of the last change. */
  get lastChange(): number {
    return this.#recent.at(-1)?.change ?? this.#recentAfter;
  }

  /** Takes in new and changed alerts, by the order of their changes. */
  apply(alerts: Iterable<IndexedAlert>): void {
    for (const alert of alerts) {
      this.#set(alert);
      this.#note(alert);
    }
  }

  /** Takes in what was decided about alerts, by the order of their changes. */
  decide(alerts: Iterable<DecidedAlert>): void {
    for (const alert of alerts) {
      const slot = this.#columns.slotOf(alert.seq);
      if (slot !== undefined) this.#columns.decide(slot, alert);
      this.#note(alert);
    }
  }

  #note({ change, seq }: Pick<IndexedAlert, 'change' | 'seq'>): void {
    this.#recent.push({ change, seq });
    if (this.#recent.length <= 2 * RECENT) return;
    this.#recentAfter = this.#recent[this.#recent.length - RECENT - 1].change;
    this.#recent = this.#recent.slice(-RECENT);
  }

  #set(alert: IndexedAlert): void {
    const known = this.#columns.slotOf(alert.seq);
    if (known !== undefined && this.#columns.live[known] === 0) this.#holes--;
    const slot = known ?? this.#columns.size;
    this.#columns.set(slot, alert);
    if (known === undefined) this.#chains.add(slot, this.#columns.numbers.traffic);
  }

  remove(seqs: Iterable<number>): void {
    for (const seq of seqs) {
      const slot = this.#columns.slotOf(seq);
      if (slot === undefined || this.#columns.live[slot] === 0) continue;
      this.#columns.live[slot] = 0;
      this.#holes++;
    }
    if (this.#holes > HOLES && this.#holes * 4 > this.#columns.size) this.#compact();
  }

  /** @throws StoreError `bad-cursor` when the cursor belongs to another query, `bad-value` when a filter cannot be read. */
  page(query: AlertQuery, limit: number, cursor: string | null): FoundPage {
    const after = cursor === null ? undefined : readCursor(query.sort, cursor);
    const columns = this.#columns;
    const total = query.scope ? this.count({ filters: [], scope: query.scope }) : this.total;
    const selection = this.#selector.select(query);
    const compare = compareBy(columns, query.sort);
    const passes = after && comesAfter(columns, query.sort, after.value, after.seq);
    const found = firstOf(selection, query.sort, compare, limit + 1, passes);
    const slots = found.slice(0, limit);
    const last = slots.at(-1);
    const { seq } = columns.numbers;
    const place = (slot: number): Cursor => ({ value: valueAt(columns, query.sort.column, slot), seq: seq[slot] });
    return {
      seqs: slots.map((slot) => seq[slot]),
      next: last !== undefined && found.length > limit ? writeCursor(query.sort, place(last)) : null,
      matching: selection.count,
      total,
    };
  }

  count(match: AlertMatch): number {
    return this.#selector.select(match).count;
  }

  /** Alerts per value, most first. */
  groups(match: AlertMatch, column: GroupColumn): Groups {
    const groups = Array.from(this.#counts(this.#selector.select(match), column), ([value, count]) => ({ value, count }));
    groups.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    return { groups: groups.slice(0, MOST_GROUPS), values: groups.length };
  }

  /** Alerts that are not closed, by the device at either end. */
  openByDevice(): OpenAlerts[] {
    const { codes, dictionaries } = this.#columns;
    const { slots, count } = this.#selector.select({ filters: [{ column: 'status', operator: 'notEquals', values: ['Closed'] }] });
    const none = dictionaries.sourceId.codeOf('');
    const counts = new Map<number, number>();
    const add = (sensor: number, device: number): void => {
      if (device === none) return;
      const key = sensor * DEVICES + device;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    };
    for (let at = 0; at < count; at++) {
      const slot = slots[at];
      add(codes.sensor[slot], codes.sourceId[slot]);
      if (codes.destinationId[slot] !== codes.sourceId[slot]) add(codes.sensor[slot], codes.destinationId[slot]);
    }
    return Array.from(counts, ([key, alerts]) => ({
      sensor: dictionaries.sensor.textOf(Math.floor(key / DEVICES)),
      device: dictionaries.sourceId.textOf(key % DEVICES),
      count: alerts,
    }));
  }

  /** Alerts per span of time and value, most first. */
  series(match: AlertMatch, { column, time, start, span, spans }: SeriesQuery): Series[] {
    const { slots, count } = this.#selector.select(match);
    const times = this.#columns.numbers[time];
    const valuesOf = this.#valuesOf(column);
    const found = new Map<string, number[]>();
    for (let at = 0; at < count; at++) {
      const slot = slots[at];
      const place = Math.floor((times[slot] / 1000 - start) / span);
      if (place < 0 || place >= spans) continue;
      for (const value of valuesOf(slot)) {
        let counts = found.get(value);
        if (!counts) found.set(value, (counts = Array.from({ length: spans }, () => 0)));
        counts[place]++;
      }
    }
    const total = (counts: readonly number[]) => counts.reduce((sum, one) => sum + one, 0);
    return Array.from(found, ([value, counts]) => ({ value, counts }))
      .sort((a, b) => total(b.counts) - total(a.counts) || (a.value < b.value ? -1 : 1))
      .slice(0, MOST_GROUPS);
  }

  /** The values that an alert counts for in a column. */
  #valuesOf(column: GroupColumn): (slot: number) => readonly string[] {
    const { codes, dictionaries, numbers } = this.#columns;
    switch (column) {
      case 'severity':
        return (slot) => [PORTAL_SEVERITIES[PORTAL_SEVERITIES.length - 1 - Math.floor(numbers.severity[slot] / SENSOR_WEIGHTS)]];
      case 'sensorSeverity':
        return (slot) => [SEVERITIES[SENSOR_WEIGHTS - 1 - (numbers.severity[slot] % SENSOR_WEIGHTS)]];
      case 'device':
        return (slot) => {
          const ends = [codes.sourceDevice[slot], codes.destinationDevice[slot]].map((code) => dictionaries.sourceDevice.textOf(code));
          return [...new Set(ends)].filter((name) => name !== '');
        };
      case 'tactics': {
        // One reading for each of the few texts.
        const read = new Map<number, readonly string[]>();
        return (slot) => {
          const code = codes.tactics[slot];
          let tactics = read.get(code);
          if (!tactics) read.set(code, (tactics = tacticsOf(dictionaries.tactics.textOf(code))));
          return tactics;
        };
      }
      default:
        return (slot) => [dictionaries[column].textOf(codes[column][slot])];
    }
  }

  /** All matching alerts of this moment in the query's order; {@link release} it when it is not needed any more. */
  ordered(query: AlertQuery): Ordered {
    const ordered = new Ordered(this.#selector.select(query), () => compareBy(this.#columns, query.sort));
    this.#ordered.add(ordered);
    return ordered;
  }

  release(ordered: Ordered): void {
    this.#ordered.delete(ordered);
  }

  /** Sequence numbers of the next slots of an order. */
  take(ordered: Ordered, limit: number): number[] {
    return ordered.take(limit).map((slot) => this.#columns.numbers.seq[slot]);
  }

  /** Makes lines of CSV for {@link takeCsv}. */
  csvLines(exported: readonly ExportedColumn[]): CsvLines {
    return new CsvLines(this.#columns, exported);
  }

  /**
   * Lines of the next slots of an order, UTF-8; none when all were told.
   * @param further what the index does not hold of an alert; nothing for one that was removed in this moment
   */
  takeCsv(ordered: Ordered, limit: number, lines: CsvLines, further: (seq: number) => FurtherRow | undefined): Uint8Array<ArrayBuffer> {
    const { seq } = this.#columns.numbers;
    for (;;) {
      const slots = ordered.take(limit);
      for (const slot of slots) {
        const row = further(seq[slot]);
        if (row) lines.add(slot, row);
      }
      const taken = lines.take();
      if (taken.length > 0 || slots.length === 0) return taken;
    }
  }

  /** Sequence numbers of the open alerts with one of these numbers of traffic. */
  openOf(numbers: readonly number[]): number[] {
    const { codes, dictionaries, live } = this.#columns;
    const { seq, traffic } = this.#columns.numbers;
    const closed = dictionaries.status.codeOf('Closed');
    const found: number[] = [];
    for (const number of new Set(numbers)) {
      for (const slot of this.#chains.of(number, traffic)) if (live[slot] === 1 && codes.status[slot] !== closed) found.push(seq[slot]);
    }
    return found;
  }

  /** Matching alerts after a sequence number, ascending. */
  batch(match: AlertMatch, after: number, limit: number): number[] {
    const { seq } = this.#columns.numbers;
    const found: number[] = [];
    // By parts, each larger than the one before, so that what is found at once costs little.
    let from = this.#columns.firstFrom(after + 1);
    for (let part = limit; from < this.#columns.size && found.length < limit; part *= 2) {
      const { slots, count } = this.#selector.select(match, from, from + part);
      for (let at = 0; at < count && found.length < limit; at++) found.push(seq[slots[at]]);
      from += part;
    }
    return found;
  }

  /** What changed after a change number, in order, each alert once. */
  changes(after: number, limit: number): { readonly changes: readonly FoundChange[]; readonly more: boolean } {
    const found = this.#changedAfter(after);
    return { changes: found.slice(0, limit), more: found.length > limit };
  }

  #changedAfter(after: number): FoundChange[] {
    const { change, born, seq } = this.#columns.numbers;
    const found: FoundChange[] = [];
    const tell = (slot: number) => found.push({ seq: seq[slot], change: change[slot], raised: born[slot] > after });
    if (after >= this.#recentAfter) {
      for (let at = this.#recent.length - 1; at >= 0 && this.#recent[at].change > after; at--) {
        const slot = this.#columns.slotOf(this.#recent[at].seq);
        if (slot !== undefined && this.#columns.live[slot] === 1 && change[slot] === this.#recent[at].change) tell(slot);
      }
      return found.reverse();
    }
    for (let slot = 0; slot < this.#columns.size; slot++) if (this.#columns.live[slot] === 1 && change[slot] > after) tell(slot);
    return found.sort((a, b) => a.change - b.change);
  }

  #counts(selection: Selection, column: GroupColumn): Map<string, number> {
    const { codes, dictionaries, numbers } = this.#columns;
    const counts = new Map<string, number>();
    const add = (value: string, count: number) => counts.set(value, (counts.get(value) ?? 0) + count);
    if (column === 'severity') {
      const ranks = tally(selection, numbers.severity, PORTAL_SEVERITIES.length * SENSOR_WEIGHTS);
      for (const [rank, count] of ranks.entries())
        if (count > 0) add(PORTAL_SEVERITIES[PORTAL_SEVERITIES.length - 1 - Math.floor(rank / SENSOR_WEIGHTS)], count);
      return counts;
    }
    if (column === 'sensorSeverity') {
      const ranks = tally(selection, numbers.severity, PORTAL_SEVERITIES.length * SENSOR_WEIGHTS);
      for (const [rank, count] of ranks.entries()) if (count > 0) add(SEVERITIES[SENSOR_WEIGHTS - 1 - (rank % SENSOR_WEIGHTS)], count);
      return counts;
    }
    if (column === 'device') return this.#devices(selection);
    const dictionary: Dictionary = dictionaries[column];
    for (const [code, count] of tally(selection, codes[column], dictionary.size).entries()) {
      if (count === 0) continue;
      const text = dictionary.textOf(code);
      if (column === 'tactics') for (const tactic of tacticsOf(text)) add(tactic, count);
      else add(column === 'engine' ? (ENGINES.find((engine) => engine === text) ?? text) : text, count);
    }
    return counts;
  }

  /** An alert counts for each of its two devices. */
  #devices({ slots, count }: Selection): Map<string, number> {
    const { codes, dictionaries } = this.#columns;
    const names = dictionaries.sourceDevice;
    const tallied = new Uint32Array(names.size);
    for (let at = 0; at < count; at++) {
      const source = codes.sourceDevice[slots[at]];
      const destination = codes.destinationDevice[slots[at]];
      tallied[source]++;
      if (destination !== source) tallied[destination]++;
    }
    const counts = new Map<string, number>();
    for (const [code, devices] of tallied.entries()) if (devices > 0 && names.textOf(code) !== '') counts.set(names.textOf(code), devices);
    return counts;
  }

  #compact(): void {
    const moved = new Int32Array(this.#columns.size).fill(-1);
    for (const [to, from] of this.#columns.compact().entries()) moved[from] = to;
    this.#holes = 0;
    this.#chains.rebuild(this.#columns.size, this.#columns.numbers.traffic);
    for (const ordered of this.#ordered) ordered.move(moved);
  }
}

function tally({ slots, count }: Selection, values: Uint32Array | Float64Array, size: number): Uint32Array {
  const counts = new Uint32Array(size);
  for (let at = 0; at < count; at++) counts[values[slots[at]]]++;
  return counts;
}
