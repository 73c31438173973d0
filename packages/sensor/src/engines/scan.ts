/**
 * Scans and floods of connection attempts: address scan, long address scan, port scan, PLC scan, excessive sessions and
 * denial of service. Called once per new TCP or UDP conversation, never per packet.
 *
 * A controller counts as probed only when nothing ordinary follows: whoever opens thirty conversations at once and then
 * polls all thirty is an HMI that starts. So suspicions wait some seconds and are judged then.
 */
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import { AttemptWatch } from './attempts.ts';
import type { Conversations } from './conversations.ts';
import type { Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';
import { DistinctWindow, RateWindow } from './window.ts';

/** Ports of industrial protocols (spec: PLC Scan Detected, and the ports of Niagara Fox). */
const INDUSTRIAL_PORTS = new Set([102, 502, 1911, 2404, 4840, 4911, 9600, 18245, 20000, 44818, 47808, 48898]);

/** Ports from here on are given out by operating systems, to clients and to conversations that a server announces. */
const DYNAMIC_PORTS = 32_768;

/**
 * Operations that every visitor performs, a scanner too: sessions set up, identity asked for. Any other answered
 * operation makes the visit an ordinary one. Codes as the dissectors number them.
 */
const GREETINGS: Readonly<Record<number, ReadonlySet<number>>> = {
  [PROTOCOLS.modbus.index]: new Set([17, 43, 90]),
  [PROTOCOLS.umas.index]: new Set([0x01, 0x02, 0x03, 0x04]),
  // Setup communication; user data group 4 (CPU), subfunction 1 (read system status list).
  [PROTOCOLS.s7comm.index]: new Set([0xf0, 0x7401]),
  // List Services, List Identity, List Interfaces, Register and Unregister Session; requests that carry CIP speak for themselves.
  [PROTOCOLS.enip.index]: new Set([0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70]),
  // Identity object (class 1) read; connections opened and closed (class 6).
  [PROTOCOLS.cip.index]: new Set([0x0101, 0x010e, 0x0103, 0x0654, 0x064e, 0x065b, 0x0652]),
  [PROTOCOLS.pccc.index]: new Set([0x0603]),
  // Node addresses of FINS/TCP, controller and connection data.
  [PROTOCOLS.fins.index]: new Set([0x0501, 0x0502, 0x10000, 0x10001]),
  // Device info and state; discovery.
  [PROTOCOLS.ads.index]: new Set([1, 4, 0x10001]),
  // Opening, controller type, status; firmware version and own status; type name; CPU model.
  [PROTOCOLS.srtp.index]: new Set([0x100, 0x00, 0x43]),
  [PROTOCOLS.sbus.index]: new Set([32, 27, 29, 0x100]),
  [PROTOCOLS.melsec.index]: new Set([0x0101, 0x10121, 0x20000]),
  // Hello, and the challenge that follows it.
  [PROTOCOLS.fox.index]: new Set([1, 2]),
};

/** The answered operation shows that the pair works together; false for what scanners do as well. */
export function isOrdinary(protocol: number, code: number): boolean {
  // Link functions of DNP3 and unnumbered frames of IEC 104 only keep the session.
  if ((protocol === PROTOCOLS.dnp3.index || protocol === PROTOCOLS.iec104.index) && code >= 0x100) return false;
  return protocol !== PROTOCOLS.cotp.index && !GREETINGS[protocol]?.has(code);
}

/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;
const MAX_PAIRS = 1 << 16;
/** After so many seconds without an ordinary exchange a suspicion is judged. */
const PATIENCE_SECONDS = 10;

/** A conversation opened on an industrial port and not used yet. */
interface Knock {
  readonly open: number;
  readonly seconds: number;
  readonly frame: number;
}

/** A controller was probed, unless something ordinary follows. */
interface Suspicion {
  readonly scene: Scene;
  readonly tcp: boolean;
  /** The knock that came before an identity request, when there was one. */
  readonly knock: Knock | null;
  /** Frame in which the conversation began. */
  readonly began: number;
}

/** Ours, beside the documented threshold. */
const BURST = { count: 10, windowSeconds: 1 };

export class ScanDetector {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #addresses: DistinctWindow;
  readonly #addressesSlowly: DistinctWindow;
  readonly #ports: DistinctWindow;
  readonly #burst = new DistinctWindow(BURST);
  readonly #controllers: DistinctWindow;
  /** Pairs that have exchanged ordinary messages: whoever talks with a controller does not probe it. */
  readonly #ordinary = new Set<number>();
  /** By pair, in the order of the last knock. */
  readonly #knocks = new Map<number, Knock>();
  /** By pair, each with a knock, with a greeting and with neither; in the order of time. */
  readonly #suspicions = new Map<number, Suspicion>();
  readonly #sessions: RateWindow;
  readonly #attempts: RateWindow;
  readonly #watch: AttemptWatch;
  readonly #conversations: Conversations;

  constructor(judge: Judge, baseline: Baseline, conversations: Conversations) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#conversations = conversations;
    this.#watch = new AttemptWatch(judge, baseline, conversations);
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
    const pair = sender * PAIR + receiver;
    const attempts = tcp ? this.#attempts.add(pair, seconds, frame) : null;
    if (attempts) this.#flood(scene, attempts);
    if (tcp) {
      this.#watch.attempt(scene);
      const sessions = this.#sessions.add(sessionKey(scene), seconds, frame);
      if (sessions) this.#manySessions(scene, sessions);
    }
    // A datagram to a dynamic port answers one that this sensor has not seen, or traces a route: it calls on no service.
    if (!tcp && scene.receiverPort >= DYNAMIC_PORTS && !INDUSTRIAL_PORTS.has(scene.receiverPort)) return;
    if (this.#isScanner(sender)) return;
    const scope = sender * 65_536 + network;
    const fast = this.#addresses.add(scope, receiver, seconds, frame);
    if (fast) this.#scan(scene, 'address-scan-detected', 'addresses of one network', fast, tcp);
    const slow = this.#addressesSlowly.add(scope, receiver, seconds, frame);
    if (slow && !fast) this.#scan(scene, 'long-duration-address-scan-detected', 'addresses of one network', slow, tcp);
    const ports = this.#ports.add(pair, portKey(scene.receiverPort, tcp), seconds, frame);
    if (ports) this.#scan(scene, 'port-scan-detected', `ports of ${this.#judge.label(receiver)}`, ports, tcp);
    else if (tcp) this.#countBurst(scene);
    if (INDUSTRIAL_PORTS.has(scene.receiverPort)) this.#knock(scene, tcp);
  }

  /** Scanners send their first probes in one go: ten ports within a second, none of which has accepted, is no client. */
  #countBurst(scene: Scene): void {
    const frames = this.#burst.add(scene.sender * PAIR + scene.receiver, scene.receiverPort, scene.seconds, scene.frame);
    if (!frames) return;
    this.#judge.inventory.device(scene.sender)?.roles.add('scanner');
    this.#judge.raise(scene, {
      type: 'port-scan-detected',
      source: scene.sender,
      destination: scene.receiver,
      protocol: PROTOCOLS.tcp.index,
      message: `${this.#judge.label(scene.sender)} tried ${BURST.count} different ports of ${this.#judge.label(scene.receiver)} within a second, and none accepted.`,
      expected: 'Clients that call on the services they use.',
      seen: `${BURST.count} ports at once, the last port ${scene.receiverPort}.`,
      parameters: { attempts: BURST.count },
      learn: [this.#baseline.learnable(scene.sender, 0, SensorAspect.Scanner, 0, 0)],
      frames,
    });
  }

  /**
   * The server accepted a TCP conversation. On a dynamic port nobody finds that by trying: a service had told the client
   * where to call (FTP data, remote procedures), so it counts towards no port scan.
   */
  accepted(client: number, server: number, port: number): void {
    this.#watch.acquainted(client, server);
    this.#burst.withdraw(client * PAIR + server, port);
    if (port >= DYNAMIC_PORTS && !INDUSTRIAL_PORTS.has(port)) this.#ports.withdraw(client * PAIR + server, portKey(port, true));
  }

  /** The sender opens a conversation on an industrial port: a knock, until it says something. */
  #knock(scene: Scene, tcp: boolean): void {
    const key = scene.sender * PAIR + scene.receiver;
    const knock = this.#knocks.get(key);
    if (!knock && this.#knocks.size >= MAX_PAIRS) return;
    this.#knocks.delete(key);
    this.#knocks.set(key, { open: (knock?.open ?? 0) + 1, seconds: scene.seconds, frame: knock?.open ? knock.frame : scene.frame });
    this.#suspect(scene, tcp, null);
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
   * The actor asks a controller who it is. Whoever has knocked there before and left that conversation without a word (a
   * half-open connection, an empty datagram) is a scanner even if it asks only one: no client of a plant does that.
   */
  identity(scene: Scene): void {
    const knock = this.#knocks.get(scene.actor * PAIR + scene.target);
    const { windowSeconds } = this.#judge.threshold('plc-scan-detected');
    if (knock && scene.seconds - knock.seconds <= windowSeconds) this.#suspect(scene, scene.protocol !== PROTOCOLS.bacnet.index, knock);
    this.#suspect(scene, scene.protocol !== PROTOCOLS.bacnet.index, null);
  }

  #suspect(scene: Scene, tcp: boolean, knock: Knock | null): void {
    if (this.#ordinary.has(scene.actor * PAIR + scene.target) || this.#isScanner(scene.actor)) return;
    // A greeting is judged by itself: the port alone has raised a suspicion already.
    const greeting = scene.protocol === PROTOCOLS.fox.index;
    const key = (scene.actor * PAIR + scene.target) * 3 + (knock ? 1 : greeting ? 2 : 0);
    if (this.#suspicions.has(key) || this.#suspicions.size >= MAX_PAIRS) return;
    const { seconds, nanoseconds, frame, sender, receiver, senderPort, receiverPort, actor, target, protocol, flow } = scene;
    this.#suspicions.set(key, {
      scene: {
        ...moment(seconds),
        nanoseconds,
        frame,
        firstFrame: frame,
        sender,
        receiver,
        senderPort,
        receiverPort,
        actor,
        target,
        protocol,
        flow,
      },
      tcp,
      knock,
      began: this.#conversations.firstFrame(scene.flow),
    });
  }

  /** Judges the suspicions that are old enough. Called every few seconds of packet time, and with Infinity at the end. */
  tick(now: number): void {
    this.#watch.tick(now);
    for (const [key, suspicion] of this.#suspicions) {
      const { scene, knock } = suspicion;
      if (scene.seconds > now - PATIENCE_SECONDS && scene.seconds <= now) break;
      this.#suspicions.delete(key);
      const { canonical } = this.#judge.inventory;
      const [actor, target] = [canonical[scene.actor], canonical[scene.target]];
      if (this.#isScanner(actor)) continue;
      if (knock) {
        if (this.#knocks.get(scene.actor * PAIR + scene.target)?.frame === knock.frame) this.#knocked(scene, knock);
        continue;
      }
      if (this.#ordinary.has(actor * PAIR + target)) continue;
      if (scene.protocol === PROTOCOLS.fox.index) {
        if (this.#left(suspicion)) this.#fingerprinted({ ...scene, actor, target });
        continue;
      }
      const frames = this.#controllers.add(actor, target, scene.seconds, scene.frame);
      if (frames) this.#scan({ ...scene, actor, target }, 'plc-scan-detected', 'controllers', frames, suspicion.tcp);
    }
    const { windowSeconds } = this.#judge.threshold('plc-scan-detected');
    for (const [key, knock] of this.#knocks) {
      if (knock.seconds >= now - windowSeconds - PATIENCE_SECONDS) break;
      this.#knocks.delete(key);
    }
  }

  /** A station asks whoever says hello to sign in; a conversation that ends within a second of it, without a word, was only curious. */
  #left({ scene, began }: Suspicion): boolean {
    const closed = this.#conversations.closedAt(scene.flow, began);
    return closed !== undefined && closed - scene.seconds <= 1;
  }

  #fingerprinted(scene: Scene): void {
    this.#judge.inventory.device(scene.actor)?.roles.add('scanner');
    this.#judge.raise(scene, {
      type: 'plc-scan-detected',
      source: scene.actor,
      destination: scene.target,
      destinationPort: scene.receiverPort,
      message: `${this.#judge.label(scene.actor)} asked ${this.#judge.label(scene.target)} who it is and left within a second, without signing in.`,
      expected: 'clients that sign in once the station has named itself',
      seen: 'a hello, its answer, and the end of the conversation',
      learn: [this.#baseline.learnable(scene.actor, 0, SensorAspect.Scanner, 0, 0)],
    });
  }

  #knocked(scene: Scene, knock: Knock): void {
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
  }

  /** The pair exchanges ordinary messages of an industrial protocol: no probe. */
  ordinary(client: number, server: number): void {
    if (this.#ordinary.size < MAX_PAIRS) this.#ordinary.add(client * PAIR + server);
    this.#watch.acquainted(client, server);
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

/** Sender, receiver (below 2^18 each) and port as one number. */
function sessionKey(scene: Scene): number {
  return (scene.sender * 2 ** 18 + scene.receiver) * 65_536 + scene.receiverPort;
}

function portKey(port: number, tcp: boolean): number {
  return port + (tcp ? 65_536 : 0);
}
