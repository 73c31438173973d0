/**
 * The thread that is fuzzed. It tells the number of the input at hand through shared memory, so that the main thread can
 * see when one takes too long, and what it found through messages.
 *
 * Inputs belong to epochs: one sensor lives through an epoch and is checked at its end. Everything follows from target,
 * seed and number, so an input is met again by playing its epoch up to it.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import { Random } from '../src/random.ts';
import type { Conversation, Corpus } from './corpus.ts';
import { gatherCorpus } from './corpus.ts';
import { damage } from './damage.ts';
import { checkDissector } from './dissector-check.ts';
import { PathCheck, Violated } from './path-check.ts';
import { ReaderCheck } from './reader-check.ts';
import { EPOCH, type Target } from './targets.ts';
import { damagedTraffic, type FuzzFrame } from './traffic.ts';

/** Every third input goes to a dissector alone. */
const ALONE_EVERY = 3;
/** Position in the shared memory: number of the input at hand, or HOUSEKEEPING between inputs. */
const HOUSEKEEPING = -1;

export interface WorkerData {
  /** One Int32: the input at hand. */
  readonly beat: SharedArrayBuffer;
  /** False uses written traffic alone; by default all there is. */
  readonly captures?: boolean;
  /** Inputs that hang or throw on purpose: they show that the fuzzer notices. */
  readonly traps?: { readonly hang: number; readonly fail: number };
}

export interface Order {
  readonly target: Target;
  readonly seed: number;
  /** First input and the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Seconds after which no new epoch begins. */
  readonly seconds: number;
  /** Sends the frames of this input, and those of its epoch before it. */
  readonly only?: number;
}

export interface Finding {
  readonly input: number;
  readonly what: string;
  readonly stack: string;
}

export interface Tally {
  inputs: number;
  packets: number;
  bytes: number;
  mostCalls: number;
  mostFacts: number;
  /** Bytes that a sensor, its engines and tables kept at the end of an epoch, garbage collected; and before collection. */
  retained: number;
  peak: number;
  /** What was refused or given up, by reason. */
  refused: Record<string, number>;
}

export type Message =
  | { readonly is: 'ready' }
  | { readonly is: 'finding'; readonly finding: Finding }
  | { readonly is: 'progress'; readonly next: number; readonly tally: Tally }
  | { readonly is: 'frames'; readonly frames: readonly FuzzFrame[]; readonly alone: number }
  | { readonly is: 'done'; readonly next: number };

setFlagsFromString('--expose-gc');
// The flag gives new contexts a function for it; this thread's context is older.
const collect = runInNewContext('gc') as () => void;

const data = workerData as WorkerData; // made by fuzzer.ts, the only one who starts this file
const beat = new Int32Array(data.beat);
beat[0] = HOUSEKEEPING;
const corpus: Corpus = await gatherCorpus(data.captures);
let readers: ReaderCheck | undefined;

function post(message: Message): void {
  parentPort?.postMessage(message);
}

parentPort?.on('message', (order: Order) => {
  run(order).then(
    (next) => post({ is: 'done', next }),
    (error: unknown) => {
      throw error;
    },
  );
});
post({ is: 'ready' });

async function run(order: Order): Promise<number> {
  const until = performance.now() + order.seconds * 1000;
  let at = order.from;
  while (at < order.to && performance.now() < until) {
    const end = Math.min(order.to, (Math.floor(at / EPOCH) + 1) * EPOCH);
    const tally = order.target.kind === 'readers' ? await readerEpoch(order, at, end) : trafficEpoch(order, at, end);
    at = end;
    post({ is: 'progress', next: at, tally });
  }
  return at;
}

function newTally(inputs: number): Tally {
  return { inputs, packets: 0, bytes: 0, mostCalls: 0, mostFacts: 0, retained: 0, peak: 0, refused: {} };
}

/** The source of an input's numbers. */
function randomOf(order: Order, input: number): Random {
  let mixed = Math.imul(order.seed + 1, 0x9e3779b1) ^ Math.imul(input + 1, 0x85ebca6b);
  for (const letter of order.target.name) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
  return new Random(mixed ^ (mixed >>> 15));
}

function found(order: Order, input: number, error: unknown): void {
  const what = error instanceof Violated ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  if (order.only === undefined || input <= order.only) post({ is: 'finding', finding: { input, what, stack } });
}

function trafficEpoch(order: Order, from: number, to: number): Tally {
  const tally = newTally(to - from);
  const learning = Math.floor(from / EPOCH) % 2 === 0;
  let check = new PathCheck(learning);
  const history: FuzzFrame[] = [];
  const lists = order.target.protocols
    .map((protocol) => ({ protocol, list: corpus.conversations.get(protocol) ?? [] }))
    .filter(({ list }) => list.length > 0);
  // Nothing is known to be damaged, so there are no inputs: whoever asked for some finds none.
  if (lists.length === 0) return newTally(0);
  const finish = (last: number): void => {
    beat[0] = HOUSEKEEPING;
    try {
      check.finish();
    } catch (error) {
      found(order, last, error);
    }
    account(check, tally);
  };
  for (let input = from; input < to; input++) {
    Atomics.store(beat, 0, input);
    const random = randomOf(order, input);
    const { protocol, list } = lists[random.chance(0.6) ? 0 : random.below(lists.length)];
    try {
      if (input === data.traps?.fail) throw new Violated('this input fails on purpose');
      while (input === data.traps?.hang);
      if (input % ALONE_EVERY === 2) tally.bytes += aloneInput(list, protocol, random);
      else {
        const frames = damagedTraffic(list, protocol, order.target.emphasis, random);
        if (order.only !== undefined) {
          history.push(...frames);
          if (input === order.only) post({ is: 'frames', frames: history, alone: frames.length });
        }
        for (const frame of frames) {
          tally.bytes += frame.bytes.length;
          check.take(frame);
        }
        check.checkBounds();
      }
    } catch (error) {
      found(order, input, error);
      // What an exception left behind is not worth checking.
      tally.packets += check.packets;
      check = new PathCheck(learning);
    }
    if (input === order.only) break;
  }
  finish(to - 1);
  return tally;
}

/** Payloads of a damaged conversation for one dissector: mostly its own, sometimes one that must see that they are not. */
function aloneInput(list: readonly Conversation[], protocol: string, random: Random): number {
  const own = DISSECTORS.filter(({ reports }) => reports.some(({ id }) => id === protocol));
  const dissector = own.length > 0 && !random.chance(0.15) ? random.pick(own) : random.pick(DISSECTORS);
  const talk = damagedTalk(list, protocol, random);
  return checkDissector(dissector, talk, random);
}

function damagedTalk(list: readonly Conversation[], protocol: string, random: Random): { toServer: boolean; bytes: Uint8Array }[] {
  const { seeds, carries } = random.pick(list);
  const first = random.pick(carries.get(protocol) ?? [0]);
  return seeds.slice(first, first + 1 + random.below(4)).map((seed) => {
    const payload = seed.frame.subarray(seed.payload, Math.max(seed.payload, seed.payloadEnd));
    const other = random.pick(seeds);
    const damaged =
      payload.length > 0 && random.chance(0.8)
        ? damage(payload, other.frame.subarray(other.payload, Math.max(other.payload, other.payloadEnd)), random)
        : payload;
    return { toServer: seed.toServer, bytes: damaged };
  });
}

async function readerEpoch(order: Order, from: number, to: number): Promise<Tally> {
  const tally = newTally(to - from);
  readers ??= new ReaderCheck(corpus);
  for (let input = from; input < to; input++) {
    Atomics.store(beat, 0, input);
    const random = randomOf(order, input);
    try {
      const content = readers.input(random);
      tally.bytes += content.length;
      tally.packets += await readers.run(content, input, random);
    } catch (error) {
      found(order, input, error);
    }
    if (input === order.only) break;
  }
  beat[0] = HOUSEKEEPING;
  readers.close();
  readers = undefined;
  measure(tally);
  return tally;
}

function measure(tally: Tally): void {
  const full = process.memoryUsage();
  tally.peak = Math.max(tally.peak, full.heapUsed + full.external);
  collect();
  const left = process.memoryUsage();
  tally.retained = Math.max(tally.retained, left.heapUsed + left.external);
}

function account(check: PathCheck, tally: Tally): void {
  const { path, inventory, connections } = check.sensor;
  tally.packets += check.packets;
  tally.mostCalls = Math.max(tally.mostCalls, check.mostCalls);
  tally.mostFacts = Math.max(tally.mostFacts, check.mostFacts);
  const counts: Record<string, number> = {
    'streams dropped at the total bound': path.order.counters.refused,
    'messages longer than may be kept': path.order.counters.tooLong + path.readings.tooLong,
    'holes given up': path.order.counters.gaps,
    'fragments refused': path.decoder.fragments.counters.refused,
    'datagrams evicted': path.decoder.fragments.counters.evicted,
    'flows refused': path.flows.counters.refused,
    'flows evicted': path.flows.counters.evicted,
    'addresses refused': inventory.refused,
    'connections refused': connections.refused,
    'frames with broken headers': [...path.decoder.problems.values()].reduce((sum, count) => sum + count, 0),
  };
  for (const [reason, count] of Object.entries(counts)) tally.refused[reason] = (tally.refused[reason] ?? 0) + count;
  measure(tally);
}
