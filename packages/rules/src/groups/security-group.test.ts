/** Saving groups: what is refused and with which words, and the name that stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_GROUP, groupKey, membershipOf } from './membership.ts';
import { addressBits, networkPrefix } from './networks.ts';
import { type RuleError } from './rule-error.ts';
import { checkGroupName, defaultRule, type ListRule, type Rule, saved, type WindowRule } from './security-group.ts';
import { formatTimeWindow, parseTimeWindow } from './time-window.ts';

const WHO = { at: 1000, by: 'anna' };

function range(given: Partial<WindowRule> = {}): WindowRule {
  return {
    ruleType: 'MqttD2CMessagesNotInAllowedRange',
    isEnabled: true,
    alertName: null,
    minThreshold: 1,
    maxThreshold: 2,
    timeWindowSize: 'PT05M',
    ...given,
  };
}

function networks(...allowlistValues: string[]): ListRule {
  return { ruleType: 'ConnectionToIpNotAllowed', isEnabled: true, alertName: null, allowlistValues };
}

test('a group is saved as it was typed, and counts its versions', () => {
  const first = saved(undefined, 'Pumps', [range({ alertName: ' Too many ' }), networks('10.1.2.3/8')], WHO);
  assert.deepEqual(first, {
    name: 'Pumps',
    version: 1,
    savedAt: 1000,
    savedBy: 'anna',
    rules: [range({ alertName: 'Too many' }), networks('10.1.2.3/8')],
  });
  assert.equal(saved(first, 'pumps', [], WHO).version, 2);
  assert.equal(saved(first, 'pumps', [], WHO).name, 'Pumps');
});

test('the name of an alert stays: it is kept where none is given, and cannot be changed', () => {
  const first = saved(undefined, 'pumps', [range({ alertName: 'Chatter' })], WHO);
  assert.equal(saved(first, 'pumps', [range({ maxThreshold: 9 })], WHO).rules[0].alertName, 'Chatter');
  assert.throws(() => saved(first, 'pumps', [range({ alertName: 'Noise' })], WHO), { code: 'renamed' });
  const without = saved(first, 'pumps', [], WHO);
  assert.equal(saved(without, 'pumps', [range({ alertName: 'Noise' })], WHO).rules[0].alertName, 'Noise', 'once deleted it is another');
});

test('what cannot be a rule is refused with the reason', () => {
  const refused: readonly (readonly [Rule[], RuleError['code'], RegExp])[] = [
    [[range({ ruleType: 'Nothing' })], 'invalid', /no rule type "Nothing"/],
    [[range({ minThreshold: 3 })], 'invalid', /range 3 to 2/],
    [[range({ maxThreshold: 2 ** 31 })], 'invalid', /from 0 to 2147483647/],
    [[range({ minThreshold: -1 })], 'invalid', /minThreshold -1/],
    [[range({ minThreshold: 0.5 })], 'invalid', /minThreshold 0.5/],
    [[range({ timeWindowSize: 'PT30S' })], 'invalid', /"PT30S"/],
    [[range({ timeWindowSize: 'P2D' })], 'invalid', /from 1 to 1440/],
    [[range({ alertName: ' ' })], 'invalid', /name of an alert/],
    [[range({ alertName: 'x'.repeat(129) })], 'invalid', /1 to 128/],
    [[range(), range()], 'duplicate', /twice/],
    [[range({ alertName: 'A' }), { ...networks(), alertName: 'A' }], 'duplicate', /Two alerts/],
    [[networks('10.0.0.0/33')], 'invalid', /is no network/],
    [[networks('plc-1')], 'invalid', /is no network/],
    [[networks(...Array.from({ length: 1001 }, (_, at) => `10.0.${at >> 8}.${at & 255}`))], 'invalid', /1001 values/],
    [[{ ...networks(), ruleType: 'MqttD2CMessagesNotInAllowedRange' }], 'invalid', /kind timeWindow/],
    [[range({ ruleType: 'ProcessNotAllowed' })], 'invalid', /kind allowlist/],
  ];
  for (const [rules, code, message] of refused) assert.throws(() => saved(undefined, 'pumps', rules, WHO), { code, message });
});

test('names of groups stand in paths', () => {
  assert.equal(checkGroupName(' Pumps of hall 3 '), 'Pumps of hall 3');
  for (const name of ['', ' ', 'a/b', 'a\nb', 'x'.repeat(129)]) assert.throws(() => checkGroupName(name), { code: 'invalid' });
});

test('rules that nobody set are off, with nothing allowed', () => {
  assert.deepEqual(defaultRule('FileUploadsNotInAllowedRange'), {
    ruleType: 'FileUploadsNotInAllowedRange',
    isEnabled: false,
    alertName: null,
    minThreshold: 0,
    maxThreshold: 0,
    timeWindowSize: 'PT15M',
  });
  assert.deepEqual(defaultRule('ProcessNotAllowed'), {
    ruleType: 'ProcessNotAllowed',
    isEnabled: false,
    alertName: null,
    allowlistValues: [],
  });
});

test('time windows are whole minutes up to a day, and read as they are written', () => {
  const known: readonly (readonly [string, number | undefined])[] = [
    ['PT5M', 5],
    ['PT05M', 5],
    ['PT1H', 60],
    ['P1D', 1440],
    ['PT1H30M', 90],
    ['PT60S', 1],
    ['PT90S', undefined],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['PT1441M', undefined],
    ['PT0M', undefined],
    ['5M', undefined],
    ['-PT5M', undefined],
  ];
  for (const [text, minutes] of known) assert.equal(parseTimeWindow(text), minutes, text);
  fc.assert(fc.property(fc.integer({ min: 1, max: 1440 }), (minutes) => parseTimeWindow(formatTimeWindow(minutes)) === minutes));
});

test('networks hold the addresses whose first bits they have', () => {
  const known: readonly (readonly [string, string, boolean])[] = [
    ['10.1.2.3/8', '10.200.0.1', true],
    ['10.0.0.0/9', '10.128.0.0', false],
    ['0.0.0.0/0', '192.0.2.1', true],
    ['0.0.0.0/0', '::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['::ffff:10.0.0.0/104', '10.4.4.4', true],
    ['2001:db8::/32', '2001:DB8:1::9', true],
  ];
  for (const [network, address, inside] of known) {
    const prefix = networkPrefix(network);
    assert.ok(prefix !== undefined, network);
    assert.equal(addressBits(address)?.startsWith(prefix), inside, `${address} in ${network}`);
  }
  for (const text of ['', '10.0.0', '10.0.0.0/', '10.0.0.0/-1', '10.0.0.256', 'fe80::1%eth0', '10.0.0.0/8/8', '::ffff:10.0.0.0/95'])
    assert.equal(networkPrefix(text), undefined, text);
});

test('the group is that of the security module, then of the device, then the default one', () => {
  const twin = (moduleId: string | null, group: unknown) => ({ moduleId, tags: { SecurityGroup: group }, desired: {} });
  const known: readonly (readonly [ReturnType<typeof twin>[], string])[] = [
    [[], DEFAULT_GROUP],
    [[twin(null, 'Pumps')], 'Pumps'],
    [[twin(null, ' Pumps ')], 'Pumps'],
    [[twin(null, ''), twin('other', 'Valves')], DEFAULT_GROUP],
    [[twin(null, 7)], DEFAULT_GROUP],
    [[twin(null, 'Pumps'), twin('DefenderIotMicroAgent', 'Valves')], 'Valves'],
    [[twin('azureiotsecurity', 'Meters'), twin(null, 'Pumps'), twin('DefenderIotMicroAgent', 'Valves')], 'Meters'],
  ];
  for (const [twins, group] of known) assert.equal(membershipOf(true, twins).group, group);
  assert.equal(groupKey(' PUMPS'), groupKey('pumps'));
});

test('how late an agent may be follows from the interval in its twin', () => {
  const classic = (value: unknown) => ({
    moduleId: 'azureiotsecurity',
    tags: {},
    desired: { 'ms_iotn:urn_azureiot_Security_SecurityAgentConfiguration': { lowPriorityMessageFrequency: { value } } },
  });
  const micro = (intervals: unknown) => ({
    moduleId: 'DefenderIotMicroAgent',
    tags: {},
    desired: { CollectorsCore_PriorityIntervals: intervals },
  });
  assert.equal(membershipOf(true, []).agentMinutes, 300);
  assert.equal(membershipOf(true, [classic('PT30M')]).agentMinutes, 30);
  assert.equal(membershipOf(true, [classic('soon')]).agentMinutes, 300);
  assert.equal(membershipOf(true, [micro('5,10,60')]).agentMinutes, 60);
  assert.equal(membershipOf(true, [micro(undefined)]).agentMinutes, 1440);
});
