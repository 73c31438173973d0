import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Detection } from '@annunciator/core/alert';
import { SECOND } from '@annunciator/core/time';
import type { InterfaceReport } from '@annunciator/packet/live/live-reader';
import { Packet } from '@annunciator/packet/packet';
import { host, type Host } from '@annunciator/testkit/host';
import * as icmp from '@annunciator/testkit/icmp';
import * as modbus from '@annunciator/testkit/modbus';
import { Connection } from '@annunciator/testkit/tcp';
import { DEFAULT_START, type TimedPacket, Timeline } from '@annunciator/testkit/timeline';
import { HMI, PLC, STATION } from '../../tests/sense.ts';
import { Sensor } from '../sensor.ts';
import { findingsOf } from './findings.ts';
import { HealthWatch, type SensorHealth } from './health.ts';

const TEXT = Buffer.from('nobody knows this protocol, and nobody ever will: it is made up for this test');

function healthOf(packets: readonly TimedPacket[], interfaces: readonly InterfaceReport[] = []): SensorHealth {
  const sensor = new Sensor({ report: () => undefined });
  const watch = new HealthWatch(sensor);
  const packet = new Packet();
  packets.forEach(({ seconds, nanoseconds, frame }, i) => {
    const { length } = frame;
    Object.assign(packet, { bytes: frame, start: 0, end: length, wireLength: length, frame: i + 1, seconds, nanoseconds, linkType: 1 });
    sensor.take(packet);
    watch.packet(packet);
  });
  return watch.report(interfaces, 0, '');
}

/** Sessions of Modbus, each with some polls. */
function polls(count: number): Timeline {
  const timeline = new Timeline();
  for (let i = 0; i < count; i++) modbus.session(timeline, HMI, PLC).readHoldingRegisters(0, 2).readHoldingRegisters(8, 2);
  return timeline;
}

const sentBy =
  (one: Host) =>
  (packet: TimedPacket): boolean =>
    Buffer.compare(packet.frame.subarray(6, 12), one.mac) === 0;

const UP: InterfaceReport = {
  name: 'eth1',
  method: 'ring',
  reason: null,
  state: 'up',
  packets: 1000,
  bytes: 100_000,
  kernelDrops: 0,
  cardDrops: 0,
  lastPacket: 1n,
  quiet: 1,
};

describe('the health of a sensor', () => {
  test('is good when all of the traffic is there', () => {
    const health = healthOf(polls(20).packets, [UP]);
    assert.deepEqual(findingsOf(health), []);
    assert.deepEqual([health.oneSided.flows, health.oneSided.oneSided, health.undecoded.undecoded, health.clock.steps], [20, 0, 0, 0]);
  });

  test('tells of a mirror that copies one direction, with an example', () => {
    const health = healthOf(polls(12).packets.filter(sentBy(HMI)));
    assert.deepEqual([health.oneSided.flows, health.oneSided.oneSided, health.oneSided.examples.length], [12, 12, 10]);
    const [example] = health.oneSided.examples;
    assert.deepEqual([example.from, example.to, example.toPort], [HMI.ip, PLC.ip, 502]);
    assert.match(
      findingsOf(health)[0].sentence,
      /^Of 12 TCP connections 12 are seen in one direction only, such as 10\.1\.1\.10 to 10\.1\.1\.20 port 502\./,
    );
    const answers = healthOf(polls(12).packets.filter(sentBy(PLC)));
    assert.equal(answers.oneSided.oneSided, 12);
    assert.deepEqual([answers.oneSided.examples[0].from, answers.oneSided.examples[0].fromPort], [PLC.ip, 502]);
  });

  test('does not take closed doors for a blind eye', () => {
    const timeline = new Timeline();
    for (let i = 0; i < 30; i++) new Connection(timeline, HMI, PLC, 4000 + i, { established: false });
    const health = healthOf(timeline.packets.filter(sentBy(HMI)).filter((_, i) => i % 2 === 0));
    assert.equal(health.oneSided.oneSided, 0);
  });

  test('tells the share of traffic that nobody knows, by server port', () => {
    const timeline = polls(1);
    const unknown = new Connection(timeline, STATION, PLC, 7777);
    for (let i = 0; i < 10; i++) unknown.request(TEXT).response(TEXT);
    const { undecoded } = healthOf(timeline.packets);
    assert.deepEqual(
      undecoded.ports.map(({ transport, port, undecoded: bytes, bytes: all }) => [transport, port, bytes === all]),
      [['tcp', 7777, true]],
    );
    assert.ok(undecoded.undecoded > 20 * TEXT.length && undecoded.undecoded < undecoded.bytes);
  });

  test('tells of a VLAN that has fallen silent while others speak', () => {
    const timeline = new Timeline();
    const [a, b] = [host('a', '10.3.0.1', undefined, 30), host('b', '10.3.0.2', undefined, 30)];
    const [c, d] = [host('c', '10.4.0.1', undefined, 40), host('d', '10.4.0.2', undefined, 40)];
    for (let i = 0; i < 60; i++) {
      icmp.echo(timeline.at(i), a, b);
      icmp.echo(timeline, c, d);
    }
    assert.deepEqual(findingsOf(healthOf(timeline.packets)), []);
    icmp.echo(timeline.at(700), c, d);
    const health = healthOf(timeline.packets);
    assert.deepEqual(
      health.vlans.map(({ vlan, packets, silent }) => [vlan, packets, silent]),
      [
        [30, 120, true],
        [40, 122, false],
      ],
    );
    assert.match(findingsOf(health)[0].sentence, /^No packet comes any more from VLAN 30\. Check/);
    assert.deepEqual(findingsOf(health)[0].silent, [{ what: 'VLAN 30', lastSecond: Date.UTC(2026, 5, 1, 6, 0, 59) / 1000 }]);
  });

  test('tells of a clock that was set back, not of packets out of order', () => {
    const { packets } = polls(3);
    const later = packets.map((packet) => ({ ...packet, seconds: packet.seconds + 3600 }));
    const [first] = later;
    assert.equal(healthOf([...later, { ...first, seconds: first.seconds - 1 }]).clock.steps, 0);
    const health = healthOf([...later, ...packets, ...packets]);
    assert.equal(health.clock.steps, 1);
    assert.deepEqual(health.clock.last, { at: BigInt(DEFAULT_START) * SECOND, seconds: packets[0].seconds - (later.at(-1)?.seconds ?? 0) });
    assert.match(findingsOf(health)[0].sentence, /^The clock of the packets was set once, the last time 3600 s back\./);
  });

  test('tells of a clock of this machine that was set on', () => {
    const watch = new HealthWatch(new Sensor({ report: () => undefined }));
    watch.clocks(1_000_000, 500);
    watch.clocks(1_001_010, 1500);
    assert.equal(watch.report([], 0, '').clock.steps, 0);
    watch.clocks(1_062_000, 2500);
    assert.deepEqual(watch.report([], 0, '').clock.last, { at: 1062n * SECOND, seconds: 59.99 });
  });
});

describe('findings about interfaces', () => {
  const healthy = healthOf([]);
  const about = (change: Partial<InterfaceReport>): string[] =>
    findingsOf({ ...healthy, interfaces: [{ ...UP, ...change }] }).map(({ severity, sentence }) => `${severity}: ${sentence}`);
  const rows: readonly (readonly [string, Partial<InterfaceReport>, readonly RegExp[]])[] = [
    ['one that carries traffic', {}, []],
    ['one that has been quiet for less than ten minutes', { quiet: 599 }, []],
    ['silence', { quiet: 1260 }, [/^critical: No packet has come on eth1 for 21 minutes\./]],
    ['none since the start', { packets: 0, quiet: 61, lastPacket: null }, [/^critical: No packet has come on eth1 since it was opened\./]],
    ['none yet', { packets: 0, quiet: 59, lastPacket: null }, []],
    ['one that is down', { state: 'down', quiet: 1260 }, [/^critical: Interface eth1 is down\./]],
    ['one that is gone', { state: 'gone' }, [/^critical: Interface eth1 has disappeared/]],
    ['lost packets', { kernelDrops: 1, packets: 999 }, [/^warning: 1 packet of eth1 was lost \(0\.1 %\), as the sensor was too slow\./]],
    ['many', { kernelDrops: 250_000, packets: 750_000 }, [/^warning: 250,000 packets of eth1 were lost \(25\.0 %\)/]],
    ['a card that loses', { cardDrops: 3, packets: 1_000_000 }, [/^warning: The network card of eth1 lost 3 packets \(0\.0003 %\)\./]],
    ['a card that does not tell', { cardDrops: null }, []],
    [
      'the second best way',
      { method: 'tcpdump', reason: 'koffi is not there' },
      [/^warning: eth1 is read through tcpdump: koffi is not there\.$/],
    ],
    ['several at once', { kernelDrops: 9, state: 'down' }, [/^critical: .*down/, /^warning: 9 packets/]],
  ];
  for (const [name, change, expected] of rows)
    test(name, () => {
      const sentences = about(change);
      assert.equal(sentences.length, expected.length, sentences.join('\n'));
      expected.forEach((pattern, i) => assert.match(sentences[i], pattern));
    });

  test('full tables and packets that were not kept', () => {
    const full = {
      ...healthy,
      packetsNotKept: 12,
      notKeptBecause: 'ENOSPC: no space left on device',
      refused: { flows: 7, addresses: 2 },
    };
    const sentences = findingsOf(full).map(({ sentence }) => sentence);
    assert.match(sentences[0], /^12 packets could not be kept for alerts: ENOSPC/);
    assert.match(sentences[1], /^A bound of the sensor was reached, .*: flows \(7\), addresses \(2\)\.$/);
  });
});

describe('the interfaces of a network', () => {
  /** What a sensor says about interfaces that were looked at. */
  function watched(): { sensor: Sensor; said: Detection[] } {
    const said: Detection[] = [];
    return { sensor: new Sensor({ report: (detection) => said.push(detection) }), said };
  }

  test('are told to be silent while they are, one by one, and to be back with their next packet', () => {
    const { sensor, said } = watched();
    const { sensorTraffic } = sensor.engines;
    assert.equal(
      sensorTraffic.look([
        { name: 'a', lastSecond: 1000, quiet: 599 },
        { name: 'b', lastSecond: null, quiet: 9999 },
      ]),
      false,
    );
    assert.equal(
      sensorTraffic.look([
        { name: 'a', lastSecond: 1000, quiet: 600 },
        { name: 'b', lastSecond: 1500, quiet: 1 },
      ]),
      true,
    );
    assert.equal(
      sensorTraffic.look([
        { name: 'a', lastSecond: 1000, quiet: 700 },
        { name: 'b', lastSecond: 1500, quiet: 1 },
      ]),
      true,
      'once only',
    );
    assert.equal(sensorTraffic.back('b', 1601, 0), true);
    assert.equal(sensorTraffic.back('a', 1700, 5), false);
    assert.deepEqual(
      said.map(({ type, time, parameterKey, message }) => [type, time, parameterKey, message]),
      [
        ['no-traffic-detected-on-sensor-interface', 1600n * SECOND, 'a', 'No packet arrived on the monitoring interface a for 10 minutes.'],
        ['traffic-detected-on-sensor-interface', 1700n * SECOND + 5n, 'a', 'Packets arrive again on the monitoring interface a.'],
      ],
    );
  });

  test('are not judged by holes between packets, which a stepped clock makes too', () => {
    const { sensor, said } = watched();
    sensor.engines.sensorTraffic.look([]);
    const timeline = new Timeline();
    icmp.echo(timeline, HMI, PLC);
    icmp.echo(timeline.at(7200), HMI, PLC);
    const packet = new Packet();
    timeline.packets.forEach(({ seconds, nanoseconds, frame }, i) => {
      const { length } = frame;
      sensor.take(Object.assign(packet, { bytes: frame, start: 0, end: length, wireLength: length, frame: i + 1, seconds, nanoseconds }));
    });
    assert.deepEqual(
      said.filter(({ type }) => type.endsWith('sensor-interface')),
      [],
    );
  });
});
