import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { csvHeaderLine, csvLines } from '@annunciator/core/csv';

const cell = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[=+\-@\t\r\n",'＝＋－＠a ]{0,6}$/),
  fc.constantFrom('=cmd|calc!A1', '@SUM(1)', '-1', '+1', 'a,b', 'a"b', 'line\r\nbreak', '', ' '),
);

test('lines are those of the usual library, with formulas made harmless', () => {
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 6 }), { minLength: 1, maxLength: 4 }), (rows) => {
      assert.equal(csvLines(rows), stringify(rows, { escape_formulas: true, record_delimiter: 'windows', quoted_match: /[\r\n]/ }));
    }),
    { numRuns: 2000 },
  );
});

test('the header line begins with the mark of UTF-8', () => {
  assert.equal(csvHeaderLine(['Severity', 'Source, device']), '\uFEFFSeverity,"Source, device"\r\n');
});
