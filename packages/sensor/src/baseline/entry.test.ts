/** Entries of the baseline as text: what is written is read again, and what cannot be read is refused at its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TextTable } from '@annunciator/packet/tables/text-table';
import fc from 'fast-check';
import { ASPECTS } from './aspects.ts';
import { EntryError, lineOf, numbersOfEntry, parseLine, valueOf } from './entry.ts';

const texts = new TextTable({ maxTexts: 10_000 });

/** Numbers that the fields of an aspect can hold, and the value of the entry they make. */
const tuples = fc.constantFrom(...Object.entries(ASPECTS)).chain(([aspect, definition]) =>
  fc.tuple(...definition.fields.map((field) => (field.text ? fc.string({ unit: 'binary' }) : fc.nat(2 ** 31 - 1)))).map((values) => {
    const numbers = [0, 0];
    definition.fields.forEach((field, index) => {
      const value = values[index];
      const number = typeof value === 'string' ? texts.intern(value) : value;
      const part = field.bits === 32 ? number : (number & (2 ** field.bits - 1)) << field.low;
      numbers[field.in === 'a' ? 0 : 1] |= part;
    });
    return { aspect: Number(aspect), definition, a: numbers[0], b: numbers[1] };
  }),
);

describe('an entry as text', () => {
  it('gives the same numbers back, for every aspect and every value', () => {
    fc.assert(
      fc.property(tuples, ({ aspect, definition, a, b }) => {
        const value = [valueOf(definition, a, b, (number) => texts.text(number)), definition.items && `${definition.items}=5-9,12`]
          .filter(Boolean)
          .join(' ');
        const line = lineOf({
          aspect: definition.name,
          source: '10.0.0.1',
          destination: definition.between === 'pair' ? 'fe80::1' : '',
          value,
        });
        const entry = parseLine(line);
        assert.equal(entry.aspect, aspect);
        assert.ok(entry.exact, line);
        assert.deepEqual(
          numbersOfEntry(entry, (text) => texts.intern(text)),
          [a, b],
          line,
        );
        assert.equal(lineOf(entry.learnable), line);
        assert.ok(!/[\r\n]/.test(line), 'stays on one line');
      }),
      { numRuns: 500 },
    );
  });

  it('is written one way, however it was written', () => {
    for (const [written, canonical] of [
      ['modbus.function  10.0.0.1  ->  10.0.0.2  function=0x10   unit=1', 'modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=16'],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=3,1,2,16', 'modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=1-3,16'],
      [
        'modbus.address 10.0.0.0/24 -> * unit=* table=coils addresses=0-99,100-199',
        'modbus.address 10.0.0.0/24 -> * unit=* table=coils addresses=0-199',
      ],
      ['cip.symbol 10.0.0.1-10.0.0.9 -> 10.0.0.2 access=0 tag~"Pump*"', 'cip.symbol 10.0.0.1-10.0.0.9 -> 10.0.0.2 access=read tag~"Pump*"'],
      ['pccc.command 10.0.0.1 -> 10.0.0.2 command=6 function=-1', 'pccc.command 10.0.0.1 -> 10.0.0.2 command=6 function=-1'],
      ['device FD00::/64', 'device fd00::/64'],
    ])
      assert.equal(lineOf(parseLine(written).learnable), canonical);
  });

  it('is exact only where every part is one value', () => {
    assert.ok(parseLine('modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=3').exact);
    assert.ok(parseLine('modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=1-9,20').exact);
    for (const line of [
      'modbus.function 10.0.0.0/24 -> 10.0.0.2 unit=1 function=3',
      'modbus.function 10.0.0.1 -> * unit=1 function=3',
      'modbus.function 10.0.0.1 -> 10.0.0.2 unit=* function=3',
      'modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=3-4',
      'modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=coils addresses=*',
      'cip.symbol 10.0.0.1 -> 10.0.0.2 access=read tag~"x"',
    ])
      assert.ok(!parseLine(line).exact, line);
  });

  it('is refused with a sentence and the place of the fault', () => {
    for (const [line, at, message] of [
      ['modbus', 0, /aspect source -> destination/],
      ['modbus.functions 10.0.0.1 -> 10.0.0.2 unit=1', 0, /no aspect "modbus\.functions".*modbus\.function,/],
      ['modbus.function 10.0.0.1 unit=1 function=3', 16, /needs "-> destination"/],
      ['device 10.0.0.1 -> 10.0.0.2', 7, /about one device/],
      ['device 10.0.0.0/40', 7, /no address, subnet/],
      ['device 10.0.0.9-10.0.0.1', 7, /no address, subnet/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1', 37, /needs function=/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=x', 53, /"x" is no number from 0 to 255/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 function=256', 53, /from 0 to 255/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 unit=2 function=3', 44, /given twice/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit=1 code=3', 44, /has no "code"; it has unit, function/],
      ['modbus.address 10.0.0.1 -> 10.0.0.2 unit=1 table=tubes addresses=1', 49, /or coils, discrete-inputs/],
      ['cip.symbol 10.0.0.1 -> 10.0.0.2 access=read tag=Pump', 48, /double quotes/],
      ['modbus.function 10.0.0.1 -> 10.0.0.2 unit~"1" function=3', 42, /is a number/],
      ['name.query 10.0.0.1 -> 10.0.0.2 name="a', 32, /not name=value/],
    ] as const)
      assert.throws(
        () => parseLine(line),
        (error) => error instanceof EntryError && message.test(error.message) && (assert.equal(error.at, at, line), true),
        line,
      );
  });
});
