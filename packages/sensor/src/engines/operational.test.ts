import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as bacnet from '@annunciator/testkit/bacnet';
import * as cip from '@annunciator/testkit/cip';
import * as dhcp from '@annunciator/testkit/dhcp';
import * as dnp3 from '@annunciator/testkit/dnp3';
import * as enip from '@annunciator/testkit/enip';
import { group, type Host, host } from '@annunciator/testkit/host';
import * as http from '@annunciator/testkit/http';
import * as icmp from '@annunciator/testkit/icmp';
import * as iec104 from '@annunciator/testkit/iec104';
import * as modbus from '@annunciator/testkit/modbus';
import { octets } from '@annunciator/testkit/octets';
import * as s7 from '@annunciator/testkit/s7comm';
import { Connection, refused } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import * as udp from '@annunciator/testkit/udp';
import { check, MASTER, OTHER, ofType, raised, type Row, SLAVE, times, type Write } from '../../tests/raised.ts';

const DISCOVER = 1;

/** Responses of an outstation with these indications in turn; the first polls show none. */
function indicated(timeline: Timeline, ...indications: readonly number[]): void {
  const session = dnp3.session(timeline, MASTER, SLAVE);
  session.poll();
  for (const one of indications) {
    session.indications = one;
    session.poll();
    timeline.wait(1000);
  }
}

/** So many restarts: the indication rises, and the master clears it. */
function restarts(timeline: Timeline, count: number, seconds: number): void {
  const { DeviceRestart } = dnp3.Indication;
  times(timeline, count, seconds * 1000, () => indicated(timeline, DeviceRestart, DeviceRestart, 0));
}

/** A device attribute (group 0) as visible text. */
function attribute(variation: number, value: string): Uint8Array {
  return octets().u8(0, variation, 0, 0, 0, 1, value.length).text(value).take();
}

function attributes(timeline: Timeline, variation: number, values: readonly string[]): void {
  const session = dnp3.session(timeline, MASTER, SLAVE);
  for (const value of values) session.exchange(dnp3.Function.Read, Uint8Array.of(0, variation, 0, 0, 0), attribute(variation, value));
}

function discover(timeline: Timeline, client: Host, count: number): void {
  const nobody = { ...host(client.name, '0.0.0.0'), mac: client.mac };
  times(timeline, count, 20_000, () =>
    udp.send(
      timeline,
      nobody,
      dhcp.CLIENT_PORT,
      group('255.255.255.255'),
      dhcp.SERVER_PORT,
      dhcp.message(DISCOVER, 7, client, new Uint8Array(4)),
    ),
  );
}

/** Does it so often: rows that raise at the first occurrence. */
const repeat =
  (what: Write): Row['write'] =>
  (timeline, count) => {
    // A quiet exchange first, so that the devices are there without it, too.
    icmp.echo(timeline, MASTER, SLAVE);
    times(timeline, count, 100, () => what(timeline));
  };

const ROWS: readonly Row[] = [
  {
    type: 'an-s7-stop-plc-command-was-sent',
    count: 1,
    write: repeat((timeline) => void s7.session(timeline, MASTER, SLAVE).stop()),
    source: MASTER,
    destination: SLAVE,
    message: /ordered a stop of .*PLC stop \(function 0x29\)/,
    innocent: (timeline) => void s7.session(timeline, MASTER, SLAVE).start(),
  },
  {
    type: 'controller-stop',
    by: 'CIP',
    count: 1,
    write: repeat((timeline) => void enip.session(timeline, MASTER, SLAVE).stop()),
    source: MASTER,
    destination: SLAVE,
    message: /ordered a stop of .*CIP service 0x07/,
    innocent: (timeline) => void enip.session(timeline, MASTER, SLAVE).readTag('Stop'),
  },
  {
    type: 'controller-stop',
    by: 'UMAS',
    count: 1,
    write: repeat((timeline) => void modbus.session(timeline, MASTER, SLAVE).umas(0x41)),
    source: MASTER,
    destination: SLAVE,
    message: /UMAS function 0x41/,
    innocent: (timeline) => void modbus.session(timeline, MASTER, SLAVE).umas(0x40),
  },
  {
    type: 'controller-stop',
    by: 'DNP3',
    count: 1,
    write: repeat((timeline) => void dnp3.session(timeline, MASTER, SLAVE).stopApplication()),
    source: MASTER,
    destination: SLAVE,
    message: /Stop Application \(function 18\)/i,
    innocent: (timeline) => void dnp3.session(timeline, MASTER, SLAVE).exchange(dnp3.Function.StartApplication),
  },
  {
    type: 'controller-reset',
    count: 1,
    write: repeat((timeline) => void enip.session(timeline, MASTER, SLAVE).reset()),
    source: MASTER,
    destination: SLAVE,
    message: /reset .*CIP service 0x05 on class Identity/,
    // The controller refuses: privilege violation.
    innocent: (timeline) =>
      void enip
        .session(timeline, MASTER, SLAVE)
        .send(cip.request(5, cip.objectPath(1, 1), Uint8Array.of(0)), cip.response(5, undefined, 0x0f)),
  },
  {
    type: 'bacnet-operation-failed',
    by: 'error',
    count: 1,
    write: repeat((timeline) => void bacnet.session(timeline, MASTER, SLAVE).error(12, bacnet.propertyReference([0, 1], 85))),
    source: MASTER,
    destination: SLAVE,
    message: /did not do what .* asked: ReadProperty answered with error/,
    innocent: (timeline) => void bacnet.session(timeline, MASTER, SLAVE).readProperty([0, 1], 85),
  },
  {
    type: 'bacnet-operation-failed',
    by: 'reject',
    count: 1,
    write: repeat((timeline) => void bacnet.session(timeline, MASTER, SLAVE).reject(12, bacnet.propertyReference([0, 1], 85))),
    source: MASTER,
    destination: SLAVE,
    message: /reject/,
  },
  {
    type: 'bacnet-operation-failed',
    by: 'abort',
    count: 1,
    write: repeat((timeline) => void bacnet.session(timeline, MASTER, SLAVE).abort(12, bacnet.propertyReference([0, 1], 85))),
    source: MASTER,
    destination: SLAVE,
    message: /abort/,
  },
  {
    type: 'ethernet-ip-cip-service-request-failed',
    count: 1,
    write: repeat(
      (timeline) => void enip.session(timeline, MASTER, SLAVE).send(cip.readTag('Nothing'), cip.response(0x4c, undefined, 0x05)),
    ),
    source: MASTER,
    destination: SLAVE,
    message: /0x05/,
    // Status 6: there is more to read.
    innocent: (timeline) =>
      void enip.session(timeline, MASTER, SLAVE).send(cip.readTag('Long'), cip.response(0x4c, cip.tagValues([1, 2]), 0x06)),
  },
  {
    type: 'ethernet-ip-encapsulation-protocol-command-failed',
    count: 1,
    write: repeat((timeline) => void enip.session(timeline, MASTER, SLAVE).refuseCommand(0x0064)),
    source: MASTER,
    destination: SLAVE,
    message: /0x0*1|Invalid|invalid|unsupported/,
    innocent: (timeline) => void enip.session(timeline, MASTER, SLAVE).listServices(),
  },
  {
    type: 'http-client-error',
    count: 1,
    write: repeat((timeline) => void http.session(timeline, MASTER, SLAVE).get('/nothing', '', { status: 404 })),
    source: MASTER,
    destination: SLAVE,
    message: /404/,
    innocent: (timeline) => {
      const session = http.session(timeline, MASTER, SLAVE);
      for (const status of [200, 302, 401, 407, 500]) session.get('/', '', { status });
    },
  },
  {
    type: 'slave-device-unrecoverable-failure',
    count: 1,
    write: repeat((timeline) => void modbus.session(timeline, MASTER, SLAVE).refuse(modbus.readRequest(3, 0, 2), 4)),
    source: MASTER,
    destination: SLAVE,
    message: /refused a request/,
    innocent: (timeline) => void modbus.session(timeline, MASTER, SLAVE).refuse(modbus.readRequest(3, 0, 2), 6),
  },
  ...(
    [
      ['outstation-restarted', 'DeviceRestart', /IIN1\.7, device restart/],
      ['event-buffer-overflow-in-outstation', 'EventBufferOverflow', /IIN2\.3, event buffer overflow/],
      ['outstations-corrupted-configuration-detected', 'ConfigurationCorrupt', /IIN2\.5, configuration corrupt/],
      ['suspicion-of-hardware-problems-in-outstation', 'DeviceTrouble', /IIN1\.6, device trouble/],
    ] as const
  ).map(
    ([type, indication, message]): Row => ({
      type,
      count: 1,
      write: repeat((timeline) => indicated(timeline, dnp3.Indication[indication])),
      source: SLAVE,
      destination: null,
      message,
      innocent: (timeline) =>
        indicated(timeline, dnp3.Indication.Class1Events | dnp3.Indication.NeedTime | dnp3.Indication.LocalControl, 0),
    }),
  ),
  {
    type: 'outstation-restarts-frequently',
    count: 2,
    write: (timeline, count) => restarts(timeline, count, 580),
    source: SLAVE,
    destination: null,
    message: /restarted 2 times within 10 minutes/,
    innocent: (timeline) => restarts(timeline, 2, 620),
  },
  {
    type: 'excessive-restart-rate-of-an-outstation',
    by: 'indications',
    count: 10,
    write: (timeline, count) => restarts(timeline, count, 380),
    source: SLAVE,
    destination: null,
    message: /restarted 10 times within 60 minutes/,
    innocent: (timeline) => restarts(timeline, 10, 420),
  },
  {
    type: 'excessive-restart-rate-of-an-outstation',
    by: 'requests',
    count: 10,
    write: (timeline, count) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      times(timeline, count, 300_000, (turn) => (turn % 2 ? session.coldRestart() : session.warmRestart()));
    },
    source: SLAVE,
    message: /10 times/,
    holds: SLAVE.address,
  },
  {
    type: 'continuous-event-buffer-overflow-at-outstation',
    count: 3,
    write: (timeline, count) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.EventBufferOverflow;
      times(timeline, count, 290_000, () => session.poll());
    },
    source: SLAVE,
    destination: null,
    message: /event buffer overflow 3 times within 10 minutes/,
    innocent: (timeline) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.EventBufferOverflow;
      times(timeline, 6, 310_000, () => session.poll());
    },
  },
  {
    type: 'outstations-configuration-changed',
    by: 'activated',
    count: 1,
    write: repeat((timeline) => void dnp3.session(timeline, MASTER, SLAVE).exchange(dnp3.Function.ActivateConfiguration)),
    source: MASTER,
    destination: SLAVE,
    message: /activated a new configuration .*function 31/i,
    // Asked for and refused: function code not supported.
    innocent: (timeline) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.NoFunctionCodeSupport;
      session.exchange(dnp3.Function.ActivateConfiguration);
    },
  },
  {
    type: 'outstations-configuration-changed',
    by: 'version attribute',
    count: 2,
    write: (timeline, count) => attributes(timeline, 200, ['2.1', '2.2'].slice(0, count)),
    source: SLAVE,
    destination: null,
    message: /attribute 200 was 2\.1 and is 2\.2/,
    innocent: (timeline) => {
      // Two attributes, each steady.
      for (let turn = 0; turn < 3; turn++) {
        attributes(timeline, 200, ['2.1']);
        attributes(timeline, 199, ['2026-01-01']);
      }
    },
  },
  {
    type: 'change-of-device-configuration',
    by: 'DNP3 attribute',
    count: 2,
    write: (timeline, count) => attributes(timeline, 199, ['a', 'b'].slice(0, count)),
    source: SLAVE,
    message: /attribute 199 was a and is b/,
  },
  {
    type: 'change-of-device-configuration',
    by: 'IEC 104',
    count: 1,
    write: repeat(
      (timeline) =>
        void iec104
          .session(timeline, MASTER, SLAVE)
          .start()
          .activate(113, [{ address: 40, element: Uint8Array.of(1) }]),
    ),
    source: MASTER,
    destination: SLAVE,
    message: /activated a new configuration/,
    innocent: (timeline) => void iec104.session(timeline, MASTER, SLAVE).start().interrogate(),
  },
  {
    type: 'plc-operating-mode-changed',
    by: 'S7',
    count: 2,
    write: (timeline, count) => {
      const session = s7.session(timeline, MASTER, SLAVE);
      for (const mode of [0x08, 0x04].slice(0, count)) session.readOperatingMode(mode);
    },
    source: SLAVE,
    destination: null,
    message: /operating mode from RUN to STOP/,
  },
  {
    type: 'plc-operating-mode-changed',
    by: 'S7 key switch',
    count: 2,
    write: (timeline, count) => {
      const session = s7.session(timeline, MASTER, SLAVE);
      for (const position of [1, 3].slice(0, count))
        session.readSystemStatus(0x0132, 4, [octets().u16(4).u16(0).u16(0).u16(0).u16(position).zeros(30).take()]);
    },
    source: SLAVE,
    message: /key switch from RUN to STOP/,
  },
  {
    type: 'device-failed-to-receive-a-dynamic-ip-address',
    by: 'no answer',
    count: 4,
    write: (timeline, count) => discover(timeline, OTHER, count),
    // It has no address yet.
    source: null,
    message: /got no IP address: 4 DHCP requests without an answer/,
    holds: OTHER.mac,
    // Ten clients get their leases, and a client asks five times but slowly.
    innocent: (timeline) => {
      for (let i = 0; i < 10; i++) dhcp.lease(timeline, host(`client-${i}`, `10.1.1.${100 + i}`), SLAVE);
      times(timeline, 5, 60_000, () => discover(timeline, OTHER, 1));
    },
  },
  {
    type: 'illegal-ip-address',
    count: 1,
    write: repeat((timeline) => udp.send(timeline, host('bad', '127.0.0.1'), 4000, SLAVE, 4001, Uint8Array.of(1))),
    source: host('bad', '127.0.0.1'),
    destination: SLAVE,
    message: /carries the address 127\.0\.0\.1/,
    innocent: (timeline) => {
      dhcp.lease(timeline, OTHER, SLAVE);
      udp.send(timeline, MASTER, 4000, group('255.255.255.255'), 4001, Uint8Array.of(1));
      udp.send(timeline, MASTER, 4000, group('239.1.2.3'), 4001, Uint8Array.of(1));
    },
  },
];

describe('operational events', () => {
  for (const row of ROWS) it(`${row.type} rises at ${row.count} and not below${row.by ? ` (${row.by})` : ''}`, () => check(row));

  it('reports a refused lease at once', () => {
    const result = raised((timeline) => dhcp.lease(timeline, OTHER, SLAVE, { outcome: 'nak' }));
    const [detection] = ofType(result, 'device-failed-to-receive-a-dynamic-ip-address');
    assert.match(detection.message, /NAK/);
    assert.equal(detection.frames.length, 1);
  });

  it('tells an order to restart, refused or not, and counts no refused one as a restart', () => {
    const result = raised((timeline) => {
      const session = dnp3.session(timeline, MASTER, SLAVE);
      session.indications = dnp3.Indication.NoFunctionCodeSupport;
      times(timeline, 5, 1000, () => session.coldRestart());
    });
    const orders = ofType(result, 'outstation-restarted');
    assert.equal(orders.length, 5);
    for (const { source, destination, message } of orders) {
      assert.deepEqual([source?.ip, destination?.ip], [MASTER.ip, SLAVE.ip]);
      assert.match(message, /ordered a restart of/);
    }
    assert.deepEqual(ofType(result, 'outstation-restarts-frequently'), []);
  });

  it('notices silence of the interface after ten minutes, and its end', () => {
    const traffic = (seconds: number): string[] =>
      raised((timeline) => {
        icmp.echo(timeline, MASTER, SLAVE);
        icmp.echo(timeline.at(seconds), MASTER, SLAVE);
      })
        .detections.filter(({ type }) => type.endsWith('sensor-interface'))
        .map(({ type }) => type);
    assert.deepEqual(traffic(600), ['no-traffic-detected-on-sensor-interface', 'traffic-detected-on-sensor-interface']);
    assert.deepEqual(traffic(599), []);
  });

  it('compares modes with those of the same protocol only', () => {
    const result = raised((timeline) => {
      s7.session(timeline, MASTER, SLAVE).readOperatingMode(0x08);
      modbus.session(timeline, MASTER, SLAVE).umas(0x41);
    });
    assert.deepEqual(ofType(result, 'plc-operating-mode-changed'), []);
  });

  it('writes the timeline', () => {
    const result = raised((timeline) => {
      const session = s7.session(timeline, MASTER, SLAVE);
      session.readOperatingMode(0x08);
      session.upload('0A', 1, new Uint8Array(32));
      session.stop();
      session.readOperatingMode(0x04);
      session.start();
      enip.session(timeline, MASTER, OTHER).reset().stop();
      dhcp.lease(timeline, host('new', '10.1.1.77'), OTHER);
      const remote = new Connection(timeline, MASTER, OTHER, 22);
      remote.response(octets().text('SSH-2.0-dropbear_2020.81\r\n').take()).request(octets().text('SSH-2.0-OpenSSH_9.6\r\n').take());
      times(timeline, 40, 10, (turn) => refused(timeline, SLAVE, OTHER, 20 + turn));
    });
    const types = new Set(result.events.map(({ type }) => type));
    for (const type of [
      'PROGRAM_UPLOAD_DEVICE',
      'S7_PLC_MODE_CHANGE',
      'PLC_OPERATING_MODE_CHANGED',
      'PLC_START',
      'ENIP_CONTROLLER_GENERIC_RESET',
      'ENIP_CONTROLLER_GENERIC_STOP',
      'DHCP_UPDATE',
      'REMOTE_ACCESS',
      'SCAN',
      'DEVICE_CONNECTION_CREATED',
    ] as const)
      assert.ok(types.has(type), `${type} among ${[...types].join(', ')}`);
    assert.equal(result.events.filter(({ type }) => type === 'PROGRAM_UPLOAD_DEVICE').length, 1, 'once, not for request and answer');
  });
});
