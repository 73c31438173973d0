/**
 * Scans and floods of connection attempts: address scan, long address scan, port scan, PLC scan, excessive sessions and
 * denial of service. Called once per new TCP or UDP conversation, never per packet.
 */
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { DistinctWindow, RateWindow } from './window.ts';

/** Ports of industrial protocols (spec: PLC Scan Detected, and the ports of Niagara Fox). */
const INDUSTRIAL_PORTS = new Set([102, 502, 1911, 2404, 4840, 4911, 9600, 18245, 20000, 44818, 47808, 48898]);

/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;
const MAX_PAIRS = 1 << 16;

export class ScanDetector {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #addresses: DistinctWindow;
  readonly #addressesSlowly: DistinctWindow;
  readonly #ports: DistinctWindow;
  readonly #controllers: DistinctWindow;
  /** Pairs that have exchanged ordinary messages: whoever talks with a controller does not probe it. */
  readonly #ordinary = new Set<number>();
  /** Conversations opened on an industrial port of a device and not used yet, by pair. */
  readonly #knocks = new Map<number, { readonly open: number; readonly seconds: number; readonly frame: number }>();
  readonly #sessions: RateWindow;
  readonly #attempts: RateWindow;

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#addresses = new DistinctWindow(judge.threshold('address-scan-detected'));
    this.#addressesSlowly = new DistinctWindow(judge.threshold('long-duration-address-scan-detected'));
    this.#ports = new DistinctWindow(judge.threshold('port-scan-detected'));
    this.#controllers = new DistinctWindow(judge.threshold('plc-scan-detected'));
    this.#sessions = new RateWindow(judge.threshold('excessive-number-of-sessions'));
    this.#attempts = new RateWindow(judge.threshold('suspicion-of-denial-of-service-attack'));
  }

  /**
   * The sender of the packet under the cursor opens a conversation.
   * @param network upper 16 bits of the destination's IPv4 address (or a number for its IPv6 prefix)
   */
  attempt(scene: Scene, tcp: boolean, network: number): void {
    const { sender, receiver, seconds, frame } = scene;
    if (scene.toGroup) return;
    const attempts = tcp ? this.#attempts.add(`${sender}>${receiver}`, seconds, frame) : null;
    if (attempts) this.#flood(scene, attempts);
    if (tcp) {
      const sessions = this.#sessions.add(`${sender}>${receiver}:${scene.receiverPort}`, seconds, frame);
      if (sessions) this.#manySessions(scene, sessions);
    }
    if (this.#isScanner(sender)) return;
    const scope = sender * 65_536 + network;
    const fast = this.#addresses.add(scope, receiver, seconds, frame);
    if (fast) this.#scan(scene, 'address-scan-detected', 'addresses of one network', fast, tcp);
    const slow = this.#addressesSlowly.add(scope, receiver, seconds, frame);
    if (slow && !fast) this.#scan(scene, 'long-duration-address-scan-detected', 'addresses of one network', slow, tcp);
    const ports = this.#ports.add(sender * PAIR + receiver, scene.receiverPort + (tcp ? 65_536 : 0), seconds, frame);
    if (ports) this.#scan(scene, 'port-scan-detected', `ports of ${this.#judge.label(receiver)}`, ports, tcp);
    if (INDUSTRIAL_PORTS.has(scene.receiverPort)) this.#knock(scene);
  }

  /** The sender opens a conversation on an industrial port: a knock, until it says something. */
  #knock(scene: Scene): void {
    const key = scene.sender * PAIR + scene.receiver;
    const knock = this.#knocks.get(key);
    if (!knock && this.#knocks.size >= MAX_PAIRS) return;
    this.#knocks.set(key, { open: (knock?.open ?? 0) + 1, seconds: scene.seconds, frame: knock?.open ? knock.frame : scene.frame });
    this.probe(scene);
  }

  /** The client of a conversation said something that a dissector knows. */
  spoke(client: number, server: number): void {
    const key = client * PAIR + server;
    const knock = this.#knocks.get(key);
    if (!knock) return;
    if (knock.open <= 1) this.#knocks.delete(key);
    else this.#knocks.set(key, { ...knock, open: knock.open - 1 });
  }

  /**
   * The actor asks a controller who it is. Whoever has knocked there without a word just before (a half-open connection,
   * an empty datagram) is a scanner even if it asks only one: no client of a plant does that.
   */
  identity(scene: Scene): void {
    const knock = this.#knocks.get(scene.actor * PAIR + scene.target);
    const { windowSeconds } = this.#judge.threshold('plc-scan-detected');
    if (knock && scene.seconds - knock.seconds <= windowSeconds && !this.#isScanner(scene.actor)) {
      this.#knocks.delete(scene.actor * PAIR + scene.target);
      this.#judge.inventory.device(scene.actor)?.roles.add('scanner');
      this.#judge.raise(scene, {
        type: 'plc-scan-detected',
        source: scene.actor,
        destination: scene.target,
        destinationPort: scene.receiverPort,
        message: `${this.#judge.label(scene.actor)} knocked at ${this.#judge.label(scene.target)} without a word, then asked it for its identity.`,
        expected: 'clients that speak when they have connected',
        seen: 'a conversation opened and left silent, then an identity request',
        learn: [this.#baseline.learnable(scene.actor, 0, SensorAspect.Scanner, 0, 0)],
        frames: knock.frame === scene.frame ? [scene.frame] : [knock.frame, scene.frame],
      });
      return;
    }
    this.probe(scene);
  }

  /** One more controller probed by the actor. */
  probe(scene: Scene): void {
    if (this.#ordinary.has(scene.actor * PAIR + scene.target) || this.#isScanner(scene.actor)) return;
    const frames = this.#controllers.add(scene.actor, scene.target, scene.seconds, scene.frame);
    if (frames) this.#scan(scene, 'plc-scan-detected', 'controllers', frames, true);
  }

  /** The pair exchanges ordinary messages of an industrial protocol: no probe. */
  ordinary(client: number, server: number): void {
    if (this.#ordinary.size < MAX_PAIRS) this.#ordinary.add(client * PAIR + server);
    this.#controllers.withdraw(client, server);
  }

  #isScanner(party: number): boolean {
    // Asked of the baseline without teaching it: a scan seen while learning is no licence to scan.
    return this.#judge.inventory.device(party)?.scanner === true || this.#baseline.knows(party, 0, SensorAspect.Scanner, 0, 0);
  }

  #scan(scene: Scene, type: string, what: string, frames: readonly number[], tcp: boolean): void {
    const { count, windowSeconds } = this.#judge.threshold(type);
    const one = type === 'port-scan-detected';
    this.#judge.inventory.device(scene.actor)?.roles.add('scanner');
    this.#judge.raise(scene, {
      type,
      source: scene.actor,
      destination: one ? scene.target : 0,
      protocol: scene.protocol || (tcp ? PROTOCOLS.tcp.index : PROTOCOLS.udp.index),
      message: `${this.#judge.label(scene.actor)} tried ${count} different ${what} within ${windowSeconds / 60} minutes.`,
      expected: `fewer than ${count} different ${what} within ${windowSeconds / 60} minutes`,
      seen: `${count} different ${what}, the last ${this.#judge.label(scene.target)}${scene.receiverPort ? ` port ${scene.receiverPort}` : ''}`,
      parameters: { attempts: count },
      learn: [this.#baseline.learnable(scene.actor, 0, SensorAspect.Scanner, 0, 0)],
      frames,
    });
  }

  #flood(scene: Scene, frames: readonly number[]): void {
    const { count, windowSeconds } = this.#judge.threshold('suspicion-of-denial-of-service-attack');
    this.#judge.raise(scene, {
      type: 'suspicion-of-denial-of-service-attack',
      source: scene.sender,
      destination: scene.receiver,
      destinationPort: scene.receiverPort,
      protocol: PROTOCOLS.tcp.index,
      message: `${this.#judge.label(scene.sender)} made ${count} connection attempts to ${this.#judge.label(scene.receiver)} within ${windowSeconds} seconds.`,
      expected: `fewer than ${count} attempts within ${windowSeconds} seconds`,
      seen: `${count} attempts`,
      parameters: { attempts: count },
      frames,
    });
  }

  #manySessions(scene: Scene, frames: readonly number[]): void {
    const { count, windowSeconds } = this.#judge.threshold('excessive-number-of-sessions');
    this.#judge.raise(scene, {
      type: 'excessive-number-of-sessions',
      source: scene.sender,
      destination: scene.receiver,
      destinationPort: scene.receiverPort,
      protocol: PROTOCOLS.tcp.index,
      message: `${this.#judge.label(scene.sender)} opened ${count} sessions to port ${scene.receiverPort} of ${this.#judge.label(scene.receiver)} within ${windowSeconds} seconds.`,
      expected: `fewer than ${count} sessions within ${windowSeconds} seconds`,
      seen: `${count} sessions`,
      parameters: { sessions: count, port: scene.receiverPort },
      parameterKey: `${scene.receiverPort}`,
      frames,
    });
  }
}
