import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { VIOLATIONS as RPC_VIOLATIONS } from '../dcerpc/names.ts';
import { profinetIo } from './cm.ts';
import { profinet } from './dissector.ts';
import { firstOf, rangeOf, VIOLATIONS } from './names.ts';

const u16 = (value: number): string => value.toString(16).padStart(4, '0');
const u32 = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
const ascii = (value: string): string => Buffer.from(value).toString('hex');

const dcp = (frameId: number, service: number, type: number, blocks: string, length = blocks.length / 2): string =>
  `${u16(frameId)}${Buffer.from([service, type]).toString('hex')}01020304${u16(1)}${u16(length)}${blocks}`;
function block(option: number, suboption: number, body: string): string {
  const length = body.length / 2;
  return `${Buffer.from([option, suboption]).toString('hex')}${u16(length)}${body}${length % 2 ? '00' : ''}`;
}
const read = (...pieces: readonly Piece[]): Recorder => talk(profinet, pieces, { datagrams: true });

const STATION = dcp(
  0xfeff,
  5,
  1,
  [
    block(2, 1, `0000${ascii('ET200SP')}`),
    block(2, 2, `0000${ascii('press-7')}`),
    block(2, 3, '0000002a0313'),
    block(2, 4, '00000100'),
    block(1, 2, `0001${u32(0x0a000007)}${u32(0xffffff00)}${u32(0)}`),
  ].join(''),
);
const SET_NAME = dcp(0xfefd, 4, 0, block(2, 2, `0001${ascii('press-8')}`));
const SET_IP = dcp(0xfefd, 4, 0, block(1, 2, `0001${u32(0x0a000008)}${u32(0xffffff00)}${u32(0)}`));
const result = (option: number, suboption: number, error: number): string =>
  dcp(0xfefd, 4, 1, block(5, 4, Buffer.from([option, suboption, error]).toString('hex')));

test('a station tells name, model, vendor and role, and once', () => {
  const recorder = read(response(STATION), response(STATION));
  assert.deepEqual(recorder.violations(), []);
  assert.deepEqual(
    recorder.of('identity').map(({ name, model, vendor, type }) => [name, model, vendor, type]),
    [['press-7', 'ET200SP', 'Siemens', 'I/O Adapter']],
  );
  assert.deepEqual(recorder.talk(), ['profinet-dcp 5 response', 'profinet-dcp 5 response']);
});

const roles: readonly (readonly [role: string, type: string | undefined])[] = [
  ['01', 'I/O Adapter'],
  ['02', 'PLC'],
  ['03', 'PLC'],
  ['08', 'Engineering Station'],
];
for (const [role, type] of roles) {
  test(`device role ${role} is a ${type}`, () => {
    const recorder = read(response(dcp(0xfefc, 6, 0, block(2, 4, `0000${role}00`))));
    assert.equal(recorder.of('identity')[0]?.type, type);
  });
}

const sets: readonly { readonly what: string; readonly pieces: readonly Piece[]; readonly actions: readonly string[] }[] = [
  {
    what: 'a name',
    pieces: [request(SET_NAME), response(result(2, 2, 0))],
    actions: ['configuration.write requested', 'configuration.write accepted'],
  },
  {
    what: 'an address',
    pieces: [request(SET_IP), response(result(1, 2, 6))],
    actions: ['configuration.write requested', 'configuration.write refused'],
  },
  {
    what: 'factory settings',
    pieces: [request(dcp(0xfefd, 4, 0, block(5, 5, '0000'))), response(result(5, 5, 0))],
    actions: ['device.factory-reset requested', 'device.factory-reset accepted'],
  },
  {
    what: 'a reset to factory',
    pieces: [request(dcp(0xfefd, 4, 0, block(5, 6, '0002')))],
    actions: ['device.factory-reset requested'],
  },
  { what: 'a signal', pieces: [request(dcp(0xfefd, 4, 0, block(5, 3, '00000100')))], actions: [] },
];
for (const { what, pieces, actions } of sets) {
  test(`a set of ${what} tells ${actions.length === 0 ? 'no action' : actions.join(', ')}`, () => {
    const recorder = read(...pieces);
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(recorder.actions(), actions);
  });
}

test('a set tells the value that was set', () => {
  const told = read(request(SET_NAME), request(SET_IP)).of('action');
  assert.deepEqual(
    told.map(({ parameters }) => parameters?.value),
    ['press-8', '10.0.0.8'],
  );
});

test('a block error and a service that is not supported are failures', () => {
  const recorder = read(response(result(1, 2, 5)), response(dcp(0xfefd, 4, 5, '')));
  assert.deepEqual(recorder.failures(), ['profinet-dcp.block-error 4 code 5', 'profinet-dcp.block-error 4 code 256']);
});

test('cyclic data states its class and tells nothing', () => {
  const frame = `c002${'00'.repeat(40)}12343500`;
  const recorder = read(request(frame), request(frame), request(`8010${frame.slice(4)}`));
  assert.deepEqual(recorder.told, []);
  assert.deepEqual(
    recorder.uses.map(({ aspect, a }) => [aspect, a]),
    [
      [Aspect.ProfinetFrame, 0xc000],
      [Aspect.ProfinetFrame, 0xc000],
      [Aspect.ProfinetFrame, 0x8000],
    ],
  );
  assert.deepEqual(recorder.fields['pn_rt.frame_id'], { 49154: 2, 32784: 1 });
});

test('frame ids fall into the ranges of the standard', () => {
  const first = (frameId: number): number => (rangeOf(frameId) < 0 ? -1 : firstOf(rangeOf(frameId)));
  for (const [frameId, range] of [
    [0x0080, 0x0080],
    [0x0100, 0x0100],
    [0x0fff, 0x0700],
    [0xbbff, 0x8000],
    [0xbc00, 0xbc00],
    [0xc000, 0xc000],
    [0xf7ff, 0xc000],
    [0xfbff, 0xf800],
    [0xfc01, 0xfc01],
    [0xfe01, 0xfe01],
    [0xfefe, 0xfefe],
    [0xff8f, 0xff80],
    [0x1000, -1],
    [0xfc02, -1],
    [0xffff, -1],
  ])
    assert.equal(first(frameId), range, frameId.toString(16));
});

/** A datagram of the context manager, little-endian. */
function call(type: number, opnum: number, stub: string, announced = stub.length / 2): string {
  const le16 = (value: number): string => Buffer.from([value & 255, value >> 8]).toString('hex');
  return [
    `04${Buffer.from([type]).toString('hex')}200010000000`,
    '0000a0de976cd11182710001000100b0',
    '0100a0de976cd111827100a02442df7d',
    '11'.repeat(16),
    '00000000',
    '01000000',
    '00000000',
    le16(opnum),
    'ffffffff',
    le16(announced),
    '0000',
    '0000',
    stub,
  ].join('');
}
const ARGUMENTS = `00000000${'00'.repeat(16)}`;
const AR_BLOCK = (type: number, name: string): string =>
  `0101${u16(54 + name.length)}0100${u16(type)}${'ab'.repeat(16)}0001${'00a0456dd343'}${'cd'.repeat(16)}00000011${u16(600)}8892${u16(name.length)}${ascii(name)}`;
const CONNECT = call(0, 0, ARGUMENTS + AR_BLOCK(1, 'line-controller'));
const IM0 = `0020${u16(56)}0100002a${ascii('6ES7 155-6AU00-0BN0'.padEnd(20))}${ascii('S C-1234567'.padEnd(16))}0002560402010000`;
const recordHeader = (index: number): string => `8009003c0100${'00'.repeat(30)}${u16(index)}${'00'.repeat(26)}`;
const READ = call(2, 2, `${ARGUMENTS}${recordHeader(0xaff0)}${IM0}${'00'.repeat(8)}`);
const manage = (...pieces: readonly Piece[]): Recorder => talk(profinetIo, pieces, { datagrams: true });

test('a connect names the controller', () => {
  const recorder = manage(request(CONNECT), request(call(0, 0, ARGUMENTS + AR_BLOCK(6, 'laptop'))));
  assert.deepEqual(recorder.violations(), []);
  assert.deepEqual(
    recorder.of('identity').map(({ type, name }) => [type, name]),
    [
      ['PLC', 'line-controller'],
      ['Engineering Station', 'laptop'],
    ],
  );
  assert.ok(
    recorder.uses.every(({ aspect, a, b }) => aspect === Aspect.RpcInterface && recorder.texts[a].startsWith('dea00001') && b === 0),
  );
});

test('an identification record names vendor, order number, serial number and firmware', () => {
  assert.deepEqual(
    manage(response(READ))
      .of('identity')
      .map(({ vendor, model, serial, firmware }) => [vendor, model, serial, firmware]),
    [['Siemens', '6ES7 155-6AU00-0BN0', 'S C-1234567', 'V4.2.1']],
  );
});

test('an identification record that is written is a change of configuration, other records are not', () => {
  const write = (index: number): Piece => request(call(0, 3, ARGUMENTS + recordHeader(index)));
  assert.deepEqual(manage(write(0xaff1), write(0x8000)).actions(), ['configuration.write requested']);
});

test('a status in the answer is a failure', () => {
  assert.deepEqual(manage(response(call(2, 0, `01813d81db${'00'.repeat(15)}`))).failures(), [`profinet-io.status 0 code ${0x813d8101}`]);
});

const judged: readonly (readonly [bytes: string, verdict: Confidence])[] = [
  [CONNECT, Confidence.Certain],
  [CONNECT.replaceAll('a0de', 'b0de'), Confidence.Possible],
  [CONNECT.slice(0, 100), Confidence.No],
  [`05${CONNECT.slice(2)}`, Confidence.No],
  ['00'.repeat(100), Confidence.No],
];
for (const [bytes, verdict] of judged) {
  test(`${bytes.slice(0, 20)} (${bytes.length / 2} bytes) is judged ${verdict}`, () => {
    assert.equal(profinetIo.identify?.(hex(bytes), 0, bytes.length / 2, false), verdict);
  });
}

const violations: readonly (readonly [name: keyof typeof VIOLATIONS, bytes: string])[] = [
  ['profinet-rt.short-frame', 'c0'],
  ['profinet-rt.short-frame', 'c0020000'],
  ['profinet-rt.reserved-frame-id', `1000${'00'.repeat(40)}`],
  ['profinet-dcp.length-mismatch', 'fefd0400'],
  ['profinet-dcp.length-mismatch', dcp(0xfefd, 4, 0, block(5, 3, '00000100'), 99)],
  ['profinet-dcp.block-length', dcp(0xfefd, 4, 0, '02020063')],
  ['profinet-dcp.block-length', dcp(0xfefd, 4, 1, block(5, 4, '01'))],
  ['profinet-dcp.service', dcp(0xfefd, 9, 0, '')],
  ['profinet-dcp.service', dcp(0xfefd, 4, 3, '')],
  ['profinet-dcp.service', dcp(0xfefe, 4, 0, '')],
];
for (const [name, bytes] of violations) {
  test(`${name} is told of ${bytes.slice(0, 40)}`, () => {
    const recorder = read(request(bytes));
    assert.deepEqual(recorder.violations(), [name]);
    assert.equal(recorder.of('violation')[0].malformed, VIOLATIONS[name].malformed);
  });
}
const managed: readonly (readonly [name: keyof typeof VIOLATIONS, bytes: string])[] = [
  ['profinet-io.length-mismatch', call(0, 0, '0000')],
  ['profinet-io.unknown-operation', call(0, 9, ARGUMENTS)],
];
for (const [name, bytes] of managed) {
  test(`${name} is told of the context manager`, () => assert.deepEqual(manage(request(bytes)).violations(), [name]));
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set([...violations, ...managed].map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

test('a frame that the capture cut is nobody’s fault', () => {
  const recorder = talk(profinet, [request('c0'), request(STATION.slice(0, 60)), request('fefd')], { datagrams: true, complete: false });
  assert.deepEqual(recorder.violations(), []);
});

test('damaged frames and datagrams never throw and break the protocol by a known name', () => {
  const frames = [STATION, SET_NAME, SET_IP, result(1, 2, 5), `c002${'00'.repeat(40)}12343500`].map(hex);
  for (const bytes of mutations(frames, 5_000, 0x8892))
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
  for (const bytes of mutations([CONNECT, READ].map(hex), 5_000, 34_964))
    for (const name of manage(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS || name in RPC_VIOLATIONS, name);
});

const captures = capturesDirectory();
const counted = ['pn_dcp.service_id', 'pn_dcp.service_type', 'pn_rt.frame_id', 'pn_io.opnum', 'dcerpc.opnum', 'dcerpc.pkt_type'];

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    const truthFile = join(captures ?? '', 'truth', `${file}.json`);
    const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as { counts: Record<string, unknown> }; // as the truth's writer gives it
    const known = counted.filter((field) => field in truth.counts);
    test(`${file} shows ${known.length === 0 ? 'no PROFINET' : known.join(', ')}`, () => {
      const recorder = replay(join(captures ?? '', file), [profinet, profinetIo]);
      if (known.length === 0) {
        assert.deepEqual(recorder.identified, []);
        assert.deepEqual(recorder.messages, []);
        return;
      }
      const wrong = compareFields(recorder, truthFile, counted).filter(({ result }) => result !== 'exact');
      assert.deepEqual(wrong, []);
      assert.deepEqual(recorder.violations(), []);
    });
  }
});
