/** What a draft of custom alerts holds: changes of whole groups, and nothing that is as it was. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule, SecurityGroupDetails, WindowRule } from '../../api/hub-security.ts';
import { changesIn, listRules, NO_DRAFT, putRule, removeRule, savesOf } from './draft.ts';
import { allowedWords, windowWords } from './words.ts';

const range = (ruleType: string, given: Partial<WindowRule> = {}): WindowRule => ({
  ruleType,
  isEnabled: true,
  alertName: `${ruleType} alert`,
  minThreshold: 1,
  maxThreshold: 5,
  timeWindowSize: 'PT5M',
  ...given,
});

const group = (name: string, version: number | null, ...rules: Rule[]): SecurityGroupDetails => ({
  name,
  version,
  savedAt: null,
  savedBy: null,
  rules: [
    ...rules.map((rule) => ({ ...rule, isSet: true })),
    // The server gives every rule type; those that nobody set are no alerts.
    { ...range('Unset', { isEnabled: false, alertName: null }), isSet: false },
  ],
});

const pumps = group('pumps', 3, range('A'), range('B'));
const tanks = group('tanks', null);

test('a new alert goes into each chosen group, and saving writes whole groups with the versions that were read', () => {
  const draft = putRule(NO_DRAFT, [pumps, tanks], range('C'));
  assert.deepEqual(savesOf(draft), [
    { name: 'pumps', version: 3, rules: [range('A'), range('B'), range('C')] },
    { name: 'tanks', version: null, rules: [range('C')] },
  ]);
  assert.equal(changesIn(draft), 2);
  assert.deepEqual(
    listRules(draft, [pumps, tanks]).map(({ group: name, rule, isChanged, isNew }) => [name, rule.ruleType, isChanged, isNew]),
    [
      ['pumps', 'A', false, false],
      ['pumps', 'B', false, false],
      ['pumps', 'C', true, true],
      ['tanks', 'C', true, true],
    ],
  );
});

test('what is changed back is no change', () => {
  const off = putRule(NO_DRAFT, [pumps], range('A', { isEnabled: false }));
  assert.equal(changesIn(off), 1);
  assert.equal(putRule(off, [pumps], range('A')).size, 0);
  assert.equal(removeRule(putRule(NO_DRAFT, [pumps], range('C')), pumps, 'C').size, 0);
});

test('a deleted alert is left out of what is saved, and the version stays that of the first change', () => {
  const deleted = removeRule(NO_DRAFT, pumps, 'A');
  const savedMeanwhile = group('pumps', 4, range('A'), range('B'), range('Z'));
  const more = removeRule(deleted, savedMeanwhile, 'B');
  assert.deepEqual(savesOf(more), [{ name: 'pumps', version: 3, rules: [] }]);
  assert.equal(changesIn(more), 2);
});

test('rules are told in a few words', () => {
  assert.equal(allowedWords(range('A', { maxThreshold: 1200, timeWindowSize: 'PT1H30M' })), '1 to 1,200 in 1 hour 30 minutes');
  assert.equal(allowedWords(range('A', { minThreshold: 0, maxThreshold: 0 })), '0 in 5 minutes');
  assert.equal(
    allowedWords({ ruleType: 'L', isEnabled: true, alertName: null, allowlistValues: ['10.0.0.0/8', 'a', 'b'] }),
    '10.0.0.0/8 and 2 more',
  );
  assert.deepEqual(['P1D', 'PT05M', 'PT12H', 'PT90S'].map(windowWords), ['1 day', '5 minutes', '12 hours', 'PT90S']);
});
