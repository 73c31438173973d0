/** Comparisons with ranges: of values with a fraction, and of requests that reach over several numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRules } from './compile.ts';
import { parseRuleText } from './parse.ts';
import { DEFAULT_RULE_SETTINGS } from './rule.ts';
import { SiteClock } from './schedule.ts';

/** Whether a condition about one field holds for the numbers from `low` to `high`. */
function holds(condition: string, low: number, high: number): boolean {
  const { rules } = parseRuleText(`rule "r" protocol iec104 when ${condition} message "m" end`);
  const compiled = compileRules(
    rules.map(({ rule }) => rule),
    DEFAULT_RULE_SETTINGS,
    new SiteClock('UTC'),
  );
  const [{ others }] = compiled.values();
  const values = {
    present: Uint8Array.of(1),
    numbers: Float64Array.of(low),
    highs: Float64Array.of(high),
    texts: [''],
    addresses: () => [],
  };
  return others[0].test?.(values) ?? true;
}

for (const [condition, low, high, expected] of [
  ['value in 1-2, 3-4', 2.5, 2.5, false],
  ['value not in 1-2, 3-4', 2.5, 2.5, true],
  ['value in 1-2, 1.5-4', 2.5, 2.5, true],
  ['object in 1-2, 3-4', 2, 3, true],
  ['object not in 1-2, 3-4', 1, 4, false],
  ['object not in 1-2, 3-4', 1, 5, true],
  ['object > 3', 1, 4, true],
  ['object < 1', 1, 4, false],
] as const)
  test(`${condition} ${expected ? 'holds' : 'does not hold'} for ${low} to ${high}`, () => {
    assert.equal(holds(condition, low, high), expected);
  });
