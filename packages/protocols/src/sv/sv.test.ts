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
import { sv } from './dissector.ts';
import { VIOLATIONS } from './names.ts';

const fields: Readonly<Record<string, string>> = {
  svID: element('80', ascii('MU01')),
  datSet: '',
  smpCnt: element('82', '0118'),
  confRev: element('83', '00000001'),
  refrTm: '',
  smpSynch: element('85', '02'),
  smpRate: '',
  seqData: element('87', '00'.repeat(64)),
  smpMod: '',
};
const asdu = (changes: Readonly<Record<string, string>> = {}): string => element('30', Object.values({ ...fields, ...changes }).join(''));

function carry(apdu: string, appid = '4001'): string {
  return `${appid}${(8 + apdu.length / 2).toString(16).padStart(4, '0')}00000000${apdu}`;
}
/** A frame as a merging unit would publish it. */
const frame = (asdus: readonly string[] = [asdu()], appid = '4001'): string =>
  carry(element('60', `${element('80', asdus.length.toString(16).padStart(2, '0'))}${element('a2', asdus.join(''))}`), appid);

const read = (...frames: string[]): Recorder => talk(sv, frames.map(request), { datagrams: true });
const settings = (recorder: Recorder): string[] => [...new Set(recorder.uses.map(({ b }) => recorder.texts[b]))];

test('a frame tells its stream, settings and data set', () => {
  const recorder = read(frame());
  assert.deepEqual(recorder.talk(), ['sv 96 notification']);
  assert.deepEqual(recorder.violations(), []);
  assert.deepEqual(recorder.fields, { 'sv.appid': { '0x4001': 1 }, 'sv.svID': { MU01: 1 } });
  assert.deepEqual(settings(recorder), ['APPID 0x4001', 'confRev 1', 'smpSynch global']);
  assert.ok(recorder.uses.every(({ aspect, a }) => aspect === Aspect.SvSettings && recorder.texts[a] === 'MU01'));
  assert.deepEqual(
    recorder.of('identity').map(({ type, revision }) => [type, revision]),
    [['IED', 'data set of MU01: 1 ASDU of 64 bytes']],
  );
});

test('a stream that goes on states the same settings and tells nothing', () => {
  const recorder = read(frame(), frame([asdu({ smpCnt: element('82', '0119') })]), frame([asdu({ smpCnt: element('82', '011a') })]));
  assert.equal(recorder.uses.length, 9);
  assert.equal(recorder.texts.length, 4);
  assert.equal(recorder.told.length, 1);
});

const changes: readonly { readonly what: string; readonly second: string; readonly states: string }[] = [
  { what: 'APPID', second: frame([asdu()], '4002'), states: 'APPID 0x4002' },
  { what: 'configuration revision', second: frame([asdu({ confRev: element('83', '00000002') })]), states: 'confRev 2' },
  { what: 'synchronisation', second: frame([asdu({ smpSynch: element('85', '00') })]), states: 'smpSynch none' },
  {
    what: 'sample rate',
    second: frame([asdu({ smpRate: element('86', '12c0'), smpMod: element('88', '0001') })]),
    states: 'APPID 0x4001, 4800 samples per second',
  },
];
for (const { what, second, states } of changes) {
  test(`another ${what} is stated as a setting`, () => {
    const recorder = read(frame(), second);
    assert.ok(settings(recorder).includes(states));
    assert.equal(recorder.of('identity').length, 1);
  });
}

const dataSets: Readonly<Record<string, readonly [second: string, told: string]>> = {
  'another data set name': [frame([asdu({ datSet: element('81', ascii('MU01/LLN0$ds2')) })]), 'MU01/LLN0$ds2, 1 ASDU of 64 bytes'],
  'another sample length': [frame([asdu({ seqData: element('87', '00'.repeat(32)) })]), '1 ASDU of 32 bytes'],
  'another number of ASDUs': [frame([asdu(), asdu()]), '2 ASDU of 64 bytes'],
};
for (const [what, [second, told]] of Object.entries(dataSets)) {
  test(`${what} is told as another data set`, () => {
    const recorder = read(frame(), second, second);
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(
      recorder.of('identity').map(({ revision }) => revision),
      ['data set of MU01: 1 ASDU of 64 bytes', `data set of MU01: ${told}`],
    );
  });
}

test('eight ASDUs of one stream in a frame state its settings once', () => {
  const recorder = read(frame(Array.from({ length: 8 }, () => asdu())));
  assert.equal(recorder.uses.length, 3);
  assert.equal(recorder.fields['sv.svID'].MU01, 8);
});

const violations: readonly (readonly [name: string, bytes: string])[] = [
  ['sv.header-truncated', '40010008'],
  ['sv.length-mismatch', frame().replace(/^4001..../, '40010100')],
  ['sv.length-mismatch', frame().slice(0, -4)],
  ['sv.malformed-asn1', '4001000a000000006085'],
  ['sv.malformed-asn1', frame([asdu(), '3105'])],
  ['sv.malformed-asn1', frame([element('30', '8055')])],
  ['sv.unknown-pdu', frame().replace(/^(.{16})60/, '$161')],
  ['sv.missing-field', frame([asdu({ confRev: '' })])],
  ['sv.missing-field', carry(element('60', '800101'))],
  ['sv.unknown-field', carry(element('60', '800101890100'))],
  ['sv.unknown-field', frame([asdu({ smpMod: element('8c', '00') })])],
  ['sv.field-length', frame([asdu({ confRev: element('83', '01') })])],
  ['sv.asdu-count', carry(element('60', `800102${element('a2', asdu())}`))],
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
  const recorder = talk(sv, [request(frame().slice(0, 60))], { datagrams: true, complete: false });
  assert.deepEqual(recorder.violations(), []);
});

test('damaged frames never throw and break the protocol by a known name', () => {
  for (const bytes of mutations([hex(frame()), hex(frame([asdu(), asdu({ smpRate: element('86', '0050') })]))], 5_000, 0x88ba)) {
    for (const name of read(Buffer.from(bytes).toString('hex')).violations()) assert.ok(name in VIOLATIONS, name);
  }
});

const captures = capturesDirectory();

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /^sv.*\.pcap(ng)?$/.test(name)) : []) {
    test(`${file} is counted as the truth says and breaks nothing`, () => {
      const recorder = replay(join(captures ?? '', file), [sv]);
      const compared = compareFields(recorder, join(captures ?? '', 'truth', `${file}.json`), ['sv.svID', 'sv.appid']);
      assert.deepEqual(
        compared.map(({ result }) => result),
        ['exact', 'exact'],
      );
      assert.deepEqual(recorder.violations(), []);
      assert.equal(recorder.of('identity').length, 1);
    });
  }
});
