/**
 * What becomes of connection attempts, judged some seconds after they were made: sweeps of one service over silent
 * addresses, and floods of handshakes that nobody completes. Both stand beside the documented thresholds of `scan.ts`,
 * which count attempts whatever came of them.
 *
 * Called once per new TCP conversation. Attempts wait in a ring of numbers; no object is made for one.
 */
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import { isPublic } from '../inventory/address.ts';
import { type Conversations, Outcome } from './conversations.ts';
import type { Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';
import { SweepWalks } from './sweep-walk.ts';
import { dropOldest } from './window.ts';

/** Attempts that wait for judgement; more than these within {@link SWEEP_PATIENCE} seconds are not judged, and counted. */
const RING = 1 << 16;
const MASK = RING - 1;

/** A handshake that is not complete after so many seconds is half-open: three times the usual first retransmission (RFC 6298, 2.1). */
const FLOOD_PATIENCE = 3;
/** Whoever wants something of a silent address tries again within this time; a sweep does not come back. */
const SWEEP_PATIENCE = 120;

/**
 * Half-open handshakes to one port within two seconds. Servers hold 128 or so by default and controllers a few dozen, so
 * this many leave no room for anybody else; no client opens so many without completing one in ten.
 */
const HALF_OPEN = { count: 100, windowSeconds: 2, share: 0.9 };

const MAX_TARGETS = 1 << 14;
const MAX_PAIRS = 1 << 17;
const MAX_FRAMES = 100;
const PAIR = 2 ** 20;
const PORTS = 65_536;

interface Target {
  /** Second of the window's beginning. */
  began: number;
  attempts: number;
  halfOpen: number;
  frames: number[];
}

export class AttemptWatch {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #conversations: Conversations;
  readonly #walks = new SweepWalks();
  readonly #seconds = new Float64Array(RING);
  readonly #frame = new Int32Array(RING);
  readonly #row = new Int32Array(RING);
  readonly #sender = new Int32Array(RING);
  readonly #receiver = new Int32Array(RING);
  readonly #port = new Uint16Array(RING);
  /** Counts of attempts: taken in, looked at for floods, looked at for sweeps. */
  #taken = 0;
  #flooded = 0;
  #swept = 0;
  readonly #targets = new Map<number, Target>();
  /** Pairs in which the server once accepted: their attempts are no first contact. */
  readonly #acquainted = new Set<number>();
  /** Attempts that could not wait for judgement. */
  unjudged = 0;

  constructor(judge: Judge, baseline: Baseline, conversations: Conversations) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#conversations = conversations;
  }

  /** The packet under the cursor is the SYN of a new conversation. */
  attempt(scene: Scene): void {
    if (this.#taken - Math.min(this.#swept, this.#flooded) >= RING) {
      this.unjudged++;
      return;
    }
    const at = this.#taken++ & MASK;
    this.#seconds[at] = scene.seconds;
    this.#frame[at] = scene.frame;
    this.#row[at] = scene.flow;
    this.#sender[at] = scene.sender;
    this.#receiver[at] = scene.receiver;
    this.#port[at] = scene.receiverPort;
    this.#walks.attempt(scene.sender * PORTS + scene.receiverPort, scene.receiver, scene.seconds, scene.frame);
  }

  /** The server accepted a conversation, or the two are known to work together. */
  acquainted(client: number, server: number): void {
    if (this.#acquainted.size < MAX_PAIRS) this.#acquainted.add(client * PAIR + server);
  }

  /** Judges what is old enough. Called every few seconds of packet time, and with Infinity at the end. */
  tick(now: number): void {
    while (this.#flooded < this.#taken && isOld(this.#seconds[this.#flooded & MASK], now, FLOOD_PATIENCE))
      this.#countFlood(this.#flooded++);
    while (this.#swept < this.#taken && isOld(this.#seconds[this.#swept & MASK], now, SWEEP_PATIENCE)) this.#countSweep(this.#swept++);
  }

  #outcome(at: number): Outcome {
    return this.#conversations.outcome(this.#row[at], this.#frame[at]);
  }

  #countFlood(count: number): void {
    const at = count & MASK;
    const outcome = this.#outcome(at);
    const key = this.#receiver[at] * PORTS + this.#port[at];
    const seconds = this.#seconds[at];
    let target = this.#targets.get(key);
    if (target && (seconds - target.began >= HALF_OPEN.windowSeconds || seconds < target.began)) {
      this.#targets.delete(key);
      target = undefined;
    }
    if (!target) {
      if (this.#targets.size >= MAX_TARGETS) dropOldest(this.#targets);
      this.#targets.set(key, (target = { began: seconds, attempts: 0, halfOpen: 0, frames: [] }));
    }
    target.attempts++;
    if (outcome === Outcome.Silent || outcome === Outcome.HalfOpen) {
      target.halfOpen++;
      if (target.frames.length < MAX_FRAMES) target.frames.push(this.#frame[at]);
    }
    if (target.halfOpen < HALF_OPEN.count || target.halfOpen < HALF_OPEN.share * target.attempts) return;
    this.#targets.delete(key);
    this.#raiseFlood(at, target);
  }

  #raiseFlood(at: number, target: Target): void {
    const { canonical } = this.#judge.inventory;
    const [source, destination] = [canonical[this.#sender[at]], canonical[this.#receiver[at]]];
    const port = this.#port[at];
    const within = `within ${HALF_OPEN.windowSeconds} seconds`;
    this.#judge.raise(this.#sceneOf(at), {
      type: 'suspicion-of-denial-of-service-attack',
      source,
      destination,
      destinationPort: port,
      protocol: PROTOCOLS.tcp.index,
      message: `Port ${port} of ${this.#judge.label(destination)} got ${target.halfOpen} connection attempts ${within} that nobody completed, the last from ${this.#judge.label(source)}.`,
      expected: `fewer than ${HALF_OPEN.count} half-open connections to one port ${within}`,
      seen: `${target.halfOpen} half-open of ${target.attempts} attempts`,
      parameters: { attempts: target.attempts, halfOpen: target.halfOpen, port },
      frames: target.frames,
    });
  }

  #countSweep(count: number): void {
    const at = count & MASK;
    const outcome = this.#outcome(at);
    if (outcome === Outcome.Unknown || outcome === Outcome.Refused) return;
    const { inventory } = this.#judge;
    const [sender, receiver] = [inventory.canonical[this.#sender[at]], inventory.canonical[this.#receiver[at]]];
    const works = outcome !== Outcome.Silent;
    if ((!works && this.#acquainted.has(sender * PAIR + receiver)) || this.#isScanner(sender)) return;
    // Isolated computers call names of the Internet in vain all day.
    if (isPublic(inventory.party(receiver).address) && !inventory.isPublicInside(receiver, sender)) return;
    const frames = this.#walks.judge(this.#sender[at] * PORTS + this.#port[at], this.#receiver[at], works);
    if (!frames) return;
    const port = this.#port[at];
    inventory.device(sender)?.roles.add('scanner');
    this.#judge.raise(this.#sceneOf(at), {
      type: 'address-scan-detected',
      source: sender,
      destination: 0,
      protocol: PROTOCOLS.tcp.index,
      message: `${this.#judge.label(sender)} tried port ${port} of ${frames.length} addresses it has never reached; none answered, and it came back to none.`,
      expected: 'clients that reach most of the servers they call on, and try again where they do not',
      seen: `${frames.length} silent addresses, the last ${this.#judge.label(receiver)}`,
      parameters: { addresses: frames.length, port },
      learn: [this.#baseline.learnable(sender, 0, SensorAspect.Scanner, 0, 0)],
      frames,
    });
  }

  #isScanner(party: number): boolean {
    return this.#judge.inventory.device(party)?.scanner === true || this.#baseline.knows(party, 0, SensorAspect.Scanner, 0, 0);
  }

  #sceneOf(at: number): Scene {
    const frame = this.#frame[at];
    return { ...moment(this.#seconds[at]), frame, firstFrame: frame, receiverPort: this.#port[at], flow: this.#row[at] };
  }
}

/** Old enough to be judged; also when time went back, as it does between captures. */
function isOld(seconds: number, now: number, patience: number): boolean {
  return seconds <= now - patience || seconds > now;
}
