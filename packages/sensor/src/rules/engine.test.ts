/** Rules hold for written traffic, or do not: conditions on items, ends, times, and what a rule that holds does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import { host } from '@annunciator/testkit/host';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import { Connection } from '@annunciator/testkit/tcp';
import { MASTER, OTHER, type Raised, raised, SLAVE, type Write } from '../../tests/raised.ts';
import { checkRule } from './check.ts';
import { RULE_ALERT, type RuleMatch } from './engine.ts';
import { parseRuleText } from './parse.ts';
import { DEFAULT_RULE_SETTINGS, type RuleSettings } from './rule.ts';

const FAR = host('far', '8.8.4.4');

/** What a rule with these clauses tells of the traffic. */
function matches(clauses: string, write: Write, settings: RuleSettings = DEFAULT_RULE_SETTINGS): RuleMatch[] {
  const message = clauses.includes('message') ? '' : 'message "x"';
  const rules = parseRuleText(`rule "tested" ${clauses} ${message} end`).rules.map(({ rule }) => rule);
  assert.deepEqual(checkRule(rules[0], settings), []);
  const held: RuleMatch[] = [];
  raised(write, {
    prepare: (sensor) => {
      sensor.setRules(rules, settings);
      sensor.engines.rules.dryRun = (match) => held.push(match);
    },
  });
  return held;
}

/** What a rule text does with the traffic. */
function runs(text: string, write: Write, learned?: Write): Raised {
  const rules = parseRuleText(text).rules.map(({ rule }) => rule);
  return raised(write, { prepare: (sensor) => sensor.setRules(rules), ...(learned ? { learned } : {}) });
}

const writes =
  (...values: readonly number[]): Write =>
  (timeline) =>
    modbus.session(timeline, MASTER, SLAVE).writeRegisters(400, values).close();

/** Clauses, traffic, and how often the rule holds for it. */
const ROWS: readonly (readonly [string, Write, number])[] = [
  // The items of a message are asked about one by one, and a rule holds once for a message.
  ['protocol modbus when address == 400 and value > 900', writes(5, 950), 0],
  ['protocol modbus when address == 401 and value > 900', writes(5, 950), 1],
  ['protocol modbus when value > 900', writes(950, 951, 952), 1],
  ['protocol modbus when role == request and not (value < 100)', writes(5, 6, 7), 0],
  ['protocol modbus when role == request and not (value < 100)', writes(5, 6, 700), 1],
  ['protocol modbus when value not in 5-7 and role == request', writes(5, 6, 7), 0],
  ['protocol modbus when address in 402-410 and function == 16 and role == request', writes(5, 6, 7), 1],
  ['protocol modbus when address in 403-410', writes(5, 6, 7), 0],
  // Several reads and writes of the same session.
  [
    'protocol modbus when function == 3 and role == response and value == 77',
    (timeline) => modbus.session(timeline, MASTER, SLAVE).readHoldingRegisters(0, 3, [1, 2, 77]).readHoldingRegisters(0, 2, [1, 2]).close(),
    1,
  ],
  ['protocol modbus when operation contains "Write"', writes(1), 2],
  ['protocol modbus when operation matches "Write*Registers" and to-server == yes', writes(1), 1],
  ['protocol modbus when (code == 6 or code == 16) and to-server == no', writes(1), 1],
  ['protocol modbus when source.port same as destination.port', writes(1), 0],
  // Ends: the sender and the receiver of the message.
  ['protocol modbus from 10.1.1.10', writes(1), 1],
  ['protocol modbus from 10.1.1.0/28 to 10.1.1.20', writes(1), 1],
  ['protocol modbus to 10.1.1.11 - 10.1.1.19', writes(1), 0],
  ['protocol modbus from 10.9.0.0/16, 10.1.1.20', writes(1), 1],
  ['protocol modbus when role == request from ot', writes(1), 1],
  ['protocol modbus when source in 10.1.1.0/28 and destination != 10.1.1.99', writes(1), 1],
  ['protocol modbus when destination == 167837972', writes(1), 1],
  ['protocol tcp to internet', (timeline) => new Connection(timeline, MASTER, FAR, 443).close(), 1],
  ['protocol tcp to internet', writes(1), 0],
  ['protocol tcp when destination.port in 20-23, 502 from local to local', writes(1), 1],
  [
    's7 values',
    (timeline) => {
      const session = s7.session(timeline, MASTER, SLAVE).setup();
      session.writeDataBlock(5, 10, octets().u16(950).take()).writeDataBlock(6, 10, octets().u16(5).take()).close();
    },
    1,
  ],
  [
    'protocol bacnet when value > 20.5 and value < 21.5 and priority == 8 and type == 2 and instance == 7',
    (timeline) =>
      bacnet
        .session(timeline, MASTER, SLAVE)
        .writeProperty([2, 7], bacnet.Property.PresentValue, bacnet.real(21.25))
        .writeProperty([2, 7], bacnet.Property.PresentValue, bacnet.real(30)),
    1,
  ],
  [
    'protocol cip when tag matches "Pump*" and access == write and value >= 100',
    (timeline) => enip.session(timeline, MASTER, SLAVE).writeTag('Pump1.Speed', 120).writeTag('Valve', 120).writeTag('Pump2', 3).close(),
    1,
  ],
  [
    'protocol dnp3 when code == 4 and group == 12 and point == 7 and control == 3',
    (timeline) => dnp3.session(timeline, MASTER, SLAVE).select(7).operate(7).operate(8).close(),
    1,
  ],
  [
    'protocol iec104 when object in 4000-4009 and cause == 6 and value > 0.5',
    (timeline) => iec104.session(timeline, MASTER, SLAVE).start().setpoint(4003, 0.75).setpoint(4003, 0.25).close(),
    1,
  ],
  [
    'protocol ftp when user == "root" and outcome == failure',
    (timeline) => {
      const text = (value: string): Uint8Array => octets().text(value).take();
      const connection = new Connection(timeline, MASTER, SLAVE, 21);
      connection.response(text('220 ready\r\n')).request(text('USER root\r\n')).response(text('331 Password required\r\n'));
      connection.request(text('PASS x\r\n')).response(text('530 Login incorrect.\r\n')).close();
    },
    1,
  ],
  [
    'protocol dnp3 when deed == "outstation.restart" and deed.phase == "requested"',
    (timeline) => dnp3.session(timeline, MASTER, SLAVE).poll().coldRestart().close(),
    1,
  ],
  [
    'protocol modbus when violation matches "modbus.*"',
    (timeline) => new Connection(timeline, MASTER, SLAVE, 502).request(modbus.adu(1, 1, Uint8Array.of(3, 0, 0, 0xff, 0xff))).close(),
    1,
  ],
];

describe('a rule', () => {
  for (const [clauses, write, count] of ROWS) {
    const text = clauses === 's7 values' ? 'protocol s7comm when area == DB and block == 5 and value in 900-1000' : clauses;
    it(`${count === 1 ? 'holds once' : count === 0 ? 'does not hold' : `holds ${count} times`}: ${text}`, () => {
      const held = matches(text, write);
      assert.equal(held.length, count, held.map(({ frames }) => frames.join()).join(' '));
    });
  }

  it('fills its message with what the message held', () => {
    const [{ message }] = matches(
      'protocol modbus when value > 900 message "{rule}: {source} wrote {value} to {address} of {destination} by {protocol} {operation} ({role}), {{no} {violation}"',
      writes(5, 950),
    );
    assert.equal(message, 'tested: 10.1.1.10 wrote 950 to 401 of 10.1.1.20 by Modbus/TCP Write Multiple Registers (request), {no} -');
  });

  it('holds at the hours of the site, over midnight and across a change of its clocks', () => {
    const at =
      (iso: string): Write =>
      (timeline) => {
        timeline.at(Date.parse(iso) / 1000 - timeline.start);
        writes(1)(timeline);
      };
    const berlin: RuleSettings = {
      timeZone: 'Europe/Berlin',
      workingHours: { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '07:00', to: '17:00' },
      groups: {},
    };
    const holds = (when: string, iso: string): boolean =>
      matches(`protocol modbus when role == request ${when}`, at(iso), berlin).length === 1;
    // Monday; Berlin is two hours ahead of UTC in June.
    assert.equal(holds('inside working hours', '2026-06-08T05:30:00Z'), true);
    assert.equal(holds('inside working hours', '2026-06-08T04:30:00Z'), false);
    assert.equal(holds('outside working hours', '2026-06-08T15:30:00Z'), true);
    assert.equal(holds('outside working hours', '2026-06-13T10:00:00Z'), true, 'on a Saturday');
    // One hour ahead in December.
    assert.equal(holds('inside working hours', '2026-12-07T06:30:00Z'), true);
    assert.equal(holds('inside working hours', '2026-12-07T05:30:00Z'), false);
    // The night from Friday to Saturday belongs to Friday.
    assert.equal(holds('on fri during 22:00 - 06:00', '2026-06-12T23:00:00Z'), true);
    assert.equal(holds('on fri during 22:00 - 06:00', '2026-06-11T23:00:00Z'), false);
    assert.equal(holds('on sat', '2026-06-12T22:30:00Z'), true, 'half past midnight in Berlin');
    assert.equal(holds('during 22:00 - 06:00', '2026-06-12T10:00:00Z'), false);
  });

  it('knows groups that people named', () => {
    const settings = { ...DEFAULT_RULE_SETTINGS, groups: { engineering: ['10.1.1.8/29', '10.7.0.1'] } };
    assert.equal(matches('protocol modbus from group "engineering"', writes(1), settings).length, 1);
    assert.equal(matches('protocol modbus to group "engineering"', writes(1), settings).length, 1, 'the answer goes there');
  });

  it('raises one alert with its message, its severity and the frame, also while learning', () => {
    const { detections, events } = runs(
      'rule "limits" protocol modbus when role == request and value > 900 alert Critical message "{value} is too much" end',
      writes(950),
    );
    const ours = detections.filter(({ type }) => type === 'unauthorized-operation-was-detected-by-a-user-defined-rule');
    assert.equal(ours.length, 1);
    const [{ message, severity, source, destination, frames, parameters, parameterKey, protocol, learn }] = ours;
    assert.deepEqual(
      { message, severity, source: source?.ip, destination: destination?.ip, protocol, learn },
      { message: '950 is too much.', severity: 'Critical', source: '10.1.1.10', destination: '10.1.1.20', protocol: 'modbus', learn: [] },
    );
    assert.deepEqual(frames, [4]);
    assert.equal(parameters['rule'], 'limits');
    assert.equal(parameters['ruleId'], parameterKey);
    assert.equal(events.filter(({ type }) => type === 'USER_DEFINED_RULE_OPERATION').length, 0);
  });

  it('raises its alert once a second for a pair, and counts every time', () => {
    const write: Write = (timeline) => {
      for (let i = 0; i < 4; i++) {
        modbus.session(timeline, MASTER, SLAVE).writeRegister(1, 950).close();
        modbus.session(timeline, OTHER, SLAVE).writeRegister(1, 950).close();
        if (i === 1) timeline.at(2);
      }
    };
    const { detections, sensor } = runs('rule "r" protocol modbus when value > 900 and role == request message "m" end', write);
    assert.equal(detections.filter(({ type }) => type === RULE_ALERT).length, 4);
    const [{ count, last }] = sensor.engines.rules.takeCounts();
    assert.equal(count, 8);
    assert.ok(last > 0n);
    assert.deepEqual(sensor.engines.rules.takeCounts(), []);
    assert.equal(matches('protocol modbus when value > 900 and role == request', write).length, 8, 'as many as a dry run tells');
  });

  it('with the action event writes a line of the timeline, once a minute for a pair', () => {
    const write: Write = (timeline) => {
      for (const seconds of [1, 2, 3, 90]) {
        timeline.at(seconds);
        writes(950)(timeline);
      }
    };
    const { detections, events } = runs(
      'rule "r" protocol modbus when value > 900 and role == request event Minor message "wrote {value}" end',
      write,
    );
    assert.deepEqual(
      detections.filter(({ type }) => type === RULE_ALERT),
      [],
    );
    const ours = events.filter(({ type }) => type === 'USER_DEFINED_RULE_OPERATION');
    assert.deepEqual(
      ours.map(({ content, severity, devices }) => [content, severity, devices.length]),
      [
        ['wrote 950', 'NOTICE', 2],
        ['wrote 950', 'NOTICE', 2],
      ],
    );
  });

  it('that is off, or of another protocol, asks dissectors for nothing', () => {
    for (const [text, wanted] of [
      ['rule "r" disabled protocol modbus when value > 900 message "m" end', 0],
      ['rule "r" protocol s7comm when value > 900 message "m" end', 0],
      ['rule "r" protocol modbus when code == 90 message "m" end', 0],
      ['rule "r" protocol modbus when value > 900 message "m" end', 1],
    ] as const) {
      const rules = parseRuleText(text).rules.map(({ rule }) => rule);
      let details = 0;
      raised(writes(950), {
        prepare: (sensor) => {
          sensor.setRules(rules);
          const { watch } = sensor.engines.rules;
          const { detail } = watch;
          watch.detail = function (...args) {
            details++;
            detail.apply(this, args);
          };
        },
      });
      assert.equal(details > 0, wanted === 1, text);
    }
  });

  it('can be replaced while a sensor runs', () => {
    const [first, second] = ['value > 900', 'value > 999'].map((when) =>
      parseRuleText(`rule "r" protocol modbus when ${when} message "m" end`).rules.map(({ rule }) => rule),
    );
    const { detections } = raised(writes(950), {
      prepare: (sensor) => {
        sensor.setRules(first);
        sensor.setRules(second);
      },
    });
    assert.equal(detections.filter(({ type }) => type === RULE_ALERT).length, 0);
  });

  it('of a protocol with more fields than there is room for still holds by the first of them', () => {
    const many = Array.from({ length: 40 }, (_, i) => `rule "r${i}" protocol http when status == ${i} message "{method}" end`).join('\n');
    assert.doesNotThrow(() => runs(many, writes(1)));
  });
});

/** A learned pair does not silence a rule, and a rule teaches nothing. */
describe('rules and learning', () => {
  it('speak of what was learned', () => {
    const { detections } = runs('rule "r" protocol modbus when value > 900 message "m" end', writes(950), writes(950));
    assert.equal(detections.filter(({ type }) => type === RULE_ALERT).length, 2, 'before and after the end of learning');
  });
});
