import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cotp } from '../cotp/dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { VIOLATIONS } from './names.ts';
import { s7commPlus } from './plus.ts';

const u16 = (value: number): string => value.toString(16).padStart(4, '0');
const carry = (pdu: string): string => `0300${u16(7 + hex(pdu).length)}02f080${pdu}`;
/** A PDU of version 2 with header and trailer. */
const whole = (body: string, version = '02'): string => carry(`72${version}${u16(hex(body).length)}${body}72${version}0000`);
const part = (body: string): string => carry(`7202${u16(hex(body).length)}${body}`);
const ask = (func: string, rest: string): string => `310000${func}00000001000003c034${rest}`;

const readDb2 = ask('054c', '0000000001058acdf1cd6688d0b8800202930a0100000000');
const cases: readonly {
  readonly what: string;
  readonly pieces: readonly Piece[];
  readonly talk: readonly string[];
  readonly uses?: readonly unknown[];
  readonly actions?: readonly string[];
}[] = [
  {
    what: 'a read of data block 2',
    pieces: [request(whole(readDb2)), response(whole('320000054c000000013400010008'))],
    talk: ['s7comm-plus 1356 request', 's7comm-plus 1356 response'],
    uses: [
      [Aspect.S7PlusFunction, 0x54c, 0],
      [Aspect.S7PlusObject, 0x54c, 0x8a0e0002 | 0],
      [Aspect.S7PlusBlock, 0x54c, (4 << 16) | 2],
      [Aspect.S7PlusFunction, 0x54c, 0],
    ],
  },
  {
    what: 'the creation of OB 1',
    pieces: [request(whole(ask('04ca', '000000030004000000000' + '0a18a32000194572000')))],
    talk: ['s7comm-plus 1226 request'],
    uses: [
      [Aspect.S7PlusFunction, 0x4ca, 0],
      [Aspect.S7PlusObject, 0x4ca, 0x8a320001 | 0],
      [Aspect.S7PlusBlock, 0x4ca, (1 << 16) | 1],
    ],
    actions: ['program.download requested'],
  },
  {
    what: 'a stop by the operating state of the execution unit',
    pieces: [request(whole(ask('04f2', '00000034019077000801')))],
    talk: ['s7comm-plus 1266 request'],
    uses: [
      [Aspect.S7PlusFunction, 0x4f2, 0],
      [Aspect.S7PlusObject, 0x4f2, 52],
    ],
    actions: ['controller.stop requested'],
  },
  { what: 'a notification', pieces: [response(whole('331000006e0400000000000006000000000' + '0'))], talk: ['s7comm-plus 51 notification'] },
  { what: 'a keep-alive', pieces: [request(carry('72ff00000000'))], talk: ['s7comm-plus 255 notification'] },
  {
    what: 'a message in three parts',
    pieces: [request(part(ask('04fc', '00000031'))), request(part('82ff31')), request(whole('0031004455667788'))],
    talk: ['s7comm-plus 1276 request'],
    uses: [
      [Aspect.S7PlusFunction, 0x4fc, 0],
      [Aspect.S7PlusObject, 0x4fc, 0x31],
    ],
  },
  {
    what: 'a message with an integrity part',
    pieces: [request(whole(`20${'ab'.repeat(32)}${ask('0524', '00000031')}`, '03'))],
    talk: ['s7comm-plus 1316 request'],
    uses: [
      [Aspect.S7PlusFunction, 0x524, 0],
      [Aspect.S7PlusObject, 0x524, 0x31],
    ],
  },
];

for (const { what, pieces, talk: messages, uses = [], actions = [] } of cases) {
  test(`${what} is read`, () => {
    const recorder = talk(cotp, pieces);
    assert.deepEqual(recorder.talk(), messages);
    assert.deepEqual(
      recorder.uses.map(({ aspect, a, b }) => [aspect, a, b]),
      uses,
    );
    assert.deepEqual(recorder.actions(), actions);
    assert.deepEqual(recorder.violations(), []);
  });
}

const violations: readonly (readonly [name: keyof typeof VIOLATIONS, piece: Piece])[] = [
  ['s7comm-plus.header-truncated', request(carry('7202'))],
  ['s7comm-plus.header-truncated', request(whole('310000'))],
  ['s7comm-plus.length-mismatch', request(carry('7202001231000005'))],
  ['s7comm-plus.unknown-version', request(carry('720900000000'))],
  ['s7comm-plus.unknown-opcode', request(whole('440000054c00000001'))],
];
for (const [name, piece] of violations) {
  test(`${name} is told of ${Buffer.from(piece.bytes).toString('hex').slice(14)}`, () => {
    assert.deepEqual(talk(cotp, [piece]).violations(), [name]);
  });
}

test('every S7comm-plus violation of the table can happen', () => {
  const names = Object.keys(VIOLATIONS).filter((name) => name.startsWith('s7comm-plus.'));
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(names));
});

test('blocks and functions have texts', () => {
  assert.equal(s7commPlus.operationName(4, 0x54c), 'GetMultiVariables');
  assert.deepEqual(s7commPlus.aspects[Aspect.S7PlusBlock](0x54c, (4 << 16) | 2, String), { function: 'GetMultiVariables', block: 'DB 2' });
});

test('damaged PDUs never throw, and what is told of them is in the table', () => {
  const samples = cases.flatMap(({ pieces }) => pieces).map(({ bytes }) => bytes.subarray(7));
  for (const bytes of mutations(samples, 4_000, 114)) {
    if (bytes.length > 0) bytes[0] = 0x72;
    const packet = carry(Buffer.from(bytes).toString('hex'));
    const recorder = talk(cotp, [request(packet), response(packet), request(packet)]);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
    assert.deepEqual(recorder.skipped, {});
  }
});
