import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as dns from '@annunciator/testkit/dns';
import * as enip from '@annunciator/testkit/enip';
import { host } from '@annunciator/testkit/host';
import * as http from '@annunciator/testkit/http';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import { Connection, probed, refused, unanswered } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import * as udp from '@annunciator/testkit/udp';
import { SILENT_CONTACTS } from './sweep-walk.ts';
import { check, hosts, MASTER, OTHER, ofType, raised, type Row, SLAVE, times } from '../../tests/raised.ts';

const NOTHING = new Uint8Array(0);
const SCANS = [
  'address-scan-detected',
  'long-duration-address-scan-detected',
  'port-scan-detected',
  'plc-scan-detected',
  'arp-address-scan-detected',
];

/** Conversations with so many servers, each answered. */
function browse(timeline: Timeline, servers: number): void {
  for (let i = 0; i < servers; i++)
    http
      .session(timeline, MASTER, host(`web-${i}`, `93.${i}.7.1`))
      .get('/')
      .close();
}

const ROWS: readonly Row[] = [
  {
    type: 'address-scan-detected',
    by: 'TCP',
    count: 50,
    write: (timeline, count) => hosts(count).forEach((target) => refused(timeline.wait(2300), OTHER, target, 445)),
    source: OTHER,
    destination: null,
    message: /tried 50 different addresses of one network within 2 minutes/,
    // The same to fifty networks, one address each.
    innocent: (timeline) => times(timeline, 60, 100, (turn) => refused(timeline, OTHER, host('t', `10.${turn + 2}.1.1`), 445)),
  },
  {
    type: 'address-scan-detected',
    by: 'UDP',
    count: 50,
    write: (timeline, count) =>
      hosts(count).forEach((target) => udp.send(timeline.wait(100), OTHER, 40_000, target, 161, Uint8Array.of(1, 2))),
    source: OTHER,
    message: /50 different addresses/,
    // A server sends to fifty clients whose questions the sensor has not seen.
    innocent: (timeline) => hosts(60).forEach((client) => udp.send(timeline, OTHER, 5000, client, 51_000, Uint8Array.of(1, 2))),
  },
  {
    type: 'long-duration-address-scan-detected',
    count: 50,
    write: (timeline, count) => hosts(count).forEach((target) => refused(timeline.wait(12_000), OTHER, target, 445)),
    source: OTHER,
    destination: null,
    message: /within 10 minutes/,
    innocent: (timeline) => hosts(50).forEach((target) => refused(timeline.wait(13_000), OTHER, target, 445)),
  },
  {
    type: 'address-scan-detected',
    by: 'silence',
    count: SILENT_CONTACTS,
    write: (timeline, count) => hosts(count).forEach((target) => unanswered(timeline.wait(300_000), OTHER, target, 445, 3)),
    source: OTHER,
    destination: null,
    message: /tried port 445 of 7 addresses it has never reached; none answered/,
    // An HMI whose controllers are off calls them again and again.
    innocent: (timeline) =>
      times(timeline, 6, 30_000, () => hosts(12).forEach((target) => unanswered(timeline.wait(10), OTHER, target, 502))),
  },
  {
    type: 'address-scan-detected',
    by: 'silence, most of the time',
    count: SILENT_CONTACTS + 4,
    write: (timeline, count) =>
      hosts(count).forEach((target, turn) =>
        turn === 3 || turn === 4
          ? new Connection(timeline.wait(60_000), OTHER, target, 445).close()
          : unanswered(timeline.wait(60_000), OTHER, target, 445),
      ),
    source: OTHER,
    message: /tried port 445/,
    // An isolated computer calls servers of the Internet in vain.
    innocent: (timeline) => times(timeline, 30, 5000, (turn) => unanswered(timeline, OTHER, host('web', `20.${turn + 1}.7.1`), 443)),
  },
  {
    type: 'port-scan-detected',
    by: 'ports in one second',
    count: 10,
    write: (timeline, count) => times(timeline, count, 1, (turn) => unanswered(timeline, OTHER, SLAVE, 20 + turn)),
    source: OTHER,
    message: /tried 10 different ports of .* within a second, and none accepted/,
    // A client that calls on twelve services at once, each of which accepts.
    innocent: (timeline) => times(timeline, 12, 1, (turn) => new Connection(timeline, OTHER, SLAVE, 8000 + turn)),
  },
  {
    type: 'port-scan-detected',
    by: 'closed ports',
    count: 25,
    write: (timeline, count) => times(timeline, count, 4900, (turn) => refused(timeline, OTHER, SLAVE, 20 + turn)),
    source: OTHER,
    destination: SLAVE,
    message: /tried 25 different ports of .* within 2 minutes/,
    innocent: (timeline) => times(timeline, 25, 6000, (turn) => refused(timeline, OTHER, SLAVE, 20 + turn)),
  },
  {
    type: 'port-scan-detected',
    by: 'half-open',
    count: 25,
    write: (timeline, count) => times(timeline, count, 10, (turn) => probed(timeline, OTHER, SLAVE, 1000 + turn)),
    source: OTHER,
    destination: SLAVE,
    message: /25 different ports/,
    // FTP in passive mode: forty data connections to ports that the server gives out.
    innocent: (timeline) =>
      times(timeline, 40, 100, (turn) => new Connection(timeline, OTHER, SLAVE, 50_000 + turn).response(Uint8Array.of(1)).close()),
  },
  {
    type: 'port-scan-detected',
    by: 'UDP',
    count: 25,
    write: (timeline, count) =>
      times(timeline, count, 10, (turn) => udp.send(timeline, OTHER, 40_000, SLAVE, 100 + turn, Uint8Array.of(1))),
    source: OTHER,
    message: /25 different ports/,
    // A route is traced with ports from 33434 on.
    innocent: (timeline) => times(timeline, 90, 10, (turn) => udp.send(timeline, OTHER, 40_000, SLAVE, 33_434 + turn, Uint8Array.of(1))),
  },
  {
    type: 'plc-scan-detected',
    by: 'half-open on industrial ports',
    count: 10,
    write: (timeline, count) => hosts(count).forEach((target, i) => probed(timeline.wait(12_000), OTHER, target, i % 2 ? 102 : 502)),
    source: OTHER,
    destination: null,
    message: /tried 10 different controllers within 2 minutes/,
    innocent: (timeline) => hosts(10).forEach((target) => probed(timeline.wait(14_000), OTHER, target, 502)),
  },
  {
    type: 'plc-scan-detected',
    by: 'closed industrial ports',
    count: 10,
    write: (timeline, count) => hosts(count).forEach((target) => refused(timeline.wait(50), OTHER, target, 44_818)),
    source: OTHER,
    message: /10 different controllers/,
    // An HMI opens thirty conversations before the first answer comes, then polls all of them.
    innocent: (timeline) => {
      const sessions = hosts(30).map((target) => modbus.session(timeline, OTHER, target));
      for (const session of sessions) session.readHoldingRegisters(0, 10);
    },
  },
  {
    type: 'plc-scan-detected',
    by: 'identities asked for and answered',
    count: 10,
    write: (timeline, count) =>
      hosts(count).forEach((target) => modbus.session(timeline, OTHER, target).readDeviceIdentification('V', 'P', '1').close()),
    source: OTHER,
    message: /10 different controllers/,
    // An engineering station asks twelve controllers who they are and works with them.
    innocent: (timeline) => {
      for (const target of hosts(12)) {
        const session = s7.session(timeline, OTHER, target);
        session.readModuleIdentification('6ES7 315-2EH14-0AB0', [3, 2, 10]);
        session.readDataBlock(1, 0, 4);
      }
    },
  },
  {
    type: 'excessive-number-of-sessions',
    count: 50,
    write: (timeline, count) => times(timeline, count, 1100, () => new Connection(timeline, OTHER, SLAVE, 502).close()),
    source: OTHER,
    destination: SLAVE,
    message: /opened 50 sessions to port 502 .* within 60 seconds/,
    // A client that repeats the SYN of one session.
    innocent: (timeline) => unanswered(timeline, OTHER, SLAVE, 502, 60),
  },
  {
    type: 'suspicion-of-denial-of-service-attack',
    count: 3000,
    write: (timeline, count) => times(timeline, count, 15, () => refused(timeline, OTHER, SLAVE, 80)),
    source: OTHER,
    destination: SLAVE,
    message: /made 3000 connection attempts .* within 60 seconds/,
  },
  {
    type: 'suspicion-of-denial-of-service-attack',
    by: 'half-open handshakes',
    count: 100,
    write: (timeline, count) => times(timeline, count, 5, () => unanswered(timeline, OTHER, SLAVE, 502)),
    source: OTHER,
    destination: SLAVE,
    message: /Port 502 of .* got 100 connection attempts within 2 seconds that nobody completed/,
    // A client that opens two hundred conversations at once, of which the server accepts all.
    innocent: (timeline) => times(timeline, 200, 5, () => new Connection(timeline, OTHER, SLAVE, 8080)),
  },
  {
    type: 'suspicion-of-denial-of-service-attack',
    by: 'half-open handshakes from addresses made up',
    count: 100,
    write: (timeline, count) =>
      times(timeline, count, 10, (turn) => unanswered(timeline, turn === 99 ? OTHER : host('nobody', `10.2.${turn}.7`), SLAVE, 502)),
    source: OTHER,
    destination: SLAVE,
    holds: SLAVE.address,
    message: /nobody completed/,
    // A controller that is off, and a hundred clients that wait two seconds between their tries.
    innocent: (timeline) =>
      times(timeline, 5, 2000, () => times(timeline, 60, 5, (turn) => unanswered(timeline, host('client', `10.2.${turn}.7`), SLAVE, 502))),
  },
];

const silent = (write: (timeline: Timeline) => void): void => {
  const { detections } = raised(write);
  assert.deepEqual(
    detections.filter(({ type }) => SCANS.includes(type)).map(({ type, message }) => `${type}: ${message}`),
    [],
  );
};

describe('scans', () => {
  for (const row of ROWS) it(`${row.type} rises at ${row.count} and not below${row.by ? ` (${row.by})` : ''}`, () => check(row));

  it('takes an HMI that starts and polls thirty controllers for what it is', () => {
    silent((timeline) => {
      for (const target of hosts(30)) {
        const session = enip.session(timeline, MASTER, target);
        times(timeline, 3, 200, () => session.readTag('Speed'));
      }
    });
  });

  it('takes BACnet polls of a whole building for what they are', () => {
    silent((timeline) => {
      for (const target of hosts(40)) bacnet.session(timeline, MASTER, target).readProperty([0, 1], 85);
    });
  });

  it('takes a resolver and a browser with many servers for what they are', () => {
    silent((timeline) => {
      for (let i = 0; i < 49; i++) dns.lookup(timeline, MASTER, host('root', `198.41.0.${i + 1}`), `name-${i}.example`, ['93.1.1.1']);
      browse(timeline, 49);
    });
  });

  it('takes a server for none that scans its clients', () => {
    silent((timeline) => {
      // The sensor sees the server's side only.
      times(timeline, 80, 50, (turn) => {
        udp.send(timeline, SLAVE, 53, MASTER, 49_152 + turn, octets().u16(turn).u16(0x8180).zeros(8).take());
        udp.send(timeline, SLAVE, 9_999, MASTER, 50_000 + turn, Uint8Array.of(1));
      });
    });
  });

  it('does not suspect two conversations opened side by side, of which one asks for the identity', () => {
    silent((timeline) => {
      const first = enip.session(timeline, MASTER, SLAVE);
      const second = new Connection(timeline, MASTER, SLAVE, enip.PORT);
      first.listIdentity({ vendorId: 1, deviceType: 14, productCode: 1, revision: [1, 1], serial: 1, productName: 'PLC' });
      second.request(enip.encapsulated(0x65, 0, Uint8Array.of(1, 0, 0, 0)));
    });
  });

  it('suspects a visitor who left a conversation without a word and then asked for the identity', () => {
    const result = raised((timeline) => {
      udp.send(timeline, OTHER, 40_000, SLAVE, 47_808, NOTHING);
      timeline.wait(1000);
      bacnet.session(timeline, OTHER, SLAVE).readProperty([8, 4_194_303], 121);
    });
    const [detection] = ofType(result, 'plc-scan-detected');
    assert.ok(detection);
    assert.equal(detection.source?.ip, OTHER.ip);
    assert.equal(detection.destination?.ip, SLAVE.ip);
    assert.deepEqual(detection.frames, [1, 2]);
  });

  it('lets a flagged scanner scan, and a learned one', () => {
    const scan = (timeline: Timeline): void => hosts(60).forEach((target) => refused(timeline, OTHER, target, 502));
    const first = raised(scan);
    const [detection] = ofType(first, 'address-scan-detected');
    assert.equal(detection.learn.length, 1);
    const entry = detection.learn[0];
    assert.deepEqual([entry.aspect, entry.source], ['device.scanner', OTHER.ip]);
    assert.ok(first.sensor.learn(entry));
    assert.equal(first.sensor.inventory.devices.find(({ id }) => id === OTHER.ip)?.scanner, true);
  });

  it('takes a client for no scanner when controllers it has worked with are off', () => {
    // Polls were learned; later ten controllers are off and the HMI keeps calling.
    const poll = (timeline: Timeline): void => {
      for (const target of hosts(12)) modbus.session(timeline, MASTER, target).readHoldingRegisters(0, 4).close();
    };
    const result = raised((timeline) => hosts(12).forEach((target) => unanswered(timeline, MASTER, target, 502)), { learned: poll });
    assert.deepEqual(ofType(result, 'plc-scan-detected'), []);
  });
});
