import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as arp from '@annunciator/testkit/arp';
import * as dnp3 from '@annunciator/testkit/dnp3';
import { group } from '@annunciator/testkit/host';
import * as icmp from '@annunciator/testkit/icmp';
import * as modbus from '@annunciator/testkit/modbus';
import { unanswered } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { check, MASTER, OTHER, ofType, raised, type Row, SLAVE, times, type Write } from '../../tests/raised.ts';

const READ = modbus.readRequest(3, 0, 2);
const UNRESPONSIVE = 'suspicion-of-unresponsive-modbus-device';
const LOST = 'device-is-suspected-to-be-disconnected-unresponsive';
const SILENT = 'inactive-communication-channel';
const RHYTHM = 'abnormal-periodic-behavior-in-communication-channel';

/** Somebody else is always there, so the sensor is never blind: a ping every five seconds. */
function background(timeline: Timeline, seconds: number): void {
  const { clock } = timeline;
  const begin = clock / 1e9;
  for (let at = begin; at < begin + seconds; at += 5) icmp.echo(timeline.at(at), MASTER, OTHER);
  timeline.atClock(clock);
}

/** 101 polls and more, one a second, each a little early or late. */
function steady(timeline: Timeline, session: modbus.ModbusSession, polls = 105): void {
  times(timeline, polls, 960 + timeline.random.below(60), () => session.readHoldingRegisters(0, 2));
}

/** Polls, then requests that nobody answers. */
function unansweredPolls(count: number, milliseconds: number): Write {
  return (timeline) => {
    background(timeline, 400);
    const session = modbus.session(timeline, MASTER, SLAVE);
    steady(timeline, session, 5);
    timeline.wait(milliseconds);
    times(timeline, count, milliseconds, () => session.ask(READ));
  };
}

const ROWS: readonly Row[] = [
  {
    type: UNRESPONSIVE,
    count: 3,
    write: (timeline, count) => unansweredPolls(count, 1000)(timeline),
    source: SLAVE,
    destination: null,
    message: /left 3 Modbus requests of .* unanswered/,
    holds: SLAVE.address,
    // A serial gateway answers after eight seconds.
    innocent: (timeline) => {
      background(timeline, 100);
      const session = modbus.session(timeline, MASTER, SLAVE);
      steady(timeline, session, 5);
      times(timeline, 6, 1500, () => session.ask(READ));
      session.answer(modbus.registersResponse(3, [1, 2]));
      steady(timeline, session, 20);
    },
  },
  {
    type: LOST,
    by: 'polls',
    count: 8,
    write: (timeline, count) => unansweredPolls(count, 1000)(timeline),
    source: SLAVE,
    destination: null,
    message: /has not answered 8 requests in a row and sends nothing/,
    holds: SLAVE.address,
    // Requests that are too far apart to say anything, and a device that serves another client.
    innocent: (timeline) => {
      unansweredPolls(20, 60_000)(timeline);
      const second = modbus.session(timeline, OTHER, SLAVE);
      const first = modbus.session(timeline, MASTER, SLAVE);
      times(timeline, 30, 1000, () => {
        first.ask(READ);
        second.readHoldingRegisters(0, 2);
      });
    },
  },
  {
    type: LOST,
    by: 'calls',
    count: 8,
    write: (timeline, count) => {
      background(timeline, 100);
      steady(timeline, modbus.session(timeline, MASTER, SLAVE), 3);
      timeline.wait(5000);
      times(timeline, count, 1000, () => unanswered(timeline, MASTER, SLAVE, 502));
    },
    source: SLAVE,
    message: /8 requests in a row/,
    holds: SLAVE.address,
    // The sensor sees the client's side only, and what the device broadcasts.
    innocent: (timeline) => {
      background(timeline, 100);
      arp.announce(timeline, SLAVE);
      times(timeline, 30, 1000, () => unanswered(timeline, MASTER, SLAVE, 502));
    },
  },
  {
    type: RHYTHM,
    by: 'faster',
    count: 10,
    write: (timeline, count) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      steady(timeline, session);
      times(timeline, count, 300, () => session.readHoldingRegisters(0, 2));
    },
    source: MASTER,
    destination: SLAVE,
    message: /at another rhythm: 10 polls in a row off the period of (9|1)/,
    // Jitter of a third, a pause now and then, and an operator who writes a lot.
    innocent: (timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      times(timeline, 300, 800, (turn) => {
        session.readHoldingRegisters(0, 2);
        timeline.wait(timeline.random.below(400) + (turn % 50 === 49 ? 5000 : 0));
        if (turn > 150) times(timeline, 12, 5, () => session.writeRegister(9, turn));
      });
    },
  },
  {
    type: RHYTHM,
    by: 'slower, DNP3',
    count: 10,
    write: (timeline, count) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      times(timeline, 105, 1000, () => session.poll());
      times(timeline, count, 2500, () => session.poll());
    },
    source: MASTER,
    destination: SLAVE,
    message: /the period of 1\.0 s|the period of 9\d\d ms/,
  },
];

describe('channels', () => {
  for (const row of ROWS) it(`${row.type} rises at ${row.count} and not below${row.by ? ` (${row.by})` : ''}`, () => check(row));

  /** A steady channel, then silence for so long while others go on. */
  const silence =
    (seconds: number, polls = 105): Write =>
    (timeline) => {
      background(timeline, polls + seconds + 10);
      const session = modbus.session(timeline, MASTER, SLAVE);
      times(timeline, polls, 1000, () => session.readHoldingRegisters(0, 2));
      timeline.wait(seconds * 1000);
      session.readHoldingRegisters(0, 2);
      steady(timeline, session, 5);
    };

  it('notices a steady channel that falls silent for a minute beyond its period', () => {
    const [detection, ...more] = ofType(raised(silence(90)), SILENT);
    assert.deepEqual(more, []);
    assert.equal(detection.source?.ip, MASTER.ip);
    assert.equal(detection.destination?.ip, SLAVE.ip);
    assert.match(detection.message, /stopped polling .* the period was (1\.0 s|9\d\d ms)/);
    assert.deepEqual(ofType(raised(silence(55)), SILENT), [], 'a minute is allowed');
    assert.deepEqual(ofType(raised(silence(90, 60)), SILENT), [], 'a channel without a learned period');
  });

  it('does not blame channels when the sensor itself saw nothing', () => {
    const result = raised((timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      steady(timeline, session);
      timeline.wait(3_600_000);
      icmp.echo(timeline, OTHER, MASTER);
      steady(timeline, session, 20);
    });
    assert.deepEqual(ofType(result, SILENT), []);
    assert.deepEqual(ofType(result, RHYTHM), []);
  });

  it('says nothing about what is unanswered when the capture ends', () => {
    const result = raised((timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      steady(timeline, session, 20);
      times(timeline, 3, 500, () => session.ask(READ));
    });
    assert.deepEqual([...ofType(result, UNRESPONSIVE), ...ofType(result, LOST)], []);
  });

  it('expects no answer to a broadcast', () => {
    const result = raised((timeline) => {
      background(timeline, 60);
      const all = modbus.session(timeline, MASTER, group('10.1.1.255'), { established: true });
      times(timeline, 20, 1000, () => all.ask(READ));
    });
    assert.deepEqual([...ofType(result, UNRESPONSIVE), ...ofType(result, LOST)], []);
  });

  it('writes an event when a lost device is back', () => {
    const result = raised((timeline) => {
      unansweredPolls(10, 1000)(timeline);
      timeline.wait(20_000);
      steady(timeline, modbus.session(timeline, MASTER, SLAVE), 3);
    });
    assert.equal(ofType(result, LOST).length, 1);
    assert.equal(result.events.filter(({ type }) => type === 'BACK_TO_NORMAL').length, 1);
  });

  it('learns another rhythm on request', () => {
    const faster: Write = (timeline) => {
      const session = modbus.session(timeline, MASTER, SLAVE);
      steady(timeline, session);
      times(timeline, 12, 300, () => session.readHoldingRegisters(0, 2));
    };
    const [detection] = ofType(raised(faster), RHYTHM);
    assert.deepEqual(
      detection.learn.map(({ aspect, source, destination }) => [aspect, source, destination]),
      [['channel.rhythm', MASTER.ip, SLAVE.ip]],
    );
  });
});
