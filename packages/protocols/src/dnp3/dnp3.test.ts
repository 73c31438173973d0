import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations, randomFrom } from '../testing/mutate.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { crcDnp } from './crc.ts';
import { dnp3 } from './dissector.ts';

const MASTER = 1;
const OUTSTATION = 10;

/** A link frame with right checksums. */
function frame(control: number, destination: number, source: number, data: Uint8Array): Uint8Array {
  const out: number[] = [];
  const block = (bytes: readonly number[]): void => {
    const crc = crcDnp(Uint8Array.from(bytes), 0, bytes.length);
    out.push(...bytes, crc & 255, crc >> 8);
  };
  block([5, 0x64, data.length + 5, control, destination & 255, destination >> 8, source & 255, source >> 8]);
  for (let at = 0; at < data.length; at += 16) block([...data.subarray(at, at + 16)]);
  return Uint8Array.from(out);
}
const fromMaster = (application: string, transport = 0xc0): Piece =>
  request(frame(0xc4, OUTSTATION, MASTER, Uint8Array.from([transport, ...hex(application)])));
const fromOutstation = (application: string, transport = 0xc0): Piece =>
  response(frame(0x44, MASTER, OUTSTATION, Uint8Array.from([transport, ...hex(application)])));
const link = (control: number): Piece => request(frame(control, OUTSTATION, MASTER, new Uint8Array(0)));

const CONTROL = '0c 01 28 01 00 02 00 03 01 64000000 64000000';
/** Open File of a name in mode 1 read or 2 write. */
function openFile(name: string, mode: number): string {
  const size = (26 + name.length).toString(16).padStart(2, '0');
  const length = name.length.toString(16).padStart(2, '0');
  return `c0 19 46 03 5b 01 ${size}00 1a00 ${length}00 000000000000 0000 00000000 00000000 0${mode}00 0004 0100 ${Buffer.from(name).toString('hex')}`;
}

test('the checksum is that of the standard', () => {
  assert.equal(crcDnp(Buffer.from('123456789'), 0, 9), 0xea82);
  // Reset Link States from 1 to 1024: the header ends in D7 F7.
  assert.equal(crcDnp(hex('056405c000040100'), 0, 8), 0xf7d7);
});

describe('messages', () => {
  const cases: readonly [string, readonly Piece[], readonly string[]][] = [
    ['a poll and its answer', [fromMaster('c0 01 3c 01 06'), fromOutstation('c0 81 00 00')], ['dnp3 1 request', 'dnp3 129 response']],
    [
      'an unsolicited response and its confirmation',
      [fromOutstation('f0 82 00 00'), fromMaster('d0 00')],
      ['dnp3 130 notification', 'dnp3 0 notification'],
    ],
    [
      'link frames without data',
      [link(0xc0), link(0xc9), response(frame(0x0b, MASTER, OUTSTATION, new Uint8Array(0)))],
      ['dnp3 256 request', 'dnp3 265 request', 'dnp3 523 response'],
    ],
    [
      'a master that is the TCP server',
      [response(fromMaster('c0 01 3c 01 06').bytes), request(fromOutstation('c0 81 00 00').bytes)],
      ['dnp3 1 request', 'dnp3 129 response'],
    ],
    [
      'a fragment of three segments',
      [fromOutstation('c0 81 00 00 01 02 00', 0x40), fromOutstation('00 02', 0x01), fromOutstation('01 01 01', 0x82)],
      ['dnp3 768 notification', 'dnp3 768 notification', 'dnp3 129 response'],
    ],
    [
      'a segment sent again is dropped',
      [fromMaster('c0 01 3c', 0x45), fromMaster('c0 01 3c', 0x45), fromMaster('01 06', 0x86)],
      ['dnp3 768 notification', 'dnp3 768 notification', 'dnp3 1 request'],
    ],
  ];
  for (const [name, pieces, expected] of cases) {
    test(name, () => {
      const recorder = talk(dnp3, pieces);
      assert.deepEqual(recorder.talk(), expected);
      assert.deepEqual(recorder.violations(), []);
    });
  }

  test('segments whose sequence wraps from 63 to 0 are put together', () => {
    const recorder = talk(dnp3, [fromOutstation('c0 81 00 00', 0x7f), fromOutstation('3c 02 06', 0x80)]);
    assert.deepEqual(recorder.talk(), ['dnp3 768 notification', 'dnp3 129 response']);
    assert.deepEqual(recorder.violations(), []);
  });

  test('frames in pieces of any size are read', () => {
    const bytes = [...fromMaster('c0 01 3c 02 06 3c 03 06 3c 04 06').bytes, ...fromMaster('c1 01 3c 01 06').bytes];
    for (let size = 1; size <= bytes.length; size++) {
      const pieces: Piece[] = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(request(Uint8Array.from(bytes.slice(at, at + size))));
      assert.deepEqual(talk(dnp3, pieces).talk(), ['dnp3 1 request', 'dnp3 1 request'], `pieces of ${size}`);
    }
  });

  test('several frames in a datagram are read', () => {
    const bytes = Uint8Array.from([...fromMaster('c0 01 3c 01 06').bytes, ...fromMaster('c1 01 3c 02 06').bytes]);
    assert.deepEqual(talk(dnp3, [request(bytes)], { datagrams: true }).talk(), ['dnp3 1 request', 'dnp3 1 request']);
  });
});

describe('object headers of every qualifier are stepped over', () => {
  const after = '3c 02 06';
  const headers: readonly [string, string][] = [
    ['all objects', '01 00 06'],
    ['8-bit range', '1e 01 00 00 01 0100000001 0100000002'],
    ['16-bit range', '0a 02 01 0000 0200 010101'],
    ['32-bit range', '14 01 02 00000000 00000000 0100000000'],
    ['packed bits', '01 01 00 00 08 ff01'],
    ['packed double bits', '03 01 00 00 04 ff03'],
    ['8-bit count', '33 01 07 01 000000000000'],
    ['16-bit count and index', '02 02 28 0100 0500 01 000000000000'],
    ['32-bit count and index', '20 01 39 01000000 05000000 0100000000'],
    ['8-bit index', '0c 01 17 01 00 03 01 64000000 64000000 00'],
    ['octet strings', '6e 04 00 00 01 41424344 45464748'],
    ['free format', '46 05 5b 01 0800 0100000000000000'],
    ['device attributes', '00 f2 00 00 00 01 03 312e30'],
    ['no range and no objects', '3c 01 06'],
  ];
  for (const [name, text] of headers) {
    test(name, () => {
      const recorder = talk(dnp3, [fromOutstation(`c0 81 00 00 ${text} ${after}`)]);
      assert.deepEqual(recorder.violations(), []);
      assert.equal(recorder.fields['dnp3.al.obj']['0x3c02'], 1);
    });
  }
});

describe('what is wrong is named', () => {
  const damaged = (piece: Piece, at: number): Piece => {
    const bytes = Uint8Array.from(piece.bytes);
    bytes[at] ^= 0xff;
    return request(bytes);
  };
  const cases: readonly [string, readonly Piece[], readonly string[]][] = [
    ['other bytes between frames', [fromMaster('c0 01 3c 01 06'), request('ffffffffff')], ['dnp3.start-bytes']],
    ['a length below 5', [request('0564 04 c4 0a00 0100 0000')], ['dnp3.length']],
    ['a header checksum', [damaged(fromMaster('c0 01 3c 01 06'), 8)], ['dnp3.header-crc']],
    ['a block checksum', [damaged(fromMaster('c0 01 3c 01 06'), 16)], ['dnp3.block-crc']],
    ['a reserved link function', [link(0xc7)], ['dnp3.link-function']],
    ['data where none belongs', [request(frame(0xc9, OUTSTATION, MASTER, hex('c0c001')))], ['dnp3.link-data']],
    ['user data without data', [link(0xc4)], ['dnp3.link-data']],
    ['a segment that continues nothing', [fromMaster('3c 01 06', 0x81)], ['dnp3.transport-sequence']],
    ['a segment left out', [fromMaster('c0 01', 0x41), fromMaster('3c 01 06', 0x83)], ['dnp3.transport-sequence']],
    ['a fragment without function', [fromMaster('c0')], ['dnp3.application-length']],
    ['a response without indications', [fromOutstation('c0 81 00')], ['dnp3.application-length']],
    ['a reserved request', [fromMaster('c0 22')], ['dnp3.reserved-function']],
    ['a reserved response', [fromOutstation('c0 84 00 00')], ['dnp3.reserved-function']],
    ['a response from a master', [fromMaster('c0 81 00 00')], ['dnp3.response-from-master']],
    ['a request from an outstation', [fromOutstation('c0 01 3c 01 06')], ['dnp3.request-from-outstation']],
    ['a request for confirmation by the master', [fromMaster('e0 01 3c 01 06')], ['dnp3.confirm-requested']],
    ['initialize data', [fromMaster('c0 0f')], ['dnp3.initialize-data']],
    ['save configuration', [fromMaster('c0 13')], ['dnp3.save-configuration']],
    ['reserved indications', [fromOutstation('c0 81 00 40')], ['dnp3.reserved-indication']],
    ['an undefined group', [fromMaster('c0 01 ff 00 06')], ['dnp3.unknown-object']],
    ['an undefined variation', [fromMaster('c0 01 01 09 06')], ['dnp3.unknown-object']],
    ['an impossible qualifier', [fromMaster('c0 01 3c 04 ed')], ['dnp3.qualifier']],
    ['a range that ends before it begins', [fromMaster('c0 01 1e 01 00 05 03')], ['dnp3.range']],
    ['a header cut off', [fromMaster('c0 01 1e 01')], ['dnp3.object-header']],
    ['objects past the fragment', [fromMaster('c0 02 01 01 01 0000 feff 00')], ['dnp3.object-length']],
    ['2^32 objects', [fromMaster('c0 04 0c 01 39 ffffffff 00')], ['dnp3.object-length']],
  ];
  for (const [name, pieces, expected] of cases) test(name, () => assert.deepEqual(talk(dnp3, pieces).violations(), expected));

  test('a fragment beyond the bound', () => {
    const data = '00'.repeat(248);
    const pieces = Array.from({ length: 70 }, (_, index) => fromMaster(data, (index === 0 ? 0x40 : 0) | (index & 63)));
    assert.equal(talk(dnp3, pieces).violations()[0], 'dnp3.fragment-too-long');
  });
  test('a datagram that ends early, unless the capture cut it', () => {
    const bytes = fromMaster('c0 01 3c 01 06').bytes.slice(0, 14);
    assert.deepEqual(talk(dnp3, [request(bytes)], { datagrams: true }).violations(), ['dnp3.length']);
    assert.deepEqual(talk(dnp3, [request(bytes)], { datagrams: true, complete: false }).violations(), []);
  });
});

describe('actions', () => {
  const ok = (sequence: number): Piece => fromOutstation(`c${sequence} 81 00 00`);
  const cases: readonly [string, readonly Piece[], readonly string[]][] = [
    ['cold restart', [fromMaster('c1 0d'), ok(1)], ['outstation.restart requested', 'outstation.restart accepted']],
    [
      'warm restart that is not supported',
      [fromMaster('c1 0e'), fromOutstation('c1 81 00 01')],
      ['outstation.restart requested', 'outstation.restart refused'],
    ],
    ['an answer to something else accepts nothing', [fromMaster('c1 0d'), ok(2)], ['outstation.restart requested']],
    ['stop application', [fromMaster('c1 12')], ['application.stop requested']],
    ['activate configuration', [fromMaster('c1 1f'), ok(1)], ['configuration.activate requested', 'configuration.activate accepted']],
    [
      'operate',
      [fromMaster(`c1 04 ${CONTROL} 00`), fromOutstation(`c1 81 00 00 ${CONTROL} 00`)],
      ['control.operate requested', 'control.operate accepted'],
    ],
    [
      'operate with status 4',
      [fromMaster(`c1 05 ${CONTROL} 00`), fromOutstation(`c1 81 00 00 ${CONTROL} 04`)],
      ['control.operate requested', 'control.operate refused'],
    ],
    ['select operates nothing', [fromMaster(`c1 03 ${CONTROL} 00`)], []],
    ['set the time', [fromMaster('c1 02 32 01 07 01 000000000000')], ['time.set requested']],
    ['clearing the restart indication is routine', [fromMaster('c1 02 50 01 00 07 07 00')], []],
    ['open a file to read', [fromMaster(openFile('log.txt', 1))], ['file.read requested']],
    ['open a file to write', [fromMaster(openFile('points.xml', 2))], ['file.write requested']],
    ['write firmware', [fromMaster(openFile('rtu_fw.bin', 2))], ['file.write requested', 'firmware.update requested']],
    ['delete a file', [fromMaster(openFile('log.txt', 0).replace('c0 19', 'c0 1b'))], ['file.delete requested']],
  ];
  for (const [name, pieces, expected] of cases) test(name, () => assert.deepEqual(talk(dnp3, pieces).actions(), expected));

  test('a file is named', () =>
    assert.equal(talk(dnp3, [fromMaster(openFile('rtu_fw.bin', 2))]).of('action')[0].parameters?.file, 'rtu_fw.bin'));
});

test('indications are told when they last, and once more when they clear', () => {
  const recorder = talk(dnp3, [fromOutstation('c0 81 8e 08'), fromOutstation('c1 81 02 00'), fromOutstation('c2 81 0e 00')]);
  assert.deepEqual(
    recorder.of('indication').map(({ bits, outstation, operation }) => [bits, outstation, operation]),
    [
      [0x088e, OUTSTATION, 129],
      [0x0002, OUTSTATION, 129],
    ],
  );
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect, a]),
    [
      [Aspect.Dnp3Indication, 7],
      [Aspect.Dnp3Indication, 11],
    ],
  );
});

test('requests use their function, integrity polls their classes', () => {
  const recorder = talk(dnp3, [fromMaster('c0 01 3c 02 06 3c 03 06 3c 04 06 3c 01 06'), fromMaster('c1 01 3c 02 06')]);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect, a]),
    [
      [Aspect.Dnp3Function, 1],
      [Aspect.Dnp3IntegrityScan, 15],
      [Aspect.Dnp3Function, 1],
    ],
  );
});

test('outstations tell who they are and that authentication failed', () => {
  const recorder = talk(dnp3, [
    fromOutstation('c0 81 00 00 00 f2 00 00 00 01 03 312e30 00 fc 00 00 00 01 04 41434d45'),
    fromOutstation('c1 83 00 00 78 07 5b 01 1100 01000000 0100 0100 02 000000000000 4e4f'),
  ]);
  assert.deepEqual(
    recorder.of('identity').map(({ firmware, vendor }) => firmware ?? vendor),
    ['1.0', 'ACME'],
  );
  assert.deepEqual(recorder.failures(), ['dnp3.authentication 131 code 2']);
});

describe('identification by content', () => {
  const verdict = (bytes: Uint8Array): number => dnp3.identify?.(bytes, 0, bytes.length, true) ?? Confidence.No;
  test('a header with its checksum is Certain, its beginning asks for more', () => {
    const { bytes } = fromMaster('c0 01 3c 01 06');
    assert.equal(verdict(bytes), Confidence.Certain);
    for (let size = 0; size < 10; size++) assert.equal(verdict(bytes.slice(0, size)), Confidence.More, `${size} bytes`);
    bytes[8] ^= 1;
    assert.equal(verdict(bytes), Confidence.Possible);
  });
  test('random bytes are never Certain', () => {
    const random = randomFrom(3);
    let certain = 0;
    for (let round = 0; round < 200_000; round++) {
      const bytes = Uint8Array.from({ length: 24 }, () => random() * 256);
      bytes[0] = 5;
      if (verdict(bytes) === Confidence.Certain) certain++;
    }
    assert.equal(certain, 0);
  });
});

test('damaged bytes never throw and always progress', () => {
  const samples = [
    fromMaster('c0 01 3c 02 06 3c 01 06'),
    fromMaster(`c1 05 ${CONTROL} 00`),
    fromMaster(openFile('a.bin', 2)),
    fromOutstation('c0 81 80 00 1e 01 00 00 01 0100000001 0100000002'),
  ];
  const whole = samples.map((piece) => piece.bytes);
  for (const bytes of mutations(whole, 10_000, 11)) {
    talk(dnp3, [request(bytes), response(bytes)]);
    talk(dnp3, [request(bytes)], { datagrams: true });
  }
  // Behind right checksums, where the objects are.
  for (const data of mutations(
    samples.map((piece) => piece.bytes.subarray(11, 26)),
    20_000,
    12,
  ))
    talk(dnp3, [
      request(frame(0xc4, 10, 1, Uint8Array.from([0xc0, ...data.subarray(0, 240)]))),
      response(frame(0x44, 1, 10, Uint8Array.from([0xc0, 0xc0, 0x81, 0, 0, ...data.subarray(2, 230)]))),
    ]);
});

const FIELDS = [
  'dnp3.al.func',
  'dnp3.ctl.prifunc',
  'dnp3.ctl.secfunc',
  'dnp3.src',
  'dnp3.dst',
  'dnp3.al.obj',
  'dnp3.al.iin.rst',
  'dnp3.al.iin.dt',
];
/**
 * tshark does not join a fragment whose segments wrap from sequence 63 to 0: the responses of frames 18, 114, 210 and 810
 * are missing, and frame 311, a response of its own, becomes a confirmation with the rest of frame 210.
 */
const MISCOUNTED: Readonly<Record<string, readonly string[]>> = {
  'dnp3-example-cisagov.pcap': ['dnp3.al.func', 'dnp3.al.obj', 'dnp3.al.iin.rst', 'dnp3.al.iin.dt'],
};
const captures = capturesDirectory();
describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES to their directory' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    const truth = join(captures ?? '', 'truth', `${file}.json`);
    if (!existsSync(truth)) continue;
    test(`${file} counts as tshark does`, () => {
      const recorder = replay(join(captures ?? '', file), [dnp3]);
      if (!file.startsWith('dnp3')) assert.deepEqual(recorder.identified, []);
      const fields = FIELDS.filter((field) => !MISCOUNTED[file]?.includes(field));
      const wrong = compareFields(recorder, truth, fields).filter(({ result }) => result === 'off' || result === 'absent');
      assert.deepEqual(wrong, []);
    });
  }
});
