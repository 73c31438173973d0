/**
 * Damaged conversations with a whole hub, without sockets: packets of MQTT, frames of AMQP. The same seed gives the same
 * inputs. What must hold: nothing is thrown, nothing takes long, nobody acts for another device, every connection ends, and the
 * hub goes on.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '@annunciator/testkit/random';
import { LOCAL_CALLER } from '../src/authentication/local-caller.ts';
import { type Hub, openHub } from '../src/core/hub.ts';
import { DEFAULT_LIMITS } from '../src/core/limits.ts';
import { AmqpDoor } from '../src/doors/amqp-door.ts';
import { CoarseClock } from '../src/doors/coarse-clock.ts';
import { MqttDoor } from '../src/doors/mqtt-door.ts';
import { USUAL_PATIENCE } from '../src/doors/patience.ts';
import type { Identity } from '../src/identity/identity.ts';
import { recordAmqp } from './amqp-conversation.ts';
import { damage, pieces } from './damage.ts';
import { MemoryStream } from './memory-stream.ts';
import { mqttConversation } from './mqtt-conversation.ts';

export type FuzzTarget = 'mqtt' | 'amqp';
export const TARGETS: readonly FuzzTarget[] = ['mqtt', 'amqp'];

export interface Finding {
  readonly input: number;
  readonly what: string;
}

export interface Tally {
  inputs: number;
  bytes: number;
  /** Inputs that got as far as a session. */
  connected: number;
  /** Inputs that ended as a violation. */
  refused: number;
  slowestMs: number;
}

/** Conversations under way at once, each with a device of its own. */
const LANES = 48;
/** Processor time that one turn of an input may take, milliseconds. */
const LONGEST_TURN = 1000;
/** How long a conversation may wait for the hub, milliseconds. */
const LONGEST_WAIT = 5000;

interface Lane {
  readonly device: Identity;
  readonly amqp: readonly Buffer[];
}

/** What the doors ask of a socket beside its bytes. */
const NO_SOCKET = { remoteAddress: '192.0.2.1', getPeerX509Certificate: () => undefined } as never;

export class HubFuzzer {
  readonly #hub: Hub;
  readonly #directory: string;
  readonly #clock = new CoarseClock();
  readonly #mqtt: MqttDoor;
  readonly #amqp: AmqpDoor;
  readonly #victim: Identity;
  readonly #lanes: Lane[] = [];
  readonly #faults: string[];
  #stolen = 0;
  #refused = 0;
  #connected = 0;

  private constructor(hub: Hub, directory: string, victim: Identity, faults: string[]) {
    this.#hub = hub;
    this.#directory = directory;
    this.#victim = victim;
    this.#faults = faults;
    this.#mqtt = new MqttDoor(hub, this.#clock, USUAL_PATIENCE);
    this.#amqp = new AmqpDoor(hub, this.#clock, USUAL_PATIENCE);
  }

  static async open(): Promise<HubFuzzer> {
    const directory = await mkdtemp(join(tmpdir(), 'annunciator-fuzz-hub-'));
    const faults: string[] = [];
    let fuzzer: HubFuzzer | undefined;
    const hub = await openHub({
      directory,
      host: 'localhost',
      partitions: 4,
      limits: { ...DEFAULT_LIMITS, journalBytes: 256 * 2 ** 20 },
      rates: null,
      clock: Date.now,
      consumers: [
        {
          resumeAt: () => null,
          accept: (_partition, records) => {
            const opened = fuzzer;
            if (opened) for (const { operation } of records) opened.#note(operation);
          },
        },
      ],
      log: (line) => faults.push(line),
    });
    const victim = await create(hub, 'victim');
    fuzzer = new HubFuzzer(hub, directory, victim, faults);
    for (let lane = 0; lane < LANES; lane++) {
      const device = await create(hub, `attacker-${lane}`);
      const opened = fuzzer;
      fuzzer.#lanes.push({ device, amqp: await recordAmqp(device, (stream) => opened.#amqp.accept(stream, NO_SOCKET)) });
    }
    return fuzzer;
  }

  #note(operation: { deviceId: string | null; side: string; result: string; operation: string; reason: string | null }): void {
    if (operation.deviceId === this.#victim.deviceId && operation.side === 'device' && operation.result === 'accepted') this.#stolen++;
    if (operation.result === 'refused') this.#refused++;
    if (operation.operation === 'deviceConnect' && operation.result === 'accepted') this.#connected++;
  }

  /** Runs so many inputs from the first one on. */
  async run(
    target: FuzzTarget,
    { seed, inputs, first = 0 }: { seed: number; inputs: number; first?: number },
  ): Promise<{ tally: Tally; findings: Finding[] }> {
    const tally: Tally = { inputs: 0, bytes: 0, connected: 0, refused: 0, slowestMs: 0 };
    const findings: Finding[] = [];
    const [connected, refused] = [this.#connected, this.#refused];
    let next = first;
    let current = first;
    const caught = (error: unknown): void =>
      void findings.push({ input: current, what: `thrown: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}` });
    process.on('uncaughtException', caught);
    process.on('unhandledRejection', caught);
    const lane = async (own: Lane): Promise<void> => {
      while (next < first + inputs) {
        const input = next++;
        current = input;
        const what = await this.#one(target, own, seed, input, tally);
        if (what !== undefined) findings.push({ input, what });
      }
    };
    try {
      await Promise.all(this.#lanes.map(lane));
      // The state's thread ends the last sessions in its own time.
      for (let waited = 0; waited === 0 || (this.#hub.context.sessions.size > 0 && waited < LONGEST_WAIT); waited += 50)
        await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      process.off('uncaughtException', caught);
      process.off('unhandledRejection', caught);
    }
    for (const fault of this.#faults.splice(0)) findings.push({ input: -1, what: `a fault of the hub: ${fault}` });
    if (this.#stolen > 0) findings.push({ input: -1, what: `${this.#stolen} operations were accepted in the name of another device` });
    if (this.#hub.context.sessions.size > 0) findings.push({ input: -1, what: `${this.#hub.context.sessions.size} sessions did not end` });
    tally.connected = this.#connected - connected;
    tally.refused = this.#refused - refused;
    return { tally, findings };
  }

  /** The bytes of an input, in the pieces in which they are given. */
  input(target: FuzzTarget, lane: Lane, seed: number, input: number): Buffer[] {
    const random = new Random((seed * 1_000_003 + input) | 0);
    const packets = target === 'mqtt' ? mqttConversation(lane.device, this.#victim, random) : lane.amqp;
    return pieces(damage(packets, random), random);
  }

  async #one(target: FuzzTarget, lane: Lane, seed: number, input: number, tally: Tally): Promise<string | undefined> {
    const stream = new MemoryStream();
    const given = this.input(target, lane, seed, input);
    tally.inputs++;
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    (target === 'mqtt' ? this.#mqtt : this.#amqp).accept(stream, NO_SOCKET);
    for (const piece of given) {
      tally.bytes += piece.length;
      const began = process.cpuUsage();
      const before = stream.bytesWritten;
      stream.give(piece);
      await turn();
      // A proof is judged by another thread; what follows it would come too early.
      if (piece.includes('put-token')) await answered(stream, before);
      const { user } = process.cpuUsage(began);
      tally.slowestMs = Math.max(tally.slowestMs, user / 1000);
      if (user / 1000 > LONGEST_TURN) return `${Math.round(user / 1000)} ms of processor time for a piece`;
    }
    // Answers of the state's thread arrive in turns of their own.
    for (let wait = 0; wait < 3; wait++) await turn();
    stream.destroy();
    const ended = await Promise.race([
      closed.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, LONGEST_WAIT, false).unref()),
    ]);
    return ended ? undefined : 'the connection did not end';
  }

  async close(): Promise<void> {
    this.#clock.stop();
    await this.#hub.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Resolves when the hub has written more, or after some milliseconds. */
async function answered(stream: MemoryStream, before: number): Promise<void> {
  const end = performance.now() + 20;
  while (stream.bytesWritten === before && !stream.destroyed && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 1));
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function create(hub: Hub, deviceId: string): Promise<Identity> {
  return hub.registry.create(LOCAL_CALLER, {
    deviceId,
    moduleId: null,
    status: 'enabled',
    statusReason: null,
    authentication: { type: 'sas', primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null },
    iotEdge: false,
    deviceScope: null,
    parentScopes: [],
    managedBy: null,
  });
}
