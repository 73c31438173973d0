/**
 * Puts dangerous operations that are seen while the sensor learns on the review list, instead of blessing them: programs
 * loaded and read, stops, restarts, modes, firmware, clocks, scans, and whoever turns out to be an engineering station.
 */
import type { Detection, Learnable } from '@annunciator/core/alert';
import type { ReviewKind } from '@annunciator/core/review';
import type { ActionFact, ActionName } from '@annunciator/protocols/facts';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import type { Baseline } from '../baseline/baseline.ts';
import type { ReviewList } from '../baseline/review-list.ts';
import type { Finding, Judge } from './judge.ts';
import type { Scene } from './scene.ts';

/**
 * What becomes of a dangerous operation: it waits for a person and stays silent; a person has rejected it, so it is heard even
 * while learning; or nobody holds it back.
 */
export type Fate = 'waits' | 'rejected' | 'free';

interface Plan {
  readonly kind: ReviewKind;
  /** The type of alert that rejecting raises. */
  readonly type: string;
  readonly verb: string;
}

/** Actions that the policy engine does not withhold itself (programs and clocks are). */
const PLANS: Readonly<Partial<Record<ActionName, Plan>>> = {
  'controller.stop': { kind: 'stop', type: 'controller-stop', verb: 'ordered a stop of' },
  'application.stop': { kind: 'stop', type: 'controller-stop', verb: 'ordered a stop of' },
  'controller.start': { kind: 'restart', type: 'controller-reset', verb: 'started' },
  'controller.reset': { kind: 'restart', type: 'controller-reset', verb: 'reset' },
  'outstation.restart': { kind: 'restart', type: 'controller-reset', verb: 'restarted' },
  'controller.mode': { kind: 'mode-change', type: 'plc-operating-mode-changed', verb: 'changed the mode of' },
  'firmware.update': { kind: 'firmware', type: 'firmware-update', verb: 'sent firmware to' },
  'device.factory-reset': { kind: 'factory-reset', type: 'profinet-device-factory-reset', verb: 'reset to factory settings' },
  'configuration.activate': {
    kind: 'configuration-change',
    type: 'change-of-device-configuration',
    verb: 'activated a new configuration of',
  },
};

/** Alerts that are raised while learning, too, and that a person should look at before learning ends. */
const REVIEWED_ALERTS: Readonly<Record<string, ReviewKind>> = {
  'port-scan-detected': 'scan',
  'address-scan-detected': 'scan',
  'long-duration-address-scan-detected': 'scan',
  'arp-address-scan-detected': 'scan',
  'plc-scan-detected': 'scan',
  'plc-operating-mode-changed': 'mode-change',
  'firmware-change-detected': 'firmware',
};

const MAX_ASKED = 1 << 14;

export class Reviewer {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #list: ReviewList;
  /** Operations that were asked for: their answers are no second time. */
  readonly #asked = new Set<string>();

  constructor(judge: Judge, baseline: Baseline, list: ReviewList) {
    this.#judge = judge;
    this.#baseline = baseline;
    this.#list = list;
  }

  /** Somebody did something to a controller that the policy engine does not ask about. */
  action(scene: Scene, fact: ActionFact): void {
    const plan = PLANS[fact.action];
    if (!plan || fact.phase === 'refused') return;
    const key = `${plan.kind} ${scene.actor}>${scene.target}`;
    if (fact.phase === 'requested') {
      if (this.#asked.size >= MAX_ASKED) this.#asked.clear();
      this.#asked.add(key);
    } else if (this.#asked.has(key)) return;
    const s7 = fact.protocol === PROTOCOLS.s7comm.index || fact.protocol === PROTOCOLS.s7commPlus.index;
    const finding: Finding = {
      type: s7 && plan.kind === 'stop' ? 'an-s7-stop-plc-command-was-sent' : plan.type,
      source: scene.actor,
      destination: scene.target,
      sourcePort: scene.actor === scene.sender ? scene.senderPort : scene.receiverPort,
      destinationPort: scene.actor === scene.sender ? scene.receiverPort : scene.senderPort,
      protocol: fact.protocol,
      message: `${this.#judge.label(scene.actor)} ${plan.verb} ${this.#judge.label(scene.target)}: ${fact.text}.`,
      expected: 'no such command outside planned work',
      seen: fact.text,
      parameters: fact.parameters ?? {},
      parameterKey: fact.text,
    };
    this.fate(scene, finding, plan.kind, []);
  }

  /** An alert was raised: some are for the review list, too, while the sensor learns. */
  raised(detection: Detection): void {
    const kind = REVIEWED_ALERTS[detection.type];
    if (kind === undefined || !this.#baseline.learning.on) return;
    const item = this.#list.note(kind, detection);
    if (item) for (const entry of detection.learn) this.#list.attach(item.id, entry);
  }

  /**
   * What becomes of a finding that must not be learned by itself.
   * @param entries what accepting puts into the baseline
   * @param counts false for the answer to a request that was counted
   */
  fate(scene: Scene, finding: Finding, kind: ReviewKind, entries: readonly Learnable[], counts = true): Fate {
    const { on } = this.#baseline.learning;
    if (!on && this.#list.size === 0) return 'free';
    const detection = this.#judge.detection(scene, finding);
    // Out of focus.
    if (!detection) return on ? 'waits' : 'free';
    const known = this.#list.get(this.#list.idOf(kind, detection));
    if (!on && known?.state !== 'pending') return 'free';
    const item = counts || !known ? this.#list.note(kind, detection) : known;
    if (!item) return 'waits';
    if (on) {
      this.#baseline.withhold((entry) => this.#list.attach(item.id, entry));
      for (const entry of entries) this.#list.attach(item.id, entry);
    }
    return item.state === 'rejected' ? 'rejected' : 'waits';
  }
}
