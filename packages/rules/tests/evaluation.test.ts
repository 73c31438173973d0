/** The evaluation against its slow twin, and across restarts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RULE_TYPES } from '../src/custom-alerts/rule-types.ts';
import type { Finding } from '../src/evaluation/finding.ts';
import { PartitionEvaluation } from '../src/evaluation/partition-evaluation.ts';
import { groupKey } from '../src/groups/membership.ts';
import type { SecurityGroup } from '../src/groups/security-group.ts';
import type { ActivityFrame } from '../src/history/activity-history.ts';
import { SlowEvaluation } from './slow-evaluation.ts';

const START = Date.UTC(2026, 10, 26, 9, 58);
const MINUTE = 60_000;
/** A pause that ends where a minute begins. */
const TO_THE_MINUTE = -1;
const RULES = [2, 10, 13];
const GROUPS = ['default', 'Pumps', 'valves'];

type Step =
  | { readonly kind: 'count'; readonly device: string; readonly rule: number; readonly amount: number }
  | { readonly kind: 'device'; readonly device: string; readonly group: string; readonly enabled: boolean }
  | { readonly kind: 'remove'; readonly device: string }
  | {
      readonly kind: 'group';
      readonly group: string;
      readonly rules: readonly { rule: number; min: number; more: number; size: number; on: boolean }[];
    }
  | { readonly kind: 'gap'; readonly length: number }
  | { readonly kind: 'time' };

const device = fc.constantFrom('a', 'b', 'c');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('count' as const),
      device,
      rule: fc.constantFrom(...RULES),
      amount: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('device' as const), device, group: fc.constantFrom(...GROUPS), enabled: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), device }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('group' as const),
      group: fc.constantFrom(...GROUPS),
      rules: fc.uniqueArray(
        fc.record({
          rule: fc.constantFrom(...RULES),
          min: fc.integer({ min: 0, max: 3 }),
          more: fc.integer({ min: 0, max: 3 }),
          size: fc.integer({ min: 1, max: 6 }),
          on: fc.boolean(),
        }),
        { selector: ({ rule }) => rule, maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('gap' as const), length: fc.integer({ min: 1, max: 200_000 }) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'time' as const }) },
);
/** Steps with the time that passes before each, milliseconds; often to a boundary of minutes. */
const script = fc.array(
  fc.tuple(fc.oneof(fc.integer({ min: 0, max: 90_000 }), fc.constantFrom(0, TO_THE_MINUTE, MINUTE, 2 * MINUTE, 30_000)), step),
  {
    maxLength: 60,
    size: 'max',
  },
);

interface Timed {
  /** Grows from step to step. */
  readonly version: number;
  readonly at: number;
  readonly step: Step;
}

function timed(steps: readonly (readonly [number, Step])[]): Timed[] {
  let at = START;
  const all: Timed[] = [
    { at, version: 0, step: { kind: 'device', device: 'a', group: 'default', enabled: true } },
    { at, version: 0, step: { kind: 'device', device: 'b', group: 'pumps', enabled: true } },
  ];
  for (const [pause, step] of steps) {
    at = pause === TO_THE_MINUTE ? Math.ceil(at / MINUTE) * MINUTE : at + pause;
    all.push({ at, version: all.length, step });
    if (step.kind === 'gap') at += step.length;
  }
  return [...all, { at: at + 20 * MINUTE, version: 0, step: { kind: 'time' } }];
}

function groupOf(step: Extract<Step, { kind: 'group' }>, at: number, version: number): SecurityGroup {
  return {
    name: step.group,
    version,
    savedAt: at,
    savedBy: 'test',
    rules: step.rules.map(({ rule, min, more, size, on }) => ({
      ruleType: RULE_TYPES[rule].name,
      isEnabled: on,
      alertName: null,
      minThreshold: min,
      maxThreshold: min + more,
      timeWindowSize: `PT${size}M`,
    })),
  };
}

function play(evaluation: PartitionEvaluation, { at, step, version }: Timed): void {
  if (step.kind === 'count') evaluation.count(step.device, step.rule, at, step.amount);
  else if (step.kind === 'device') evaluation.setDevice(step.device, { group: step.group, enabled: step.enabled, agentMinutes: 300 }, at);
  else if (step.kind === 'remove') {
    evaluation.advance(at);
    evaluation.removeDevice(step.device);
  } else if (step.kind === 'group') {
    evaluation.advance(at);
    evaluation.setGroup(groupOf(step, at, version));
  } else if (step.kind === 'gap') evaluation.gap({ from: at, to: at + step.length });
  else evaluation.advance(at);
}

function playSlowly(twin: SlowEvaluation, { at, step, version }: Timed): void {
  if (step.kind === 'count') twin.count(step.device, step.rule, at, step.amount);
  else if (step.kind === 'device') twin.setDevice(step.device, step, at);
  else if (step.kind === 'remove') {
    twin.advance(at);
    twin.removeDevice(step.device);
  } else if (step.kind === 'group') twin.setGroup(groupOf(step, at, version));
  else if (step.kind === 'gap') twin.gap(at, at + step.length);
  else twin.advance(at);
}

type Told = Map<string, Finding>;

function evaluation(told: Told): PartitionEvaluation {
  return new PartitionEvaluation((finding) => {
    const before = told.get(finding.id);
    // After a restart a finding is told again from its beginning; its alert stays that of the group it was first told of.
    if (!before || before.count <= finding.count) told.set(finding.id, { ...finding, group: before?.group ?? finding.group });
  });
}

/** What was found, without what the twin does not know. */
function textOf(told: Told): string[] {
  return [...told.values()]
    .map(({ deviceId, ruleType, bound, windowStart, windowEnd, group, count }) =>
      [deviceId, RULE_TYPES.findIndex(({ name }) => name === ruleType), bound, windowStart, windowEnd, groupKey(group ?? ''), count].join(
        ' ',
      ),
    )
    .sort();
}

/** All that a snapshot keeps beside the counters. Devices are listed by their numbers, which a restart may give to others: sorted by id here. */
function stateOf(evaluation: PartitionEvaluation): unknown {
  const { history, ...rest } = evaluation.snapshot().rest;
  const inOrder = ({ counts, ...frame }: ActivityFrame) => ({
    ...frame,
    counts: counts.map(({ rule, devices, counts: own }) => ({ rule, own: devices.map((id, at) => `${id} ${own[at]}`).sort() })),
  });
  return { ...rest, present: inOrder(history.present), done: history.done.map(inOrder) };
}

test('finds what the slow twin finds, with moving devices, changing rules and gaps', () => {
  fc.assert(
    fc.property(script, (steps) => {
      const told: Told = new Map();
      const fast = evaluation(told);
      const slow = new SlowEvaluation();
      for (const one of timed(steps)) {
        play(fast, one);
        playSlowly(slow, one);
      }
      const expected = [...slow.found.values()].map(({ device, rule, bound, start, size, group, count }) =>
        [device, rule, bound, start * MINUTE, (start + size) * MINUTE, group, count].join(' '),
      );
      // A device that was deleted is told with the count of when it was raised.
      const removed = steps.some(([, { kind }]) => kind === 'remove' || kind === 'group');
      const cut = (lines: readonly string[]): string[] =>
        removed ? lines.map((line) => line.slice(0, line.lastIndexOf(' '))) : [...lines];
      assert.deepEqual(cut(textOf(told)), cut(expected.sort()));
    }),
    { numRuns: 1200 },
  );
});

test('finds the same after a restart from a snapshot and the journal since then', () => {
  fc.assert(
    fc.property(script, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (steps, first, second) => {
      const all = timed(steps);
      const whole: Told = new Map();
      const undisturbed = evaluation(whole);
      for (const one of all) play(undisturbed, one);

      const [saved, killed] = [first, second].map((part) => Math.floor(part * all.length)).sort((a, b) => a - b);
      const told: Told = new Map();
      const before = evaluation(told);
      for (const one of all.slice(0, saved)) play(before, one);
      const snapshot = before.snapshot();
      const kept = { ...snapshot, rest: JSON.parse(JSON.stringify(snapshot.rest)) };
      for (const one of all.slice(saved, killed)) play(before, one);

      const after = evaluation(told);
      after.restore(kept);
      for (const one of all.slice(saved)) play(after, one);
      assert.deepEqual(textOf(told), textOf(whole));
      assert.deepEqual(stateOf(after), stateOf(undisturbed));
    }),
    { numRuns: 800 },
  );
});
