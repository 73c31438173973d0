/**
 * Runs the fuzzed thread and watches over it: an input that uses more than a second of processor time is a hang; the
 * thread is then ended, the hang told, and a new one goes on behind it. Processor time, so that a busy machine is no hang.
 */
import { Worker } from 'node:worker_threads';
import { EPOCH, type Target } from './targets.ts';
import type { FuzzFrame } from './traffic.ts';
import type { Finding, Message, Order, Tally, WorkerData } from './worker.ts';

const LOOK_EVERY_MS = 100;
const LONGEST_INPUT_MS = 1000;
/** By the clock on the wall: what waits for ever uses no processor time. */
const LONGEST_WAIT_MS = 180_000;
/** Checks at the end of an epoch, the corpus at the beginning. */
const LONGEST_HOUSEKEEPING_MS = 120_000;
/** Mebibytes that a sensor may keep after an epoch; the corpus is among them. */
export const MEMORY_LIMIT = 384;

export interface FuzzResult {
  readonly target: string;
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  readonly cpuMilliseconds: number;
  readonly frames?: { readonly all: readonly FuzzFrame[]; readonly alone: number };
}

export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
  /** No new epoch begins after so many seconds. */
  readonly seconds?: number;
  /** Plays the epoch of this input up to it, and gives its frames. */
  readonly only?: number;
  readonly progress?: (tally: Tally) => void;
}

export class Fuzzer {
  readonly #beat = new SharedArrayBuffer(4);
  readonly #options: Omit<WorkerData, 'beat'>;
  #worker: Worker | undefined;

  constructor(options: Omit<WorkerData, 'beat'> = {}) {
    this.#options = options;
  }

  async run(target: Target, options: FuzzOptions): Promise<FuzzResult> {
    const { seed, only } = options;
    const tally: Tally = { inputs: 0, packets: 0, bytes: 0, mostCalls: 0, mostFacts: 0, retained: 0, peak: 0, refused: {} };
    const findings: Finding[] = [];
    let frames: FuzzResult['frames'];
    let next = only === undefined ? 0 : Math.floor(only / EPOCH) * EPOCH;
    const to = only === undefined ? options.inputs : only + 1;
    const started = performance.now();
    let cpuMilliseconds = 0;
    while (next < to) {
      const seconds = (options.seconds ?? Number.MAX_SAFE_INTEGER / 1e6) - (performance.now() - started) / 1000;
      if (seconds <= 0) break;
      const worker = await this.#ready();
      const order: Order = { target, seed, from: next, to, seconds, ...(only === undefined ? {} : { only }) };
      const before = await cpuOf(worker);
      const outcome = await this.#watch(worker, order, (message) => {
        if (message.is === 'finding') findings.push(message.finding);
        else if (message.is === 'frames') frames = { all: message.frames, alone: message.alone };
        else if (message.is === 'progress') {
          next = message.next;
          add(tally, message.tally);
          if (message.tally.retained > MEMORY_LIMIT * 2 ** 20)
            findings.push({
              input: next - 1,
              what: `${Math.round(message.tally.retained / 2 ** 20)} MiB are kept after an epoch`,
              stack: '',
            });
          options.progress?.(tally);
        }
      });
      if (outcome.hung !== undefined) {
        findings.push({ input: outcome.hung, what: outcome.what, stack: '' });
        tally.inputs += outcome.hung - next + 1;
        next = outcome.hung + 1;
      } else {
        cpuMilliseconds += (await cpuOf(worker)) - before;
        next = Math.max(next, outcome.next);
        if (outcome.next < to) break;
      }
    }
    return { target: target.name, tally, findings, cpuMilliseconds, ...(frames ? { frames } : {}) };
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ready(): Promise<Worker> {
    if (this.#worker) return this.#worker;
    const workerData: WorkerData = { beat: this.#beat, ...this.#options };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData, resourceLimits: { maxOldGenerationSizeMb: 2048 } });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', () => {
        worker.off('error', reject);
        resolve();
      });
    });
    return (this.#worker = worker);
  }

  #watch(
    worker: Worker,
    order: Order,
    take: (message: Message) => void,
  ): Promise<{ readonly hung?: undefined; readonly next: number } | { readonly hung: number; readonly what: string }> {
    const beat = new Int32Array(this.#beat);
    return new Promise((resolve) => {
      let seen = beat[0];
      let since = -1;
      let changed = performance.now();
      let looking = false;
      const end = (outcome: { readonly next: number } | { readonly hung: number; readonly what: string }): void => {
        clearInterval(timer);
        worker.off('message', listen);
        worker.off('error', fail);
        resolve(outcome);
      };
      const lost = (what: string): void => {
        const input = Math.max(Atomics.load(beat, 0), order.from);
        this.#worker = undefined;
        void worker.terminate();
        end({ hung: input, what });
      };
      const look = async (): Promise<void> => {
        const now = Atomics.load(beat, 0);
        const cpu = await cpuOf(worker);
        if (now !== seen || since < 0) {
          seen = now;
          since = cpu;
          changed = performance.now();
        } else if (performance.now() - changed > LONGEST_WAIT_MS)
          lost('no end, and nothing happens: something is waited for that never comes');
        else if (Atomics.load(beat, 0) === now && cpu - since > (now < 0 ? LONGEST_HOUSEKEEPING_MS : LONGEST_INPUT_MS))
          lost(`no end after ${Math.round(cpu - since)} ms of processor time`);
      };
      const timer = setInterval(() => {
        if (looking) return;
        looking = true;
        void look().finally(() => (looking = false));
      }, LOOK_EVERY_MS);
      const listen = (message: Message): void => {
        if (message.is === 'done') end({ next: message.next });
        else take(message);
      };
      const fail = (error: unknown): void => lost(`the thread ended: ${error instanceof Error ? error.message : String(error)}`);
      worker.on('message', listen);
      worker.on('error', fail);
      worker.postMessage(order);
    });
  }
}

/** Processor time of the thread in milliseconds; 0 when it has ended. */
async function cpuOf(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch {
    return 0;
  }
}

function add(sum: Tally, part: Tally): void {
  sum.inputs += part.inputs;
  sum.packets += part.packets;
  sum.bytes += part.bytes;
  for (const most of ['mostCalls', 'mostFacts', 'retained', 'peak'] as const) sum[most] = Math.max(sum[most], part[most]);
  for (const [reason, count] of Object.entries(part.refused)) sum.refused[reason] = (sum.refused[reason] ?? 0) + count;
}
