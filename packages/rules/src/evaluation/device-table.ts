/** The devices of a partition by number, with what rules need to know of each. Numbers of deleted devices are used again. */
import type { Membership } from '../groups/membership.ts';
import { IdTable } from './id-table.ts';

/** A change of the group of a device; the first of a list is the group it was in before. */
export interface Move {
  /** Number of the group. */
  readonly group: number;
  /** Milliseconds since 1970; -1 for the group before. */
  readonly at: number;
}

/** Changes of a device that are remembered; they matter until the windows that ran meanwhile have ended. */
const MOST_MOVES = 8;

export class DeviceTable {
  readonly #ids = new IdTable();
  #end = 0;
  readonly #free: number[] = [];
  #group = new Uint16Array(64);
  #agentMinutes = new Uint16Array(64);
  /** 0: no device, 1: enabled, 2: disabled. */
  #status = new Uint8Array(64);
  /** Since when the device exists or is enabled, milliseconds since 1970. */
  #since = new Float64Array(64);
  /** How many devices have agents of which interval. */
  readonly #intervals = new Map<number, number>();
  readonly moves = new Map<number, readonly Move[]>();

  /** Number of a device, -1 when it is unknown. */
  find(id: string): number {
    return this.#ids.find(id);
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Numbers below this may be devices; {@link isDevice} tells. */
  get end(): number {
    return this.#end;
  }

  isDevice(device: number): boolean {
    return this.#status[device] !== 0;
  }

  isEnabled(device: number): boolean {
    return this.#status[device] === 1;
  }

  /** Empty for what is no device. */
  id(device: number): string {
    return this.isDevice(device) ? this.#ids.id(device) : '';
  }

  /** As {@link id}, for whoever asks for many before anything changes. */
  reader(): (device: number) => string {
    const read = this.#ids.reader();
    return (device) => (this.isDevice(device) ? read(device) : '');
  }

  group(device: number): number {
    return this.#group[device];
  }

  since(device: number): number {
    return this.#since[device];
  }

  agentMinutes(device: number): number {
    return this.#agentMinutes[device];
  }

  /** The different intervals of agents, minutes. */
  agentIntervals(): Iterable<number> {
    return this.#intervals.keys();
  }

  /** Adds a device, or takes in what changed. @param at milliseconds since 1970 @returns its number */
  set(id: string, group: number, { enabled, agentMinutes }: Omit<Membership, 'group'>, at: number): number {
    const known = this.find(id);
    const isNew = known < 0;
    const device = isNew ? this.#add(id) : known;
    const before = this.#group[device];
    if (isNew || (enabled && this.#status[device] === 2)) this.#since[device] = at;
    if (!isNew && before !== group) {
      const moves = this.moves.get(device) ?? [{ group: before, at: -1 }];
      this.moves.set(device, [...moves, { group, at }].slice(-MOST_MOVES));
    }
    if (!isNew) this.#countInterval(this.#agentMinutes[device], -1);
    this.#countInterval(agentMinutes, 1);
    this.#group[device] = group;
    this.#agentMinutes[device] = agentMinutes;
    this.#status[device] = enabled ? 1 : 2;
    return device;
  }

  #countInterval(minutes: number, by: 1 | -1): void {
    const count = (this.#intervals.get(minutes) ?? 0) + by;
    if (count === 0) this.#intervals.delete(minutes);
    else this.#intervals.set(minutes, count);
  }

  /** @returns the number it had, -1 when it was unknown */
  remove(id: string): number {
    const device = this.find(id);
    if (device < 0) return -1;
    this.#ids.remove(id);
    this.#countInterval(this.#agentMinutes[device], -1);
    this.#status[device] = 0;
    this.moves.delete(device);
    this.#free.push(device);
    return device;
  }

  /** Forgets changes of groups that nothing can depend on any more. @param before milliseconds since 1970 */
  forgetMoves(before: number): void {
    for (const [device, moves] of this.moves) if ((moves.at(-1)?.at ?? 0) < before) this.moves.delete(device);
  }

  #add(id: string): number {
    const device = this.#free.pop() ?? this.#end++;
    if (device === this.#group.length) this.#grow(device * 2);
    this.#ids.add(id, device);
    return device;
  }

  #grow(length: number): void {
    const grown = <T extends Uint8Array | Uint16Array | Float64Array>(array: T, into: T): T => {
      into.set(array);
      return into;
    };
    this.#group = grown(this.#group, new Uint16Array(length));
    this.#agentMinutes = grown(this.#agentMinutes, new Uint16Array(length));
    this.#status = grown(this.#status, new Uint8Array(length));
    this.#since = grown(this.#since, new Float64Array(length));
  }

  /** Plain copies of everything. */
  snapshot(): { ids: string; group: Uint16Array; agentMinutes: Uint16Array; status: Uint8Array; since: Float64Array } {
    const { end } = this;
    const id = this.reader();
    return {
      // Ids of devices have no line breaks.
      ids: Array.from({ length: end }, (_, device) => id(device)).join('\n'),
      group: this.#group.slice(0, end),
      agentMinutes: this.#agentMinutes.slice(0, end),
      status: this.#status.slice(0, end),
      since: this.#since.slice(0, end),
    };
  }

  restore(kept: ReturnType<DeviceTable['snapshot']>, moves: Iterable<readonly [number, readonly Move[]]>): void {
    const length = Math.max(64, kept.group.length);
    this.#group = new Uint16Array(length);
    this.#agentMinutes = new Uint16Array(length);
    this.#status = new Uint8Array(length);
    this.#since = new Float64Array(length);
    this.#group.set(kept.group);
    this.#agentMinutes.set(kept.agentMinutes);
    this.#status.set(kept.status);
    this.#since.set(kept.since);
    const ids = kept.status.length === 0 ? [] : kept.ids.split('\n');
    this.#end = ids.length;
    for (const [device, id] of ids.entries()) {
      if (this.#status[device] === 0) this.#free.push(device);
      else {
        this.#ids.add(id, device);
        this.#countInterval(this.#agentMinutes[device], 1);
      }
    }
    for (const [device, changes] of moves) this.moves.set(device, changes);
  }
}
