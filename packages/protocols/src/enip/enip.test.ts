/** EtherNet/IP, CIP and PCCC from hand-made bytes: services, matching of replies, violations, hostile input. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect, Role } from '../facts.ts';
import { mutations, randomFrom } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { cipIo } from './cip-io.ts';
import { CipPath, readPath, symbolText } from './cip-path.ts';
import { enip } from './dissector.ts';
import { operatingMode } from './identity.ts';

const le16 = (value: number): number[] => [value & 255, (value >> 8) & 255];

/** A message with its 24-byte header around data in hexadecimal digits. */
function message(command: number, data: string, { status = 0, session = 7, context = 0, options = 0 } = {}): Uint8Array {
  const body = hex(data);
  const head = [
    ...le16(command),
    ...le16(body.length),
    ...le16(session),
    0,
    0,
    status,
    0,
    0,
    0,
    context,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    options,
    0,
    0,
    0,
  ];
  return Uint8Array.from([...head, ...body]);
}

const digits = (bytes: readonly number[] | Uint8Array): string => Buffer.from(bytes).toString('hex');

/** CIP in Send RR Data, and in Send Unit Data with a connection and a sequence count. */
const unconnected = (cip: string, context = 1): Uint8Array =>
  message(0x6f, `00000000 0500 0200 00000000 b200${digits(le16(hex(cip).length))}${cip}`, { context });
const connected = (cip: string, sequence: number, connection = '11111111'): Uint8Array =>
  message(0x70, `00000000 0000 0200 a1000400${connection} b100${digits(le16(hex(cip).length + 2))}${digits(le16(sequence))}${cip}`);

const ask = (cip: string, context = 1): Piece => request(unconnected(cip, context));
const answer = (cip: string, context = 1): Piece => response(unconnected(cip, context));

describe('services tell what they do', () => {
  const cases: readonly [string, readonly Piece[], readonly string[], readonly string[]][] = [
    [
      'a reset of the identity object that is accepted',
      [ask('0502 2001 2401 00'), answer('85000000')],
      ['controller.reset requested', 'controller.reset accepted'],
      [],
    ],
    [
      'a reset that is refused',
      [ask('0502 2001 2401'), answer('85000f00')],
      ['controller.reset requested', 'controller.reset refused'],
      ['cip.status 261 code 15'],
    ],
    ['a reset of an object that is no device is none', [ask('0502 2005 2401'), answer('85000000')], [], []],
    ['a reset of a program', [ask('0502 2068 2401'), answer('85000000')], ['program.reset requested', 'program.reset accepted'], []],
    ['a stop', [ask('0702 208e 2401'), answer('87000000')], ['controller.stop requested', 'controller.stop accepted'], []],
    ['a start', [ask('0602 208e 2401')], ['controller.start requested'], []],
    ['a partial transfer is no failure', [ask('0302 208e 2401 01000100'), answer('83000600 0000')], [], []],
    ['a clock that is set', [ask('0402 208b 2401 0100 0600 0000000000000000')], ['time.set requested'], []],
    [
      'a file that is written is a firmware update',
      [ask('4c02 2037 2401 00000000')],
      ['file.write requested', 'firmware.update requested'],
      [],
    ],
    ['an electronic data sheet that is written is none', [ask('4c02 2037 24c8 00000000')], ['file.write requested'], []],
    ['firmware blocks are told once a flow', [ask('4d02 20a1 2401 00', 1), ask('4d02 20a1 2401 00', 2)], ['firmware.update requested'], []],
    ['an IP configuration that is written', [ask('1003 20f5 2401 3005 00')], ['configuration.write requested'], []],
    [
      'an unconnected send of a stop',
      [ask('5202 2006 2401 0a0e 0600 0702208e2401 01 00 0100'), answer('87000000')],
      ['controller.stop requested', 'controller.stop accepted'],
      [],
    ],
    [
      'an unconnected send that a router refuses',
      [ask('5202 2006 2401 0a0e 0600 0702208e2401 01 00 0100'), answer('d2000101 0402')],
      ['controller.stop requested'],
      ['cip.status 1618 code 1'],
    ],
    [
      'a packet whose second message fails',
      [ask('0a02 2002 2401 0200 0600 0c00 0102 2001 2401 0502 2001 2401'), answer('8a001e00 0200 0600 0a00 81000000 85001000')],
      ['identity.request requested', 'controller.reset requested', 'controller.reset refused'],
      ['cip.status 522 code 30', 'cip.status 261 code 16'],
    ],
    ['a reply to another request is not matched', [ask('0502 2001 2401', 1), answer('85000000', 2)], ['controller.reset requested'], []],
    [
      'a PCCC mode change',
      [ask('4b02 2067 2401 07 4d00 11223344 0f 00 0100 80 06'), answer('cb000000 07 4d00 11223344 4f 00 0100')],
      ['controller.mode requested', 'controller.mode accepted'],
      [],
    ],
    [
      'a PCCC command that fails',
      [ask('4b02 2067 2401 07 4d00 11223344 0f 00 0100 50'), answer('cb000000 07 4d00 11223344 4f f0 0100 0b')],
      ['program.download requested', 'program.download refused'],
      ['pccc.status 3920 code 240'],
    ],
    [
      'an encapsulation command that fails',
      [request(message(0x65, '01000000', { session: 0 })), response(message(0x65, '', { status: 0x69, session: 0 }))],
      [],
      ['enip.status 101 code 105'],
    ],
  ];
  for (const [name, pieces, actions, failures] of cases) {
    test(name, () => {
      const recorder = talk(enip, pieces);
      assert.deepEqual(recorder.actions(), actions);
      assert.deepEqual(recorder.failures(), failures);
      assert.deepEqual(recorder.violations(), []);
    });
  }
});

describe('the baseline learns', () => {
  const uses = (pieces: readonly Piece[], aspect: Aspect): string[] =>
    talk(enip, pieces)
      .uses.filter((use) => use.aspect === aspect)
      .map((use) => `${use.a} ${use.b}`);

  test('commands of requests only', () => {
    assert.deepEqual(uses([request(message(0x65, '01000000', { session: 0 })), response(message(0x65, '01000000'))], Aspect.EnipCommand), [
      '101 0',
    ]);
  });
  test('classes and services, the embedded ones too, not the path of the reply', () => {
    const pieces = [ask('0a02 2002 2401 0100 0400 0102 2001 2401'), answer('8a000000 0100 0400 81000000')];
    assert.deepEqual(uses(pieces, Aspect.CipClassService), ['2 10', '1 1']);
  });
  test('tags that are read and written', () => {
    const recorder = talk(enip, [ask('4c04 9105 4c6576656c00 0100'), ask('4d04 9105 4c6576656c00 c400 0100 00000000')]);
    assert.deepEqual(
      recorder.uses.filter((use) => use.aspect === Aspect.CipSymbol).map((use) => [use.a, recorder.texts[use.b]]),
      [
        [0, 'Level'],
        [1, 'Level'],
      ],
    );
  });
  test('the connection points of an I/O connection, when the target accepts it', () => {
    const open = `5402 2006 2401 0a0e 00000000 22222222 0500 4d00 01020304 00 000000 00000000 0000 00000000 0000 01 04 2004 2401 2c64 2c65`;
    assert.deepEqual(uses([ask(open)], Aspect.CipIoConnection), []);
    assert.deepEqual(uses([ask(open), answer('d4000101 0001')], Aspect.CipIoConnection), []);
    assert.deepEqual(
      uses([ask(open), answer('d4000000 11111111 22222222 0500 4d00 01020304 00000000 00000000 00 00')], Aspect.CipIoConnection),
      ['100 101'],
    );
  });
  test('I/O data without knowing its points', () => {
    const io = hex('0200 0280 0800 11111111 01000000 b100 0400 01000000');
    assert.equal(cipIo.identify?.(io, 0, io.length, false), Confidence.Certain);
    const recorder = talk(cipIo, [request(io)], { datagrams: true });
    assert.deepEqual(
      recorder.uses.map((use) => [use.aspect, use.a, use.b]),
      [[Aspect.CipIoConnection, 0, 0]],
    );
    assert.equal(recorder.messages[0].role, Role.Notification);
  });
});

describe('replies are matched by', () => {
  test('sequence count within a connection', () => {
    const pieces = [
      request(connected('0702208e2401', 9)),
      response(connected('87000000', 9, '22222222')),
      response(connected('87000000', 9, '22222222')),
    ];
    assert.deepEqual(talk(enip, pieces).actions(), ['controller.stop requested', 'controller.stop accepted']);
  });
  test('nothing after bytes were lost', () => {
    const recorder = talk(enip, [ask('0702208e2401')]);
    enip.gap?.(recorder);
    assert.ok(recorder.state !== undefined);
    const reply = unconnected('87000000');
    recorder.toServer = false;
    enip.stream?.(recorder, reply, 0, reply.length);
    assert.deepEqual(recorder.actions(), ['controller.stop requested']);
  });
});

describe('identities', () => {
  const identity = '0100 0e00 3600 1413 6031 78563412 04 4c6f6769';
  test('of Get Attributes All belong to the sender', () => {
    const [fact] = talk(enip, [ask('0102 2001 2401'), answer(`81000000 ${identity}`)]).of('identity');
    assert.deepEqual([fact.model, fact.firmware, fact.serial, fact.type, fact.mode], ['Logi', '20.019', '12345678', 'PLC', 'REMOTE RUN']);
  });
  test('read through another module tell the mode only', () => {
    const [fact] = talk(enip, [ask('5202 2006 2401 0a0e 0600 0102 2001 2401 01 00 0100'), answer(`81000000 ${identity}`)]).of('identity');
    assert.deepEqual([fact.model, fact.firmware, fact.mode], [undefined, undefined, 'REMOTE RUN']);
  });
  test('that do not change are told once', () => {
    const pieces = [1, 2, 3].flatMap((context) => [ask('0102 2001 2401', context), answer(`81000000 ${identity}`, context)]);
    assert.equal(talk(enip, pieces).of('identity').length, 1);
  });
  const modes: readonly [number, string][] = [
    [0x1060, 'RUN'],
    [0x3060, 'REMOTE RUN'],
    [0x2070, 'PROGRAM'],
    [0x3070, 'REMOTE PROGRAM'],
    [0xb060, 'REMOTE TEST'],
    [0x3050, 'REMOTE FAULTED'],
    [0x7060, ''],
    [0x0060, ''],
  ];
  for (const [status, mode] of modes)
    test(`status 0x${status.toString(16)} is mode '${mode}'`, () => assert.equal(operatingMode(status), mode));
});

describe('what breaks the protocol is named', () => {
  const cases: readonly [string, Uint8Array, string][] = [
    ['a command that does not exist', message(0x1234, ''), 'enip.unknown-command'],
    ['options', message(0x63, '', { options: 1 }), 'enip.options'],
    ['a version that does not exist', message(0x65, '02000000'), 'enip.protocol-version'],
    ['a session without its data', message(0x65, '01'), 'enip.length-mismatch'],
    ['an item past the end', message(0x6f, '00000000 0000 0200 00000000 b200ff00 0100'), 'enip.item-overrun'],
    ['more items than there are', message(0x6f, '00000000 0000 0900 00000000'), 'enip.item-overrun'],
    ['bytes after the items', message(0x6f, '00000000 0000 0100 00000000 ffff'), 'enip.length-mismatch'],
    ['connected data without an address', message(0x70, '00000000 0000 0200 00000000 b1000800 0100 0102 2001 2401'), 'enip.item-order'],
    ['a path past the end', unconnected('0109 2001'), 'cip.path-overrun'],
    ['a segment that cannot be read', unconnected('0102 2001 e000'), 'cip.path-segment'],
    ['a reply without its status', unconnected('8100'), 'cip.short-message'],
    ['an additional status past the end', unconnected('81000109'), 'cip.status-overrun'],
    ['more embedded messages than there is room', unconnected('0a02 2002 2401 ff00 0400'), 'cip.embedded-length'],
    ['an offset backwards', unconnected('0a02 2002 2401 0200 0c00 0600 0102 2001 2401 0102 2001 2401'), 'cip.packet-offset'],
    ['an embedded message past the end', unconnected('5202 2006 2401 0a0e ff00 0102'), 'cip.embedded-length'],
    ['a PCCC request without a command', unconnected('4b02 2067 2401 07 4d00'), 'pccc.short-message'],
  ];
  for (const [name, bytes, violation] of cases) test(name, () => assert.deepEqual(talk(enip, [request(bytes)]).violations(), [violation]));

  test('a frame cut by the capture is not', () => {
    assert.deepEqual(talk(enip, [request(unconnected('0109 2001'))], { complete: false }).violations(), []);
  });
  test('messages in messages in messages are read to a depth only', () => {
    let cip = '0102 2001 2401';
    for (let i = 0; i < 6; i++) cip = `0a02 2002 2401 0100 0400 ${cip}`;
    assert.deepEqual(talk(enip, [ask(cip)]).violations(), ['cip.nesting']);
  });
  test('a datagram longer than its length', () => {
    assert.deepEqual(talk(enip, [request(Uint8Array.from([...message(0x63, ''), 1]))], { datagrams: true }).violations(), [
      'enip.length-mismatch',
    ]);
  });
});

test('paths of all segment kinds are read', () => {
  const path = new CipPath();
  const read = (digit: string): number => readPath(path, hex(digit), 0, hex(digit).length);
  assert.equal(read('3404 0100 0e00 3600 94 13 0100 2004 2501 0001 2c64 2c65'), -1);
  assert.deepEqual([path.classId, path.instance, path.firstPoint, path.secondPoint, path.routed], [4, 256, 100, 101, true]);
  assert.equal(read('1204 31302e31 2100 1a03 2600 01020304 3003'), -1);
  assert.deepEqual([path.classId, path.instance, path.attribute], [0x031a, 0x04030201, 3]);
  const symbol = hex('9103 616263 00 9101 64 00');
  assert.equal(readPath(path, symbol, 0, symbol.length), -1);
  assert.equal(symbolText(symbol, path.symbolStart, path.symbolEnd), 'abc.d');
  assert.equal(read('8002 0102 0304 4301'), -1);
  assert.equal(read('20'), 0);
});

describe('identification', () => {
  const judge = (bytes: Uint8Array, stream = true): Confidence | undefined => enip.identify?.(bytes, 0, bytes.length, stream);
  test('is certain of whole messages', () => {
    for (const bytes of [
      message(0x63, ''),
      message(0x65, '01000000'),
      message(0x66, ''),
      unconnected('0102 2001 2401'),
      connected('0102 2001 2401', 1),
    ])
      assert.equal(judge(bytes), Confidence.Certain);
  });
  test('wants more of a header that has not arrived', () =>
    assert.equal(judge(message(0x65, '01000000').subarray(0, 10)), Confidence.More));
  test('refuses zeros, text and random bytes', () => {
    assert.notEqual(judge(new Uint8Array(64)), Confidence.Certain);
    assert.equal(judge(Buffer.from('GET /index.html HTTP/1.1\r\nHost: example.org\r\n\r\n')), Confidence.No);
    const random = randomFrom(7);
    for (let i = 0; i < 20_000; i++) assert.notEqual(judge(Uint8Array.from({ length: 64 }, () => random() * 256)), Confidence.Certain);
  });
});

test('damaged messages never throw, always progress and tell a bounded number of things', () => {
  const samples = [
    message(0x65, '01000000'),
    unconnected('0a02 2002 2401 0200 0600 0c00 0102 2001 2401 0502 2001 2401'),
    unconnected('5202 2006 2401 0a0e 0600 0702208e2401 01 00 0100'),
    unconnected('8a001e00 0200 0600 0a00 81000000 85001000'),
    unconnected('5402 2006 2401 0a0e 00000000 22222222 0500 4d00 01020304 00 000000 00000000 0000 00000000 0000 01 04 2004 2401 2c64 2c65'),
    connected('4b02 2067 2401 07 4d00 11223344 0f 00 0100 80 06', 3),
    connected('4c04 9105 4c6576656c00 0100', 4),
  ];
  for (const bytes of mutations(samples, 20_000, 3)) {
    const recorder = talk(enip, [request(bytes), response(bytes)]);
    assert.ok(recorder.messages.length + recorder.told.length + recorder.uses.length <= 8 * bytes.length + 16);
    talk(enip, [request(bytes)], { datagrams: true });
    talk(cipIo, [request(bytes)], { datagrams: true });
  }
});
