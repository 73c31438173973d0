import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Alert, Detection, Endpoint } from './alert.ts';
import { type Applied, AlertBook } from './alert-book.ts';
import { CATALOGUE, findAlertType } from './catalogue.ts';
import {
  autoClose,
  close,
  expectedPcap,
  isExpired,
  MAX_FRAMES,
  MAX_VIOLATIONS,
  QUIET_PERIOD,
  raise,
  repeat,
  setPortalSeverity,
  setStatus,
} from './life-cycle.ts';
import { LifeCycleError } from './life-cycle-error.ts';
import { DAY, HOUR, MINUTE, SECOND } from './time.ts';

const AGGREGATED = 'unpermitted-usage-of-modbus-function-code';
const LEARNABLE = 'new-port-discovery';
const MUTEABLE = 'an-s7-stop-plc-command-was-sent';
const SILENT_INTERFACE = 'no-traffic-detected-on-sensor-interface';
const START = 1_700_000_000n * SECOND;

function end(device: string): Endpoint {
  return { device, ip: `10.0.0.${device.length}`, mac: null, port: null };
}

function detection(type: string, over: Partial<Detection> = {}): Detection {
  return {
    type,
    time: START,
    source: end('master'),
    destination: end('plc'),
    protocol: 'modbus',
    message: 'master did something to plc.',
    expected: 'Nothing of the kind.',
    seen: 'Something.',
    parameters: { functionCode: 16 },
    parameterKey: '16',
    frames: [7],
    learn: [{ aspect: 'modbus.function', source: 'master', destination: 'plc', value: '16' }],
    internet: false,
    ...over,
  };
}

function alertOf(applied: Applied): Alert {
  assert.ok(applied.alert, `expected an alert, the detection was ${applied.event}`);
  return applied.alert;
}

function refusal(code: string): (error: unknown) => boolean {
  return (error) => error instanceof LifeCycleError && error.code === code && /[.]$/.test(error.message);
}

const anyDetection: fc.Arbitrary<Detection> = fc
  .record({
    type: fc.constantFrom(AGGREGATED, LEARNABLE, MUTEABLE, 'modbus-exception', 'address-scan-detected'),
    time: fc.integer({ min: 0, max: 10_000 }).map((seconds) => START + BigInt(seconds) * SECOND),
    source: fc.constantFrom(end('a'), end('bb')),
    destination: fc.constantFrom(end('ccc'), null),
    parameterKey: fc.constantFrom('1', '2', '3'),
    frames: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 3 }),
  })
  .map((over) => detection(over.type, { ...over, parameters: { code: over.parameterKey } }));

const anyTraffic = fc
  .array(anyDetection, { maxLength: 60 })
  .map((list) => list.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)));

const enableAll = { enabled: () => true };

function play(traffic: readonly Detection[]): AlertBook {
  const book = new AlertBook(enableAll);
  for (const one of traffic) book.apply(one);
  return book;
}

test('a detection without an alert raises one, New, with the time of the traffic', () => {
  const applied = new AlertBook().apply(detection(AGGREGATED));
  const alert = alertOf(applied);
  assert.equal(applied.event, 'raised');
  assert.equal(alert.status, 'New');
  assert.equal(alert.firstDetection, START);
  assert.equal(alert.lastDetection, START);
  assert.match(alert.id, /^[0-9a-f]{32}$/);
  assert.deepEqual(
    applied.events.map((event) => [event.type, event.severity, event.alert]),
    [['ALERT_REPORTED', 'ALERT', alert.id]],
  );
});

test('other devices make another alert, other parameters only where the type does not aggregate', () => {
  const book = new AlertBook();
  book.apply(detection(AGGREGATED));
  book.apply(detection(AGGREGATED, { parameterKey: '6' }));
  book.apply(detection(AGGREGATED, { source: end('other') }));
  book.apply(detection(LEARNABLE));
  book.apply(detection(LEARNABLE, { parameterKey: '6' }));
  assert.deepEqual(
    [...book.open()].map((alert) => [alert.type, alert.count, alert.violations.map((row) => row.parameterKey)]),
    [
      [AGGREGATED, 2, ['16', '6']],
      [AGGREGATED, 1, ['16']],
      [LEARNABLE, 1, []],
      [LEARNABLE, 1, []],
    ],
  );
});

test('a replay raises the same alerts with the same ids', () => {
  fc.assert(
    fc.property(anyTraffic, (traffic) => {
      assert.deepEqual([...play(traffic).open()], [...play(traffic).open()]);
    }),
  );
});

test('no key ever has two open alerts, and every detection is counted', () => {
  fc.assert(
    fc.property(anyTraffic, (traffic) => {
      const open = [...play(traffic).open()];
      assert.equal(new Set(open.map((alert) => alert.key)).size, open.length);
      assert.equal(new Set(open.map((alert) => alert.id)).size, open.length);
      assert.equal(
        open.reduce((sum, alert) => sum + alert.count, 0),
        traffic.length,
      );
    }),
  );
});

test('traffic after closing belongs to a new alert, and the closed one never moves', () => {
  fc.assert(
    fc.property(anyTraffic, anyTraffic, (before, after) => {
      const book = play(before);
      const closed = [...book.open()].map((alert) => book.close(alert, START + 10_001n * SECOND).alert);
      const ids = new Set(closed.map((alert) => alert.id));
      for (const one of after) {
        const { alert } = book.apply(one);
        assert.ok(alert && !ids.has(alert.id));
      }
      for (const alert of closed) assert.deepEqual(book.get(alert.id), alert);
    }),
  );
});

test('learning, unlearning and replaying gives the first alerts again', () => {
  fc.assert(
    fc.property(anyTraffic, (traffic) => {
      const book = play(traffic);
      const first = [...book.open()];
      for (const alert of first) {
        if (!findAlertType(alert.type)?.learnable) continue;
        book.learn(alert, START + DAY);
        book.unlearn(alert, START + DAY + SECOND);
      }
      assert.deepEqual([...book.silencers()], []);
      const replay = new AlertBook(enableAll);
      replay.restore([], book.silencers());
      for (const one of traffic) replay.apply(one);
      assert.deepEqual([...replay.open()], first);
    }),
  );
});

test('what was learned stays silent after a restart, other parameters raise', () => {
  const book = new AlertBook();
  const alert = alertOf(book.apply(detection(AGGREGATED)));
  book.apply(
    detection(AGGREGATED, { parameterKey: '6', learn: [{ aspect: 'modbus.function', source: 'master', destination: 'plc', value: '6' }] }),
  );
  const change = book.learn(alert, START + MINUTE, 'Ann');
  assert.equal(change.alert.status, 'Closed');
  assert.equal(change.alert.disposition, 'learned');
  assert.deepEqual(
    change.silenced?.learn.map((entry) => entry.value),
    ['16', '6'],
  );
  assert.deepEqual(
    change.events.map((event) => [event.type, event.owner]),
    [['ALERT_UPDATED', 'Ann']],
  );
  for (const silencers of [[...book.silencers()], []]) {
    const restarted = new AlertBook();
    restarted.restore(silencers.length > 0 ? [] : [change.alert], silencers);
    assert.equal(restarted.apply(detection(AGGREGATED)).event, 'silenced');
    assert.equal(restarted.apply(detection(AGGREGATED, { parameterKey: '6' })).event, 'silenced');
    assert.equal(restarted.apply(detection(AGGREGATED, { parameterKey: '5' })).event, 'raised');
  }
});

test('a mute silences the pair until it ends, and tells the timeline at most once an hour', () => {
  const book = new AlertBook();
  const alert = alertOf(book.apply(detection(MUTEABLE)));
  assert.deepEqual(book.mute(alert, START).events, []);
  const times = [SECOND, MINUTE, HOUR, HOUR + 2n * SECOND, 3n * HOUR];
  const told = times.map((after) => book.apply(detection(MUTEABLE, { time: START + after })));
  assert.deepEqual(
    told.map((applied) => [applied.event, applied.events.map((event) => event.type)]),
    [
      ['muted', ['MUTED_ALERT']],
      ['muted', []],
      ['muted', []],
      ['muted', ['MUTED_ALERT']],
      ['muted', ['MUTED_ALERT']],
    ],
  );
  assert.equal(book.apply(detection(MUTEABLE, { source: end('other') })).event, 'raised');
  const { alert: unmuted, lifted } = book.unmute(alert, START + DAY);
  assert.equal(unmuted.status, 'New');
  assert.equal(lifted?.kind, 'muted');
  assert.equal(book.apply(detection(MUTEABLE, { time: START + DAY })).event, 'repeated');
});

test('a silence can be ended after its alert is deleted', () => {
  const book = new AlertBook();
  book.restore(
    [],
    [
      {
        alert: 'gone',
        kind: 'muted',
        type: MUTEABLE,
        title: 'x',
        source: null,
        destination: null,
        protocol: null,
        keys: [alertOf(new AlertBook().apply(detection(MUTEABLE))).key],
        learn: [],
        since: START,
      },
    ],
  );
  assert.equal(book.apply(detection(MUTEABLE)).event, 'muted');
  assert.equal(book.lift('gone')?.alert, 'gone');
  assert.equal(book.lift('gone'), undefined);
  assert.equal(book.apply(detection(MUTEABLE)).event, 'raised');
});

const REFUSALS: readonly (readonly [string, string, (book: AlertBook, alert: Alert) => void, Partial<Detection>?])[] = [
  ['learning what cannot be learned', 'not-learnable', (book, alert) => book.learn(alert, START), { type: MUTEABLE }],
  ['muting what can be learned', 'not-muteable', (book, alert) => book.mute(alert, START), { type: LEARNABLE }],
  [
    'muting the sensor itself',
    'not-muteable',
    (book, alert) => book.mute(alert, START),
    { type: SILENT_INTERFACE, source: null, destination: null },
  ],
  ['muting an Internet address', 'mute-internet', (book, alert) => book.mute(alert, START), { type: MUTEABLE, internet: true }],
  ['unlearning what is not learned', 'not-learned', (book, alert) => book.unlearn(alert, START), { type: LEARNABLE }],
  ['unmuting what is not muted', 'not-muted', (book, alert) => book.unmute(alert, START), { type: MUTEABLE }],
  [
    'learning twice',
    'already-learned',
    (book, alert) => {
      book.learn(alert, START);
      book.learn(alert, START);
    },
    { type: LEARNABLE },
  ],
  [
    'muting twice',
    'already-muted',
    (book, alert) => {
      book.mute(alert, START);
      book.mute(alert, START);
    },
    { type: MUTEABLE },
  ],
  [
    'reopening while a newer alert of the traffic is open',
    'key-open',
    (book, alert) => {
      book.close(alert, START);
      book.apply(detection(LEARNABLE, { time: START + MINUTE }));
      book.setStatus(alert, 'Active', START + HOUR);
    },
    { type: LEARNABLE },
  ],
  ['a type that no catalogue has', 'unknown-type', (book) => book.apply(detection('no-such-type'))],
];

for (const [what, code, act, over] of REFUSALS) {
  test(`${what} is refused with a sentence`, () => {
    const book = new AlertBook();
    const alert = alertOf(book.apply(detection(over?.type ?? LEARNABLE, over)));
    assert.throws(() => act(book, alert), refusal(code));
  });
}

test('an action works on the newest value, however old the one that the caller holds', () => {
  const book = new AlertBook();
  const old = alertOf(book.apply(detection(LEARNABLE)));
  book.apply(detection(LEARNABLE, { time: START + MINUTE }));
  const { alert } = book.setStatus(old, 'Active', START + HOUR);
  assert.deepEqual([alert.status, alert.count, alert.lastDetection], ['Active', 2, START + MINUTE]);
});

test('reopening a learned alert by status lifts the silence', () => {
  const book = new AlertBook();
  const alert = alertOf(book.apply(detection(LEARNABLE)));
  book.learn(alert, START);
  const change = book.setStatus(alert, 'New', START + HOUR);
  assert.deepEqual(change.lifted?.learn, alert.learn);
  assert.deepEqual([change.alert.disposition, change.alert.closeReason], ['none', null]);
});

test('an alert closed and seen again within one instant is a new alert', () => {
  const book = new AlertBook();
  const first = alertOf(book.apply(detection(LEARNABLE)));
  book.close(first, START);
  assert.notEqual(alertOf(book.apply(detection(LEARNABLE))).id, first.id);
});

test('repeats of an open alert count the same in any order', () => {
  const later = fc.array(
    anyDetection.map((one) => ({ ...one, type: AGGREGATED, source: end('a'), destination: end('ccc'), time: one.time + HOUR })),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(later, (traffic) => {
      const first = detection(AGGREGATED, { source: end('a'), destination: end('ccc') });
      const [forward] = play([first, ...traffic]).open();
      const [backward] = play([first, ...traffic.toReversed()]).open();
      const facts = ({ id, count, lastDetection, violations }: Alert): unknown => [
        id,
        count,
        lastDetection,
        violations.map((row) => [row.parameterKey, row.count, row.time, row.lastTime]).sort(),
      ];
      assert.deepEqual(facts(forward), facts(backward));
    }),
  );
});

test('violation rows and frames are bounded, and what does not fit is counted', () => {
  const type = findAlertType(AGGREGATED);
  assert.ok(type);
  let alert = raise(detection(AGGREGATED), { type });
  for (let i = 0; i < MAX_VIOLATIONS + 50; i++) {
    alert = repeat(alert, detection(AGGREGATED, { parameterKey: `new ${i}`, frames: [100 + i], learn: [] }));
  }
  assert.equal(alert.violations.length, MAX_VIOLATIONS);
  assert.equal(alert.violationsDropped, 51);
  assert.equal(alert.count, MAX_VIOLATIONS + 51);
  assert.equal(alert.frames.length, MAX_FRAMES);
  assert.equal(alert.frames[0], 7);
});

test('a flood of one type becomes one counted alert, and other types still get through', () => {
  const book = new AlertBook({ raisedPerMinute: 5 });
  for (let i = 0; i < 20; i++) book.apply(detection(LEARNABLE, { source: end('x'.repeat(i + 1)), time: START + BigInt(i) }));
  const applied = book.apply(detection(LEARNABLE, { source: end('y') }));
  const flood = alertOf(applied);
  assert.equal(applied.event, 'flooded');
  assert.deepEqual([book.openCount, flood.count, flood.source], [6, 16, null]);
  assert.throws(() => book.learn(flood, START), refusal('is-flood'));
  assert.equal(book.apply(detection(MUTEABLE)).event, 'raised');
  assert.equal(book.apply(detection(LEARNABLE, { source: end('z'), time: START + 2n * MINUTE })).event, 'raised');
  assert.deepEqual([book.outcomes.raised, book.outcomes.flooded], [7, 16]);
});

test('open alerts are bounded in total', () => {
  const book = new AlertBook({ openAlerts: 10 });
  for (let i = 0; i < 500; i++) book.apply(detection(LEARNABLE, { source: end(`d${'i'.repeat(i)}`), time: START + BigInt(i) * MINUTE }));
  assert.equal(book.openCount, 11);
  assert.equal(book.outcomes.flooded, 490);
});

test('an open alert closes after 90 quiet days, and traffic starts the count anew', () => {
  const book = new AlertBook();
  book.apply(detection(LEARNABLE));
  book.apply(detection(LEARNABLE, { time: START + 80n * DAY }));
  assert.deepEqual(book.closeQuiet(START + 91n * DAY), []);
  const [change] = book.closeQuiet(START + 80n * DAY + QUIET_PERIOD);
  assert.deepEqual([change.alert.closeReason, change.alert.lastDetection], ['quiet', START + 80n * DAY]);
  assert.equal(change.events[0].type, 'ALERT_UPDATED');
  assert.equal(book.openCount, 0);
});

test('a closed alert expires 90 days after its first detection, an open one never', () => {
  const alert = alertOf(new AlertBook().apply(detection(LEARNABLE)));
  const closed = close(alert, START + DAY);
  assert.equal(isExpired(alert, START + 400n * DAY), false);
  assert.equal(isExpired(closed, START + 90n * DAY - 1n), false);
  assert.equal(isExpired(closed, START + 90n * DAY), true);
  assert.equal(autoClose(closed, START + 400n * DAY), undefined);
});

test('traffic that is back closes the alert about its absence', () => {
  const book = new AlertBook();
  const ends = { source: null, destination: null, protocol: null, frames: [], parameters: {}, learn: [] };
  const silent = alertOf(book.apply(detection(SILENT_INTERFACE, { ...ends, parameterKey: 'eth0' })));
  const other = alertOf(book.apply(detection(SILENT_INTERFACE, { ...ends, parameterKey: 'eth1' })));
  const applied = book.apply(detection('traffic-detected-on-sensor-interface', { ...ends, parameterKey: 'eth0', time: START + HOUR }));
  assert.deepEqual(
    applied.closed.map(({ alert }) => [alert.id, alert.closeReason]),
    [[silent.id, 'resolved']],
  );
  assert.equal(book.get(other.id)?.status, 'New');
  assert.equal(silent.pcap.state, 'missing');
});

test('the severity comes from the type or the rule, never rises, and the portal has its own', () => {
  const book = new AlertBook();
  const alert = alertOf(book.apply(detection(LEARNABLE, { severity: 'Warning' })));
  assert.equal(alert.severity, 'Warning');
  book.apply(detection(LEARNABLE, { severity: 'Critical', time: START + SECOND }));
  const change = book.setSeverity(alert, 'High', START + HOUR, 'Ann');
  assert.deepEqual([change.alert.severity, change.alert.portalSeverity], ['Warning', 'High']);
  assert.equal(setPortalSeverity(change.alert, null, START).portalSeverity, null);
});

test('turned off and excluded types raise nothing and write nothing', () => {
  const off = CATALOGUE.find((type) => type.disabledByDefault);
  assert.ok(off);
  assert.deepEqual(new AlertBook().apply(detection(off.id)), { event: 'disabled', alert: null, closed: [], events: [] });
  const excluding = new AlertBook({ excluded: (one) => one.source?.device === 'master' });
  assert.equal(excluding.apply(detection(LEARNABLE)).event, 'excluded');
  assert.equal(excluding.openCount, 0);
});

test('an alert about silence has no packets', () => {
  const type = findAlertType('inactive-communication-channel');
  assert.ok(type);
  assert.equal(expectedPcap(detection(type.id, { frames: [] }), type).state, 'missing');
  assert.equal(expectedPcap(detection(type.id), type).state, 'available');
});

test('the last activity follows what people do', () => {
  const type = findAlertType(LEARNABLE);
  assert.ok(type);
  const alert = raise(detection(LEARNABLE), { type });
  assert.equal(setStatus(alert, 'Active', START + DAY).lastActivity, START + DAY);
  assert.equal(setStatus(alert, 'New', START + DAY).lastActivity, START);
});
