/**
 * Floods of DHCP requests, which use up a server or its addresses: a denial of service that makes no connection and so
 * reaches no count of connections.
 *
 * A client sends a handful of messages for a lease and waits 4, 8, 16 seconds before it repeats one (RFC 2131, 4.1). So
 * thirty requests of one hardware address within ten seconds come from no client. Nor do thirty hardware addresses that
 * no vendor was ever given: tools that starve a server invent them, while a plant whose power returns is full of real ones.
 */
import type { LeaseFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { vendorOf } from '../inventory/vendor.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';
import { DistinctWindow, RateWindow } from './window.ts';

const LIMIT = { count: 30, windowSeconds: 10 };

export class LeaseFloodDetector {
  readonly #judge: Judge;
  readonly #requests = new RateWindow(LIMIT);
  readonly #invented = new DistinctWindow(LIMIT);

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  lease(scene: Scene, fact: LeaseFact): void {
    const { step, clientMac } = fact;
    if (step === 'offer' || step === 'ack' || step === 'nak' || clientMac === '') return;
    const { inventory } = this.#judge;
    const client = inventory.macText(clientMac);
    const requests = this.#requests.add(clientMac, scene.seconds, scene.frame);
    if (requests) this.#raise(scene, inventory.canonical[client], `${LIMIT.count} DHCP requests of ${clientMac}`, requests);
    if (vendorOf(clientMac) !== '') return;
    const invented = this.#invented.add(0, client, scene.seconds, scene.frame);
    const what = `DHCP requests of ${LIMIT.count} hardware addresses that belong to no vendor, the last ${clientMac}`;
    if (invented) this.#raise(scene, inventory.canonical[client], what, invented);
  }

  #raise(scene: Scene, source: number, what: string, frames: readonly number[]): void {
    const within = `within ${LIMIT.windowSeconds} seconds`;
    this.#judge.raise(scene, {
      type: 'suspicion-of-denial-of-service-attack',
      source,
      // A flood goes to every server it can find: one alert for them all.
      destination: 0,
      protocol: PROTOCOLS.dhcp.index,
      message: `${what} reached DHCP servers ${within}.`,
      expected: `a few requests of a client, seconds apart; fewer than ${LIMIT.count} ${within}`,
      seen: what,
      parameters: { requests: LIMIT.count },
      frames,
    });
  }
}
