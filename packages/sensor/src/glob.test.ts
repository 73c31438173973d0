import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { globMatches } from './glob.ts';

it('a pattern fits as the same regular expression does', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '*', '?'), { maxLength: 12 }).map((list) => list.join(''));
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.replace(/[*?]/g, (mark) => (mark === '*' ? '.*' : '.'))}$`, 's');
      assert.equal(globMatches(pattern, text), expression.test(text), `${pattern} on ${text}`);
    }),
    { numRuns: 2000 },
  );
});

it('takes no more than its time, whatever the pattern', () => {
  const started = process.cpuUsage().user;
  assert.equal(globMatches('*a'.repeat(200), 'a'.repeat(10_000) + 'b'), false);
  assert.ok(process.cpuUsage().user - started < 2_000_000, 'microseconds of processor time');
});
