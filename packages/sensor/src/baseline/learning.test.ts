/** The state machine of learning on packet time: for the sensor, for each scenario, for new devices, and over a restart. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextTable } from '@annunciator/packet/tables/text-table';
import { Aspect } from '@annunciator/protocols/facts';
import fc from 'fast-check';
import { Inventory } from '../inventory/inventory.ts';
import { SensorAspect } from './aspects.ts';
import { Baseline } from './baseline.ts';
import { DAY_SECONDS as DAY, Learning, type LearningSettings, ON_A_NETWORK, OPERATIONAL_AT_ONCE } from './learning.ts';

const START = 1_780_000_000;

function make(settings: LearningSettings = ON_A_NETWORK) {
  const inventory = new Inventory({ deviceAppeared: () => undefined, partyMerged: () => undefined });
  const texts = new TextTable({ maxTexts: 1000 });
  const clock = { seconds: START, frame: 1 };
  const learning = new Learning(inventory, clock, () => baseline.size);
  learning.settings = settings;
  const baseline = new Baseline(inventory, texts, clock, learning);
  const ip = (address: string): number => inventory.ipText(address);
  return {
    clock,
    inventory,
    learning,
    baseline,
    /** One packet at a day after the start. */
    at(day: number): void {
      clock.seconds = START + Math.round(day * DAY);
      if (learning.isOver(clock.seconds)) learning.on = false;
    },
    modbus: (code: number, who = '10.0.0.1', whom = '10.0.0.2') => baseline.check(ip(who), ip(whom), Aspect.ModbusFunction, code, 0),
    name: (name: string, who = '10.0.9.1') => baseline.check(ip(who), ip('10.0.9.2'), Aspect.NameQuery, texts.intern(name), 0),
    ip,
  };
}

describe('the end of learning', () => {
  it('comes after so many days of packet time', () => {
    const sensor = make({ ...ON_A_NETWORK, end: 'fixed', days: 3 });
    sensor.at(0);
    assert.equal(sensor.learning.ends, START + 3 * DAY);
    sensor.at(2.999);
    assert.equal(sensor.learning.state, 'learning');
    sensor.at(3);
    assert.equal(sensor.learning.on, false);
    assert.equal(sensor.learning.ended, START + 3 * DAY);
  });

  it('comes with the first packet after 0 days', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 0 });
    sensor.at(0);
    assert.equal(sensor.learning.on, false);
  });

  it('waits until a week brought less than one in a hundred, and never comes before the days', () => {
    const sensor = make({ ...ON_A_NETWORK, end: 'stable', days: 14 });
    let unit = 0;
    const learn = (count: number): void => {
      for (let i = 0; i < count; i++) sensor.baseline.check(sensor.ip('10.0.0.1'), sensor.ip('10.0.0.2'), Aspect.EnipCommand, unit++, 0);
    };
    sensor.at(0);
    learn(1000);
    for (let day = 0.5; day < 14; day += 0.5) sensor.at(day);
    assert.equal(sensor.learning.on, true, 'not before 14 days, though nothing was new for long');
    learn(20);
    for (let day = 14; day < 20; day += 0.5) sensor.at(day);
    assert.equal(sensor.learning.on, true, '20 of 1,020 within the week are too many');
    sensor.at(21.1);
    assert.equal(sensor.learning.on, false);
  });

  it('comes by hand only where it is told so', () => {
    const sensor = make({ ...ON_A_NETWORK, end: 'manual' });
    for (const day of [0, 100, 1000]) sensor.at(day);
    assert.equal(sensor.learning.on, true);
  });
});

describe('a scenario', () => {
  it('goes on learning for seven days after its last new key, then is operational', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 14 });
    sensor.at(0);
    sensor.modbus(3);
    sensor.modbus(3, '10.0.0.1', '10.0.0.9');
    sensor.at(12);
    sensor.modbus(4);
    sensor.at(14);
    assert.equal(sensor.learning.state, 'dynamic');
    assert.deepEqual(
      sensor.learning.scenarios().map(({ scope, state, keys }) => [scope, state, keys]),
      [
        ['10.0.0.1 -> 10.0.0.2', 'dynamic', 2],
        ['10.0.0.1 -> 10.0.0.9', 'operational', 1],
      ],
    );
    assert.ok(!sensor.modbus(4, '10.0.0.1', '10.0.0.9'), 'the pair that was quiet alerts at once');
    assert.ok(!sensor.modbus(4, '10.0.0.7', '10.0.0.2'), 'so does a pair that never was');
    sensor.at(18.9);
    assert.ok(sensor.modbus(5), 'the pair that changed goes on learning');
    sensor.at(25.8);
    assert.ok(sensor.modbus(6), 'and each new key begins seven days anew');
    sensor.at(32.9);
    assert.ok(!sensor.modbus(15), 'seven days without anything new end it');
    assert.ok(sensor.modbus(6), 'what was learned stays');
    assert.equal(sensor.learning.state, 'operational');
  });

  it('that brings more than five new keys in a day says so', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 1 });
    sensor.at(0.9);
    sensor.modbus(1);
    sensor.at(1.95);
    for (let code = 2; code < 7; code++) sensor.modbus(code);
    assert.equal(sensor.learning.scenarios()[0].changing, false);
    sensor.modbus(7);
    assert.equal(sensor.learning.scenarios()[0].changing, true);
    sensor.at(3.2);
    assert.equal(sensor.learning.scenarios()[0].changing, false);
  });

  it('of offices is one for a subnet, and Smart IT Learning alone decides about it', () => {
    for (const smartIt of [true, false]) {
      const sensor = make({ ...ON_A_NETWORK, days: 1, smartIt, dynamic: !smartIt });
      sensor.at(0.5);
      sensor.name('one.example');
      sensor.modbus(3);
      sensor.at(2);
      assert.equal(sensor.name('two.example', '10.0.9.77'), smartIt, 'another host of the subnet');
      assert.equal(sensor.name('two.example', '10.0.8.77'), false, 'a host of another subnet');
      assert.equal(sensor.modbus(4), !smartIt);
    }
  });

  it('is never dynamic where the sensor is to be operational at once', () => {
    const sensor = make(OPERATIONAL_AT_ONCE);
    sensor.at(0);
    sensor.modbus(3);
    sensor.name('one.example');
    sensor.learning.on = false;
    assert.equal(sensor.learning.state, 'operational');
    assert.ok(!sensor.modbus(4));
    assert.ok(!sensor.name('two.example'));
  });

  it('knows no dangerous operation by itself, in no state', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 1 });
    const standing = (who: string) => sensor.baseline.standing(sensor.ip(who), sensor.ip('10.0.0.2'), SensorAspect.ProgramUpload, 0, 0);
    sensor.at(0);
    assert.equal(standing('10.0.0.1'), 'waiting');
    sensor.at(1.1);
    assert.equal(standing('10.0.0.1'), 'waiting');
    assert.equal(standing('10.0.0.9'), 'new');
    sensor.learning.appeared(sensor.ip('10.0.0.9'));
    assert.equal(standing('10.0.0.9'), 'new');
    assert.equal(sensor.baseline.size, 0);
  });
});

describe('a device that appears later', () => {
  it('has seven days of its own, also for what others do with it', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 1 });
    sensor.at(0);
    sensor.modbus(3);
    sensor.at(20);
    sensor.learning.appeared(sensor.ip('10.0.0.50'));
    assert.ok(sensor.modbus(3, '10.0.0.50', '10.0.0.2'));
    assert.ok(sensor.modbus(3, '10.0.0.1', '10.0.0.50'));
    assert.ok(!sensor.modbus(99, '10.0.0.1', '10.0.0.2'), 'nothing changes for the others');
    sensor.at(26.9);
    assert.ok(sensor.modbus(4, '10.0.0.50', '10.0.0.2'));
    sensor.at(27.1);
    assert.ok(!sensor.modbus(5, '10.0.0.50', '10.0.0.2'));
    assert.ok(sensor.modbus(4, '10.0.0.50', '10.0.0.2'));
  });

  it('keeps them when its addresses turn out to be one device', () => {
    const sensor = make({ ...ON_A_NETWORK, days: 1 });
    sensor.at(20);
    sensor.at(20.1);
    sensor.learning.on = false;
    sensor.learning.appeared(sensor.ip('10.0.0.50'));
    sensor.baseline.merge(sensor.ip('10.0.0.50'), sensor.ip('10.0.0.51'));
    assert.ok(sensor.modbus(3, '10.0.0.51', '10.0.0.2'));
  });
});

describe('a scenario', () => {
  it('has the keys of those that bear its name at that time', () => {
    const sensor = make();
    const { inventory } = sensor;
    sensor.at(0);
    const [one, other] = ['10.0.0.1', '10.0.0.8'].map((address) => {
      const party = inventory.sender(0, sensor.ip(address), 64, START, 0, 0);
      return inventory.device(party) ?? assert.fail();
    });
    sensor.modbus(3);
    sensor.modbus(4);
    inventory.unite(other, one);
    sensor.modbus(5);
    sensor.modbus(6);
    sensor.modbus(7);
    assert.deepEqual(
      sensor.learning.scenarios().map(({ scope, keys }) => [scope, keys]),
      [
        ['10.0.0.1 -> 10.0.0.2', 2],
        ['10.0.0.8 -> 10.0.0.2', 3],
      ],
    );
  });

  it('is counted by the hour, also when packets come out of order', () => {
    const sensor = make();
    for (const [code, day] of [0, 0, 0.5, 0, 3, 0.5, 9].entries()) {
      sensor.at(day);
      sensor.modbus(code);
    }
    assert.equal(sensor.learning.freshInWeek(sensor.clock.seconds), 2, 'of the third and the ninth day');
    assert.deepEqual(
      sensor.learning.memory().hours.map(([, count]) => count),
      [1, 1],
    );
  });
});

describe('what was learned', () => {
  it('is not learned again by the sensor once a person took it back', () => {
    const sensor = make();
    sensor.at(0);
    sensor.modbus(3);
    sensor.baseline.unlearn(sensor.baseline.learnable(sensor.ip('10.0.0.1'), sensor.ip('10.0.0.2'), Aspect.ModbusFunction, 3, 0));
    assert.ok(sensor.modbus(3), 'silent, as policy alerts are while learning');
    assert.equal(sensor.baseline.size, 0);
    sensor.learning.on = false;
    assert.ok(!sensor.modbus(3));
  });

  it('follows the same course when the run is broken off anywhere', () => {
    const event = fc.record({ day: fc.double({ min: 0, max: 40, noNaN: true }), code: fc.nat(30), pair: fc.nat(3), young: fc.boolean() });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.nat(60), (events, broken) => {
        const settings = { ...ON_A_NETWORK, days: 10 };
        events.sort((x, y) => x.day - y.day);
        const whole = make(settings);
        let parts = make(settings);
        events.forEach(({ day, code, pair, young }, index) => {
          if (index === broken) {
            const next = make(settings);
            next.clock.seconds = parts.clock.seconds;
            for (const entry of parts.baseline.entries()) next.baseline.learn(entry, entry.origin);
            next.learning.restore(structuredClone(parts.learning.memory()));
            parts = next;
          }
          const answers = [whole, parts].map((sensor) => {
            sensor.at(day);
            if (young) sensor.learning.appeared(sensor.ip(`10.0.${pair}.2`));
            return [sensor.modbus(code, '10.0.0.1', `10.0.${pair}.2`), sensor.name(`${code}.example`), sensor.learning.state];
          });
          assert.deepEqual(answers[1], answers[0]);
        });
        assert.deepEqual(
          parts.learning.scenarios().map(({ changing: _changing, ...scenario }) => scenario),
          whole.learning.scenarios().map(({ changing: _changing, ...scenario }) => scenario),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('is drawn as a curve, day by day', () => {
    const sensor = make({ ...ON_A_NETWORK, end: 'manual' });
    sensor.at(0);
    for (let code = 1; code <= 5; code++) sensor.modbus(code);
    sensor.at(2);
    sensor.modbus(6);
    assert.deepEqual(
      sensor.learning.days.map(({ fresh, known }) => [fresh, known]),
      [
        [5, 5],
        [1, 6],
      ],
    );
  });
});

describe('a baseline offered more than it holds', () => {
  it('stays bounded at ten million tuples, counts the rest and is silent about what it could not learn', () => {
    const sensor = make({ ...ON_A_NETWORK, end: 'manual' });
    const [a, b] = [sensor.ip('10.0.0.1'), sensor.ip('10.0.0.2')];
    const before = process.memoryUsage();
    for (let i = 0; i < 10_000_000; i++) sensor.baseline.check(a, b, Aspect.EnipCommand, i, 0);
    const after = process.memoryUsage();
    const grown = after.rss - before.rss;
    assert.ok(sensor.baseline.size <= 1 << 20);
    assert.equal(sensor.baseline.size + sensor.baseline.refused, 10_000_000);
    assert.ok(grown < 250 * 1024 * 1024, `${Math.round(grown / 1024 / 1024)} MiB more`);
    sensor.learning.on = false;
    assert.ok(sensor.baseline.check(a, b, Aspect.EnipCommand, 9_999_999, 0), 'a flood raises no flood');
    assert.ok(!sensor.modbus(3), 'other aspects are judged as ever');
  });
});
