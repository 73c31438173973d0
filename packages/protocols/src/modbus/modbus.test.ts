import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations, randomFrom } from '../testing/mutate.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { modbus } from './dissector.ts';

/** A message of transaction 1, unit 1, around a PDU in hexadecimal digits. */
function adu(pdu: string, transaction = 1): Uint8Array {
  const body = hex(pdu);
  return Uint8Array.from([transaction >> 8, transaction & 255, 0, 0, (body.length + 1) >> 8, (body.length + 1) & 255, 1, ...body]);
}
const ask = (pdu: string, transaction = 1): Piece => request(adu(pdu, transaction));
const answer = (pdu: string, transaction = 1): Piece => response(adu(pdu, transaction));

describe('well-formed exchanges tell their facts and no violation', () => {
  const exchanges: readonly [string, string, string][] = [
    ['read coils', '01 0013 0013', '01 03 cd6b05'],
    ['read discrete inputs', '02 00c4 0016', '02 03 acdb35'],
    ['read holding registers', '03 006b 0003', '03 06 022b00000064'],
    ['read input registers', '04 0008 0001', '04 02 000a'],
    ['write single coil', '05 00ac ff00', '05 00ac ff00'],
    ['write single register', '06 0001 0003', '06 0001 0003'],
    ['read exception status', '07', '07 6d'],
    ['diagnostics: return query data', '08 0000 a5371234', '08 0000 a5371234'],
    ['diagnostics: clear counters', '08 000a 0000', '08 000a 0000'],
    ['comm event counter', '0b', '0b ffff 0108'],
    ['comm event log', '0c', '0c 08 0000 0108 0121 2000'],
    ['write multiple coils', '0f 0013 000a 02 cd01', '0f 0013 000a'],
    ['write multiple registers', '10 0001 0002 04 000a0102', '10 0001 0002'],
    ['report server id', '11', '11 05 4142434400'],
    ['read file record', '14 0e 06 0004 0001 0002 06 0003 0009 0002', '14 0c 05 06 0dfe0020 05 06 33cd0040'],
    ['write file record', '15 0d 06 0004 0007 0003 06af04be100d', '15 0d 06 0004 0007 0003 06af04be100d'],
    ['mask write register', '16 0004 00f2 0025', '16 0004 00f2 0025'],
    ['read/write multiple registers', '17 0003 0006 000e 0003 06 00ff00ff00ff', '17 0c 00fe0acd00010003000d00ff'],
    ['read FIFO queue', '18 04de', '18 0006 0002 01b81284'],
    ['CANopen reference', '2b 0d 0000', '2b 0d 0000'],
    ['device identification', '2b 0e 01 00', '2b 0e 01 01 00 00 03 00 04 41434d45 01 02 5031 02 04 76312e30'],
    ['user-defined function', '41 0102030405', '41 00'],
  ];
  for (const [name, asked, answered] of exchanges) {
    test(name, () => {
      const recorder = talk(modbus, [ask(asked), answer(answered)]);
      const code = Number.parseInt(asked.slice(0, 2), 16);
      assert.deepEqual(recorder.talk(), [`modbus ${code} request`, `modbus ${code} response`]);
      assert.deepEqual(recorder.violations(), []);
      assert.deepEqual(recorder.uses, [{ frame: 1, toServer: true, aspect: Aspect.ModbusFunction, a: (1 << 8) | code, b: 0 }]);
      assert.deepEqual(recorder.fields['modbus.func_code'], { [code]: 2 });
    });
  }
});

test('requests tell the addresses they touch, by unit and table', () => {
  const cases: readonly [string, readonly [number, number, number][]][] = [
    ['01 0013 0025', [[0x100, 19, 37]]],
    ['02 00c4 0016', [[0x101, 196, 22]]],
    ['03 006b 0003', [[0x103, 107, 3]]],
    ['04 0008 0001', [[0x102, 8, 1]]],
    ['05 00ac ff00', [[0x100, 172, 1]]],
    ['06 0001 0003', [[0x103, 1, 1]]],
    ['0f 0013 000a 02 cd01', [[0x100, 19, 10]]],
    ['10 ffff 0001 02 0000', [[0x103, 65535, 1]]],
    ['16 0004 00f2 0025', [[0x103, 4, 1]]],
    [
      '17 0003 0006 000e 0003 06 00ff00ff00ff',
      [
        [0x103, 3, 6],
        [0x103, 14, 3],
      ],
    ],
  ];
  for (const [pdu, expected] of cases) {
    const { ranges } = talk(modbus, [ask(pdu)]);
    assert.deepEqual(
      ranges.map(({ key, first, count }) => [key, first, count]),
      expected,
      pdu,
    );
  }
});

describe('what is wrong is named', () => {
  const cases: readonly [string, readonly Piece[], readonly string[]][] = [
    ['a length field without a function code', [request('0001 0000 0001 01 03')], ['modbus.length']],
    ['a length field beyond anything real', [request('0001 0000 7fff 01 03')], ['modbus.length-too-long']],
    ['a message of more than 254 bytes', [ask(`41${'00'.repeat(300)}`)], ['modbus.length-too-long']],
    ['another protocol identifier', [request('0001 0002 0006 01 03 0000 0001')], ['modbus.protocol-id']],
    ['another protocol identifier before other bytes', [request('0001 0002 0006 01 63 0000 0001')], ['modbus.protocol-id']],
    ['a request that is too short', [ask('03 0000')], ['modbus.length-mismatch']],
    ['a request that is too long', [ask('03 0000 0001 00')], ['modbus.length-mismatch']],
    ['a byte count that disagrees', [ask('10 0001 0002 05 000a0102')], ['modbus.byte-count']],
    ['a quantity of 0', [ask('03 0000 0000')], ['modbus.quantity']],
    ['a quantity above the limit', [ask('03 0000 007e')], ['modbus.quantity']],
    ['a range past 65535', [ask('03 ffff 0002')], ['modbus.address-range']],
    ['a coil set to something else', [ask('05 0001 1234')], ['modbus.coil-value']],
    ['function code 0', [ask('00 0000')], ['modbus.function-zero']],
    ['a reserved function', [ask('09 00')], ['modbus.reserved-function']],
    ['function 90 that is no UMAS', [ask('5a 00 00')], ['modbus.reserved-function']],
    ['an unassigned function', [ask('1e 00')], ['modbus.unassigned-function']],
    ['an exception in a request', [ask('83 02')], ['modbus.exception-in-request']],
    ['an unassigned exception code', [answer('83 63')], ['modbus.exception-code']],
    ['a reserved diagnostic', [ask('08 0013 0000')], ['modbus.diagnostic-code']],
    ['an unknown transport type', [ask('2b 0f 00')], ['modbus.mei-type']],
    ['a wrong access code', [ask('2b 0e 05 00')], ['modbus.read-device-id-code']],
    ['an object past the message', [answer('2b 0e 01 01 00 00 01 00 09 41')], ['modbus.object-length']],
    ['a file record of another type', [ask('14 07 05 0004 0001 0002')], ['modbus.file-record']],
    ['a FIFO answer that is too long', [answer(`18 0042 0020 ${'00'.repeat(64)}`)], ['modbus.fifo-count']],
    ['an answer with fewer registers than asked for', [ask('03 0000 0002'), answer('03 02 0000')], ['modbus.byte-count']],
    ['an answer of another function', [ask('03 0000 0001'), answer('04 02 0000')], ['modbus.function-mismatch']],
    [
      'an answer that nobody asked for',
      [ask('03 0000 0001'), answer('03 02 0000'), answer('03 02 0000')],
      ['modbus.response-without-request'],
    ],
  ];
  for (const [name, pieces, expected] of cases) test(name, () => assert.deepEqual(talk(modbus, pieces).violations(), expected));

  test('a datagram whose length field disagrees', () => {
    const recorder = talk(modbus, [request('0001 0000 0009 01 03 0000 0001')], { datagrams: true });
    assert.deepEqual(recorder.violations(), ['modbus.length-mismatch']);
  });
  test('but not when the capture cut the datagram', () => {
    const recorder = talk(modbus, [request('0001 0000 0009 01 10 0000 00')], { datagrams: true, complete: false });
    assert.deepEqual(recorder.violations(), []);
  });
});

test('the first answers of a connection seen half-way are no violation', () => {
  assert.deepEqual(talk(modbus, [answer('03 02 0000', 7), ask('03 0000 0001', 8), answer('03 02 0000', 8)]).violations(), []);
});

test('several messages in a segment and one over several segments are all read', () => {
  const bytes = [...adu('03 0000 0001', 1), ...adu('04 0000 0001', 2), ...adu('06 0000 0001', 3)];
  const expected = ['modbus 3 request', 'modbus 4 request', 'modbus 6 request'];
  for (let size = 1; size <= bytes.length; size++) {
    const pieces: Piece[] = [];
    for (let at = 0; at < bytes.length; at += size) pieces.push(request(Uint8Array.from(bytes.slice(at, at + size))));
    assert.deepEqual(talk(modbus, pieces).talk(), expected, `in pieces of ${size}`);
  }
});

test('port 502 is the server even when it opened the connection', () => {
  const recorder = talk(modbus, [response(adu('81 06'))], { serverPort: 502 });
  assert.deepEqual(recorder.failures(), ['modbus.exception 1 code 6']);
});

test('an exception tells failure, use and field', () => {
  const recorder = talk(modbus, [ask('03 0000 0001'), answer('83 02')]);
  assert.deepEqual(recorder.failures(), ['modbus.exception 3 code 2']);
  assert.deepEqual(recorder.uses.at(-1), { frame: 2, toServer: false, aspect: Aspect.ModbusException, a: 0x302, b: 0 });
  assert.deepEqual(recorder.fields['modbus.exception_code'], { 2: 1 });
});

test('devices tell who they are', () => {
  const recorder = talk(modbus, [answer('2b 0e 01 01 00 00 03 00 04 41434d45 01 02 5031 02 04 76312e30'), answer('11 05 5043303031')]);
  const [identification, server] = recorder.of('identity');
  assert.deepEqual(identification, {
    is: 'identity',
    protocol: 1,
    of: 'sender',
    vendor: 'ACME',
    model: 'P1',
    firmware: 'v1.0',
    place: 'unit 1',
  });
  assert.equal(server.revision, 'server id PC001');
});

test('diagnostics that silence or restart a device are actions', () => {
  const recorder = talk(modbus, [ask('08 0004 0000'), answer('88 01'), ask('08 0001 0000', 2), answer('08 0001 0000', 2)]);
  assert.deepEqual(recorder.actions(), [
    'controller.mode requested',
    'controller.mode refused',
    'controller.reset requested',
    'controller.reset accepted',
  ]);
});

describe('UMAS', () => {
  const cases: readonly [string, readonly Piece[], readonly string[]][] = [
    [
      'reads of identity, project and PLC state read the configuration',
      [ask('5a 00 02'), ask('5a 00 03 00', 2)],
      ['identity.request requested', 'configuration.read requested', 'configuration.read requested'],
    ],
    [
      'start and stop',
      [ask('5a 01 40 ff00'), answer('5a 01 fe'), ask('5a 01 41 ff00', 2), answer('5a 01 fd 83', 2)],
      ['controller.start requested', 'controller.start accepted', 'controller.stop requested', 'controller.stop refused'],
    ],
    [
      'a download is told when it begins and ends, not for each block',
      [ask('5a 01 33 0001'), ask('5a 01 34 00', 2), ask('5a 01 34 00', 3), ask('5a 01 35 00', 4)],
      ['program.download requested', 'program.download requested'],
    ],
    ['an upload seen half-way is told once', [ask('5a 01 31 0001'), ask('5a 01 31 0002', 2)], ['program.upload requested']],
    ['variables written operate something', [ask('5a 00 23 00')], ['control.operate requested']],
    ['a reservation is no action', [ask('5a 00 10 00'), answer('5a 00 fe 01')], []],
  ];
  for (const [name, pieces, expected] of cases) test(name, () => assert.deepEqual(talk(modbus, pieces).actions(), expected));

  test('is a protocol of its own, with the function of the request in the answer', () => {
    const recorder = talk(modbus, [ask('5a 00 41 ff00'), answer('5a 00 fe')]);
    assert.deepEqual(recorder.talk(), ['umas 65 request', 'umas 65 response']);
    assert.deepEqual(recorder.fields['x.umas.fc'], { '0x41': 1, '0xfe': 1 });
    assert.equal(recorder.of('identity')[0]?.mode, 'STOP');
    assert.deepEqual(
      recorder.uses.map(({ aspect, a }) => [aspect, a]),
      [
        [Aspect.UmasFunction, 0x41],
        [Aspect.ModbusFunction, 0x15a],
      ],
    );
  });
});

describe('identification by content', () => {
  const verdict = (bytes: Uint8Array, stream = true): number => modbus.identify?.(bytes, 0, bytes.length, stream) ?? Confidence.No;
  test('a well-formed message is Certain, its beginning asks for more', () => {
    const bytes = adu('03 0000 0001');
    assert.equal(verdict(bytes), Confidence.Certain);
    assert.equal(verdict(bytes, false), Confidence.Certain);
    for (let size = 0; size < bytes.length; size++) assert.equal(verdict(bytes.slice(0, size)), Confidence.More, `${size} bytes`);
  });
  test('an unknown function is Possible', () => assert.equal(verdict(adu('1e 00')), Confidence.Possible));
  const others: readonly [string, string][] = [
    ['DNS', '1234 0100 0001 0000 0000 0000 03777777 00 0001 0001'],
    ['TLS', '16 03 01 00 c8 01 00 00 c4 03 03'],
    ['TPKT', '03 00 00 16 11 e0 00 00 00 01 00'],
    ['SMB', '00 00 00 2f ff 53 4d 42 72 00'],
    ['EtherNet/IP', '63 00 00 00 00 00 00 00 00 00 00 00'],
    ['zeros', '00'.repeat(64)],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n').toString('hex')],
  ];
  for (const [name, bytes] of others) test(`${name} is not Modbus`, () => assert.equal(verdict(hex(bytes)), Confidence.No));
  test('random bytes are never Certain', () => {
    const random = randomFrom(7);
    for (let round = 0; round < 200_000; round++) {
      const bytes = Uint8Array.from({ length: 8 + Math.floor(random() * 24) }, () => random() * 256);
      if (random() < 0.5) bytes[2] = bytes[3] = bytes[4] = 0;
      if (verdict(bytes) === Confidence.Certain) assert.equal(bytes[2] + bytes[3] + bytes[4], 0);
    }
  });
});

test('damaged bytes never throw and always progress', () => {
  const samples = [
    '03 0000 0001',
    '10 0001 0002 04 000a0102',
    '14 0e 06 0004 0001 0002 06 0003 0009 0002',
    '2b 0e 01 01 00 00 03 00 04 41434d45 01 02 5031 02 04 76312e30',
    '18 0006 0002 01b81284',
    '5a 00 02',
    '5a 00 fe 10ff5a010100000070020000270009000800000000000e3134302043505520333131203130',
  ].map((pdu) => adu(pdu));
  for (const bytes of mutations(samples, 20_000, 42)) {
    talk(modbus, [request(bytes), response(bytes)]);
    talk(modbus, [request(bytes), response(bytes)], { datagrams: true });
    modbus.identify?.(bytes, 0, bytes.length, true);
  }
});

const FIELDS = ['modbus.func_code', 'modbus.exception_code', 'mbtcp.unit_id', 'modbus.diagnostic_code', 'modbus.mei', 'x.umas.fc'];
const captures = capturesDirectory();
describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES to their directory' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    const truth = join(captures ?? '', 'truth', `${file}.json`);
    if (!existsSync(truth)) continue;
    test(`${file} counts as tshark does`, () => {
      const recorder = replay(join(captures ?? '', file), [modbus]);
      if (!file.startsWith('modbus')) assert.deepEqual(recorder.identified, []);
      const wrong = compareFields(recorder, truth, FIELDS).filter(({ result }) => result === 'off' || result === 'absent');
      assert.deepEqual(wrong, []);
    });
  }
});
