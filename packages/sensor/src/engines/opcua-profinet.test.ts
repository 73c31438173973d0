/**
 * Alerts about OPC UA, PROFINET and DCE/RPC. The traffic is written from the encodings of OPC 10000-6, IEC 61158-6-10 and
 * C706, as no public capture shows what raises most of them.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { macText } from '@annunciator/packet/bytes';
import { ethernetFrame, EtherType } from '@annunciator/testkit/ethernet';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { MASTER, ofType, raised, SLAVE, type Write } from '../../tests/raised.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const ascii = (value: string): string => Buffer.from(value).toString('hex');
const hex8 = (value: number): string => value.toString(16).padStart(2, '0');
const le16 = (value: number): string => hex8(value & 255) + hex8((value >> 8) & 255);
const le32 = (value: number): string => le16(value & 0xffff) + le16(value >>> 16);
const be16 = (value: number): string => hex8(value >> 8) + hex8(value & 255);

// OPC UA ------------------------------------------------------------------------------------------------------------
const NULL = 'ffffffff';
const string = (value: string): string => le32(value.length) + ascii(value);
const whole = (type: string, body: string): string => ascii(`${type}F`) + le32(8 + body.length / 2) + body;
const message = (service: number, body: string): string => whole('MSG', le32(1).repeat(4) + `0100${le16(service)}${body}`);
const REQUEST = `0000${'00'.repeat(12)}${le32(0)}${NULL}${le32(0)}000000`;
const answer = (status = 0): string => `${'00'.repeat(12)}${le32(status)}00${NULL}000000`;
const hello = (version = 0): string => whole('HEL', le32(version) + le32(65_536) + le32(65_536) + le32(0) + le32(0) + NULL);

type Exchange = readonly [ask: string, reply: string];
/** One OPC UA connection without security. */
const opcua =
  (...exchanges: readonly Exchange[]): Write =>
  (timeline) => {
    const connection = new Connection(timeline, MASTER, SLAVE, 4840);
    for (const [ask, reply] of [[hello(), whole('ACK', le32(0) + le32(65_536) + le32(65_536) + le32(0) + le32(0))], ...exchanges])
      connection.request(bytes(ask)).response(bytes(reply));
    connection.close();
  };
const read = (node: number, status = 0): Exchange => [
  message(631, `${REQUEST}${le32(0).repeat(3)}${le32(1)}0101${le16(node)}${le32(13)}${NULL}0000${NULL}`),
  message(634, `${answer(status)}${le32(0)}${NULL}`),
];
const browse: Exchange = [
  message(527, `${REQUEST}0000${'00'.repeat(16)}${le32(1)}0101${le16(42)}${le32(0)}0000${'00'.repeat(9)}`),
  message(530, `${answer()}${le32(0)}${NULL}`),
];
const CLAUSES = `${le32(1)}0100${le16(2041)}${le32(1)}${le16(0)}${string('Severity')}${le32(13)}${NULL}${le32(0)}`;
const subscribe: Exchange = [
  message(
    751,
    `${REQUEST}${le32(1)}${le32(0)}${le32(1)}0101${le16(9)}${le32(12)}${NULL}0000${NULL}${le32(2)}${le32(77)}${'00'.repeat(8)}0100${le16(727)}01${le32(CLAUSES.length / 2)}${CLAUSES}${le32(1)}01`,
  ),
  message(754, `${answer()}${le32(0)}${NULL}`),
];
function event(severity: number): Exchange {
  const list = `${le32(1)}${le32(77)}${le32(1)}05${le16(severity)}`;
  const notification = `${'00'.repeat(12)}${le32(1)}0100${le16(916)}01${le32(list.length / 2)}${list}`;
  return [message(826, `${REQUEST}${le32(0)}`), message(829, `${answer()}${le32(1)}${le32(0)}00${notification}${NULL}${NULL}`)];
}

// PROFINET ----------------------------------------------------------------------------------------------------------
const frame =
  (hex: string, fromMaster = true): Write =>
  (timeline) =>
    timeline.put(ethernetFrame(fromMaster ? MASTER : SLAVE, fromMaster ? SLAVE : MASTER, EtherType.PROFINET, bytes(hex)));
const cyclic = frame(`c000${'00'.repeat(40)}00013500`);
const alarm = frame(`fc01${'00'.repeat(40)}`);
const dcp = (service: number, type: number, blocks: string): string =>
  `fefd${hex8(service)}${hex8(type)}010203040000${be16(blocks.length / 2)}${blocks}`;
const set = (option: number, suboption: number, value: string): Write =>
  frame(dcp(4, 0, `${hex8(option)}${hex8(suboption)}${be16(value.length / 2)}${value}`));
const result = (option: number, suboption: number, error: number): Write =>
  frame(dcp(4, 1, `05040003${hex8(option)}${hex8(suboption)}${hex8(error)}00`), false);
const signal = set(5, 3, '00000100');

// DCE/RPC -----------------------------------------------------------------------------------------------------------
const packet = (type: number, body: string): string => `0500${hex8(type)}0310000000${le16(16 + body.length / 2)}0000${le32(1)}${body}`;
const SVCCTL = '81bb7a364498f135ad3298f038001003';
const NDR = '045d888aeb1cc9119fe808002b104860';
const bind = packet(11, `b810b81000000000010000000000${'0100'}${SVCCTL}02000000${NDR}02000000`);
const rpc =
  (opnum: number, reply = packet(2, '0000000000000000')): Write =>
  (timeline) => {
    const connection = new Connection(timeline, MASTER, SLAVE, 135);
    connection.request(bytes(bind)).response(bytes(packet(12, '00'.repeat(28))));
    connection.request(bytes(packet(0, `000000000000${le16(opnum)}`))).response(bytes(reply));
    connection.close();
  };

const all =
  (...writes: readonly Write[]): Write =>
  (timeline: Timeline) => {
    for (const write of writes) write(timeline);
  };

interface Row {
  readonly type: string;
  readonly by: string;
  readonly learned: Write;
  readonly write: Write;
  readonly source: typeof MASTER;
  readonly message: RegExp;
}

const ROWS: readonly Row[] = [
  {
    type: 'unauthorized-opc-ua-request-response',
    by: 'a service not seen before',
    learned: opcua(read(42)),
    write: opcua(read(42), browse),
    source: MASTER,
    message: /BrowseRe/,
  },
  {
    type: 'unauthorized-opc-ua-activity',
    by: 'another node',
    learned: opcua(read(42)),
    write: opcua(read(43)),
    source: MASTER,
    message: /Read.*ns=1;i=43/,
  },
  {
    type: 'opc-ua-service-request-failed',
    by: 'a bad service result',
    learned: opcua(read(42)),
    write: opcua(read(42, 0x800b0000)),
    source: MASTER,
    message: /Read answered with BadServiceUnsupported/,
  },
  {
    type: 'opc-ua-server-raised-an-event-that-requires-users-attention',
    by: 'a severity of 700',
    learned: opcua(subscribe, event(699)),
    write: opcua(subscribe, event(700)),
    source: SLAVE,
    message: /severity 700/,
  },
  {
    type: 'illegal-protocol-version',
    by: 'an OPC UA Hello',
    learned: opcua(read(42)),
    write: (timeline) => new Connection(timeline, MASTER, SLAVE, 4840).request(bytes(hello(1))).close(),
    source: MASTER,
    message: /version 1/,
  },
  {
    type: 'unauthorized-profinet-frame-type',
    by: 'an alarm',
    learned: all(cyclic, cyclic),
    write: all(cyclic, alarm),
    source: MASTER,
    message: /Alarm, high priority/,
  },
  {
    type: 'profinet-device-factory-reset',
    by: 'a factory reset',
    learned: signal,
    write: set(5, 5, '0000'),
    source: MASTER,
    message: /reset to factory settings .*DCP Set, factory reset/,
  },
  {
    type: 'profinet-device-factory-reset',
    by: 'a reset to factory',
    learned: signal,
    write: set(5, 6, '0002'),
    source: MASTER,
    message: /DCP Set, reset to factory/,
  },
  {
    type: 'profinet-dcp-command-failed',
    by: 'a block error',
    learned: all(signal, result(5, 3, 0)),
    write: all(signal, result(5, 3, 6)),
    source: MASTER,
    message: /DCP Set of signal: set not possible in operation/,
  },
  {
    type: 'unauthorized-plc-configuration-write',
    by: 'a name of station',
    learned: signal,
    write: set(2, 2, `0001${ascii('press')}`),
    source: MASTER,
    message: /DCP Set of name of station/,
  },
  {
    type: 'new-activity-detected-unauthorized-rpc-message-type',
    by: 'another operation',
    learned: rpc(15),
    write: rpc(12),
    source: MASTER,
    message: /svcctl.*12/,
  },
  {
    type: 'suspicion-of-remote-windows-service-management',
    by: 'the creation of a service',
    learned: rpc(15),
    write: all(rpc(15), rpc(12)),
    source: MASTER,
    message: /manages Windows services of .*CreateService/,
  },
  {
    type: 'rpc-operation-failed',
    by: 'a fault',
    learned: rpc(15),
    write: rpc(15, packet(3, `0000000000000000${le32(5)}00000000`)),
    source: MASTER,
    message: /operation 15 failed: access denied/,
  },
];

describe('OPC UA, PROFINET and DCE/RPC', () => {
  for (const { type, by, learned, write, source, message: pattern } of ROWS) {
    it(`${type} is raised by ${by}, and not by what was learned`, () => {
      const seen = raised(write, { learned });
      const found = ofType(seen, type);
      assert.ok(found.length > 0, `raised were ${seen.detections.map((one) => `${one.type} (${one.message})`).join(', ')}`);
      assert.match(found[0].message, pattern);
      assert.equal(found[0].source?.mac, macText(source.mac, 0));
      assert.ok(found[0].frames.length > 0 && found[0].frames.every((number) => seen.frames[number - 1]));
      assert.deepEqual(ofType(raised(learned, { learned }), type), []);
    });
  }

  it('a station is known by what it says of itself', () => {
    const { sensor } = raised(
      frame(`feff05010102030400000024${'0202000900007072657373'}${ascii('-7')}00${'020300060000002a0313'}${'0204000400000100'}0000`, false),
    );
    const device = sensor.inventory.devices.find((one) => one?.name === 'press-7');
    assert.equal(device?.vendor, 'Siemens');
    assert.equal(device?.type, 'I/O Adapter');
  });
});
