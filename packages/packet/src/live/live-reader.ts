/**
 * Packets of one network interface, or of several in the order of their times.
 *
 * A packet of one interface is given when every other has a later one, or has had the time to show an earlier one: then
 * none can come any more. So the order holds, and no packet waits for longer than that.
 *
 * Hot code: `next` runs for every packet and allocates nothing; one interface does not pay for the merge.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { instant, type Instant } from '@annunciator/core/time';
import type { PacketSource } from '../capture/packet-source.ts';
import { Packet } from '../packet.ts';
import type { Libc } from './libc.ts';
import type { InterfaceState, LiveInterface } from './live-interface.ts';

/** Milliseconds without a packet after which a batch is given all the same. */
const IDLE = 1000;
/** One poll lasts no longer, so that what it did not know of is seen soon. */
const LONGEST_POLL = 100;
/** Milliseconds between two attempts to open an interface that is gone. */
const REOPEN_EVERY = 5000;

/** What one interface has given so far. */
export interface InterfaceReport {
  readonly name: string;
  readonly method: LiveInterface['method'];
  /** Why it is not read from the kernel's ring, one sentence; null when it is. */
  readonly reason: string | null;
  readonly state: InterfaceState;
  readonly packets: number;
  /** On the wire. */
  readonly bytes: number;
  /** Packets lost because the sensor was too slow. */
  readonly kernelDrops: number;
  /** Packets that the network card lost; null when it does not tell. */
  readonly cardDrops: number | null;
  /** Null before the first packet. */
  readonly lastPacket: Instant | null;
  /** Seconds since the last packet came, or since the interface was opened. Not of the clock that may be set. */
  readonly quiet: number;
}

export interface LiveReaderOptions {
  /** Needed by interfaces that are polled. */
  readonly libc?: Libc | undefined;
  /** Opens an interface again that has gone. */
  readonly reopen?: (name: string) => Promise<LiveInterface>;
}

/** An interface and what is counted for it. */
class Line {
  source: LiveInterface;
  /** The next packet of it, and whether it is there: only where several interfaces are merged. */
  readonly head = new Packet();
  ready = false;
  /** It may have more: `refresh` said so, and `next` has not denied it since. */
  open = false;
  packets = 0;
  bytes = 0;
  seconds = 0;
  nanoseconds = 0;
  /** When the last packet came, by the clock of `performance.now`. */
  heard = performance.now();
  /** Packets when `heard` was set last. */
  before = 0;
  /** When it was tried last to open it again. */
  tried = Number.NEGATIVE_INFINITY;
  /** Drops before the interface was opened again. */
  kernelDrops = 0;
  cardDrops = 0;

  constructor(source: LiveInterface) {
    this.source = source;
  }
}

export class LiveReader implements PacketSource {
  readonly damages: readonly string[] = [];
  readonly #lines: readonly Line[];
  readonly #options: LiveReaderOptions;
  #frame = 0;
  /** `performance.now()` when the batch began. */
  #now = 0;
  #polling: Promise<void> | undefined;
  #stopped = false;
  #stop: () => void = () => undefined;
  readonly #end: Promise<void>;

  constructor(interfaces: readonly LiveInterface[], options: LiveReaderOptions = {}) {
    this.#lines = interfaces.map((source) => new Line(source));
    this.#options = options;
    this.#end = new Promise((resolve) => {
      this.#stop = resolve;
    });
  }

  next(packet: Packet): boolean {
    const single = this.#lines.length === 1;
    const line = single ? this.#lines[0] : this.#earliest();
    if (line === undefined) return false;
    if (single) {
      line.open = line.source.next(packet);
      if (!line.open) return false;
      packet.interface = 0;
    } else this.#give(line, packet);
    packet.frame = ++this.#frame;
    line.packets++;
    line.bytes += packet.wireLength;
    line.seconds = packet.seconds;
    line.nanoseconds = packet.nanoseconds;
    return true;
  }

  together(): number {
    return this.#lines.length === 1 ? (this.#lines[0].source.together?.() ?? 1) : 1;
  }

  /** Gets the next batch, empty after a second without packets. False once `stop` was called. */
  async advance(): Promise<boolean> {
    const began = performance.now();
    for (const line of this.#lines) {
      if (line.packets > line.before) line.heard = began;
      line.before = line.packets;
    }
    for (;;) {
      if (this.#stopped) return false;
      await this.#reopen();
      this.#now = performance.now();
      const wait = this.#refresh();
      if (wait <= 0 || this.#now - began >= IDLE) return true;
      await this.#wait(Math.min(wait, LONGEST_POLL));
    }
  }

  /** Ends an `advance` that waits, and all later ones. */
  stop(): void {
    this.#stopped = true;
    this.#stop();
  }

  async close(): Promise<void> {
    this.stop();
    await this.#polling;
    for (const { source } of this.#lines) await source.close();
  }

  /** Name of an interface by `packet.interface`. */
  nameOf(number: number): string {
    return this.#lines[number]?.source.name ?? '';
  }

  reports(): readonly InterfaceReport[] {
    const now = performance.now();
    return this.#lines.map((line) => {
      const { name, method, reason, state } = line.source;
      const drops = line.source.drops();
      return {
        name,
        method,
        reason,
        state,
        packets: line.packets,
        bytes: line.bytes,
        kernelDrops: line.kernelDrops + drops.kernel,
        cardDrops: drops.card === null ? null : line.cardDrops + drops.card,
        lastPacket: line.packets === 0 ? null : instant(line.seconds, line.nanoseconds),
        quiet: line.packets > line.before ? 0 : (now - line.heard) / 1000,
      };
    });
  }

  /** The interface whose packet is next; undefined while none may be given. */
  #earliest(): Line | undefined {
    let best: Line | undefined;
    let silence = 0;
    for (const line of this.#lines) {
      if (!line.ready && line.open) line.open = line.ready = line.source.next(line.head);
      if (!line.ready) {
        if (line.source.state !== 'gone' && line.source.delay > silence) silence = line.source.delay;
      } else if (best === undefined || isEarlier(line.head, best.head)) best = line;
    }
    return best !== undefined && (silence === 0 || this.#now - best.source.arrived >= silence) ? best : undefined;
  }

  #give(line: Line, packet: Packet): void {
    const { head } = line;
    line.ready = false;
    packet.bytes = head.bytes;
    packet.start = head.start;
    packet.end = head.end;
    packet.seconds = head.seconds;
    packet.nanoseconds = head.nanoseconds;
    packet.wireLength = head.wireLength;
    packet.linkType = head.linkType;
    packet.interface = this.#lines.indexOf(line);
  }

  /** Takes in what has come. Gives the milliseconds until a packet may be given, 0 when one may be now. */
  #refresh(): number {
    let silence = 0;
    let oldest = Number.POSITIVE_INFINITY;
    for (const line of this.#lines) {
      if (!line.ready && !line.open) line.open = line.source.refresh();
      if (line.ready || line.open) oldest = Math.min(oldest, line.source.arrived);
      else if (line.source.state !== 'gone') silence = Math.max(silence, line.source.delay);
    }
    return Number.isFinite(oldest) ? (this.#lines.length === 1 ? 0 : Math.max(0, oldest + silence - this.#now)) : LONGEST_POLL;
  }

  async #wait(milliseconds: number): Promise<void> {
    const waiting = this.#lines.filter((line) => !line.ready && !line.open && line.source.state !== 'gone').map((line) => line.source);
    const polled = waiting.filter((source) => source.descriptor >= 0);
    const { libc } = this.#options;
    if (libc && polled.length > 0)
      // One poll at a time, of all: each takes a thread of the few that the runtime has.
      this.#polling ??= libc
        .poll(
          polled.map((source) => source.descriptor),
          Math.ceil(milliseconds),
        )
        .then((events) => polled.forEach((source, i) => source.heard(events[i])))
        .finally(() => {
          this.#polling = undefined;
        });
    const over = new AbortController();
    await Promise.race([
      this.#end,
      // A poll ends in time by itself.
      this.#polling ?? pause(milliseconds, undefined, { signal: over.signal }).catch(() => undefined),
      ...waiting.filter((source) => source.descriptor < 0).map((source) => source.readable()),
    ]);
    over.abort();
  }

  async #reopen(): Promise<void> {
    const { reopen } = this.#options;
    if (!reopen) return;
    for (const line of this.#lines) {
      if (line.source.state !== 'gone' || line.ready || line.open || performance.now() - line.tried < REOPEN_EVERY) continue;
      line.tried = performance.now();
      const again = await reopen(line.source.name).catch(() => undefined);
      if (!again) continue;
      const { kernel, card } = line.source.drops();
      line.kernelDrops += kernel;
      line.cardDrops += card ?? 0;
      await line.source.close();
      line.source = again;
    }
  }
}

function isEarlier(a: Packet, b: Packet): boolean {
  return a.seconds < b.seconds || (a.seconds === b.seconds && a.nanoseconds < b.nanoseconds);
}
