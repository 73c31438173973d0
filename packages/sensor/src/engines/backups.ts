/**
 * Files that move on a schedule, such as the backup of every night: five runs at equal intervals make one, and a run that is
 * then overdue is told once. Several files within a quarter of an hour are one run.
 */
import type { TransferFact } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { SensorAspect } from '../baseline/aspects.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { Judge } from './judge.ts';
import { moment, type Scene } from './scene.ts';

const RUN_SECONDS = 900;
/** What comes more often is everyday traffic, not a job. */
const SHORTEST_PERIOD = 1800;
/** Equal intervals in a row that make a schedule. */
const EQUAL_INTERVALS = 4;
/** Without any packet for so long the sensor was blind, and says nothing about what it did not see. */
const BLIND_SECONDS = 300;
const MAX_SCHEDULES = 4096;
/** Multiplier that makes one number of a pair of parties. */
const PAIR = 2 ** 20;

interface Schedule {
  readonly client: number;
  readonly server: number;
  readonly protocol: number;
  readonly direction: number;
  /** Begin of the last run and the last file of it. */
  began: number;
  last: number;
  frame: number;
  /** Seconds between runs, and how often that came true in a row. */
  period: number;
  equal: number;
  /** Overdue, and told so. */
  told: boolean;
}

export class BackupWatch {
  readonly #judge: Judge;
  readonly #baseline: Baseline;
  readonly #schedules = new Map<string, Schedule>();
  #lastTick = 0;
  #seesSince = 0;
  /** Transfers that got no schedule. */
  refused = 0;

  constructor(judge: Judge, baseline: Baseline) {
    this.#judge = judge;
    this.#baseline = baseline;
  }

  /** How late a run may be. */
  get #tolerance(): number {
    return this.#judge.threshold('expected-backup-operation-did-not-occur').windowSeconds;
  }

  /** A file moves. */
  transfer(scene: Scene, fact: TransferFact): void {
    const direction = fact.direction === 'write' ? 1 : 0;
    const key = `${scene.actor * PAIR + scene.target} ${fact.protocol} ${direction}`;
    const schedule = this.#schedules.get(key);
    const { seconds, frame } = scene;
    if (!schedule) {
      if (this.#schedules.size >= MAX_SCHEDULES) {
        this.refused++;
        return;
      }
      const { actor: client, target: server } = scene;
      const { protocol } = fact;
      this.#schedules.set(key, {
        client,
        server,
        protocol,
        direction,
        began: seconds,
        last: seconds,
        frame,
        period: 0,
        equal: 0,
        told: false,
      });
      return;
    }
    if (seconds - schedule.last > RUN_SECONDS) this.#run(schedule, seconds);
    if (seconds > schedule.last) schedule.last = seconds;
    schedule.frame = frame;
  }

  /** A new run begins. */
  #run(schedule: Schedule, seconds: number): void {
    const interval = seconds - schedule.began;
    schedule.began = seconds;
    schedule.told = false;
    // A run that was missed leaves the schedule as it is.
    const periods = schedule.period > 0 ? Math.max(1, Math.round(interval / schedule.period)) : 1;
    if (schedule.period > 0 && Math.abs(interval - periods * schedule.period) <= this.#tolerance) schedule.equal++;
    else {
      schedule.period = interval;
      schedule.equal = 1;
    }
  }

  /** Looks for runs that are overdue. Called every few seconds of packet time. */
  tick(now: number): void {
    if (now - this.#lastTick > BLIND_SECONDS || now < this.#lastTick) this.#seesSince = now;
    this.#lastTick = now;
    for (const schedule of this.#schedules.values()) {
      if (schedule.told || schedule.equal < EQUAL_INTERVALS || schedule.period < SHORTEST_PERIOD) continue;
      const expected = schedule.began + schedule.period;
      if (now <= expected + this.#tolerance) continue;
      schedule.told = true;
      if (this.#seesSince < expected - this.#tolerance) this.#overdue(schedule, now, expected);
    }
  }

  #overdue({ client, server, protocol, direction, period, frame }: Schedule, now: number, expected: number): void {
    if (this.#baseline.knows(client, server, SensorAspect.TransferSchedule, protocol, direction)) return;
    const every = period >= 7200 ? `${Math.round(period / 3600)} hours` : `${Math.round(period / 60)} minutes`;
    const name = PROTOCOL_BY_INDEX[protocol]?.name ?? '';
    this.#judge.raise(moment(now), {
      type: 'expected-backup-operation-did-not-occur',
      source: client,
      destination: server,
      protocol,
      message: `${this.#judge.label(client)} ${direction ? 'writes files to' : 'reads files from'} ${this.#judge.label(server)} by ${name} every ${every}; this time it has not done so.`,
      expected: `a transfer every ${every}`,
      seen: `none ${now - expected} seconds after it was due`,
      parameters: { period: `${period} s` },
      learn: [this.#baseline.learnable(client, server, SensorAspect.TransferSchedule, protocol, direction)],
      frames: [frame],
    });
  }
}
