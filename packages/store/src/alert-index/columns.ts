/** The columns of all alerts as arrays, a slot per alert in the order in which alerts were first saved. */
import { Dictionary } from './dictionary.ts';
import { MessageWords } from './message-words.ts';

export const TEXT_COLUMNS = [
  'title',
  'engine',
  'status',
  'disposition',
  'category',
  'type',
  'protocol',
  'sourceId',
  'sourceDevice',
  'sourceAddress',
  'destinationId',
  'destinationDevice',
  'destinationAddress',
  'sensor',
  'site',
  'zone',
  'tactics',
  'dataSource',
  'securityGroup',
] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];

export const NUMBER_COLUMNS = [
  'seq',
  'change',
  'born',
  'severity',
  'firstDetection',
  'lastDetection',
  'lastActivity',
  /** `textHash` of what the alert reports: alerts with the same key have the same number. */
  'traffic',
] as const;
export type NumberColumn = (typeof NUMBER_COLUMNS)[number];

/** What the index knows of an alert. Times are microseconds since 1970. */
export type IndexedAlert = { readonly [Column in TextColumn]: string } & { readonly [Column in NumberColumn]: number } & {
  readonly id: string;
  /** Message and hardware addresses, which the search looks into beside the columns. */
  readonly message: string;
};

/** What a decision about an alert changes. */
export type DecidedAlert = Pick<IndexedAlert, 'seq' | 'change' | 'severity' | 'lastActivity' | 'status' | 'disposition'>;

export class Columns {
  /** Slots in use, live or not. */
  size = 0;
  live = new Uint8Array(1024);
  ids: string[] = [];
  readonly messages = new MessageWords();
  readonly numbers: Record<NumberColumn, Float64Array>;
  readonly codes: Record<TextColumn, Uint32Array>;
  readonly dictionaries: Readonly<Record<TextColumn, Dictionary>>;

  constructor() {
    // Every column is there after the loops.
    this.numbers = Object.fromEntries(NUMBER_COLUMNS.map((column) => [column, new Float64Array(1024)])) as Record<
      NumberColumn,
      Float64Array
    >;
    this.codes = Object.fromEntries(TEXT_COLUMNS.map((column) => [column, new Uint32Array(1024)])) as Record<TextColumn, Uint32Array>;
    const own = Object.fromEntries(TEXT_COLUMNS.map((column) => [column, new Dictionary()])) as Record<TextColumn, Dictionary>;
    // Both ends of an alert are devices: one dictionary for both lets either be asked for.
    this.dictionaries = {
      ...own,
      destinationId: own.sourceId,
      destinationDevice: own.sourceDevice,
      destinationAddress: own.sourceAddress,
    };
  }

  set(slot: number, alert: IndexedAlert): void {
    if (slot >= this.live.length) this.#grow();
    this.live[slot] = 1;
    this.ids[slot] = alert.id;
    for (const column of NUMBER_COLUMNS) this.numbers[column][slot] = alert[column];
    for (const column of TEXT_COLUMNS) this.codes[column][slot] = this.dictionaries[column].codeOf(alert[column]);
    this.messages.set(slot, alert.message);
    if (slot >= this.size) this.size = slot + 1;
  }

  /** Changes what a decision changes; the alert has to be there. */
  decide(slot: number, { change, severity, lastActivity, status, disposition }: DecidedAlert): void {
    this.numbers.change[slot] = change;
    this.numbers.severity[slot] = severity;
    this.numbers.lastActivity[slot] = lastActivity;
    this.codes.status[slot] = this.dictionaries.status.codeOf(status);
    this.codes.disposition[slot] = this.dictionaries.disposition.codeOf(disposition);
  }

  /** The slot of an alert, undefined when it is not there. Sequence numbers ascend with the slots. */
  slotOf(seq: number): number | undefined {
    const slot = this.firstFrom(seq);
    return slot < this.size && this.numbers.seq[slot] === seq ? slot : undefined;
  }

  /** The first slot whose sequence number is not below a number. */
  firstFrom(seq: number): number {
    const seqs = this.numbers.seq;
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (seqs[middle] < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Leaves out what is not live; returns where each kept slot came from. */
  compact(): Uint32Array {
    const kept = new Uint32Array(this.size);
    let count = 0;
    for (let slot = 0; slot < this.size; slot++) if (this.live[slot] === 1) kept[count++] = slot;
    const slots = kept.subarray(0, count);
    for (const column of NUMBER_COLUMNS) moveTo(this.numbers[column], slots);
    for (const column of TEXT_COLUMNS) moveTo(this.codes[column], slots);
    this.messages.compact(slots);
    this.ids = Array.from(slots, (slot) => this.ids[slot]);
    this.live.fill(1, 0, count);
    this.live.fill(0, count);
    this.size = count;
    return slots;
  }

  #grow(): void {
    const length = this.live.length * 2;
    const live = new Uint8Array(length);
    live.set(this.live);
    this.live = live;
    for (const column of NUMBER_COLUMNS) {
      const grown = new Float64Array(length);
      grown.set(this.numbers[column]);
      this.numbers[column] = grown;
    }
    for (const column of TEXT_COLUMNS) {
      const grown = new Uint32Array(length);
      grown.set(this.codes[column]);
      this.codes[column] = grown;
    }
  }
}

/** Slots only move down, so that each is read before it is overwritten. */
function moveTo(values: Float64Array | Uint32Array, slots: Uint32Array): void {
  for (let to = 0; to < slots.length; to++) values[to] = values[slots[to]];
}
