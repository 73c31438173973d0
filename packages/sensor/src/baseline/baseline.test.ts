import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextTable } from '@annunciator/packet/tables/text-table';
import { Aspect } from '@annunciator/protocols/facts';
import { Inventory } from '../inventory/inventory.ts';
import { Baseline } from './baseline.ts';
import { Intervals } from './intervals.ts';
import { Learning } from './learning.ts';

function make(): { baseline: Baseline; a: number; b: number; texts: TextTable; clock: { seconds: number; frame: number } } {
  const inventory = new Inventory({ deviceAppeared: () => undefined, partyMerged: () => undefined });
  const texts = new TextTable({ maxTexts: 100 });
  const clock = { seconds: 1000, frame: 1 };
  const learning = new Learning(inventory, clock, () => baseline.size);
  const baseline = new Baseline(inventory, texts, clock, learning);
  return { baseline, a: inventory.ipText('10.0.0.1'), b: inventory.ipText('10.0.0.2'), texts, clock };
}

describe('baseline', () => {
  it('knows what it was asked while learning, and nothing else', () => {
    const { baseline, a, b } = make();
    assert.ok(baseline.check(a, b, Aspect.ModbusFunction, 0x103, 0));
    baseline.learning.on = false;
    assert.ok(baseline.check(a, b, Aspect.ModbusFunction, 0x103, 0));
    assert.ok(!baseline.check(a, b, Aspect.ModbusFunction, 0x104, 0));
    assert.ok(!baseline.check(b, a, Aspect.ModbusFunction, 0x103, 0));
    assert.ok(!baseline.check(a, b, Aspect.UmasFunction, 0x103, 0));
  });

  it('knows ranges inside the learned ones, also where two meet', () => {
    const { baseline, a, b } = make();
    baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 100, 10);
    baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 110, 10);
    baseline.learning.on = false;
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 105, 15));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 105, 16));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, 4, 105, 1));
  });

  it('forgets a range together with the requests that it covered', () => {
    const { baseline, a, b } = make();
    baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 100, 20);
    baseline.learning.on = false;
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 110, 2));
    assert.ok(baseline.unlearn(baseline.learnableRange(a, b, Aspect.ModbusAddress, 3, 110, 2)));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 110, 2));
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 100, 10));
    assert.deepEqual(
      baseline.entries().map((entry) => entry.value),
      ['unit=0 table=input-registers addresses=100-109,112-119'],
    );
  });

  it('writes entries as text and reads them again, texts with any character in them', () => {
    const { baseline, a, b, texts } = make();
    for (const name of ['plain', 'with "quotes" and \\', 'a\ttab', '']) {
      const entry = baseline.learnable(a, b, Aspect.CipSymbol, 1, texts.intern(name));
      assert.equal(baseline.learn(entry), true, entry.value);
      baseline.learning.on = false;
      assert.ok(baseline.check(a, b, Aspect.CipSymbol, 1, texts.intern(name)));
      assert.ok(!baseline.check(a, b, Aspect.CipSymbol, 0, texts.intern(name)));
      assert.ok(baseline.entries().some((one) => one.value === entry.value));
    }
  });

  it('refuses entries that cannot be read', () => {
    const { baseline } = make();
    const entry = { aspect: 'modbus.function', source: '10.0.0.1', destination: '10.0.0.2', value: 'unit=1 function=3' };
    assert.equal(baseline.learn(entry), true);
    assert.equal(baseline.learn({ ...entry, aspect: 'modbus.nonsense' }), false);
    assert.equal(baseline.learn({ ...entry, value: 'x' }), false);
    assert.equal(baseline.learn({ ...entry, aspect: 'modbus.address', value: 'unit=1 table=coils addresses=1-' }), false);
    assert.equal(baseline.learn({ ...entry, aspect: 'cip.symbol', value: 'access=read tag="open' }), false);
  });

  it('goes on under one name when two parties are one device', () => {
    const { baseline, a, b } = make();
    const old = 77;
    baseline.check(old, b, Aspect.ModbusFunction, 3, 0);
    baseline.checkRange(old, b, Aspect.ModbusAddress, 3, 100, 10);
    baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 200, 10);
    baseline.merge(old, a);
    baseline.learning.on = false;
    assert.ok(baseline.check(a, b, Aspect.ModbusFunction, 3, 0));
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 100, 10));
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 3, 200, 10));
    assert.deepEqual(
      baseline.entries().map((entry) => `${entry.source} ${entry.value}`),
      ['10.0.0.1 unit=0 table=input-registers addresses=100-109,200-209', '10.0.0.1 unit=0 function=3'],
    );
  });

  it('does not bring back what was unlearned when parties merge', () => {
    const { baseline, a, b } = make();
    const entry = baseline.learnable(a, b, Aspect.ModbusFunction, 3, 0);
    baseline.learn(entry);
    baseline.check(77, b, Aspect.ModbusFunction, 3, 0);
    baseline.unlearn({ ...entry, source: '(others)' });
    baseline.unlearn(entry);
    baseline.learning.on = false;
    assert.ok(!baseline.check(a, b, Aspect.ModbusFunction, 3, 0));
  });
});

describe('intervals', () => {
  const covers = ({ bounds }: Intervals, first: number, last: number): boolean =>
    bounds.some((low, i) => i % 2 === 0 && low <= first && last <= bounds[i + 1]);
  const of = (...parts: [number, number][]): Intervals => {
    const intervals = new Intervals();
    for (const [first, last] of parts) intervals.add(first, last);
    return intervals;
  };

  it('join where they touch', () => {
    assert.equal(of([1, 3], [7, 9], [4, 6]).toString(), '1-9');
    assert.equal(of([1, 3], [5, 9]).toString(), '1-3,5-9');
    assert.equal(of([5, 5], [1, 9]).toString(), '1-9');
  });

  it('agree with a set of numbers, whatever is added and removed', () => {
    let seed = 7;
    const below = (limit: number): number => (seed = (seed * 48_271) % 2_147_483_647) % limit;
    for (let round = 0; round < 50; round++) {
      const intervals = new Intervals();
      const numbers = new Set<number>();
      for (let step = 0; step < 30; step++) {
        const first = below(60);
        const last = first + below(8);
        const add = below(3) > 0;
        if (add) intervals.add(first, last);
        else intervals.remove(first, last);
        for (let i = first; i <= last; i++) {
          if (add) numbers.add(i);
          else numbers.delete(i);
        }
        for (let i = 0; i < 70; i++) assert.equal(covers(intervals, i, i), numbers.has(i), `${intervals} at ${i}`);
      }
    }
  });

  it('stay within a bound by joining the nearest', () => {
    const intervals = new Intervals();
    for (let i = 0; i < 600; i++) intervals.add(i * 100, i * 100 + (i === 300 ? 90 : 10));
    assert.ok(intervals.bounds.length <= 1024);
    assert.equal(intervals.joined, 600 - 512);
    assert.ok(covers(intervals, 30_000, 30_110));
  });
});
