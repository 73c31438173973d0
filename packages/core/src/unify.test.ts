import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Status } from './alert.ts';
import { findAlertType } from './catalogue.ts';
import { raise } from './life-cycle.ts';
import { MINUTE, SECOND } from './time.ts';
import { type PlacedAlert, unify } from './unify.ts';

function seen(sensor: string, minutes: number, over: { zone?: string; status?: Status; device?: string; type?: string } = {}): PlacedAlert {
  const type = findAlertType(over.type ?? 'controller-stop');
  assert.ok(type);
  const alert = raise(
    {
      type: type.id,
      time: 1_700_000_000n * SECOND + BigInt(minutes) * MINUTE,
      source: { device: over.device ?? 'a', ip: null, mac: null, port: null },
      destination: null,
      protocol: 'cip',
      message: '',
      expected: '',
      seen: '',
      parameters: { sensor },
      parameterKey: '',
      frames: [],
      learn: [],
      internet: false,
    },
    { type },
  );
  return { ...alert, status: over.status ?? 'New', sensor, zone: over.zone ?? 'hall' };
}

const CASES: readonly (readonly [string, readonly PlacedAlert[], number])[] = [
  ['two sensors within ten minutes', [seen('one', 0), seen('two', 10)], 1],
  ['two sensors more than ten minutes apart', [seen('one', 0), seen('two', 11)], 2],
  ['ten minutes count from the earliest', [seen('one', 0), seen('two', 8), seen('three', 16)], 2],
  ['one sensor twice', [seen('one', 0), seen('one', 1)], 2],
  ['other zones', [seen('one', 0), seen('two', 0, { zone: 'yard' })], 2],
  ['other statuses', [seen('one', 0), seen('two', 0, { status: 'Closed' })], 2],
  ['other devices', [seen('one', 0), seen('two', 0, { device: 'b' })], 2],
  ['other types', [seen('one', 0), seen('two', 0, { type: 'controller-reset' })], 2],
];

for (const [what, alerts, groups] of CASES) {
  test(`${what} make ${groups === 1 ? 'one alert' : 'two alerts'}`, () => {
    assert.equal(unify(alerts).length, groups);
  });
}

test('groups do not depend on the order of the alerts, and hold each alert once', () => {
  const anyAlert = fc
    .tuple(fc.constantFrom('one', 'two', 'three'), fc.integer({ min: 0, max: 40 }), fc.constantFrom('a', 'b'))
    .map(([sensor, minutes, device]) => seen(sensor, minutes, { device }));
  fc.assert(
    fc.property(fc.uniqueArray(anyAlert, { selector: (alert) => alert.id, maxLength: 20 }), (alerts) => {
      assert.deepEqual(unify(alerts), unify(alerts.toReversed()));
      assert.deepEqual(
        unify(alerts)
          .flatMap((group) => group.members.map((member) => member.id))
          .sort(),
        alerts.map((alert) => alert.id).sort(),
      );
    }),
  );
});
