/** The devices of a partition by number, with what rules need to know of each. Numbers of deleted devices are used again. */
import type { Membership } from '../groups/membership.ts';

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
  readonly #numbers = new Map<string, number>();
  #ids: string[] = [];
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
    return this.#numbers.get(id) ?? -1;
  }

  get size(): number {
    return this.#numbers.size;
  }

  /** Numbers below this may be devices; {@link isDevice} tells. */
  get end(): number {
    return this.#ids.length;
  }

  isDevice(device: number): boolean {
    return this.#status[device] !== 0;
  }

  isEnabled(device: number): boolean {
    return this.#status[device] === 1;
  }

  id(device: number): string {
    return this.#ids[device];
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
    const known = this.#numbers.get(id);
    const device = known ?? this.#add(id);
    const before = this.#group[device];
    if (known === undefined || (enabled && this.#status[device] === 2)) this.#since[device] = at;
    if (known !== undefined && before !== group) {
      const moves = this.moves.get(device) ?? [{ group: before, at: -1 }];
      this.moves.set(device, [...moves, { group, at }].slice(-MOST_MOVES));
    }
    if (known !== undefined) this.#countInterval(this.#agentMinutes[device], -1);
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
    this.#numbers.delete(id);
    this.#countInterval(this.#agentMinutes[device], -1);
    this.#status[device] = 0;
    this.#ids[device] = '';
    this.moves.delete(device);
    this.#free.push(device);
    return device;
  }

  /** Forgets changes of groups that nothing can depend on any more. @param before milliseconds since 1970 */
  forgetMoves(before: number): void {
    for (const [device, moves] of this.moves) if ((moves.at(-1)?.at ?? 0) < before) this.moves.delete(device);
  }

  #add(id: string): number {
    const device = this.#free.pop() ?? this.#ids.length;
    if (device === this.#group.length) this.#grow(device * 2);
    this.#numbers.set(id, device);
    this.#ids[device] = id;
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
    return {
      // Ids of devices have no line breaks.
      ids: this.#ids.join('\n'),
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
    this.#ids = kept.status.length === 0 ? [] : kept.ids.split('\n');
    for (const [device, id] of this.#ids.entries()) {
      if (this.#status[device] === 0) this.#free.push(device);
      else {
        this.#numbers.set(id, device);
        this.#countInterval(this.#agentMinutes[device], 1);
      }
    }
    for (const [device, changes] of moves) this.moves.set(device, changes);
  }
}
