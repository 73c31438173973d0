/**
 * Channels that change their rhythm or fall silent, and devices that no longer answer. Fed by the connection table when a
 * row crosses a limit, and by the clock of the packets.
 */
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Connections } from '../path/connections.ts';
import type { Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';

/** A request is unanswered only after a secondary had this long (seconds). */
const ANSWER_SECONDS = 5;
/** Without any packet for so long (seconds) the sensor was blind: silence from before says nothing about a channel. */
const BLIND_SECONDS = 30;
/** A serial gateway may hold its requests while it waits for slow devices behind it, one after the other. */
const GATEWAY_SECONDS = 10;
const MAX_SERVERS = 1 << 16;
const MAX_WAITING = 1 << 14;

interface Waiting {
  /** Second of the first request without an answer, and frame of the last one. */
  since: number;
  frame: number;
  /** Told as an unresponsive Modbus device. */
  modbus: boolean;
}

export class ChannelEngine {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  /** Devices reported as lost, until they send again: party and the second of the report. */
  readonly #lost = new Map<number, number>();
  /** Servers that were seen to answer a conversation: the sensor sees their side of the traffic, too. */
  readonly #heard = new Set<number>();
  /** Connections with requests that have no answer yet. */
  readonly #waiting = new Map<number, Waiting>();
  #lastTick = 0;
  #seesSince = 0;

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
  }

  /** A server answered a conversation for the first time. */
  answered(server: number): void {
    if (this.#heard.size < MAX_SERVERS) this.#heard.add(server);
  }

  /** A request found the ones before it unanswered. Called for each such request, so nothing is allocated but once a row. */
  unanswered(scene: Scene, connections: Connections, row: number, unanswered: number, since: number): void {
    const { windowSeconds } = this.#judge.threshold('device-is-suspected-to-be-disconnected-unresponsive');
    if (scene.seconds - since > windowSeconds) {
      // The first of them is too long ago: the count starts again with this one.
      connections.waitSince(row, scene.seconds);
      return;
    }
    let waiting = this.#waiting.get(row);
    if (!waiting) {
      if (this.#waiting.size >= MAX_WAITING) return;
      this.#waiting.set(row, (waiting = { since, frame: 0, modbus: false }));
    }
    if (waiting.since !== since) waiting.modbus = false;
    waiting.since = since;
    waiting.frame = scene.frame;
    this.#judgeSilence(scene.seconds, connections, row, unanswered, waiting);
  }

  #judgeSilence(now: number, connections: Connections, row: number, unanswered: number, waiting: Waiting): void {
    const { inventory } = this.#judge;
    const server = inventory.canonical[connections.server(row)];
    const silence = now - Math.max(waiting.since, this.#seesSince);
    if (
      silence >= GATEWAY_SECONDS &&
      !waiting.modbus &&
      connections.protocol(row) === PROTOCOLS.modbus.index &&
      connections.responses(row) > 0
    )
      this.#modbus(now, connections, row, server, unanswered, waiting);
    const { count } = this.#judge.threshold('device-is-suspected-to-be-disconnected-unresponsive');
    if (silence < ANSWER_SECONDS || unanswered < count || inventory.activity.lastSeconds(server) >= waiting.since) return;
    // A device that was never seen to answer may be hidden from this sensor: its silence says nothing.
    if (!this.#heard.has(server) || !inventory.device(server) || this.#lost.has(server)) return;
    this.#lost.set(server, now);
    this.#judge.raise(moment(now), {
      type: 'device-is-suspected-to-be-disconnected-unresponsive',
      source: server,
      destination: 0,
      protocol: connections.protocol(row),
      message: `${this.#judge.label(server)} has not answered ${unanswered} requests in a row and sends nothing.`,
      expected: 'answers, or at least packets, from a device that was active',
      seen: `${unanswered} requests without an answer in ${now - waiting.since} seconds`,
      parameters: { requests: unanswered, seconds: now - waiting.since },
      frames: [waiting.frame],
    });
  }

  #modbus(now: number, connections: Connections, row: number, server: number, unanswered: number, waiting: Waiting): void {
    const { count, windowSeconds } = this.#judge.threshold('suspicion-of-unresponsive-modbus-device');
    if (unanswered < count || now - waiting.since > windowSeconds + GATEWAY_SECONDS) return;
    waiting.modbus = true;
    const client = this.#judge.inventory.canonical[connections.client(row)];
    this.#judge.raise(moment(now), {
      type: 'suspicion-of-unresponsive-modbus-device',
      source: server,
      destination: 0,
      protocol: PROTOCOLS.modbus.index,
      message: `${this.#judge.label(server)} left ${unanswered} Modbus requests of ${this.#judge.label(client)} unanswered.`,
      expected: `at least one valid reply to ${count} requests`,
      seen: `${unanswered} requests without a reply in ${now - waiting.since} seconds`,
      parameters: { requests: unanswered },
      frames: [waiting.frame],
    });
  }

  /** A party sent: if it was lost, it is back. Returns true then. */
  returned(party: number): boolean {
    return this.#lost.size > 0 && this.#lost.delete(party);
  }

  offRhythm(scene: Scene, connections: Connections, row: number, period: number, interval: number): void {
    if (!PROTOCOL_BY_INDEX[connections.protocol(row)]?.ot) return;
    const { count } = this.#judge.threshold('abnormal-periodic-behavior-in-communication-channel');
    const client = this.#judge.inventory.canonical[connections.client(row)];
    const server = this.#judge.inventory.canonical[connections.server(row)];
    const port = connections.port(row);
    if (this.#baseline.knows(client, server, SensorAspect.ChannelRhythm, port, 0)) return;
    this.#judge.raise(scene, {
      type: 'abnormal-periodic-behavior-in-communication-channel',
      source: client,
      destination: server,
      destinationPort: port,
      protocol: connections.protocol(row),
      message: `${this.#judge.label(client)} polls ${this.#judge.label(server)} at another rhythm: ${count} polls in a row off the period of ${seconds(period)}.`,
      expected: `a poll every ${seconds(period)}`,
      seen: `the last interval was ${seconds(interval)}`,
      parameters: { period: seconds(period), interval: seconds(interval) },
      learn: [this.#baseline.learnable(client, server, SensorAspect.ChannelRhythm, port, 0)],
    });
  }

  /** Looks for steady channels that fell silent. Called every few seconds of packet time. */
  tick(now: number, connections: Connections): void {
    if (now - this.#lastTick > BLIND_SECONDS || now < this.#lastTick) this.#seesSince = now;
    this.#lastTick = now;
    for (const [row, waiting] of this.#waiting) {
      const unanswered = connections.unanswered(row);
      if (unanswered === 0 || connections.unansweredSince(row) !== waiting.since) this.#waiting.delete(row);
      else this.#judgeSilence(now, connections, row, unanswered, waiting);
    }
    if (!this.#judge.isOn('inactive-communication-channel')) return;
    const { windowSeconds } = this.#judge.threshold('inactive-communication-channel');
    for (let row = 1; row < connections.count; row++) {
      if (connections.isSilent(row) || !PROTOCOL_BY_INDEX[connections.protocol(row)]?.ot) continue;
      const period = connections.rhythm(row);
      if (period === 0) continue;
      const silence = now - Math.max(connections.lastRequest(row), this.#seesSince);
      if (silence <= windowSeconds + period) continue;
      connections.markSilent(row);
      const client = this.#judge.inventory.canonical[connections.client(row)];
      const server = this.#judge.inventory.canonical[connections.server(row)];
      this.#judge.raise(moment(now), {
        type: 'inactive-communication-channel',
        source: client,
        destination: server,
        destinationPort: connections.port(row),
        protocol: connections.protocol(row),
        message: `${this.#judge.label(client)} stopped polling ${this.#judge.label(server)}; the period was ${seconds(period)}.`,
        expected: `a poll every ${seconds(period)}`,
        seen: `silence for ${Math.round(silence)} seconds`,
        parameters: { period: seconds(period) },
      });
    }
  }
}

function seconds(value: number): string {
  return value >= 1 ? `${value.toFixed(1)} s` : `${(value * 1000).toFixed(0)} ms`;
}
