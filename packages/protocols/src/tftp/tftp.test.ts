import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { tftp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');
const asked = (operation: string, name: string): string => `${operation}${ascii(`${name}\0octet\0`)}`;
const READ = asked('0001', 'plc.bin');
const WRITE = asked('0002', 'plc.bin');
const ELF_BLOCK = `00030001 7f454c46 ${'00'.repeat(508)}`;
const read = (...pieces: Piece[]) => talk(tftp, pieces, { datagrams: true });
const judge = (digits: string): Confidence | undefined => tftp.identify?.(hex(digits), 0, hex(digits).length, false);

test('requests tell which file moves where', () => {
  const recorder = read(request(READ), request(WRITE));
  assert.deepEqual(
    recorder.of('transfer').map(({ direction, name }) => `${direction} ${name}`),
    ['read plc.bin', 'write plc.bin'],
  );
  assert.deepEqual(recorder.fields, { 'tftp.opcode': { 1: 1, 2: 1 } });
});

test('a transfer on other ports belongs to its request, and tells a program', () => {
  read(request(READ));
  assert.equal(judge(ELF_BLOCK), Confidence.Certain);
  const recorder = talk(tftp, [response(ELF_BLOCK), request('00040001')], { datagrams: true, serverPort: 3445 });
  assert.deepEqual(
    recorder.of('transfer').map(({ direction, name, content }) => [direction, name, content]),
    [['read', 'plc.bin', 'ELF']],
  );
  assert.equal(judge(ELF_BLOCK), Confidence.Possible, 'one transfer for each request');
});

test('a transfer is awaited for some datagrams only', () => {
  read(request(WRITE));
  assert.equal(judge(ELF_BLOCK), Confidence.Possible, 'the server sends no data when the client writes');
  assert.equal(judge('00040000'), Confidence.Certain);
  for (let other = 0; other < 32; other++) judge('ffffffff');
  assert.equal(judge('00040000'), Confidence.Possible);
});

test('an error is a failure', () => assert.deepEqual(read(response(`00050002${ascii('no\0')}`)).failures(), ['tftp.error 5 code 2']));

const broken: readonly [string, string, readonly string[]][] = [
  ['a message of three bytes', '000400', ['tftp.length']],
  ['an acknowledgement with more', '0004000100', ['tftp.length']],
  ['an operation that does not exist', '00090001', ['tftp.operation']],
  ['a request without a mode', `0001${ascii('plc.bin\0')}`, ['tftp.request']],
];
for (const [name, digits, expected] of broken)
  test(`violations of ${name}`, () => assert.deepEqual(read(request(digits)).violations(), expected));

test('only requests are certain on any port', () => {
  const identified: readonly [string, Confidence][] = [
    [READ, Confidence.Certain],
    [`0001${ascii('plc.bin\0other\0')}`, Confidence.Possible],
    ['00040001', Confidence.Possible],
    ['00070001', Confidence.No],
    ['0104', Confidence.No],
  ];
  for (const [digits, expected] of identified) assert.equal(judge(digits), expected, digits);
});

test('damaged messages never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([READ, WRITE, ELF_BLOCK, `00050002${ascii('no\0')}`].map(hex), 3_000, 69)) {
    tftp.identify?.(bytes, 0, bytes.length, false);
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
  }
});
