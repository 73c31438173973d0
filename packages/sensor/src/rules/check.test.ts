/** Rules that make no sense are refused, and the sentence names the part and what is allowed there. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PROTOCOLS } from '@annunciator/protocols/registry';
import { checkRule, checkRuleSettings } from './check.ts';
import { CONVERSATIONS, FIELDS } from './fields.ts';
import { parseRuleText } from './parse.ts';
import { DEFAULT_RULE_SETTINGS, type Rule } from './rule.ts';

const GOOD: Rule = {
  ...parseRuleText('rule "r" protocol modbus when value > 1 message "{value}" end').rules[0].rule,
};

/** What is changed of a good rule, the part that is named, and words of the sentence. */
const FAULTS: readonly (readonly [Partial<Rule>, string, RegExp])[] = [
  [{ name: ' ' }, 'name', /1 to 200 characters/],
  [{ protocol: 'modbux' }, 'protocol', /no protocol "modbux".*modbus/],
  [{ protocol: 'constructor' }, 'protocol', /no protocol "constructor"/],
  [{ when: null }, 'when', /a rule about everything/],
  [{ when: { field: 'vale', operator: '==', value: 1 } }, 'when.field', /Modbus\/TCP has no field "vale"\. It has .*value/],
  [{ when: { field: 'value', operator: 'contains', value: '1' } }, 'when.operator', /value is a number; compare it with ==, !=, >/],
  [{ when: { field: 'value', operator: '==', value: 'DB' } }, 'when.value', /value is a number; "DB" is none/],
  [{ when: { field: 'role', operator: '==', value: 'ask' } }, 'when.value', /a number, or request, response, notification/],
  [{ when: { field: 'operation', operator: '==', value: 4 } }, 'when.value', /put 4 in double quotes/],
  [{ when: { field: 'operation', operator: 'in', values: [{ from: 'a', to: 'b' }] } }, 'when.values.0', /name single texts/],
  [{ when: { field: 'value', operator: 'in', values: [1, { from: 9, to: 3 }] } }, 'when.values.1', /9 to 3 is empty/],
  [{ when: { field: 'source', operator: '==', value: 'here' } }, 'when.value', /source is an address; "here" is none/],
  [
    { when: { any: [GOOD.when ?? { any: [] }, { not: { field: 'value', operator: 'same as', other: 'operation' } }] } },
    'when.any.1.not.other',
    /never the same/,
  ],
  [{ when: { all: [] } }, 'when.all', /at least one condition/],
  [{ from: [{ addresses: '10.0.0.300' }] }, 'from.0', /"10\.0\.0\.300" is no address/],
  [{ to: [{ addresses: '10.0.0.3' }, { group: 'toString' }] }, 'to.1', /no group "toString"\. There are internet, local/],
  [{ schedule: { hours: { from: '8:00', to: '24:30' } } }, 'schedule.hours.from', /"8:00" is no time of day/],
  [{ schedule: { hours: { from: '08:00', to: '08:00' } } }, 'schedule.hours', /two different times/],
  [{ message: '{value} {vale}' }, 'message', /no variable \{vale\}\. There are rule, protocol, time, .*value/],
  [{ message: '' }, 'message', /1 to 1000 characters/],
];

describe('a rule', () => {
  it('that makes sense has no fault', () => assert.deepEqual(checkRule(GOOD, DEFAULT_RULE_SETTINGS), []));

  for (const [change, part, sentence] of FAULTS)
    it(`is refused for its ${part}: ${JSON.stringify(change).slice(0, 80)}`, () => {
      const problems = checkRule({ ...GOOD, ...change }, DEFAULT_RULE_SETTINGS);
      const found = problems.find((problem) => problem.part === part);
      assert.ok(found, JSON.stringify(problems));
      assert.match(found.message, sentence);
    });
});

describe('settings of rules', () => {
  for (const [change, part] of [
    [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ workingHours: { days: [], from: '07:00', to: '18:00' } }, 'workingHours.days'],
    [{ workingHours: { days: ['mon'], from: '7', to: '18:00' } }, 'workingHours.from'],
    [{ groups: { local: ['10.0.0.1'] } }, 'groups.local'],
    [{ groups: { mine: ['10.0.0.1', 'hmi'] } }, 'groups.mine.1'],
  ] as const)
    it(`are refused for ${part}`, () => {
      const problems = checkRuleSettings({ ...DEFAULT_RULE_SETTINGS, ...change });
      assert.deepEqual(
        problems.map((problem) => problem.part),
        [part],
      );
    });
});

describe('the fields that rules may ask for', () => {
  it('of facts are those of protocols whose dissectors tell such facts', () => {
    const source = join(import.meta.dirname, '../../../protocols/src');
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const tells = (fact: string): Set<string> =>
      new Set(
        folders.flatMap(({ name }) =>
          readdirSync(join(source, name))
            .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
            .some((file) => readFileSync(join(source, name, file), 'utf8').includes(`is: '${fact}'`))
            ? [name]
            : [],
        ),
      );
    // COTP tells the name that a client of RDP gives.
    for (const [fact, field] of [
      ['login', 'outcome'],
      ['transfer', 'file'],
      ['remote', 'remote'],
    ])
      for (const protocol of tells(fact))
        if (FIELDS.has(protocol) && protocol !== 'cotp')
          assert.ok(FIELDS.get(protocol)?.fields.has(field), `${protocol} tells of a ${fact}, and rules cannot ask`);
  });

  it('are there for every protocol that has messages, and each says what it is about', () => {
    for (const { id } of Object.values(PROTOCOLS)) {
      if (id === 'ip' || id === 'ethernet' || PROTOCOLS[id as keyof typeof PROTOCOLS]?.index === 0) continue; // ids are the keys
      const known = FIELDS.get(id);
      assert.ok(known, id);
      assert.ok(CONVERSATIONS.has(id) || known.fields.has('code'), id);
      for (const { name, about } of known.fields.values()) {
        assert.match(name, /^[a-z][a-z-]*(\.[a-z-]+)*$/, `${id} ${name}`);
        assert.ok(about.length > 2, `${id} ${name}`);
        assert.ok((known.sources.get(name)?.length ?? 0) > 0, `${id} ${name}`);
      }
    }
  });
});
