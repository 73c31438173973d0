import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Access,
  accessOf,
  actionsEverywhere,
  actionsOf,
  everywhere,
  type Grant,
  grantsProblem,
  grantsText,
  includes,
  isHighest,
  mayAt,
  mayEverywhere,
  maySomewhere,
  type Place,
  reaches,
  reachOf,
} from './access.ts';
import { ACTIONS, mayHere, ROLES, standingOf } from './roles.ts';

const site = fc.constantFrom('North', 'South', 'north', 'Île');
const zone = fc.constantFrom('Boilers', 'Pumps', 'PUMPS');
const place: fc.Arbitrary<Place> = fc.record({ site, zone });
const where = fc.oneof(fc.constant({ site: null, zone: null }), fc.record({ site, zone: fc.constant(null) }), fc.record({ site, zone }));
const grant: fc.Arbitrary<Grant> = fc
  .tuple(fc.constantFrom(...ROLES), where, fc.constantFrom(null, true, false))
  .map(([role, at, packets]) => ({ role, ...at, packets }));
const grants = fc.array(grant, { maxLength: 4 });
const access: fc.Arbitrary<Access> = fc.record({ grants, within: fc.option(fc.constantFrom(...ROLES)) });
const action = fc.constantFrom(...ACTIONS);

/** The rule once more, said of one grant and one place at a time. */
function oracle({ grants: all, within }: Access, what: (typeof ACTIONS)[number], at: Place): boolean {
  const lower = (text: string): string => text.toLowerCase();
  return all.some((one) => {
    const there = one.site === null || (standingOf(what) === 'placed' && lower(one.site) === lower(at.site));
    const inZone = one.zone === null || lower(one.zone) === lower(at.zone);
    const byRole = what === 'alerts.pcap' && one.packets !== null ? one.packets : mayHere(one.role, what);
    return there && inZone && byRole && (within === null || mayHere(within, what));
  });
}

test('an action may be done at a place exactly when one grant covers the place and includes the action', () => {
  fc.assert(fc.property(access, action, place, (some, what, at) => assert.equal(mayAt(some, what, at), oracle(some, what, at))));
});

test('a grant more never takes anything away, and a role to stay within never adds anything', () => {
  fc.assert(
    fc.property(grants, grant, action, place, fc.constantFrom(...ROLES), (some, more, what, at, within) => {
      if (mayAt(accessOf(some), what, at)) assert.ok(mayAt(accessOf([...some, more]), what, at));
      if (mayAt(accessOf(some, within), what, at)) assert.ok(mayAt(accessOf(some), what, at) && mayHere(within, what));
    }),
  );
});

test('what is granted at one site opens nothing at another', () => {
  fc.assert(
    fc.property(grants, action, (some, what) => {
      const north = some.filter((one) => one.site?.toLowerCase() === 'north');
      assert.equal(mayAt(accessOf(north), what, { site: 'South', zone: 'Pumps' }), false);
    }),
  );
});

test('an action of the whole system comes from a grant for everything only', () => {
  fc.assert(
    fc.property(access, action, (some, what) => {
      if (standingOf(what) === 'whole') assert.equal(maySomewhere(some, what), mayEverywhere(some, what));
      if (mayEverywhere(some, what)) assert.ok(some.grants.some((one) => one.site === null));
    }),
  );
});

test('who may change something at a place may see it there', () => {
  fc.assert(
    fc.property(access, action, place, (some, what, at) => {
      const [noun] = what.split('.');
      const view = ACTIONS.find((other) => other === `${noun}.view`);
      if (view && mayAt({ ...some, within: null }, what, at) && what !== 'timeline.write')
        assert.ok(mayAt({ ...some, within: null }, view, at), `${what} without ${view}`);
    }),
  );
});

test('access includes another exactly when nothing is allowed by the other alone', () => {
  const everyPlace = ['North', 'South', 'Île', 'elsewhere'].flatMap((a) =>
    ['Boilers', 'Pumps', 'elsewhere'].map((b) => ({ site: a, zone: b })),
  );
  fc.assert(
    fc.property(access, access, (mine, other) => {
      const less = ACTIONS.every((what) => everyPlace.every((at) => mayAt(mine, what, at) || !mayAt(other, what, at)));
      // A zone that nobody named yet is among the places: all zones of a site by name are less than the site.
      assert.equal(includes(mine, other), less);
      assert.ok(includes(mine, mine));
    }),
  );
});

test('packets are a permission of their own: a grant gives or withholds them, and nothing else with them', () => {
  fc.assert(
    fc.property(grant, action, place, (one, what, at) => {
      const by = (packets: boolean | null): boolean => mayAt(accessOf([{ ...one, packets }]), what, at);
      if (what !== 'alerts.pcap') assert.ok(by(true) === by(null) && by(false) === by(null));
      else {
        assert.equal(by(false), false);
        assert.equal(by(true), reaches(reachOf(accessOf([{ ...one, packets: null }]), 'alerts.view'), at));
      }
    }),
  );
});

test('pages are told every action that may be done somewhere, those of the whole system apart, and no other', () => {
  fc.assert(
    fc.property(access, (some) => {
      const told = new Set(actionsOf(some));
      const whole = new Set(actionsEverywhere(some));
      for (const what of ACTIONS) {
        assert.equal(told.has(what), maySomewhere(some, what));
        assert.equal(whole.has(what), mayEverywhere(some, what));
      }
    }),
  );
  assert.deepEqual(actionsOf(accessOf([])), []);
});

test('grants that make no sense are refused with a sentence, and others are told in words', () => {
  const at = (role: Grant['role'], site: string | null, zone: string | null): Grant => ({ role, site, zone, packets: null });
  assert.match(grantsProblem([at('Viewer', null, null)], 'portal') ?? '', /^There is no role Viewer here: use Security Reader, /);
  assert.match(grantsProblem([at('Owner', null, null)], 'sensor') ?? '', /^There is no role Owner here: use Viewer, /);
  assert.match(grantsProblem([at('Owner', null, 'Pumps')], 'portal') ?? '', /zone Pumps without its site/);
  assert.match(grantsProblem([at('Owner', '', null)], 'portal') ?? '', /empty name/);
  assert.match(
    grantsProblem(
      Array.from({ length: 101 }, () => everywhere('Owner')),
      'portal',
    ) ?? '',
    /at most 100 grants/,
  );
  assert.equal(grantsProblem([at('Owner', 'North', 'Pumps'), everywhere('Security Reader')], 'portal'), null);
  assert.equal(
    grantsText([{ ...everywhere('Security Reader'), packets: true }, at('Owner', 'North', null), at('Security Admin', 'North', 'Pumps')]),
    'Security Reader with packets; Owner at North; Security Admin at North, zone Pumps',
  );
  assert.equal(grantsText([]), 'no role');
  assert.deepEqual(
    [
      isHighest([everywhere('Owner')], 'portal'),
      isHighest([at('Owner', 'North', null)], 'portal'),
      isHighest([everywhere('Admin')], 'sensor'),
    ],
    [true, false, true],
  );
});
