import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { hex, type Piece, request, response, talk } from '../testing/replay.ts';
import { LONGEST_TSDU } from './connection.ts';
import { cotp } from './dissector.ts';
import { VIOLATIONS } from './names.ts';
import { readConnect, s7Tsap } from './parse.ts';
import { rdp } from './rdp.ts';

/** A TPKT around TPDU bytes. */
function tpkt(tpdu: string): string {
  const bytes = hex(tpdu);
  return `0300${(bytes.length + 4).toString(16).padStart(4, '0')}${Buffer.from(bytes).toString('hex')}`;
}
const data = (user: string, last = true): string => tpkt(`02f0${last ? '80' : '00'}${user}`);

const setup = '32010000020000080000f0000002000201e0';
const cases: readonly { readonly what: string; readonly bytes: string; readonly cotp: Confidence; readonly rdp: Confidence }[] = [
  { what: 'a connection request to rack 0 slot 2 of a PG', bytes: tpkt('11e00000000100c1020100c2020102c0010a'), cotp: 2, rdp: 1 },
  {
    what: 'a connection request to SIMATIC-ROOT-HMI',
    bytes: '030000241fe00000001200c1020620c21053494d415449432d524f4f542d484d49c0010a',
    cotp: 2,
    rdp: 1,
  },
  { what: 'a connection confirmation with S7 TSAPs', bytes: tpkt('11d00001000900c1020100c2020102c0010a'), cotp: 2, rdp: 1 },
  { what: 'a connection request with MMS TSAPs', bytes: '030000130ee00000000600c1020002c2020001', cotp: 1, rdp: 1 },
  { what: 'a connection request without parameters', bytes: '0300000b06e00000000000', cotp: 1, rdp: 1 },
  {
    what: 'remote desktop with a cookie',
    bytes: '030000241fe00000000000436f6f6b69653a206d737473686173683d4137303037370d0a',
    cotp: 0,
    rdp: 2,
  },
  { what: 'remote desktop with a negotiation request', bytes: '030000130ee000000000000100080003000000', cotp: 0, rdp: 2 },
  { what: 'remote desktop with a negotiation response', bytes: '030000130ed000001234000200080002000000', cotp: 0, rdp: 2 },
  {
    what: 'an MCS connect-initial',
    bytes: '0300019c02f0807f658201900401010401010101ff30190201220201020201000201010002010002',
    cotp: 0,
    rdp: 2,
  },
  { what: 'an MCS domain PDU', bytes: '0300000c02f08038000603ef', cotp: 0, rdp: 1 },
  { what: 'an S7 setup', bytes: data(setup), cotp: 2, rdp: 0 },
  { what: 'an S7comm-plus message', bytes: data('72020012331000006e0400000000000006000000000072020000'), cotp: 2, rdp: 0 },
  { what: 'an empty data unit', bytes: '0300000702f000', cotp: 1, rdp: -1 },
  { what: 'an MMS session connect', bytes: data('0db20506130100160102140200023302000134020001'), cotp: 1, rdp: 0 },
  { what: 'S7 with a length that is not the segment', bytes: data('32010000020000090000f0000002000201e0'), cotp: 1, rdp: 0 },
  { what: 'a header longer than its packet', bytes: '030000070ff08000', cotp: 0, rdp: -1 },
  { what: 'five bytes', bytes: '0300001602', cotp: -1, rdp: -1 },
  { what: 'H.225 call signalling', bytes: '0300001f080200010528180000001234567890', cotp: 0, rdp: 0 },
  { what: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1\r\n').toString('hex'), cotp: 0, rdp: 0 },
  { what: 'a TLS hello', bytes: '160301020001000001fc0303', cotp: 0, rdp: 0 },
];

for (const { what, bytes, cotp: forCotp, rdp: forRdp } of cases) {
  test(`${what} is told apart by content`, () => {
    const input = hex(bytes);
    assert.equal(cotp.identify?.(input, 0, input.length, true), forCotp);
    assert.equal(rdp.identify?.(input, 0, input.length, true), forRdp);
  });
}

test('a TSAP names kind of connection, rack and slot', () => {
  assert.deepEqual(s7Tsap(hex('0102')), { resource: 'PG', rack: 0, slot: 2 });
  assert.deepEqual(s7Tsap(hex('0363')), { resource: 'S7 basic', rack: 3, slot: 3 });
  assert.equal(s7Tsap(hex('0001')), undefined);
  assert.equal(s7Tsap(hex('010203')), undefined);
});

test('parameters of a connection request are found in any order', () => {
  const bytes = hex('11e00000000100c0010ac2020102c1020100');
  const connect = readConnect(bytes, 0, bytes.length);
  assert.deepEqual([...connect.calling], [1, 0]);
  assert.deepEqual([...connect.called], [1, 2]);
  assert.equal(connect.broken, false);
});

test('a confirmed connection to a TSAP tells which module answers', () => {
  const recorder = talk(cotp, [request(cases[0].bytes), response(cases[2].bytes)]);
  assert.deepEqual(recorder.talk(), ['cotp 14 request', 'cotp 13 response']);
  assert.deepEqual(
    recorder.of('identity').map(({ place, type, of }) => [place, type, of]),
    [['rack 0, slot 2', 'PLC', 'sender']],
  );
});

test('a message spread over data units, segments and directions is read once', () => {
  const parts = [data(setup.slice(0, 12), false), data(setup.slice(12, 22), false), data(setup.slice(22))];
  const stream = Buffer.from(hex(parts.join(''))).toString('hex');
  for (let cut = 2; cut < stream.length; cut += 2) {
    const recorder = talk(cotp, [request(stream.slice(0, cut)), response(data('', false)), request(stream.slice(cut))]);
    assert.deepEqual(recorder.talk(), ['s7comm 240 request'], `cut after ${cut / 2} bytes`);
    assert.equal(recorder.fields['cotp.type']['0x0f'], 4);
  }
});

test('several packets in one segment are read one by one', () => {
  const recorder = talk(cotp, [request(data(setup) + data('', false) + data(setup))]);
  assert.deepEqual(recorder.talk(), ['s7comm 240 request', 's7comm 240 request']);
});

test('lost bytes drop a half-read message', () => {
  const recorder = talk(cotp, [request(data(setup.slice(0, 12), false))]);
  cotp.gap?.(recorder);
  const bytes = hex(data(setup));
  cotp.stream?.(recorder, bytes, 0, bytes.length);
  assert.deepEqual(recorder.talk(), ['s7comm 240 request']);
});

test('user data that no protocol claims counts as plain COTP', () => {
  const recorder = talk(cotp, [request(data('e0b20506130100160102140200'))]);
  assert.deepEqual(recorder.talk(), ['cotp 15 notification']);
});

test('remote desktop is counted under its own name, fast-path PDUs included', () => {
  const recorder = talk(rdp, [
    request(cases[5].bytes),
    response('0300000b06d00000123400'),
    request('90161886fb4828856af49f84c21a9374b3ce75025f56'),
  ]);
  assert.deepEqual(recorder.talk(), ['rdp 14 request', 'rdp 13 response', 'rdp 256 notification']);
  assert.deepEqual(recorder.fields['cotp.type'], { '0x0e': 1, '0x0d': 1 });
  assert.deepEqual(
    recorder.of('login').map(({ user, outcome }) => [user, outcome]),
    [['A70077', 'attempt']],
  );
});

const violations: readonly (readonly [name: keyof typeof VIOLATIONS, pieces: readonly Piece[]])[] = [
  ['cotp.tpkt-length', [request('0300000500d080')]],
  ['cotp.tpkt-length', [request('03000003')]],
  ['cotp.header-length', [request('030000080ff08000')]],
  ['cotp.header-length', [request(tpkt('02e080'))]],
  ['cotp.parameter-length', [request(tpkt('0ae00000000100c1060100'))]],
  ['cotp.unknown-type', [request(tpkt('02b080'))]],
  ['cotp.class', [request(tpkt('06e00000000140'))]],
  ['cotp.reassembly-limit', Array.from({ length: 3 }, () => request(data('00'.repeat(LONGEST_TSDU / 2 + 1), false)))],
];

for (const [name, pieces] of violations) {
  test(`${name} is told once with its values`, () => {
    assert.deepEqual(talk(cotp, pieces).violations(), [name]);
  });
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

test('damaged packets never throw and are always passed by', () => {
  const samples = cases.map(({ bytes }) => hex(bytes));
  let recorder: Recorder | undefined;
  for (const bytes of mutations(samples, 3_000, 102)) {
    recorder = talk(cotp, [request(bytes), response(bytes)]);
    talk(rdp, [request(bytes)]);
    for (const dissector of [cotp, rdp]) dissector.identify?.(bytes, 0, bytes.length, true);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS || /^(s7comm|mms)/.test(name), name);
  }
});
