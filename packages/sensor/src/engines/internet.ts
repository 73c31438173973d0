/**
 * Talking with the Internet: a working conversation, an attempt without an answer, and public addresses used inside. Only
 * the strongest is raised per pair, and names on the allow list are left alone while their address is fresh.
 */
import type { NameFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { isPublic } from '../inventory/address.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { Judge } from './judge.ts';
import type { PolicyEngine } from './policy.ts';
import { moment, type Scene } from './scene.ts';

/** An attempt counts as unanswered after this long (seconds). */
const ANSWER_SECONDS = 5;
const MAX_PENDING = 4096;
const MAX_RESOLVED = 1 << 14;

interface Attempt {
  readonly scene: Scene;
  readonly local: number;
  /** Party of the address that it used. */
  readonly localAddress: number;
  readonly remote: number;
  readonly port: number;
  readonly protocol: number;
}

export class InternetEngine {
  readonly #judge: Judge;
  readonly #policy: PolicyEngine;
  readonly #inventory: Inventory;
  readonly #pending = new Map<string, Attempt>();
  /** Addresses that an allowed name resolved to, and until when (seconds). */
  readonly #allowed = new Map<string, number>();
  refused = 0;

  constructor(judge: Judge, policy: PolicyEngine) {
    this.#judge = judge;
    this.#policy = policy;
    this.#inventory = judge.inventory;
  }

  /** A name was resolved: remembers the addresses of allowed names for as long as the answer holds. */
  resolved(fact: NameFact, seconds: number): void {
    const name = fact.name.toLowerCase().replace(/\.$/, '');
    const allowed = this.#judge.settings.allowedNames.some(
      (entry) => name === entry.toLowerCase() || name.endsWith(`.${entry.toLowerCase()}`),
    );
    if (!allowed) return;
    for (const address of fact.addresses) if (this.#allowed.size < MAX_RESOLVED) this.#allowed.set(address, seconds + fact.ttl);
  }

  /** A conversation begins: the sender of the packet under the cursor opens it. */
  opened(scene: Scene, protocol: number): void {
    const { sender, receiver } = scene;
    if (!this.#concerns(scene, sender, receiver)) return;
    if (this.#pending.size >= MAX_PENDING) {
      this.refused++;
      return;
    }
    const key = `${sender}>${receiver}`;
    // Asked here and not when the wait is over: learning may end in between.
    if (this.#pending.has(key) || this.#policy.internetKnown(sender, receiver)) return;
    this.#pending.set(key, {
      scene: { ...moment(scene.seconds), nanoseconds: scene.nanoseconds, frame: scene.frame, firstFrame: scene.frame },
      local: sender,
      localAddress: this.#judge.addressIn(scene.flow, sender),
      remote: receiver,
      port: scene.receiverPort,
      protocol,
    });
  }

  /** Both sides have spoken. */
  established(scene: Scene, protocol: number): void {
    const [client, server, port] = scene.toServer
      ? [scene.sender, scene.receiver, scene.receiverPort]
      : [scene.receiver, scene.sender, scene.senderPort];
    const outwards = this.#concerns(scene, client, server);
    if (!outwards && !this.#concerns(scene, server, client)) return;
    const [local, remote] = outwards ? [client, server] : [server, client];
    this.#pending.delete(`${local}>${remote}`);
    if (this.#policy.internetKnown(local, remote)) return;
    const localAddress = this.#inventory.party(local).address;
    const publicInside = isPublic(this.#inventory.device(local)?.ips[0] ?? localAddress);
    this.#raise(
      scene,
      publicInside ? 'external-address-within-the-network-communicated-with-internet' : 'unauthorized-internet-connectivity-detected',
      local,
      remote,
      port,
      protocol,
      publicInside ? 'uses a public address inside the network and talks with' : outwards ? 'talks with' : 'answers',
      'a working conversation',
      outwards,
    );
  }

  /** Looks for attempts that were not answered. Called every few seconds of packet time, and at the end with Infinity. */
  tick(now: number): void {
    for (const [key, attempt] of this.#pending) {
      if (attempt.scene.seconds > now - ANSWER_SECONDS) break;
      this.#pending.delete(key);
      if (this.#policy.internetKnown(attempt.local, attempt.remote)) continue;
      this.#raise(
        attempt.scene,
        'internet-access-detected',
        attempt.local,
        attempt.remote,
        attempt.port,
        attempt.protocol,
        'tried to reach',
        'an attempt without an answer',
        true,
        attempt.localAddress,
      );
    }
  }

  #concerns(scene: Scene, local: number, remote: number): boolean {
    if (this.#judge.settings.internetIsInternal || scene.toGroup) return false;
    const { address, public: isRemote } = this.#inventory.party(remote);
    if (!isRemote || !this.#inventory.isLocal(local) || this.#inventory.isPublicInside(remote, local)) return false;
    // Of two public addresses only the one that the site uses itself can be the local one.
    if (this.#inventory.party(local).public && !this.#inventory.isPublicInside(local, local)) return false;
    const until = this.#allowed.get(address);
    return until === undefined || until < scene.seconds;
  }

  #raise(
    scene: Scene,
    type: string,
    local: number,
    remote: number,
    port: number,
    protocol: number,
    verb: string,
    seen: string,
    outwards: boolean,
    localAddress?: number,
  ): void {
    this.#judge.raise(scene, {
      type,
      ...(localAddress === undefined ? {} : { sourceAddress: localAddress }),
      source: outwards ? local : remote,
      destination: outwards ? remote : local,
      destinationPort: port,
      protocol,
      message: `${this.#judge.label(local)} ${verb} the Internet address ${this.#inventory.party(remote).address}${port ? ` (${protocol === PROTOCOLS.tcp.index ? 'TCP' : 'UDP'} port ${port})` : ''}.`,
      expected: 'no traffic with the Internet beyond what the baseline holds',
      seen,
      parameters: { address: this.#inventory.party(remote).address, port },
      learn: [this.#policy.internetLearnable(local, remote)],
    });
  }
}
