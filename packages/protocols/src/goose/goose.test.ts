import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Aspect } from '../facts.ts';
import { ascii, element } from '../testing/ber.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { capturesDirectory, hex, replay, request, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { goose } from './dissector.ts';
import { VIOLATIONS } from './names.ts';
import { MOST_STREAMS } from './stream.ts';

const fields: Readonly<Record<string, string>> = {
  gocbRef: element('80', ascii('IED1LD0/LLN0$GO$gcb1')),
  timeAllowedtoLive: element('81', '07d0'),
  datSet: element('82', ascii('IED1LD0/LLN0$ds1')),
  goID: element('83', ascii('trip')),
  t: element('84', '386ebbf34217280a'),
  stNum: element('85', '01'),
  sqNum: element('86', '00'),
  simulation: element('87', '00'),
  confRev: element('88', '01'),
  ndsCom: element('89', '00'),
  numDatSetEntries: element('8a', '02'),
  allData: element('ab', `${element('83', '00')}${element('a2', element('84', '0300'))}`),
};

/** A frame as a relay would publish it, with some fields replaced; an empty text leaves a field out. */
function frame(changes: Readonly<Record<string, string>> = {}, appid = '3001', reserved = '0000'): string {
  const apdu = element('61', Object.values({ ...fields, ...changes }).join(''));
  return `${appid}${(8 + apdu.length / 2).toString(16).padStart(4, '0')}${reserved}0000${apdu}`;
}

const read = (...frames: string[]): Recorder => talk(goose, frames.map(request), { datagrams: true });
const settings = (recorder: Recorder): string[] => [...new Set(recorder.uses.map(({ b }) => recorder.texts[b]))];

test('a frame tells its control block, settings and data set', () => {
  const recorder = read(frame());
  assert.deepEqual(recorder.talk(), ['goose 97 notification']);
  assert.deepEqual(recorder.violations(), []);
  assert.equal(recorder.fields['goose.gocbRef']['IED1LD0/LLN0$GO$gcb1'], 1);
  assert.deepEqual(settings(recorder), ['goID trip, APPID 0x3001', 'confRev 1', 'timeAllowedtoLive 2000 ms']);
  assert.ok(recorder.uses.every(({ aspect, a }) => aspect === Aspect.GooseSettings && recorder.texts[a] === 'IED1LD0/LLN0$GO$gcb1'));
  assert.deepEqual(
    recorder.of('identity').map(({ type, revision }) => [type, revision]),
    [['IED', 'data set of IED1LD0/LLN0$GO$gcb1: IED1LD0/LLN0$ds1, 2 entries']],
  );
});

test('a repeated frame states the same settings and tells nothing', () => {
  const recorder = read(frame(), frame({ sqNum: element('86', '01') }), frame({ sqNum: element('86', '02') }));
  assert.equal(recorder.uses.length, 9);
  assert.equal(recorder.texts.length, 4);
  assert.equal(recorder.told.length, 1);
});

const changes: readonly { readonly what: string; readonly second: string; readonly states: string }[] = [
  { what: 'goID', second: frame({ goID: element('83', ascii('close')) }), states: 'goID close, APPID 0x3001' },
  { what: 'APPID', second: frame({}, '3002'), states: 'goID trip, APPID 0x3002' },
  { what: 'configuration revision', second: frame({ confRev: element('88', '02') }), states: 'confRev 2' },
  { what: 'time allowed to live', second: frame({ timeAllowedtoLive: element('81', '0fa0') }), states: 'timeAllowedtoLive 4000 ms' },
  { what: 'simulation field', second: frame({ simulation: element('87', '01') }), states: 'goID trip, APPID 0x3001, simulated' },
  { what: 'simulation bit', second: frame({}, '3001', '8000'), states: 'goID trip, APPID 0x3001, simulated' },
];
for (const { what, second, states } of changes) {
  test(`another ${what} is stated as a setting`, () => {
    const recorder = read(frame(), second);
    assert.ok(settings(recorder).includes(states));
    assert.equal(recorder.of('identity').length, 1);
  });
}

test('another data set is told, and its configuration revision is no setting of its own', () => {
  const recorder = read(frame(), frame({ datSet: element('82', ascii('IED1LD0/LLN0$ds2')), confRev: element('88', '02') }));
  assert.deepEqual(
    recorder.of('identity').map(({ revision }) => revision?.split(': ')[1]),
    ['IED1LD0/LLN0$ds1, 2 entries', 'IED1LD0/LLN0$ds2, 2 entries'],
  );
  assert.ok(!settings(recorder).includes('confRev 2'));
});

test('another number of entries is another data set', () => {
  const recorder = read(frame(), frame({ numDatSetEntries: element('8a', '01'), allData: element('ab', element('83', '00')) }));
  assert.deepEqual(recorder.violations(), []);
  assert.match(recorder.of('identity')[1].revision ?? '', /, 1 entries$/);
});

test('a control block that needs commissioning is told once for each state', () => {
  const needs = { ndsCom: element('89', '01') };
  const recorder = read(frame(), frame(needs), frame(needs), frame({ ...needs, stNum: element('85', '02') }));
  assert.deepEqual(
    recorder.of('condition').map(({ name, parameters }) => [name, parameters?.gocbRef]),
    Array.from({ length: 2 }, () => ['goose.needs-commissioning', 'IED1LD0/LLN0$GO$gcb1']),
  );
});

test('fields with a default may be absent', () => {
  assert.deepEqual(read(frame({ goID: '', simulation: '', ndsCom: '' })).violations(), []);
});

test('bytes after the PDU are padding', () => {
  assert.deepEqual(read(`${frame()}0000000000`).violations(), []);
});

test('an extension for security after the PDU belongs to the length', () => {
  const plain = frame();
  const length = (plain.length / 2 + 4).toString(16).padStart(4, '0');
  assert.deepEqual(read(`3001${length}00040000${plain.slice(16)}01020304`).violations(), []);
});

test('more control blocks than the bound are read without being remembered', () => {
  const frames = Array.from({ length: MOST_STREAMS + 10 }, (_, index) => frame({ gocbRef: element('80', ascii(`gcb${index}`)) }));
  const recorder = read(...frames, ...frames);
  assert.equal(recorder.of('identity').length, MOST_STREAMS);
  assert.equal(recorder.messages.length, 2 * frames.length);
});

const violations: readonly (readonly [name: string, bytes: string])[] = [
  ['goose.header-truncated', '300100080000'],
  ['goose.length-mismatch', frame().replace(/^3001..../, '30010100')],
  ['goose.length-mismatch', frame().slice(0, -4)],
  ['goose.malformed-asn1', '3001000a000000006185'],
  ['goose.malformed-asn1', frame({ gocbRef: '1f1a0101' })],
  ['goose.malformed-asn1', frame({ allData: element('ab', '8305') })],
  ['goose.unknown-pdu', frame().replace(/^(.{16})61/, '$162')],
  ['goose.missing-field', frame({ t: '' })],
  ['goose.missing-field', frame({ allData: '' })],
  ['goose.unknown-field', frame({ numDatSetEntries: `${fields.numDatSetEntries}8c0100` })],
  ['goose.field-length', frame({ t: element('84', '00') })],
  ['goose.entry-count', frame({ numDatSetEntries: element('8a', '03') })],
];
for (const [name, bytes] of violations) {
  test(`${bytes.length > 80 ? `${bytes.length / 2} bytes` : bytes} break the protocol: ${name}`, () => {
    const recorder = read(bytes);
    assert.deepEqual(recorder.violations(), [name]);
    assert.equal(recorder.of('violation')[0].malformed, VIOLATIONS[name as keyof typeof VIOLATIONS].malformed);
  });
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

test('a frame that the capture cut is nobody’s fault', () => {
  const recorder = talk(goose, [request(frame().slice(0, 60))], { datagrams: true, complete: false });
  assert.deepEqual(recorder.violations(), []);
});

test('damaged frames never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([hex(frame()), hex(frame({ goID: '' }, '0000', '8000'))], 5_000, 0x88b8)) {
    for (const name of read(Buffer.from(bytes).toString('hex')).violations()) assert.ok(name in VIOLATIONS, name);
  }
});

const captures = capturesDirectory();
const counted = ['goose.gocbRef', 'goose.appid', 'goose.simulation', 'goose.reserve1.s_bit'];
const captured: Readonly<Record<string, readonly string[]>> = {
  'goose-malformedasn1-haolipeng.pcap': ['goose.malformed-asn1'],
  'goose-missingdataset-haolipeng.pcap': ['goose.missing-field'],
  'goose-missingtimestamp-haolipeng.pcap': ['goose.missing-field'],
  'goose-sample-iti.pcap': [],
  'goose-truncated-haolipeng.pcap': ['goose.length-mismatch'],
  'goose-unsupportedtlv-haolipeng.pcap': ['goose.unknown-field'],
};

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /^goose.*\.pcap(ng)?$/.test(name)) : []) {
    test(`${file} is counted as the truth says and breaks the protocol as known`, () => {
      const recorder = replay(join(captures ?? '', file), [goose]);
      const wrong = compareFields(recorder, join(captures ?? '', 'truth', `${file}.json`), counted);
      assert.deepEqual(
        wrong.filter(({ result }) => result !== 'exact'),
        [],
      );
      assert.deepEqual(recorder.violations(), captured[file]);
    });
  }
});
