/** Entries with wildcards: what they allow, what they do not, and that a match is no entry of its own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextTable } from '@annunciator/packet/tables/text-table';
import { Aspect } from '@annunciator/protocols/facts';
import { Inventory } from '../inventory/inventory.ts';
import { Baseline } from './baseline.ts';
import { lineOf, parseLine } from './entry.ts';
import { Learning } from './learning.ts';

function make() {
  const inventory = new Inventory({ deviceAppeared: () => undefined, partyMerged: () => undefined });
  const texts = new TextTable({ maxTexts: 100 });
  const clock = { seconds: 1000, frame: 1 };
  const learning = new Learning(inventory, clock, () => 0);
  learning.on = false;
  const baseline = new Baseline(inventory, texts, clock, learning);
  const learn = (line: string): boolean => baseline.learn(parseLine(line).learnable);
  const lines = (): string[] => baseline.entries().map(lineOf);
  return { baseline, texts, learn, lines, ip: (address: string) => inventory.ipText(address) };
}

describe('an entry with wildcards', () => {
  it('allows a subnet to do what it names, and nobody else', () => {
    const { baseline, learn, ip } = make();
    assert.ok(learn('modbus.function 10.20.10.0/24 -> 10.20.20.5-10.20.20.9 unit=* function=1-4'));
    const check = (who: string, whom: string, unit: number, code: number): boolean =>
      baseline.check(ip(who), ip(whom), Aspect.ModbusFunction, (unit << 8) | code, 0);
    assert.ok(check('10.20.10.200', '10.20.20.5', 7, 3));
    assert.ok(check('10.20.10.1', '10.20.20.9', 0, 1));
    assert.ok(!check('10.20.11.1', '10.20.20.9', 0, 1));
    assert.ok(!check('10.20.10.1', '10.20.20.10', 0, 1));
    assert.ok(!check('10.20.10.1', '10.20.20.9', 0, 16));
  });

  it('allows ranges of registers', () => {
    const { baseline, learn, ip } = make();
    learn('modbus.address 10.0.0.1 -> * unit=1 table=holding-registers addresses=0-99');
    const [a, b] = [ip('10.0.0.1'), ip('10.0.0.2')];
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, (1 << 8) | 4, 90, 10));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, (1 << 8) | 4, 90, 11));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, (2 << 8) | 4, 90, 1));
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, (1 << 8) | 4, 91, 2), 'remembered');
  });

  it('allows names by pattern', () => {
    const { baseline, texts, learn, ip } = make();
    learn('cip.symbol 10.0.0.1 -> 10.0.0.2 access=read tag~"Program:Main.Pump*"');
    const check = (tag: string, access: number): boolean =>
      baseline.check(ip('10.0.0.1'), ip('10.0.0.2'), Aspect.CipSymbol, access, texts.intern(tag));
    assert.ok(check('Program:Main.Pump7', 0));
    assert.ok(!check('Program:Main.Valve', 0));
    assert.ok(!check('Program:Main.Pump7', 1));
  });

  it('is one line of the baseline, whatever it matched', () => {
    const { baseline, learn, lines, ip } = make();
    learn('modbus.function * -> * unit=* function=3');
    const size = baseline.size;
    for (let host = 1; host < 100; host++) assert.ok(baseline.check(ip(`10.0.0.${host}`), ip('10.0.1.1'), Aspect.ModbusFunction, 3, 0));
    assert.deepEqual(lines(), ['modbus.function * -> * unit=* function=3']);
    assert.equal(baseline.size, size);
  });

  it('allows nothing more when it is taken out, also what it matched before', () => {
    const { baseline, learn, lines, ip } = make();
    const line = 'modbus.function * -> * unit=* function=3';
    learn(line);
    learn('modbus.address * -> * unit=* table=* addresses=*');
    const [a, b] = [ip('10.0.0.1'), ip('10.0.0.2')];
    assert.ok(baseline.check(a, b, Aspect.ModbusFunction, 3, 0));
    assert.ok(baseline.checkRange(a, b, Aspect.ModbusAddress, 4, 0, 10));
    baseline.unlearn(parseLine(line).learnable);
    baseline.unlearn(parseLine('modbus.address * -> * unit=* table=* addresses=*').learnable);
    assert.ok(!baseline.check(a, b, Aspect.ModbusFunction, 3, 0));
    assert.ok(!baseline.checkRange(a, b, Aspect.ModbusAddress, 4, 0, 10));
    assert.deepEqual(lines(), []);
  });

  it('stays when an exact entry beside it is unlearned', () => {
    const { baseline, learn, lines, ip } = make();
    learn('modbus.function 10.0.0.0/24 -> * unit=* function=3');
    learn('modbus.function 10.0.0.1 -> 10.0.0.2 unit=0 function=3');
    baseline.unlearn(parseLine('modbus.function 10.0.0.1 -> 10.0.0.2 unit=0 function=3').learnable);
    assert.ok(baseline.check(ip('10.0.0.1'), ip('10.0.0.2'), Aspect.ModbusFunction, 3, 0));
    assert.deepEqual(lines(), ['modbus.function 10.0.0.0/24 -> * unit=* function=3']);
  });

  it('is refused beyond a bound, and counted', () => {
    const { learn } = make();
    for (let port = 0; port < 4096; port++) assert.ok(learn(`device.port * transport=tcp port=${port}-${port + 1}`));
    assert.ok(!learn('device.port * transport=udp port=1-2'));
  });
});
