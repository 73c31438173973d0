/** Each boundary of custom alerts by an example of its own; `tests/` has what holds for all of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionCreate, login, processCreate, securityMessage, type WrittenEvent } from '@annunciator/testkit/security-message';
import { factsOf } from '../agent/agent-fact.ts';
import { readSecurityMessage } from '../agent/security-message.ts';
import { ruleNumber } from '../custom-alerts/rule-types.ts';
import type { Rule } from '../groups/security-group.ts';
import type { Finding } from './finding.ts';
import { GRACE } from './compiled-rule.ts';
import { PartitionEvaluation } from './partition-evaluation.ts';

const TEN = Date.UTC(2026, 10, 26, 10);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SENT = 'MqttD2CMessagesNotInAllowedRange';

class Bench {
  #version = 0;
  readonly told: Finding[] = [];
  readonly evaluation = new PartitionEvaluation((finding) => this.told.push(finding));

  constructor(rules: readonly Rule[], savedAt = TEN - HOUR) {
    this.evaluation.setDevice('pump-1', { group: 'Pumps', enabled: true, agentMinutes: 300 }, TEN - 2 * HOUR);
    this.save(rules, savedAt);
  }

  save(rules: readonly Rule[], savedAt: number, name = 'pumps'): void {
    this.evaluation.setGroup({ name, version: ++this.#version, savedAt, savedBy: 'anna', rules });
    this.evaluation.advance(savedAt);
  }

  send(time: number, times = 1, device = 'pump-1'): void {
    for (let at = 0; at < times; at++) this.evaluation.count(device, ruleNumber(SENT) ?? -1, time, 1);
  }

  report(arrived: number, ...events: WrittenEvent[]): void {
    const read = readSecurityMessage(securityMessage(...events));
    assert.ok('events' in read, 'reason' in read ? read.reason : '');
    this.evaluation.agentFacts('pump-1', factsOf(read.events), arrived);
  }

  /** Findings as they stand, each told last. */
  get findings(): Finding[] {
    return [...new Map(this.told.map((finding) => [finding.id, finding])).values()];
  }

  get counts(): string[] {
    return this.findings.map(({ bound, count, windowStart }) => `${bound} ${count} ${new Date(windowStart).toISOString().slice(11, 16)}`);
  }
}

function range(
  minThreshold: number,
  maxThreshold: number,
  timeWindowSize = 'PT5M',
  ruleType = SENT,
  alertName: string | null = null,
): Rule {
  return { ruleType, isEnabled: true, alertName, minThreshold, maxThreshold, timeWindowSize };
}

function list(ruleType: string, ...allowlistValues: string[]): Rule {
  return { ruleType, isEnabled: true, alertName: null, allowlistValues };
}

test('the upper bound belongs to the range, and one more is told at once', () => {
  const bench = new Bench([range(0, 3)]);
  bench.send(TEN + 1000, 3);
  assert.deepEqual(bench.counts, []);
  bench.send(TEN + 2000);
  assert.equal(bench.told.length, 1);
  assert.deepEqual(
    { ...bench.told[0], id: '' },
    {
      id: '',
      alertType: `IoT_CA_${SENT}`,
      deviceId: 'pump-1',
      group: 'pumps',
      ruleType: SENT,
      alertName: null,
      bound: 'max',
      time: TEN + 2000,
      count: 4,
      final: false,
      windowStart: TEN,
      windowEnd: TEN + 5 * MINUTE,
      range: { min: 0, max: 3, size: 'PT5M' },
      value: null,
    },
  );
});

test('a window is told once, and its last count at its end', () => {
  const bench = new Bench([range(0, 1)]);
  bench.send(TEN, 5);
  bench.evaluation.advance(TEN + 5 * MINUTE + GRACE);
  assert.deepEqual(
    bench.told.map(({ count, final }) => [count, final]),
    [
      [2, false],
      [5, true],
    ],
  );
  assert.equal(bench.findings.length, 1);
});

test('the lower bound belongs to the range, and fewer is told when the window and its grace are over', () => {
  const bench = new Bench([range(2, 9)], TEN);
  bench.send(TEN + 1000, 2);
  bench.evaluation.advance(TEN + 5 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, []);
  bench.send(TEN + 6 * MINUTE);
  bench.evaluation.advance(TEN + 10 * MINUTE + GRACE - 1);
  assert.deepEqual(bench.counts, []);
  bench.evaluation.advance(TEN + 10 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, ['min 1 10:05']);
});

test('a device that never sent anything is told; a lower bound of 0 tells nothing', () => {
  const silent = new Bench([range(1, 9)], TEN);
  silent.evaluation.advance(TEN + 5 * MINUTE + GRACE);
  assert.deepEqual(silent.counts, ['min 0 10:00']);
  const content = new Bench([range(0, 0)], TEN);
  content.evaluation.advance(TEN + HOUR);
  assert.deepEqual(content.counts, []);
});

test('a range of 0 to 0 allows nothing', () => {
  const bench = new Bench([range(0, 0)]);
  bench.send(TEN);
  assert.deepEqual(bench.counts, ['max 1 10:00']);
});

test('windows are those of the clock in UTC, and the next one begins at its boundary', () => {
  const bench = new Bench([range(0, 1)]);
  bench.send(TEN + 5 * MINUTE - 1);
  bench.send(TEN + 5 * MINUTE, 2);
  assert.deepEqual(bench.counts, ['max 2 10:05']);
});

test('what arrives in the grace of a window still counts for it', () => {
  const bench = new Bench([range(1, 9)], TEN);
  bench.evaluation.advance(TEN + 5 * MINUTE + 10_000);
  bench.send(TEN + 5 * MINUTE - 1);
  bench.evaluation.advance(TEN + 6 * MINUTE);
  assert.deepEqual(bench.counts, []);
});

test('a rule that is saved in the middle of a window is not judged for too few in it', () => {
  const bench = new Bench([range(1, 9)], TEN + 2 * MINUTE);
  bench.evaluation.advance(TEN + 5 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, []);
  bench.evaluation.advance(TEN + 10 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, ['min 0 10:05']);
});

test('what was counted before a change of the range counts for the new one', () => {
  const bench = new Bench([range(0, 9)]);
  bench.send(TEN, 3);
  bench.save([range(0, 3)], TEN + MINUTE);
  bench.send(TEN + 2 * MINUTE);
  assert.deepEqual(bench.counts, ['max 4 10:00']);
});

test('a device that was created or enabled in the middle of a window is not judged for too few in it', () => {
  const bench = new Bench([range(1, 9)], TEN);
  bench.send(TEN + MINUTE);
  bench.evaluation.setDevice('pump-2', { group: 'pumps', enabled: true, agentMinutes: 300 }, TEN + 6 * MINUTE);
  bench.send(TEN + 7 * MINUTE);
  bench.evaluation.advance(TEN + 10 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, []);
  bench.evaluation.setDevice('pump-1', { group: 'pumps', enabled: false, agentMinutes: 300 }, TEN + 11 * MINUTE);
  bench.send(TEN + 12 * MINUTE, 1, 'pump-2');
  bench.evaluation.advance(TEN + 15 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, [], 'a disabled device is silent and may be');
  bench.evaluation.setDevice('pump-1', { group: 'pumps', enabled: true, agentMinutes: 300 }, TEN + 16 * MINUTE);
  bench.send(TEN + 17 * MINUTE, 1, 'pump-2');
  bench.evaluation.advance(TEN + 20 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, [], 'it was enabled in this window');
  bench.send(TEN + 21 * MINUTE, 1, 'pump-2');
  bench.evaluation.advance(TEN + 25 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, ['min 0 10:20']);
});

test('a device that changes its group in a window stays in the old one until the window ends', () => {
  const bench = new Bench([range(0, 2)]);
  bench.save([range(0, 9)], TEN - HOUR, 'valves');
  bench.send(TEN, 2);
  bench.evaluation.setDevice('pump-1', { group: 'VALVES', enabled: true, agentMinutes: 300 }, TEN + MINUTE);
  bench.send(TEN + 2 * MINUTE);
  assert.deepEqual(bench.counts, ['max 3 10:00']);
  bench.send(TEN + 5 * MINUTE, 9);
  assert.deepEqual(bench.counts, ['max 3 10:00']);
  bench.send(TEN + 6 * MINUTE);
  assert.deepEqual(bench.counts, ['max 3 10:00', 'max 10 10:05']);
  assert.deepEqual(
    bench.findings.map(({ group }) => group),
    ['pumps', 'valves'],
  );
});

test('a device that goes on to a third group at once is still judged by what it sent in the window of the first', () => {
  const bench = new Bench([range(3, 9)], TEN);
  bench.save([range(1, 9, 'PT15M')], TEN, 'Valves');
  bench.send(TEN + 1000, 3);
  bench.evaluation.setDevice('pump-1', { group: 'Idle', enabled: true, agentMinutes: 300 }, TEN + 2000);
  bench.evaluation.setDevice('pump-1', { group: 'Valves', enabled: true, agentMinutes: 300 }, TEN + 5 * MINUTE + 1000);
  bench.evaluation.advance(TEN + 5 * MINUTE + GRACE);
  assert.deepEqual(bench.counts, []);
});

test('a rule of another window counts a device anew that waits for its window to end', () => {
  const bench = new Bench([range(0, 0, 'PT1M')]);
  bench.save([range(0, 0, 'PT10M')], TEN - HOUR, 'Valves');
  bench.send(TEN + 1000);
  bench.evaluation.setDevice('pump-1', { group: 'Valves', enabled: true, agentMinutes: 300 }, TEN + 2000);
  bench.save([], TEN + MINUTE);
  bench.send(TEN + MINUTE + 1000);
  assert.deepEqual(bench.counts, ['max 1 10:00', 'max 1 10:00']);
});

test('windows that the hub did not see as a whole are not judged for too few, the others are', () => {
  const bench = new Bench([range(1, 9)], TEN);
  bench.send(TEN + MINUTE);
  bench.evaluation.advance(TEN + 7 * MINUTE);
  bench.evaluation.gap({ from: TEN + 7 * MINUTE, to: TEN + 62 * MINUTE });
  bench.evaluation.advance(TEN + 71 * MINUTE);
  assert.deepEqual(bench.counts, ['min 0 11:05']);
});

test('a clock that is set forward and back raises nothing by itself, and counting goes on', () => {
  const bench = new Bench([range(1, 3)], TEN);
  bench.send(TEN + MINUTE);
  bench.evaluation.clockSet(TEN + 2 * MINUTE, TEN + 3 * HOUR);
  bench.send(TEN + 3 * HOUR + MINUTE);
  bench.evaluation.clockSet(TEN + 3 * HOUR + 2 * MINUTE, TEN + 4 * MINUTE);
  bench.send(TEN + 4 * MINUTE, 2);
  assert.deepEqual(bench.counts, []);
  bench.send(TEN + 4 * MINUTE);
  assert.deepEqual(bench.counts, ['max 4 10:00']);
  bench.evaluation.advance(TEN + 3 * HOUR);
  assert.deepEqual(bench.counts, ['max 4 10:00']);
});

test('counts different connections, however often each is reported', () => {
  const bench = new Bench([range(0, 2, 'PT5M', 'ActiveConnectionsNotInAllowedRange')]);
  const to = (remote: string, localPort = 40_000): WrittenEvent => connectionCreate(TEN, 'Out', remote, 443, localPort);
  bench.report(TEN + MINUTE, to('10.0.0.1'), to('10.0.0.1'), to('10.0.0.1', 40_001), to('10.0.0.2'));
  assert.deepEqual(bench.counts, []);
  bench.report(TEN + MINUTE, to('10.0.0.3'));
  assert.deepEqual(bench.counts, ['max 3 10:00']);
});

test('what an agent sends late counts for the time at which it happened', () => {
  const bench = new Bench([range(1, 1, 'PT5M', 'FailedLocalLoginsNotInAllowedRange')], TEN);
  bench.evaluation.advance(TEN + 9 * HOUR);
  assert.deepEqual(bench.counts, [], 'an agent that sends every five hours may be ten hours late');
  bench.report(TEN + 9 * HOUR, login(TEN + MINUTE, 'eve', 'Fail'), login(TEN + 2 * MINUTE, 'eve', 'Fail'));
  assert.deepEqual(bench.counts, ['max 2 10:00']);
  bench.evaluation.advance(TEN + 5 * MINUTE + 10 * HOUR);
  assert.deepEqual(bench.counts, ['max 2 10:00']);
  bench.evaluation.advance(TEN + 10 * MINUTE + 10 * HOUR);
  assert.deepEqual(bench.counts, ['max 2 10:00', 'min 0 10:05']);
  bench.report(TEN + 10 * MINUTE + 10 * HOUR, login(TEN + MINUTE, 'eve', 'Fail'));
  assert.equal(bench.evaluation.omissions.tooLate, 1);
});

test('only failed logins at the device count as local', () => {
  const bench = new Bench([range(0, 0, 'PT5M', 'FailedLocalLoginsNotInAllowedRange')]);
  bench.report(TEN, login(TEN, 'eve', 'Fail', '10.0.0.9'), login(TEN, 'eve', 'Success'));
  assert.deepEqual(bench.counts, []);
  bench.report(TEN, login(TEN, 'eve', 'Fail', '127.0.0.1'));
  assert.deepEqual(bench.counts, ['max 1 10:00']);
});

test('addresses that are in no allowed network are told, those of the device itself never', () => {
  const bench = new Bench([
    list('ConnectionToIpNotAllowed', '10.0.0.77/8', 'fd00::/8', '192.0.2.1'),
    list('ConnectionFromIpNotAllowed', '10.1.0.0/16'),
  ]);
  const to = ['10.255.255.255', 'fd12::1', '192.0.2.1', '127.0.0.1', '::1', '::ffff:10.0.0.1'].map((remote) =>
    connectionCreate(TEN, 'Out', remote),
  );
  bench.report(TEN, ...to, connectionCreate(TEN, 'In', '10.1.255.1'));
  assert.deepEqual(bench.findings, []);
  bench.report(
    TEN,
    connectionCreate(TEN, 'Out', '192.0.2.2'),
    connectionCreate(TEN, 'In', '10.2.0.1'),
    connectionCreate(TEN, 'Out', '2001:db8::1'),
  );
  assert.deepEqual(
    bench.findings.map(({ ruleType, value }) => [ruleType, value]),
    [
      ['ConnectionToIpNotAllowed', '192.0.2.2'],
      ['ConnectionFromIpNotAllowed', '10.2.0.1'],
      ['ConnectionToIpNotAllowed', '2001:db8::1'],
    ],
  );
});

test('a list without values allows nothing', () => {
  const bench = new Bench([list('ConnectionToIpNotAllowed')]);
  bench.report(TEN, connectionCreate(TEN, 'Out', '10.0.0.1'));
  assert.equal(bench.findings.length, 1);
});

test('users and processes are compared exactly, processes by name or by path', () => {
  const bench = new Bench([list('LocalUserNotAllowed', 'anna'), list('ProcessNotAllowed', 'sshd', '/opt/plant/run')]);
  bench.report(
    TEN,
    login(TEN, 'anna', 'Success'),
    login(TEN, 'eve', 'Fail'),
    processCreate(TEN, '/usr/sbin/sshd'),
    processCreate(TEN, '/opt/plant/run'),
  );
  assert.deepEqual(bench.findings, []);
  bench.report(TEN, login(TEN, 'Anna', 'Success'), processCreate(TEN, '/tmp/run'));
  assert.deepEqual(
    bench.findings.map(({ value }) => value),
    ['Anna', '/tmp/run'],
  );
});

test('a value is told once a day, and how often it came', () => {
  const bench = new Bench([list('ProcessNotAllowed')]);
  bench.report(TEN, processCreate(TEN, '/bin/nc', 3));
  bench.report(TEN + HOUR, processCreate(TEN + HOUR, '/bin/nc', 4));
  bench.report(TEN + 2 * HOUR, processCreate(TEN + 2 * HOUR, '/bin/nc'));
  bench.evaluation.advance(TEN + 3 * HOUR);
  assert.deepEqual(
    bench.findings.map(({ count }) => count),
    [8],
  );
  bench.report(TEN + 14 * HOUR, processCreate(TEN + 14 * HOUR, '/bin/nc'));
  assert.equal(bench.findings.length, 2);
});

test('lists follow a change of the group at once', () => {
  const bench = new Bench([list('ProcessNotAllowed')]);
  bench.save([list('ProcessNotAllowed', 'nc')], TEN - HOUR, 'valves');
  bench.evaluation.setDevice('pump-1', { group: 'valves', enabled: true, agentMinutes: 300 }, TEN);
  bench.report(TEN + 1, processCreate(TEN, '/bin/nc'));
  assert.deepEqual(bench.findings, []);
});

test('a group without rules raises nothing, also when the default group has some', () => {
  const bench = new Bench([]);
  bench.save([range(1, 1)], TEN, 'default');
  bench.send(TEN, 5);
  bench.evaluation.advance(TEN + HOUR);
  assert.deepEqual(bench.findings, []);
});

test('what names no device of the hub counts for nobody', () => {
  const bench = new Bench([range(0, 0)]);
  bench.send(TEN, 1, 'stranger');
  assert.deepEqual(bench.findings, []);
  assert.equal(bench.evaluation.omissions.unknownDevices, 1);
});
