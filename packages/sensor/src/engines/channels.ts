/**
 * Channels that change their rhythm or fall silent, and devices that no longer answer. Fed by the connection table when a
 * row crosses a limit, and by the clock of the packets.
 */
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import type { Connections } from '../path/connections.ts';
import type { Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';

/** A request is unanswered only after a secondary had this long (seconds). */
const ANSWER_SECONDS = 5;

export class ChannelEngine {
  readonly #judge: Judge;
  /** Devices reported as lost, until they send again: party and the second of the report. */
  readonly #lost = new Map<number, number>();

  constructor(judge: Judge) {
    this.#judge = judge;
  }

  unanswered(scene: Scene, connections: Connections, row: number, unanswered: number, since: number): void {
    const server = this.#judge.inventory.canonical[connections.server[row]];
    const { inventory } = this.#judge;
    // A device that was never seen to send may be hidden from this sensor: its silence says nothing.
    if (!inventory.device(server)) return;
    if (scene.seconds - since < ANSWER_SECONDS) return;
    if (connections.protocol[row] === PROTOCOLS.modbus.index && connections.responses[row] > 0)
      this.#modbus(scene, connections, row, server, unanswered, since);
    const { count, windowSeconds } = this.#judge.threshold('device-is-suspected-to-be-disconnected-unresponsive');
    if (unanswered < count || scene.seconds - since > windowSeconds || inventory.lastSeconds[server] >= since) return;
    if (this.#lost.has(server)) return;
    this.#lost.set(server, scene.seconds);
    this.#judge.raise(scene, {
      type: 'device-is-suspected-to-be-disconnected-unresponsive',
      source: server,
      destination: 0,
      protocol: connections.protocol[row],
      message: `${this.#judge.label(server)} has not answered ${unanswered} requests in a row and sends nothing.`,
      expected: 'answers, or at least packets, from a device that was active',
      seen: `${unanswered} requests without an answer in ${scene.seconds - since} seconds`,
      parameters: { requests: unanswered, seconds: scene.seconds - since },
    });
  }

  #modbus(scene: Scene, connections: Connections, row: number, server: number, unanswered: number, since: number): void {
    const { count, windowSeconds } = this.#judge.threshold('suspicion-of-unresponsive-modbus-device');
    if (unanswered !== count && unanswered % 64 !== 0) return;
    if (scene.seconds - since > windowSeconds) return;
    this.#judge.raise(scene, {
      type: 'suspicion-of-unresponsive-modbus-device',
      source: server,
      destination: 0,
      protocol: PROTOCOLS.modbus.index,
      message: `${this.#judge.label(server)} left ${unanswered} Modbus requests of ${this.#judge.label(this.#judge.inventory.canonical[connections.client[row]])} unanswered.`,
      expected: 'at least one valid reply to three requests',
      seen: `${unanswered} requests without a reply`,
      parameters: { requests: unanswered },
    });
  }

  /** A party sent: if it was lost, it is back. Returns true then. */
  returned(party: number): boolean {
    return this.#lost.size > 0 && this.#lost.delete(party);
  }

  offRhythm(scene: Scene, connections: Connections, row: number, period: number, interval: number): void {
    const { count } = this.#judge.threshold('abnormal-periodic-behavior-in-communication-channel');
    const client = this.#judge.inventory.canonical[connections.client[row]];
    const server = this.#judge.inventory.canonical[connections.server[row]];
    this.#judge.raise(scene, {
      type: 'abnormal-periodic-behavior-in-communication-channel',
      source: client,
      destination: server,
      destinationPort: connections.port[row],
      protocol: connections.protocol[row],
      message: `${this.#judge.label(client)} polls ${this.#judge.label(server)} at another rhythm: ${count} polls in a row off the period of ${seconds(period)}.`,
      expected: `a poll every ${seconds(period)}`,
      seen: `the last interval was ${seconds(interval)}`,
      parameters: { period: seconds(period), interval: seconds(interval) },
    });
  }

  /** Looks for steady channels that fell silent. Called every few seconds of packet time. */
  tick(now: number, connections: Connections): void {
    if (!this.#judge.isOn('inactive-communication-channel')) return;
    const { windowSeconds } = this.#judge.threshold('inactive-communication-channel');
    for (let row = 1; row < connections.count; row++) {
      if (connections.silent[row] || !PROTOCOL_BY_INDEX[connections.protocol[row]]?.ot) continue;
      const period = connections.rhythm(row);
      if (period === 0 || now - connections.lastRequest[row] <= windowSeconds + period) continue;
      connections.silent[row] = 1;
      const client = this.#judge.inventory.canonical[connections.client[row]];
      const server = this.#judge.inventory.canonical[connections.server[row]];
      this.#judge.raise(moment(now), {
        type: 'inactive-communication-channel',
        source: client,
        destination: server,
        destinationPort: connections.port[row],
        protocol: connections.protocol[row],
        message: `${this.#judge.label(client)} stopped polling ${this.#judge.label(server)}; the period was ${seconds(period)}.`,
        expected: `a poll every ${seconds(period)}`,
        seen: `silence for ${Math.round(now - connections.lastRequest[row])} seconds`,
        parameters: { period: seconds(period) },
      });
    }
  }
}

function seconds(value: number): string {
  return value >= 1 ? `${value.toFixed(1)} s` : `${(value * 1000).toFixed(0)} ms`;
}
