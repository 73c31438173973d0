/**
 * Anomalies that a single fact or a count of facts shows: ARP and ICMP floods and spoofing, sign-in attempts, exception
 * patterns, unusual HTTP headers, overlong texts, foreign protocols on standard ports. Scans are in scan.ts, rhythm and
 * silence of channels in channels.ts.
 */
import type { ArpFact, FailureFact, HttpFact, IcmpFact, LengthFact, LoginFact, ViolationFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import { GuessDetector, withUserFrame } from './guesses.ts';
import type { Finding, Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { DistinctWindow, RateWindow } from './window.ts';

/** Violations of HTTP headers (protocols/http/names.ts) that no correct implementation makes. */
const ILLEGAL_HEADERS = new Set([
  'http.field-name',
  'http.control-byte',
  'http.bare-cr',
  'http.bare-lf',
  'http.length-and-encoding',
  'http.conflicting-length',
]);

/** RFC 792 and RFC 4443. */
const ECHO_REPLY = 0;
const ECHO_REPLY_V6 = 129;

/** Times the largest header learned for a pair that is still taken for ordinary. */
const HEADER_FACTOR = 4;

const MAX_BINDINGS = 1 << 16;
/** A foreign protocol on a server's port is told again after so long. */
const FOREIGN_SECONDS = 3600;
/** An answer belongs to a question at most this old (seconds). */
const ARP_ANSWER_SECONDS = 10;

export class AnomalyEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #arpTargets: DistinctWindow;
  readonly #arpClaims: RateWindow;
  readonly #icmp: RateWindow;
  readonly #logins: RateWindow;
  readonly #guesses: RateWindow;
  readonly #guessed: GuessDetector;
  readonly #smbLogins: RateWindow;
  /** Flows whose last sign-in attempt has no outcome yet. */
  readonly #trying = new Set<number>();
  readonly #exceptions: RateWindow;
  /** Who last claimed an IP address and when; when an address was last asked for. */
  readonly #owners = new Map<string, { readonly mac: string; readonly seconds: number }>();
  readonly #asked = new Map<string, number>();
  /** Server, port and protocol that were told as foreign, and when. */
  readonly #foreign = new Map<string, number>();

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#arpTargets = new DistinctWindow(judge.threshold('arp-address-scan-detected'));
    this.#arpClaims = new RateWindow(judge.threshold('arp-spoofing'));
    this.#icmp = new RateWindow(judge.threshold('icmp-flooding'));
    this.#logins = new RateWindow(judge.threshold('excessive-login-attempts'));
    this.#guesses = new RateWindow(judge.threshold('password-guessing-attempt-detected'));
    this.#guessed = new GuessDetector(judge);
    this.#smbLogins = new RateWindow(judge.threshold('excessive-smb-login-attempts'));
    this.#exceptions = new RateWindow(judge.threshold('abnormal-exception-pattern-in-slave'));
  }

  arp(scene: Scene, fact: ArpFact): void {
    const { windowSeconds } = this.#judge.threshold('arp-spoofing');
    if (fact.operation === 'request' && !fact.gratuitous) {
      remember(this.#asked, fact.targetIp, scene.seconds);
      this.#arpRequest(scene, fact);
    }
    const claims = fact.operation === 'reply' || fact.gratuitous;
    if (!claims || fact.senderIp === '0.0.0.0') return;
    const asked = this.#asked.get(fact.senderIp);
    const unsolicited = asked === undefined || scene.seconds - asked > ARP_ANSWER_SECONDS;
    // Two that claim one address at the same time fight for it; later the address has moved, as with a new network card.
    const before = this.#owners.get(fact.senderIp);
    const stolen = before !== undefined && before.mac !== fact.senderMac && scene.seconds - before.seconds < windowSeconds;
    const owner = before?.mac;
    remember(this.#owners, fact.senderIp, { mac: fact.senderMac, seconds: scene.seconds });
    if (!unsolicited && !stolen) return;
    const frames = this.#arpClaims.add(fact.senderMac, scene.seconds, scene.frame);
    if (!frames) return;
    const { count } = this.#judge.threshold('arp-spoofing');
    this.#raise(scene, {
      type: 'arp-spoofing',
      source: scene.sender,
      destination: 0,
      protocol: PROTOCOLS.arp.index,
      message: `${this.#judge.label(scene.sender)} sent ${count} ARP claims nobody asked for within ${windowSeconds} seconds${stolen ? `; ${fact.senderIp} belonged to ${owner}` : ''}.`,
      expected: 'ARP replies that answer a request, from the owner of the address',
      seen: `${count} unsolicited claims, the last for ${fact.senderIp}`,
      parameters: { address: fact.senderIp, mac: fact.senderMac, ...(owner ? { owner } : {}) },
      frames,
    });
  }

  #arpRequest(scene: Scene, fact: ArpFact): void {
    const source = this.#judge.inventory.macText(fact.senderMac);
    const target = this.#judge.inventory.ipText(fact.targetIp);
    if (this.#judge.inventory.device(source)?.scanner || this.#baseline.knows(source, 0, SensorAspect.Scanner, 0, 0)) return;
    const frames = this.#arpTargets.add(source, target, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('arp-address-scan-detected');
    this.#judge.inventory.device(source)?.roles.add('scanner');
    this.#raise(scene, {
      type: 'arp-address-scan-detected',
      source,
      destination: 0,
      protocol: PROTOCOLS.arp.index,
      message: `${this.#judge.label(source)} asked by ARP for ${count} different addresses within ${windowSeconds / 60} minutes.`,
      expected: `fewer than ${count} different addresses`,
      seen: `${count} addresses, the last ${fact.targetIp}`,
      parameters: { addresses: count },
      learn: [this.#baseline.learnable(source, 0, SensorAspect.Scanner, 0, 0)],
      frames,
    });
  }

  icmp(scene: Scene, fact: IcmpFact, protocol: number): void {
    // Replies to the requests that are being counted are no flood of the one who answers.
    const reply = fact.type === ECHO_REPLY || fact.type === ECHO_REPLY_V6;
    if (reply && this.#icmp.counts(`${scene.receiver}>${scene.sender}`)) return;
    const frames = this.#icmp.add(`${scene.sender}>${scene.receiver}`, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('icmp-flooding');
    this.#raise(scene, {
      type: 'icmp-flooding',
      source: scene.sender,
      destination: scene.receiver,
      protocol,
      message: `${this.#judge.label(scene.sender)} sent ${count} ICMP packets to ${this.#judge.label(scene.receiver)} within ${windowSeconds} seconds.`,
      expected: `fewer than ${count} ICMP packets within ${windowSeconds} seconds`,
      seen: `${count} packets, the last of type ${fact.type}`,
      parameters: { type: fact.type },
      frames,
    });
  }

  login(scene: Scene, fact: LoginFact): void {
    const [client, server] = scene.toServer ? [scene.sender, scene.receiver] : [scene.receiver, scene.sender];
    const key = `${client}>${server}:${fact.protocol}`;
    if (fact.protocol === PROTOCOLS.smb.index && fact.outcome === 'failure') this.#smbLogin(scene, key, client, server);
    this.#guessed.login(scene, fact, client, server);
    const told = this.#trying.delete(scene.flow);
    if (fact.outcome === 'attempt' && this.#trying.size < MAX_BINDINGS) this.#trying.add(scene.flow);
    // Where the attempt was told, its failure is not counted again; some protocols tell only the failure.
    if (fact.outcome === 'success' || (fact.outcome === 'failure' && told)) return;
    const name = PROTOCOL_BY_INDEX[fact.protocol]?.name ?? '';
    for (const [type, window] of [
      ['excessive-login-attempts', this.#logins],
      ['password-guessing-attempt-detected', this.#guesses],
    ] as const) {
      // SMB has a count of its own.
      if (window === this.#logins && fact.protocol === PROTOCOLS.smb.index) continue;
      const frames = window.add(key, scene.seconds, scene.frame);
      if (!frames) continue;
      const { count, windowSeconds } = this.#judge.threshold(type);
      this.#raise(scene, {
        type,
        source: client,
        destination: server,
        protocol: fact.protocol,
        message: `${this.#judge.label(client)} tried ${count} times to sign in to ${this.#judge.label(server)} by ${name} within ${windowSeconds} seconds.`,
        expected: `fewer than ${count} attempts within ${windowSeconds} seconds`,
        seen: `${count} attempts${fact.user ? `, the last as ${fact.user}` : ''}`,
        parameters: fact.user ? { user: fact.user } : {},
        frames: withUserFrame(frames, fact),
      });
    }
  }

  #smbLogin(scene: Scene, key: string, client: number, server: number): void {
    const frames = this.#smbLogins.add(key, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('excessive-smb-login-attempts');
    this.#raise(scene, {
      type: 'excessive-smb-login-attempts',
      source: client,
      destination: server,
      protocol: PROTOCOLS.smb.index,
      message: `${this.#judge.label(client)} failed ${count} times to sign in to ${this.#judge.label(server)} by SMB within ${windowSeconds / 60} minutes.`,
      expected: `fewer than ${count} failed attempts within ${windowSeconds / 60} minutes`,
      seen: `${count} failed attempts`,
      frames,
    });
  }

  failure(scene: Scene, fact: FailureFact): void {
    if (fact.name !== 'modbus.exception') return;
    this.exception(scene, fact.protocol, fact.text);
  }

  /** A secondary refused a request: Modbus exception, or a DNP3 indication that names a fault of the request. */
  exception(scene: Scene, protocol: number, text: string): void {
    const frames = this.#exceptions.add(`${scene.sender}`, scene.seconds, scene.frame);
    if (!frames) return;
    const { count, windowSeconds } = this.#judge.threshold('abnormal-exception-pattern-in-slave');
    this.#raise(scene, {
      type: 'abnormal-exception-pattern-in-slave',
      source: scene.sender,
      destination: 0,
      protocol,
      message: `${this.#judge.label(scene.sender)} refused ${count} requests within ${windowSeconds / 60} minutes, the last: ${text}.`,
      expected: `fewer than ${count} refusals`,
      seen: text,
      frames,
    });
  }

  /** Headers beyond the limit, or far beyond the largest that was learned for the pair. */
  http(scene: Scene, fact: HttpFact): void {
    for (const [type, aspect, value, what] of [
      ['abnormal-http-header-length', SensorAspect.HttpHeaderLength, fact.longestHeader, 'bytes in one header line'],
      ['abnormal-number-of-parameters-in-http-header', SensorAspect.HttpHeaderCount, fact.headerCount, 'header fields'],
    ] as const) {
      const { count } = this.#judge.threshold(type);
      const key = fact.step === 'request' ? 0 : 1;
      const { actor, target } = scene;
      const reach = Math.ceil(value / HEADER_FACTOR) + 1;
      if (value <= count) {
        if (this.#baseline.learning.on) {
          this.#baseline.checkRange(actor, target, aspect, key, 0, value + 1);
          continue;
        }
        if (this.#baseline.knowsRange(actor, target, aspect, key, 0, reach)) continue;
        // Nothing learned for the pair: only the limit counts.
        if (!this.#baseline.knowsRange(actor, target, aspect, key, 0, 1)) continue;
      } else if (this.#baseline.knowsRange(actor, target, aspect, key, 0, value + 1)) continue;
      this.#raise(scene, {
        type,
        source: scene.sender,
        destination: scene.receiver,
        sourcePort: scene.senderPort,
        destinationPort: scene.receiverPort,
        protocol: PROTOCOLS.http.index,
        message: `${this.#judge.label(scene.sender)} sent an HTTP ${fact.step} with ${value} ${what}.`,
        expected: value > count ? `at most ${count} ${what}` : `at most ${HEADER_FACTOR} times what was learned for this pair`,
        seen: `${value} ${what}`,
        parameters: { [what]: value },
        parameterKey: fact.step,
        learn: [this.#baseline.learnableRange(actor, target, aspect, key, 0, value + 1)],
      });
    }
  }

  /** HTTP headers that no correct implementation sends. */
  violation(scene: Scene, fact: ViolationFact): void {
    if (!ILLEGAL_HEADERS.has(fact.name)) return;
    this.#raise(scene, {
      type: 'illegal-http-header-content',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.sender)} sent an HTTP header that is not allowed: ${fact.text}.`,
      expected: 'a header as RFC 9110 and RFC 9112 allow',
      seen: fact.text,
      parameters: { violation: fact.name },
      parameterKey: fact.name,
    });
  }

  length(scene: Scene, fact: LengthFact): void {
    const { count } = this.#judge.threshold('unexpected-message-length');
    if (fact.bytes < count) return;
    this.#raise(scene, {
      type: 'unexpected-message-length',
      source: scene.sender,
      destination: scene.receiver,
      sourcePort: scene.senderPort,
      destinationPort: scene.receiverPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.sender)} sent a ${fact.element} of ${fact.bytes} bytes to ${this.#judge.label(scene.receiver)}.`,
      expected: `texts below ${count} bytes`,
      seen: `${fact.element} of ${fact.bytes} bytes`,
      parameters: { element: fact.element, bytes: fact.bytes },
    });
  }

  /** The content on a protocol's standard port is another protocol. */
  foreignProtocol(scene: Scene, port: number, expected: number, seen: number): void {
    // It belongs to the server: its other clients find the same.
    const key = `${scene.toServer ? scene.receiver : scene.sender}:${port}:${seen}`;
    const before = this.#foreign.get(key);
    if (before !== undefined && scene.seconds - before < FOREIGN_SECONDS) return;
    remember(this.#foreign, key, scene.seconds);
    const expectedName = PROTOCOL_BY_INDEX[expected]?.name ?? '';
    const seenName = PROTOCOL_BY_INDEX[seen]?.name ?? '';
    this.#raise(scene, {
      type: 'unexpected-traffic-for-standard-port',
      source: scene.toServer ? scene.sender : scene.receiver,
      destination: scene.toServer ? scene.receiver : scene.sender,
      destinationPort: port,
      protocol: seen,
      message: `Port ${port} of ${this.#judge.label(scene.toServer ? scene.receiver : scene.sender)} carries ${seenName}, where ${expectedName} is the standard.`,
      expected: `${expectedName} on port ${port}`,
      seen: seenName,
      parameters: { port, expected: expectedName, seen: seenName },
      parameterKey: `${port}:${seen}`,
    });
  }

  #raise(scene: Scene, finding: Finding): void {
    this.#judge.raise(scene, finding);
  }
}

function remember<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size >= MAX_BINDINGS && !map.has(key)) {
    const oldest = map.keys().next();
    if (!oldest.done) map.delete(oldest.value);
  }
  map.set(key, value);
}
