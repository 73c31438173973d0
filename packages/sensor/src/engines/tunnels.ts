/**
 * Channels that hide in DNS and ICMP. A name tunnel asks for many names below one domain that nobody would type: long,
 * all different. An ICMP tunnel carries echo data that is large and differs between question and answer, or from packet
 * to packet in size.
 */
import type { IcmpFact, NameFact } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { MalwareEngine } from './malware.ts';
import type { Scene } from './scene.ts';

export class TunnelDetector {
  readonly #malware: MalwareEngine;

  constructor(malware: MalwareEngine) {
    this.#malware = malware;
  }

  name(_scene: Scene, _fact: NameFact): void {
    void this.#malware;
  }

  icmp(_scene: Scene, _fact: IcmpFact): void {
    void PROTOCOLS;
  }
}
