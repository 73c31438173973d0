/**
 * Firmware that was replaced: somebody transferred firmware to a device, and the device tells another version afterwards.
 * The change of version alone has alerts of its own; this one says who did it.
 */
import type { ActionFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import type { Device } from '../inventory/device.ts';
import type { Judge } from './judge.ts';
import type { Scene } from './scene.ts';

/** A device is asked for its version within a day of the transfer, or the two have nothing to do with each other. */
const DAY_SECONDS = 86_400;
const MAX_DEVICES = 4096;

interface Transfer {
  readonly source: number;
  readonly seconds: number;
  readonly frame: number;
  readonly text: string;
  readonly protocol: number;
}

export class FirmwareWatch {
  readonly #judge: Judge;
  /** Last transfer to each device, in the order of time. */
  readonly #transfers = new Map<number, Transfer>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  /** Somebody transfers firmware to a device. */
  transfer(scene: Scene, fact: ActionFact): void {
    if (fact.phase === 'refused') {
      this.#transfers.delete(scene.target);
      return;
    }
    this.#transfers.delete(scene.target);
    const { actor: source, seconds, frame } = scene;
    this.#transfers.set(scene.target, { source, seconds, frame, text: fact.text, protocol: fact.protocol });
    if (this.#transfers.size <= MAX_DEVICES) return;
    const oldest = this.#transfers.keys().next();
    if (!oldest.done) this.#transfers.delete(oldest.value);
  }

  /** A device tells another version than before. */
  changed(scene: Scene, device: Device, before: string, now: string): void {
    const transfer = this.#transfers.get(device.party);
    if (!transfer || scene.seconds - transfer.seconds > DAY_SECONDS) return;
    this.#transfers.delete(device.party);
    const by = PROTOCOL_BY_INDEX[transfer.protocol]?.name ?? '';
    this.#judge.raise(scene, {
      type: 'firmware-change-detected',
      source: transfer.source,
      destination: device.party,
      protocol: transfer.protocol,
      message: `${this.#judge.label(transfer.source)} replaced the firmware of ${device.label} by ${by} (${transfer.text}): it was ${before} and is ${now}.`,
      expected: `firmware ${before}`,
      seen: `firmware ${now} after a transfer`,
      parameters: { before, now },
      parameterKey: `${before}>${now}`,
      frames: [transfer.frame, scene.frame],
    });
  }
}
