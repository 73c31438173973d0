/** Rules as text: what is read, what is refused and where, and that written rules are read as they were. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SEVERITIES } from '@annunciator/core/alert';
import fc from 'fast-check';
import { ruleDocument, rulesText } from './format.ts';
import { idOfName, parseRuleText } from './parse.ts';
import { parseCondition } from './parse-condition.ts';
import {
  BUILT_IN_GROUPS,
  type Condition,
  DAYS,
  type End,
  NUMBER_OPERATORS,
  type Rule,
  type RuleRange,
  type RuleSettings,
  type RuleValue,
} from './rule.ts';
import { RuleTextError } from './tokens.ts';

const EXAMPLE = `# limits of the mixing tank
rule "Setpoint out of its limits"
  protocol modbus
  when function in 6, 16 and address in 400-499 and (value > 900 or value < 10)
  from 10.20.10.0/24, 10.20.11.5 - 10.20.11.9, group "engineering"
  to 10.20.10.42
  on mon-fri, sun
  during 22:00 - 6:00
  outside working hours
  alert Critical
  message "{source} wrote {value} to register {address}"   # of {destination}
end`;

describe('rule text', () => {
  it('says what a rule says', () => {
    const [{ rule, line, column }] = parseRuleText(EXAMPLE).rules;
    assert.deepEqual([line, column], [2, 6]);
    const expected: Rule = {
      id: idOfName('Setpoint out of its limits'),
      name: 'Setpoint out of its limits',
      enabled: true,
      protocol: 'modbus',
      when: {
        all: [
          { field: 'function', operator: 'in', values: [6, 16] },
          { field: 'address', operator: 'in', values: [{ from: 400, to: 499 }] },
          {
            any: [
              { field: 'value', operator: '>', value: 900 },
              { field: 'value', operator: '<', value: 10 },
            ],
          },
        ],
      },
      from: [{ addresses: '10.20.10.0/24' }, { addresses: '10.20.11.5-10.20.11.9' }, { group: 'engineering' }],
      to: [{ addresses: '10.20.10.42' }],
      schedule: { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sun'], hours: { from: '22:00', to: '06:00' }, working: 'outside' },
      action: { kind: 'alert', severity: 'Critical', packets: true },
      message: '{source} wrote {value} to register {address}',
    };
    assert.deepEqual(rule, expected);
  });

  const conditions: readonly (readonly [string, Condition])[] = [
    ['value == -3', { field: 'value', operator: '==', value: -3 }],
    ['value in -3--1', { field: 'value', operator: 'in', values: [{ from: -3, to: -1 }] }],
    ['value in 1-3', { field: 'value', operator: 'in', values: [{ from: 1, to: 3 }] }],
    ['value not in 0x10, 2.5e3', { field: 'value', operator: 'not in', values: [16, 2500] }],
    ['area == DB', { field: 'area', operator: '==', value: 'DB' }],
    ['tag contains "Pump"', { field: 'tag', operator: 'contains', value: 'Pump' }],
    ['tag matches "Pump*.Speed"', { field: 'tag', operator: 'matches', value: 'Pump*.Speed' }],
    ['source != FE80::1', { field: 'source', operator: '!=', value: 'fe80::1' }],
    ['client == 00:1B:1b:1e:2f:30', { field: 'client', operator: '==', value: '00:1b:1b:1e:2f:30' }],
    ['source.port same as destination.port', { field: 'source.port', operator: 'same as', other: 'destination.port' }],
    [
      'not a == 1 and b == 2 or c == 3',
      {
        any: [
          {
            all: [{ not: { field: 'a', operator: '==', value: 1 } }, { field: 'b', operator: '==', value: 2 }],
          },
          { field: 'c', operator: '==', value: 3 },
        ],
      },
    ],
  ];
  for (const [text, expected] of conditions) it(`reads ${text}`, () => assert.deepEqual(parseCondition(text), expected));

  /** The text, the place of the fault, and words of the sentence about it. */
  const faults: readonly (readonly [string, number, number, RegExp])[] = [
    ['role "x"', 1, 1, /Expected "rule", "group", "working hours" or "time zone", but here is "role"/],
    ['rule x', 1, 6, /the name of the rule in double quotes/],
    ['rule "x"\n  protocol 7', 2, 12, /the id of a protocol, such as modbus/],
    ['rule "x"\n  protocol modbus\nend', 1, 6, /The rule "x" has no message/],
    ['rule "x" message "m" end', 1, 6, /has no protocol/],
    ['rule "x"\n  when value >\nend', 3, 1, /Expected a number, a text in double quotes, an address or a word, but here is "end"/],
    ['rule "x"\n  when (value > 1\n  message "m"', 3, 3, /Expected "\)", "and" or "or", but here is "message"/],
    ['rule "x"\n  when value ~ 1', 2, 14, /"~" means nothing here/],
    ['rule "x"\n  message "m', 2, 11, /no closing quote/],
    ['rule "x"\n  message "a\\q"', 2, 11, /as in JSON/],
    ['rule "x"\n  on mon, funday', 2, 11, /a day: mon, tue/],
    ['rule "x"\n  during 25:00 - 26:00', 2, 10, /a time of day such as 18:30/],
    ['rule "x"\n  inside office hours', 2, 10, /"working hours"/],
    ['rule "x"\n  alert Fatal', 2, 9, /a severity: Critical, Major, Minor, Warning/],
    ['rule "x"\n  alert Major event Minor', 2, 15, /two clauses of the kind "event"/],
    ['rule "x"\n  from everywhere', 2, 8, /an address, a subnet, group "name", or one of internet/],
    ['rule "x"\n  colour red', 2, 3, /Expected protocol, when, from/],
    ['working week', 1, 9, /"hours" after "working"/],
    ['time zone Berlin', 1, 11, /the name of a time zone in double quotes/],
    ['group "g" 10.0.0.1, here', 1, 21, /an address, but here is "here"/],
    ['group "g" 10.0.0.1\ngroup "g" 10.0.0.2', 2, 1, /two groups with the name "g"/],
    ['rule "x" protocol modbus message "m" end\nrule "x" protocol modbus message "m" end', 2, 6, /two rules with the name "x"/],
    ['rule "x" id "1" protocol modbus message "m" end rule "y" id "1" protocol modbus message "m" end', 1, 54, /two rules with the id "1"/],
    ['rule "x"', 1, 9, /the end of the text/],
    [`rule "x" when ${'not '.repeat(40)}a == 1`, 1, 147, /more than 32 deep/],
  ];
  for (const [text, line, column, sentence] of faults)
    it(`names the place of what is wrong in ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.throws(
        () => parseRuleText(text),
        (error) => {
          assert.ok(error instanceof RuleTextError);
          assert.match(error.message, sentence);
          assert.deepEqual([error.line, error.column], [line, column], error.message);
          return true;
        },
      );
    });

  const value: fc.Arbitrary<RuleValue> = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.string(),
    fc.constantFrom('10.0.0.1', '10.0.0.0/8', 'fe80::1', '::.5', ':::', '00:11:22:33:44:55', 'and', 'DB'),
  );
  const range: fc.Arbitrary<RuleRange> = fc.oneof(value, fc.record({ from: value, to: value }));
  const field = fc.constantFrom('value', 'source.port', 'to-server', 'user_agent');
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 4 },
      fc.record({ field, operator: fc.constantFrom(...NUMBER_OPERATORS, 'contains' as const, 'matches' as const), value }),
      fc.record({
        field,
        operator: fc.constantFrom('in' as const, 'not in' as const),
        values: fc.array(range, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ field, operator: fc.constant('same as' as const), other: field }),
      fc.record({ not: tie('condition') }),
      fc.record({ all: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }),
      fc.record({ any: fc.array(tie('condition'), { minLength: 2, maxLength: 3 }) }),
    ),
  }));
  const end: fc.Arbitrary<End> = fc.oneof(
    fc.record({ addresses: fc.constantFrom('10.0.0.1', '10.0.0.0/8', '10.0.0.1-10.0.0.9', 'fd00::/64', '00:11:22:33:44:55') }),
    fc.record({ group: fc.oneof(fc.string(), fc.constantFrom(...Object.keys(BUILT_IN_GROUPS))) }),
  );
  const time = fc.tuple(fc.nat(23), fc.nat(59)).map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const schedule = fc.record(
    {
      days: fc.subarray([...DAYS], { minLength: 1 }),
      hours: fc.record({ from: time, to: time }),
      working: fc.constantFrom('inside' as const, 'outside' as const),
    },
    { requiredKeys: [] },
  );
  const action = fc.oneof(
    fc.record({ kind: fc.constant('alert' as const), severity: fc.constantFrom(...SEVERITIES), packets: fc.constant(true) }),
    fc.record({ kind: fc.constant('event' as const), severity: fc.constantFrom(...SEVERITIES), packets: fc.boolean() }),
  );
  const rule: fc.Arbitrary<Rule> = fc.record({
    id: fc.nat().map((number) => number.toString(16)),
    name: fc.string(),
    enabled: fc.boolean(),
    protocol: fc.constantFrom('modbus', 's7comm-plus'),
    when: fc.option(condition),
    from: fc.array(end, { maxLength: 3 }),
    to: fc.array(end, { maxLength: 3 }),
    schedule: fc.option(schedule).map((some) => (some && Object.keys(some).length > 0 ? some : null)),
    action,
    message: fc.string({ minLength: 1 }),
  });

  const settings: fc.Arbitrary<RuleSettings> = fc.record({
    timeZone: fc.constantFrom('UTC', 'America/New_York'),
    workingHours: fc.record({ days: fc.subarray([...DAYS], { minLength: 1 }), from: time, to: time }),
    groups: fc.dictionary(fc.string(), fc.array(fc.constantFrom('10.0.0.1', '10.0.0.1-10.0.0.9', 'fd00::/64'), { minLength: 1 })),
  });

  it('is read as it was written, with what rules share', () => {
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 1 }), settings, (made, shared) => {
        const plain = JSON.parse(JSON.stringify({ made, shared })) as { made: Rule[]; shared: RuleSettings }; // only without null prototypes
        const text = ruleDocument(plain.made, plain.shared);
        const read = parseRuleText(text);
        assert.deepEqual({ made: read.rules.map((placed) => placed.rule), shared: read.settings }, plain, text);
      }),
    );
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(rule, { maxLength: 3, comparator: (one, other) => one.name === other.name || one.id === other.id }),
        (made) => {
          const rules: readonly Rule[] = JSON.parse(JSON.stringify(made)) as Rule[]; // only without null prototypes
          const text = rulesText(rules);
          const read = parseRuleText(text).rules.map((placed) => placed.rule);
          assert.deepEqual(read, rules, text);
          assert.equal(rulesText(read), text);
        },
      ),
    );
  });
});
