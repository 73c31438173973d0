import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cotp } from '../cotp/dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { s7comm } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const u16 = (value: number): string => value.toString(16).padStart(4, '0');
const length = (text: string): number => hex(text).length;
const ascii = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

/** TPKT and COTP data unit around an S7 PDU. */
const carry = (pdu: string): string => `0300${u16(7 + length(pdu))}02f080${pdu}`;
const job = (parameters: string, data = '', reference = 1): string =>
  carry(`32010000${u16(reference)}${u16(length(parameters))}${u16(length(data))}${parameters}${data}`);
const answer = (parameters: string, data = '', error = '0000', reference = 1): string =>
  carry(`32030000${u16(reference)}${u16(length(parameters))}${u16(length(data))}${error}${parameters}${data}`);
const ack = (error: string, reference = 1): string => carry(`32020000${u16(reference)}00000000${error}`);
const userData = (parameters: string, data: string): string =>
  carry(`320700000001${u16(length(parameters))}${u16(length(data))}${parameters}${data}`);
const ask = (group: string, data: string): string => userData(`00011204114${group}00`, data);
const told = (group: string, data: string, more = '0000', error = '0000'): string => userData(`00011208128${group}00${more}${error}`, data);
const payload = (bytes: string): string => `ff09${u16(length(bytes))}${bytes}`;
const s7Any = (area: string, db: number, count = 1): string => `120a1002${u16(count)}${u16(db)}${area}000000`;

interface Case {
  readonly what: string;
  readonly pieces: readonly Piece[];
  readonly talk: readonly string[];
  readonly actions?: readonly string[];
  readonly failures?: readonly string[];
  readonly uses?: readonly (readonly [aspect: number, a: number, b: number])[];
}

const blockFile = `00000000000000${'09'}${ascii('_0A00890P')}`;
const cases: readonly Case[] = [
  {
    what: 'setup communication',
    pieces: [request(job('f0000002000201e0')), response(answer('f0000002000200f0'))],
    talk: ['s7comm 240 request', 's7comm 240 response'],
  },
  {
    what: 'a read of two data blocks and of memory',
    pieces: [
      request(job(`0403${s7Any('84', 5)}${s7Any('84', 7)}${s7Any('83', 0)}`)),
      response(answer('0403', 'ff04000801000a000000ff0400080200')),
    ],
    talk: ['s7comm 4 request', 's7comm 4 response'],
    failures: ['s7comm.error 4 code 10'],
    uses: [
      [Aspect.S7DataBlock, 0, 5],
      [Aspect.S7DataBlock, 0, 7],
    ],
  },
  {
    what: 'a write to a data block',
    pieces: [request(job(`0501${s7Any('84', 890)}`, '0004000801')), response(answer('0501', '05'))],
    talk: ['s7comm 5 request', 's7comm 5 response'],
    failures: ['s7comm.error 5 code 5'],
    uses: [[Aspect.S7DataBlock, 1, 890]],
  },
  {
    what: 'a read of several areas of data blocks at once',
    pieces: [request(job('04011211b00302004a006c04004c0194020051003c'))],
    talk: ['s7comm 4 request'],
    uses: [0x4a, 0x4c, 0x51].map((db) => [Aspect.S7DataBlock, 0, db] as const),
  },
  {
    what: 'an item of odd length with its fill byte before the next',
    pieces: [request(job(`04021207b0010200 4a006c00${s7Any('84', 9)}`.replace(' ', '')))],
    talk: ['s7comm 4 request'],
    uses: [
      [Aspect.S7DataBlock, 0, 0x4a],
      [Aspect.S7DataBlock, 0, 9],
    ],
  },
  {
    what: 'a symbolic read of an S7-1200',
    pieces: [request(job(`0401120eb2ff8a0e0003${'00'.repeat(8)}`))],
    talk: ['s7comm 4 request'],
    uses: [[Aspect.S7DataBlock, 0, 3]],
  },
  {
    what: 'a download',
    pieces: [
      request(job(`1a${blockFile}0d${ascii('1000078000034')}`)),
      response(answer('1a')),
      response(job(`1b${blockFile}`, '', 9)),
      request(answer('1b00', '000100fb77', '0000', 9)),
    ],
    talk: ['s7comm 26 request', 's7comm 26 response', 's7comm 27 request', 's7comm 27 response'],
    actions: ['program.download requested', 'program.download accepted'],
  },
  {
    what: 'an upload that is refused',
    pieces: [
      request(job(`1d${blockFile}`)),
      response(ack('d209')),
      request(job('1e00000000000007', '', 2)),
      request(job('1f00000000000007', '', 3)),
    ],
    talk: ['s7comm 29 request', 's7comm 29 response', 's7comm 30 request', 's7comm 31 request'],
    actions: ['program.upload requested', 'program.upload refused'],
    failures: ['s7comm.error 29 code 53769'],
  },
  {
    what: 'a stop',
    pieces: [request(job(`29000000000009${ascii('P_PROGRAM')}`)), response(answer('29', '', '8404'))],
    talk: ['s7comm 41 request', 's7comm 41 response'],
    actions: ['controller.stop requested', 'controller.stop refused'],
    failures: ['s7comm.error 41 code 33796'],
  },
  {
    what: 'a cold start',
    pieces: [request(job(`28000000000000fd0002432009${ascii('P_PROGRAM')}`)), response(answer('28'))],
    talk: ['s7comm 40 request', 's7comm 40 response'],
    actions: ['controller.start requested', 'controller.start accepted'],
    uses: [[Aspect.S7Control, 0, 0]],
  },
  {
    what: 'the activation of two blocks',
    pieces: [request(job(`28000000000000fd00120200${ascii('0800001P0A00890P')}05${ascii('_INSE')}`))],
    talk: ['s7comm 40 request'],
    actions: ['program.download requested'],
    uses: [[Aspect.S7Control, 0, 0]],
  },
  {
    what: 'the deletion of a block',
    pieces: [request(job(`28000000000000fd000a0100${ascii('0800001B')}05${ascii('_DELE')}`))],
    talk: ['s7comm 40 request'],
    actions: ['program.delete requested'],
    uses: [[Aspect.S7Control, 0, 0]],
  },
  {
    what: 'a list of blocks',
    pieces: [request(ask('301', '0a000000')), response(told('301', payload('30380001')))],
    talk: ['s7comm 29441 request', 's7comm 29441 response'],
    actions: ['configuration.read requested', 'configuration.read accepted'],
    uses: [
      [Aspect.S7UserData, 0x301, 0],
      [Aspect.S7UserData, 0x301, 0],
    ],
  },
  {
    what: 'the clock being set',
    pieces: [request(ask('702', payload('00191602082308100002'))), response(told('702', '0a000000', '0000', 'd241'))],
    talk: ['s7comm 29442 request', 's7comm 29442 response'].map((text) => text.replace('29442', '30466')),
    actions: ['time.set requested', 'time.set refused'],
    failures: ['s7comm.error 30466 code 53825'],
    uses: [
      [Aspect.S7UserData, 0x702, 0],
      [Aspect.S7UserData, 0x702, 0],
    ],
  },
  {
    what: 'a subscription to a data block and a pushed value',
    pieces: [
      request(ask('201', payload('00010102120a10020001000584000000'))),
      response(userData('000112081202010000000000', payload('0001ff0400080100'))),
    ],
    talk: ['s7comm 29185 request', 's7comm 29185 notification'],
    uses: [
      [Aspect.S7UserData, 0x201, 0],
      [Aspect.S7DataBlock, 0, 5],
      [Aspect.S7UserData, 0x201, 0],
    ],
  },
  {
    what: 'a variable that is modified from a table',
    pieces: [request(ask('108', payload(`00040008000000000001${'71010005'}0000ff04000801`)))],
    talk: ['s7comm 28936 request'],
    actions: ['control.operate requested'],
    uses: [
      [Aspect.S7UserData, 0x108, 0],
      [Aspect.S7DataBlock, 1, 5],
    ],
  },
];

for (const { what, pieces, talk: messages, actions = [], failures = [], uses = [] } of cases) {
  test(`${what} is read with what it does`, () => {
    const recorder = talk(cotp, pieces);
    assert.deepEqual(recorder.talk(), messages);
    assert.deepEqual(recorder.actions(), actions);
    assert.deepEqual(recorder.failures(), failures);
    assert.deepEqual(
      recorder.uses.map(({ aspect, a, b }) => [aspect, a, b]),
      uses,
    );
    assert.deepEqual(recorder.violations(), []);
  });
}

test('a download names its block', () => {
  const [action] = talk(cotp, cases[6].pieces).of('action');
  assert.deepEqual(action.parameters, { function: '0x1a', file: '_0A00890P', block: 'DB 890', blockType: '0A', blockNumber: 890 });
  const [inserted] = talk(cotp, cases[10].pieces).of('action');
  assert.equal(inserted.parameters?.block, 'OB 1, DB 890');
});

test('a connection remembers eight unanswered requests, the oldest is dropped', () => {
  const uploads = Array.from({ length: 9 }, (_, index) => request(job(`1d${blockFile}`, '', index + 1)));
  const recorder = talk(cotp, [...uploads, response(answer('1d', '', '0000', 1)), response(answer('1d', '', '0000', 2))]);
  assert.deepEqual(recorder.actions(), [...uploads.map(() => 'program.upload requested'), 'program.upload accepted']);
});

test('a password is an attempt, then a success or a failure', () => {
  const outcomes = (error: string): string[] =>
    talk(cotp, [request(ask('501', payload('6464616767660102'))), response(told('501', '0a000000', '0000', error))])
      .of('login')
      .map(({ outcome }) => outcome);
  assert.deepEqual(outcomes('0000'), ['attempt', 'success']);
  assert.deepEqual(outcomes('d602'), ['attempt', 'failure']);
});

const componentList = `001c000000220002${`0002${ascii('PLC_1').padEnd(64, '0')}`}${`0005${ascii('S C-123').padEnd(64, '0')}`}`;

test('a status list spread over two answers is put together', () => {
  const recorder = talk(cotp, [
    request(ask('401', payload('001c0000'))),
    response(told('401', payload(componentList.slice(0, 60)), 'd501')),
    request(ask('401', '0a000000')),
    response(told('401', payload(componentList.slice(60)), 'd500')),
  ]);
  assert.deepEqual(recorder.fields['s7comm.data.userdata.szl_id'], { '0x001c': 2 });
  const [identity] = recorder.of('identity');
  assert.equal(identity.name, 'PLC_1');
  assert.equal(identity.serial, 'S C-123');
});

test('the request of a cyclic service holds addresses, and no values', () => {
  const recorder = talk(cotp, [request(ask('201', payload('0001010a120a10020004000184000000')))]);
  assert.deepEqual(recorder.violations(), []);
  assert.deepEqual(recorder.fields['s7comm.data.returncode'], { '0xff': 1 });
});

test('an operating mode that changes on a connection is told as a change', () => {
  const status = (mode: string): Piece => response(told('401', payload(`0424000000140001${`5144ff${mode}`.padEnd(40, '0')}`)));
  const recorder = talk(cotp, [status('08'), status('08'), status('04')]);
  assert.deepEqual(
    recorder.of('identity').map(({ mode }) => mode),
    ['RUN', 'RUN', 'STOP'],
  );
  assert.deepEqual(recorder.actions(), ['controller.mode accepted']);
});

test('a controller that reports its transition to STOP tells its mode', () => {
  const recorder = talk(cotp, [response(userData('000112081200000000000000', '0a000000'))]);
  assert.equal(recorder.of('identity')[0].mode, 'STOP');
});

test('the position of the mode selector is told', () => {
  const recorder = talk(cotp, [response(told('401', payload(`0132000400280001${'00040001000000010002'.padEnd(80, '0')}`)))]);
  assert.equal(recorder.of('identity')[0].keySwitch, 'RUN-P');
});

test('codes and aspects have texts', () => {
  assert.equal(s7comm.operationName(3, 0x04), 'Read Var');
  assert.equal(s7comm.operationName(3, 0x7401), 'Read SZL');
  assert.equal(s7comm.operationName(3, 0x66), 'Function 0x66');
  assert.deepEqual(s7comm.aspects[Aspect.S7UserData](0x0401, 0, String), { group: 4, subfunction: 1, function: 'Read SZL' });
});

const part = (bytes: number): Piece => response(told('401', payload('00'.repeat(bytes)), 'd501'));
const violations: readonly (readonly [name: keyof typeof VIOLATIONS, pieces: readonly Piece[]])[] = [
  ['s7comm.header-truncated', [request(carry('32010000'))]],
  ['s7comm.length-mismatch', [request(carry('32010000000100080001f0000002000201e0'))]],
  ['s7comm.length-mismatch', [request(carry('32010000000100080000f0000002000201e0ff'))]],
  ['s7comm.unknown-rosctr', [request(carry('32040000000100000000'))]],
  ['s7comm.unknown-function', [request(job('6600'))]],
  ['s7comm.item-count-mismatch', [request(job(`0402${s7Any('83', 0)}`))]],
  ['s7comm.item-count-mismatch', [request(job(`0400${s7Any('83', 0)}`))]],
  ['s7comm.item-count-mismatch', [response(answer('0502', 'ff'))]],
  ['s7comm.item-length', [request(job('0401120a10020001'))]],
  ['s7comm.parameter-truncated', [request(job('04'))]],
  ['s7comm.parameter-truncated', [request(job('f000'))]],
  ['s7comm.parameter-truncated', [request(job('28000000000000fdffff'))]],
  ['s7comm.parameter-truncated', [request(job('29000000000009505f'))]],
  ['s7comm.file-name', [request(job('1a00000000000000ff5f'))]],
  ['s7comm.userdata-header', [request(userData('000112', ''))]],
  ['s7comm.userdata-header', [request(userData('0001120911440100', 'ff09000400110000'))]],
  ['s7comm.data-truncated', [request(ask('401', 'ff09000800110000'))]],
  ['s7comm.data-truncated', [response(answer('0401', 'ff040080'))]],
  ['s7comm.szl-length', [response(told('401', payload('00110000001c00010001')))]],
  ['s7comm.reassembly-limit', Array.from({ length: 3 }, () => part(30_000))],
];

for (const [name, pieces] of violations) {
  test(`${name} is told of ${pieces.length} packets, first ${Buffer.from(pieces[0].bytes).toString('hex').slice(14, 60)}`, () => {
    assert.deepEqual(talk(cotp, pieces).violations(), [name]);
  });
}

test('every S7comm violation of the table can happen', () => {
  const names = Object.keys(VIOLATIONS).filter((name) => name.startsWith('s7comm.'));
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(names));
});

test('damaged PDUs never throw, and what is told of them is in the table', () => {
  const samples = [...cases.flatMap(({ pieces }) => pieces), ...violations.slice(0, -1).flatMap(([, pieces]) => pieces)].map(
    ({ bytes }) => bytes,
  );
  for (const bytes of mutations(samples, 4_000, 7)) {
    const recorder: Recorder = talk(cotp, [request(bytes), response(bytes), request(bytes)]);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS || name.startsWith('cotp.'), name);
  }
});

test('damaged contents of sound packets never throw', () => {
  const samples = cases.flatMap(({ pieces }) => pieces).map(({ bytes }) => bytes.subarray(7));
  for (const bytes of mutations(samples, 4_000, 50)) {
    if (bytes.length > 0) bytes[0] = 0x32;
    const whole = carry(Buffer.from(bytes).toString('hex'));
    const recorder = talk(cotp, [request(whole), response(whole)]);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
    assert.deepEqual(recorder.skipped, {});
  }
});
