import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { ConnectionFlow } from './connection.ts';
import { dcerpc } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const SVCCTL = '367abb81-9844-35f1-ad32-98f038001003';
const EPMAP = 'e1af8308-5d1f-11c9-91a4-08002b14a0fa';

/** Writes numbers in either byte order. */
class Order {
  readonly little: boolean;
  constructor(little: boolean) {
    this.little = little;
  }
  u16(value: number): string {
    return Buffer.from(this.little ? [value & 255, value >> 8] : [value >> 8, value & 255]).toString('hex');
  }
  u32(value: number): string {
    const halves = [this.u16(value & 0xffff), this.u16(value >>> 16)];
    return (this.little ? halves : halves.reverse()).join('');
  }
  uuid(text: string): string {
    const [a, b, c, d, e] = text.split('-');
    return this.u32(Number.parseInt(a, 16)) + this.u16(Number.parseInt(b, 16)) + this.u16(Number.parseInt(c, 16)) + d + e;
  }
}

const byte = (value: number): string => Buffer.from([value]).toString('hex');
function packet(type: number, body: string, call = 1, little = true, flags = 3): string {
  const order = new Order(little);
  return `0500${byte(type)}${byte(flags)}${little ? '10' : '00'}000000${order.u16(16 + body.length / 2)}${order.u16(0)}${order.u32(call)}${body}`;
}
function bind(interfaces: readonly string[], little = true, type = 11): string {
  const order = new Order(little);
  const syntax = (uuid: string): string => order.uuid(uuid) + order.u32(2);
  const contexts = interfaces.map(
    (uuid, index) => `${order.u16(index)}0100${syntax(uuid)}${syntax('8a885d04-1ceb-11c9-9fe8-08002b104860')}`,
  );
  return packet(type, `${order.u16(4280)}${order.u16(4280)}${order.u32(0)}${byte(interfaces.length)}000000${contexts.join('')}`, 1, little);
}
function ask(opnum: number, context = 0, call = 1, little = true, flags = 3): string {
  const order = new Order(little);
  return packet(0, `${order.u32(4)}${order.u16(context)}${order.u16(opnum)}00000000`, call, little, flags);
}
const answer = (call = 1, little = true): string => packet(2, '0400000000000000aabbccdd', call, little);

const read = (...pieces: readonly Piece[]): Recorder => talk(dcerpc, pieces);
const used = (recorder: Recorder): unknown[] =>
  recorder.uses.filter(({ aspect }) => aspect === Aspect.RpcInterface).map(({ a, b }) => [recorder.texts[a], b]);

for (const little of [true, false]) {
  test(`a call names interface and operation, ${little ? 'little' : 'big'}-endian`, () => {
    const recorder = read(request(bind([EPMAP, SVCCTL], little)), request(ask(12, 1, 2, little)), response(answer(2, little)));
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(used(recorder), [
      [SVCCTL, 12],
      [SVCCTL, 12],
    ]);
    assert.deepEqual(recorder.fields['dcerpc.cn_bind_to_uuid'], { [EPMAP]: 1, [SVCCTL]: 1 });
    assert.deepEqual(recorder.fields['dcerpc.opnum'], { 12: 2 });
    assert.deepEqual(recorder.fields['dcerpc.pkt_type'], { 11: 1, 0: 1, 2: 1 });
  });
}

test('an altered context adds an interface', () => {
  const recorder = read(request(bind([EPMAP])), request(bind([SVCCTL], true, 14)), request(ask(3)));
  assert.deepEqual(used(recorder), [[SVCCTL, 3]]);
});

test('a call whose bind was not seen has no interface', () => {
  assert.deepEqual(used(read(request(ask(3)), response(answer()))), []);
});

test('the later fragments of a request state nothing again', () => {
  const recorder = read(request(bind([EPMAP])), request(ask(3, 0, 1, true, 1)), request(ask(3, 0, 1, true, 2)));
  assert.deepEqual(used(recorder), [[EPMAP, 3]]);
});

test('a fault and a refused bind are failures', () => {
  const recorder = read(
    request(bind([SVCCTL])),
    request(ask(12)),
    response(packet(3, '0000000000000000050000000000000000')),
    response(packet(13, '0200')),
  );
  assert.deepEqual(recorder.failures(), ['dcerpc.fault 12 code 5', 'dcerpc.fault -1 code 2']);
  assert.match(recorder.of('failure')[0].text, /access denied/);
});

test('contexts and calls are bounded', () => {
  const flow = new ConnectionFlow();
  for (let i = 0; i < 1_000; i++) {
    flow.bind(i, i);
    flow.call(i, i, i);
  }
  assert.equal(flow.interfaceOf(999), 999);
  assert.equal(flow.interfaceOf(1), -1);
  assert.equal(flow.answered(1), -1);
  assert.equal(flow.answered(999), 999);
});

/** A datagram of the connectionless form. */
function datagram(type: number, opnum: number, stub: string, announced = stub.length / 2, little = true): string {
  const order = new Order(little);
  return `04${byte(type)}0000${little ? '10' : '00'}000000${'00'.repeat(16)}${order.uuid(EPMAP)}${'22'.repeat(16)}${order.u32(0)}${order.u32(3)}${order.u32(9)}${order.u16(opnum)}${order.u16(0xffff)}${order.u16(0xffff)}${order.u16(announced)}${order.u16(0)}0000${stub}`;
}
const readDatagrams = (...pieces: readonly Piece[]): Recorder => talk(dcerpc, pieces, { datagrams: true });

for (const little of [true, false]) {
  test(`a datagram names interface and operation, ${little ? 'little' : 'big'}-endian`, () => {
    const recorder = readDatagrams(request(datagram(0, 3, '00000000', 4, little)), response(datagram(2, 3, '00', 1, little)));
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(used(recorder), [
      [EPMAP, 3],
      [EPMAP, 3],
    ]);
    assert.equal(recorder.texts.length, 1);
  });
}

test('a rejected datagram is a failure', () => {
  assert.deepEqual(readDatagrams(response(datagram(6, 3, '0300011c'))).failures(), [`dcerpc.fault 3 code ${0x1c010003}`]);
});

const judged: readonly (readonly [bytes: string, stream: boolean, verdict: Confidence])[] = [
  [bind([SVCCTL]), true, Confidence.Certain],
  [ask(3, 0, 1, false), true, Confidence.Certain],
  [bind([SVCCTL]).slice(0, 20), true, Confidence.More],
  [`05010002${'00'.repeat(20)}`, true, Confidence.No],
  [packet(4, '00'), true, Confidence.No],
  [`0564${'00'.repeat(30)}`, true, Confidence.No],
  [datagram(0, 3, ''), false, Confidence.Certain],
  [datagram(0, 3, '', 9), false, Confidence.No],
  [datagram(14, 3, ''), false, Confidence.No],
  ['00'.repeat(100), false, Confidence.No],
];
for (const [bytes, stream, verdict] of judged) {
  test(`${bytes.slice(0, 24)} in a ${stream ? 'stream' : 'datagram'} is judged ${verdict}`, () => {
    assert.equal(dcerpc.identify?.(hex(bytes), 0, bytes.length / 2, stream), verdict);
  });
}

const violations: readonly (readonly [name: keyof typeof VIOLATIONS, recorder: () => Recorder])[] = [
  ['dcerpc.version', () => read(request(`06${ask(3).slice(2)}`))],
  ['dcerpc.version', () => readDatagrams(request(`05${datagram(0, 3, '').slice(2)}`))],
  ['dcerpc.packet-type', () => read(request(packet(4, '00')))],
  ['dcerpc.packet-type', () => readDatagrams(request(datagram(14, 3, '')))],
  ['dcerpc.fragment-length', () => read(request(packet(0, '0000')))],
  ['dcerpc.fragment-length', () => readDatagrams(request(datagram(0, 3, '00', 9)))],
  ['dcerpc.fragment-length', () => readDatagrams(request('0400'))],
  ['dcerpc.bind-length', () => read(request(packet(11, `b810b81000000000${'09000000'}`)))],
];
for (const [index, [name, recorder]] of violations.entries()) {
  test(`${name} is told (case ${index + 1})`, () => {
    const told = recorder();
    assert.deepEqual(told.violations(), [name]);
    assert.equal(told.of('violation')[0].malformed, VIOLATIONS[name].malformed);
  });
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

test('damaged packets never throw and break the protocol by a known name', () => {
  const streams = [bind([EPMAP, SVCCTL]), ask(3), answer(), packet(3, '00'.repeat(16)), packet(13, '0200')].map(hex);
  for (const bytes of mutations(streams, 5_000, 135))
    for (const name of read(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
  for (const bytes of mutations([datagram(0, 3, '00'), datagram(6, 3, '0300011c')].map(hex), 5_000, 136))
    for (const name of readDatagrams(request(bytes), response(bytes)).violations()) assert.ok(name in VIOLATIONS, name);
});

const captures = capturesDirectory();
describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    // The only DCE/RPC of the captures is that of PROFINET.
    const carries = /^profinet-.*-cisagov/.test(file);
    test(`${file} shows ${carries ? 'DCE/RPC' : 'no DCE/RPC'}`, () => {
      const recorder = replay(join(captures ?? '', file), [dcerpc]);
      assert.equal(recorder.identified.length > 0, carries);
      assert.deepEqual(recorder.violations(), []);
    });
  }
});
