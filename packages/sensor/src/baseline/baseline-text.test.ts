/** The baseline as a document: read and written, compared, edited, and brought back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Learnable } from '@annunciator/core/alert';
import { TextTable } from '@annunciator/packet/tables/text-table';
import fc from 'fast-check';
import { Inventory } from '../inventory/inventory.ts';
import { Baseline } from './baseline.ts';
import { baselineText, difference, differenceText, HEADING, readBaseline } from './baseline-text.ts';
import { lineOf, parseLine } from './entry.ts';
import { Learning } from './learning.ts';

function make(): Baseline {
  const inventory = new Inventory({ deviceAppeared: () => undefined, partyMerged: () => undefined });
  const clock = { seconds: 1000, frame: 1 };
  const learning = new Learning(inventory, clock, () => 0);
  return new Baseline(inventory, new TextTable({ maxTexts: 10_000 }), clock, learning);
}

const textOf = (baseline: Baseline): string => [...baselineText(baseline.entries())].join('');

/** Makes a baseline hold what a text says, as an import does. */
function bring(baseline: Baseline, text: string): void {
  const { entries, problems } = readBaseline(text);
  assert.deepEqual(problems, []);
  const { added, removed } = difference(baseline.entries(), entries);
  for (const entry of removed) assert.ok(baseline.unlearn(entry));
  for (const entry of added) assert.ok(baseline.learn(entry));
}

const address = fc.nat(3).map((last) => `10.0.0.${last + 1}`);
const line = fc.oneof(
  fc
    .tuple(address, address, fc.nat(2), fc.nat(4))
    .map(([a, b, unit, code]) => `modbus.function ${a} -> ${b} unit=${unit} function=${code}`),
  fc
    .tuple(address, address, fc.nat(1), fc.nat(30), fc.nat(12))
    .map(([a, b, unit, first, more]) => `modbus.address ${a} -> ${b} unit=${unit} table=coils addresses=${first}-${first + more}`),
  fc.tuple(address, fc.string()).map(([a, agent]) => `http.user-agent ${a} agent=${JSON.stringify(agent)}`),
  address.map((a) => `device ${a}`),
  fc.constantFrom('modbus.function 10.0.0.0/24 -> * unit=* function=3', 'cip.symbol * -> * access=read tag~"Pump*"'),
);
const documents = fc.array(line, { maxLength: 25 }).map((lines) => [HEADING, ...lines].join('\n'));

describe('a baseline as text', () => {
  it('read and written again is the same text', () => {
    fc.assert(
      fc.property(documents, (text) => {
        const first = make();
        bring(first, text);
        const written = textOf(first);
        const second = make();
        bring(second, written);
        assert.equal(textOf(second), written);
        const { entries } = readBaseline(written);
        assert.equal([...baselineText(entries)].join(''), written, 'without a sensor in between');
        const lines = written.trimEnd().split('\n').slice(1);
        assert.deepEqual(
          lines,
          lines.toSorted((x, y) => (x < y ? -1 : 1)),
          'in the order of bytes',
        );
      }),
      { numRuns: 150 },
    );
  });

  it('is brought from any state to any other, and back', () => {
    fc.assert(
      fc.property(documents, documents, (one, other) => {
        const baseline = make();
        bring(baseline, one);
        const before = textOf(baseline);
        bring(baseline, other);
        const fresh = make();
        bring(fresh, other);
        assert.equal(textOf(baseline), textOf(fresh));
        bring(baseline, before);
        assert.equal(textOf(baseline), before);
      }),
      { numRuns: 150 },
    );
  });

  it('keeps comments out, and reads over them', () => {
    const baseline = make();
    baseline.learn(parseLine('device 10.0.0.1').learnable, { by: 'eva', at: Date.UTC(2026, 5, 1), alert: 'ab12' });
    const annotated = [...baselineText(baseline.entries(), true)].join('');
    assert.match(annotated, /^# learned by eva at 2026-06-01T00:00:00.000Z from alert ab12\ndevice 10\.0\.0\.1$/m);
    const { entries, problems } = readBaseline(`\n# mine\r\n${annotated}\r\n  # end\n`);
    assert.deepEqual(problems, []);
    assert.equal([...baselineText(entries)].join(''), textOf(baseline));
  });

  it('joins lines about one range, and drops what is said twice', () => {
    const { entries } = readBaseline(
      [
        HEADING,
        'modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=10-19',
        'modbus.address 10.0.0.1 -> 10.0.0.2 addresses=0-9,30 table=coils unit=1',
        'device 10.0.0.1',
        'device 10.0.0.1',
      ].join('\n'),
    );
    assert.deepEqual(entries.map(lineOf), ['device 10.0.0.1', 'modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=0-19,30']);
  });

  it('tells each fault with line and column, and reads on', () => {
    const { entries, problems } = readBaseline(
      [HEADING, 'device 10.0.0.1', 'nonsense', '  device 10.0.0.0/99', 'device 10.0.0.2'].join('\n'),
    );
    assert.equal(entries.length, 2);
    assert.deepEqual(
      problems.map(({ line, column }) => [line, column]),
      [
        [3, 1],
        [4, 10],
      ],
    );
    assert.match(readBaseline('').problems[0].message, /begins with the line/);
    assert.match(readBaseline('device 10.0.0.1').problems[0].message, /begins with the line "annunciator baseline 1"/);
    assert.match(readBaseline('annunciator baseline 2\ndevice 10.0.0.1').problems[0].message, /format 2; this program reads format 1/);
    assert.equal(readBaseline([HEADING, ...Array.from({ length: 500 }, () => 'x')].join('\n')).problems.length, 100);
  });
});

describe('a difference', () => {
  const entries = (...lines: string[]): Learnable[] => lines.map((text) => parseLine(text).learnable);

  it('names what came and what went, in order', () => {
    const before = entries('device 10.0.0.1', 'device 10.0.0.2', 'modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=1-9');
    const after = entries('device 10.0.0.3', 'device 10.0.0.2', 'modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=1-19');
    assert.deepEqual(
      [...differenceText(difference(before, after))],
      [
        '- device 10.0.0.1\n',
        '+ device 10.0.0.3\n',
        '+ modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=1-19\n',
        '- modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=1-9\n',
      ],
    );
    assert.deepEqual(difference(before, before), { added: [], removed: [] });
  });
});
