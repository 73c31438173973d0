/** The baselines of a data directory, through the system that runs on it or in its store: the same calls for both. */
import { differenceText } from '@annunciator/sensor/baseline/baseline-text';
import { BaselineDesk, type BaselineOutcome, type BaselineState } from '@annunciator/server/baseline/baseline-desk';
import { reviewOf } from '@annunciator/server/routes/baseline';
import type { Store } from '@annunciator/store/store';
import { z } from 'zod';
import { ask, askBytes } from './ask-running.ts';
import { onData } from './on-data.ts';
import type { RunningSystem } from './running.ts';

export interface VersionLine {
  readonly number: number;
  readonly at: string;
  readonly by: string | null;
  readonly action: string;
  readonly reason: string;
  readonly added: number;
  readonly removed: number;
  readonly entries: number;
}

export type ReviewLine = z.infer<typeof reviewLines>['items'][number];

export interface BaselineAccess {
  sensors(): Promise<readonly string[]>;
  text(sensor: string, version: number | undefined, origins: boolean): Promise<Iterable<string>>;
  difference(sensor: string, from: BaselineState, to: BaselineState): Promise<Iterable<string>>;
  import(sensor: string, text: string, order: { reason: string; dryRun: boolean }): Promise<BaselineOutcome>;
  revert(sensor: string, version: number, order: { reason: string; dryRun: boolean }): Promise<BaselineOutcome>;
  versions(sensor: string, limit: number): Promise<readonly VersionLine[]>;
  review(sensor: string): Promise<readonly ReviewLine[]>;
  decide(sensor: string, id: string, state: 'accepted' | 'rejected'): Promise<{ alert: string | null }>;
}

/** Name under which the command line acts in the store of a stopped system. */
const COMMAND_LINE = 'command line';

export function onBaselines<T>(data: string, work: (access: BaselineAccess) => Promise<T>): Promise<T> {
  return onData(data, { running: (system) => work(running(system)), stopped: (store) => work(stopped(store)) });
}

const outcome = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  version: z.number(),
  closes: z.array(z.string()),
  refused: z.array(z.string()),
});
const reviewLines = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['pending', 'accepted', 'rejected']),
      message: z.string(),
      count: z.number(),
      firstSeen: z.string(),
      lastSeen: z.string(),
      frames: z.array(z.number()),
      learns: z.array(z.string()),
      by: z.string().nullable(),
    }),
  ),
});

function running(system: RunningSystem): BaselineAccess {
  const of = (sensor: string, rest: Record<string, string> = {}): string => new URLSearchParams({ sensor, ...rest }).toString();
  const body = (state: BaselineState): object => (state === 'now' ? {} : state);
  return {
    sensors: async () =>
      z
        .object({ sensors: z.array(z.object({ name: z.string() })) })
        .parse(await ask(system, 'GET', '/api/status'))
        .sensors.map(({ name }) => name),
    text: async (sensor, version, origins) => {
      const query = of(sensor, { origins: String(origins), ...(version === undefined ? {} : { version: String(version) }) });
      return [(await askBytes(system, 'GET', `/api/baseline/text?${query}`)).toString()];
    },
    difference: async (sensor, from, to) => {
      const answer = await ask(system, 'POST', '/api/baseline/diff', { sensor, from: body(from), to: body(to) });
      return [z.object({ text: z.string() }).parse(answer).text];
    },
    import: async (sensor, text, order) => outcome.parse(await ask(system, 'POST', '/api/baseline/import', { sensor, text, ...order })),
    revert: async (sensor, version, order) =>
      outcome.parse(await ask(system, 'POST', '/api/baseline/revert', { sensor, version, ...order })),
    versions: async (sensor, limit) => {
      const answer = await ask(system, 'GET', `/api/baseline/versions?${of(sensor, { limit: String(limit) })}`);
      const number = z.number();
      const line = z.object({
        number,
        at: z.string(),
        by: z.string().nullable(),
        action: z.string(),
        reason: z.string(),
        added: number,
        removed: number,
        entries: number,
      });
      return z.object({ versions: z.array(line) }).parse(answer).versions;
    },
    review: async (sensor) => reviewLines.parse(await ask(system, 'GET', `/api/baseline/review?${of(sensor)}`)).items,
    decide: async (sensor, id, state) => {
      const decision = state === 'accepted' ? 'accept' : 'reject';
      return z
        .object({ alert: z.string().nullable() })
        .parse(await ask(system, 'POST', `/api/baseline/review/${id}`, { sensor, decision }));
    },
  };
}

function stopped(store: Store): BaselineAccess {
  const desk = new BaselineDesk({
    store,
    sensors: {},
    audit: store.audit,
    timeline: (events, { sensor }) => void store.timeline.append(sensor, events),
  });
  const by = COMMAND_LINE;
  return {
    sensors: () => store.baseline.sensors(),
    text: (sensor, version, origins) => desk.text(sensor, version, origins),
    difference: async (sensor, from, to) => differenceText(await desk.difference(sensor, from, to)),
    import: (sensor, text, order) => desk.import(sensor, text, { by, ...order }),
    revert: (sensor, version, order) => desk.revert(sensor, version, { by, ...order }),
    versions: async (sensor, limit) =>
      (await desk.versions(sensor, limit)).map((version) => ({ ...version, at: new Date(version.at).toISOString() })),
    review: async (sensor) =>
      (await desk.review(sensor)).map(reviewOf).sort((x, y) => (x.firstSeen < y.firstSeen ? -1 : x.firstSeen > y.firstSeen ? 1 : 0)),
    decide: (sensor, id, state) => desk.decide(sensor, id, state, by),
  };
}
