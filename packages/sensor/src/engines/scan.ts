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

export class ScanDetector {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #addresses: DistinctWindow;
  readonly #addressesSlowly: DistinctWindow;
  readonly #ports: DistinctWindow;
  readonly #controllers: DistinctWindow;
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
    const ports = this.#ports.add(sender * 2 ** 20 + receiver, scene.receiverPort + (tcp ? 65_536 : 0), seconds, frame);
    if (ports) this.#scan(scene, 'port-scan-detected', `ports of ${this.#judge.label(receiver)}`, ports, tcp);
    if (INDUSTRIAL_PORTS.has(scene.receiverPort)) this.probe(scene);
  }

  /** The sender asks a controller who it is, or knocks at an industrial port. */
  probe(scene: Scene): void {
    if (this.#isScanner(scene.actor)) return;
    const frames = this.#controllers.add(scene.actor, scene.target, scene.seconds, scene.frame);
    if (frames) this.#scan(scene, 'plc-scan-detected', 'controllers', frames, true);
  }

  /** The pair exchanges ordinary messages of an industrial protocol: no probe. */
  ordinary(client: number, server: number): void {
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
