import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { mutations } from '../testing/mutate.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { iec104 } from './dissector.ts';
import { causeName, ELEMENT_BYTES, typeName, VIOLATIONS } from './names.ts';

const byte = (value: number): string => value.toString(16).padStart(2, '0');
const two = (value: number): string => byte(value & 255) + byte(value >> 8);

interface Asdu {
  readonly type: number;
  readonly cause: number;
  readonly objects: string;
  readonly count?: number;
  readonly address?: number;
  readonly sent?: number;
  readonly received?: number;
}

/** An I frame; `objects` begins with the address of the first object. */
function frame({ type, cause, objects, count = 1, address = 10, sent = 0, received = 0 }: Asdu): string {
  const asdu = byte(type) + byte(count) + byte(cause) + '00' + two(address) + objects;
  return `68${byte(4 + asdu.length / 2)}${two(sent << 1)}${two(received << 1)}${asdu}`;
}

const started = '680407000000';
const startedConfirmation = '68040b000000';
const interrogation = frame({ type: 100, cause: 6, objects: '00000014' });

const identities: readonly (readonly [what: string, bytes: string, expected: Confidence])[] = [
  ['STARTDT act', started, Confidence.Certain],
  ['TESTFR con', '680483000000', Confidence.Certain],
  ['an S frame', '680401000400', Confidence.Certain],
  ['an interrogation command', interrogation, Confidence.Certain],
  ['two frames', started + interrogation, Confidence.Certain],
  [
    'a sequence of ten points cut by the segment',
    frame({ type: 1, cause: 20, count: 0x8a, objects: '01000000000000000000000000' }).slice(0, 30),
    Confidence.Certain,
  ],
  ['a type of private use', frame({ type: 200, cause: 3, objects: '010000' }), Confidence.Possible],
  ['objects of another length', frame({ type: 100, cause: 6, objects: '0000001414' }), Confidence.Possible],
  ['a reserved type', frame({ type: 99, cause: 3, objects: '010000' }), Confidence.No],
  ['a reserved cause', frame({ type: 1, cause: 43, objects: '01000000' }), Confidence.No],
  ['a frame followed by something else', `${started}ff00`, Confidence.No],
  ['a U frame with two functions', '68040f000000', Confidence.No],
  ['a length of 3', '680307000000', Confidence.No],
  ['one byte', '68', Confidence.More],
  ['text that begins with h', Buffer.from('hello world').toString('hex'), Confidence.No],
];

for (const [what, bytes, expected] of identities) {
  test(`${what} is judged ${expected}`, () => {
    const input = hex(bytes);
    assert.equal(iec104.identify?.(input, 0, input.length, true), expected);
  });
}

interface Case {
  readonly what: string;
  readonly pieces: readonly Piece[];
  readonly talk: readonly string[];
  readonly actions?: readonly string[];
  readonly failures?: readonly string[];
}

const time = '00102d0f150b1a';
const cases: readonly Case[] = [
  {
    what: 'the start of transfer',
    pieces: [request(started), response(startedConfirmation)],
    talk: ['iec104 257 request', 'iec104 258 response'],
  },
  { what: 'an S frame', pieces: [request('680401000400')], talk: ['iec104 512 notification'] },
  {
    what: 'a general interrogation',
    pieces: [
      request(interrogation),
      response(
        frame({ type: 100, cause: 7, objects: '00000014' }) +
          frame({ type: 1, cause: 20, objects: '01000001', sent: 1 }) +
          frame({ type: 100, cause: 10, objects: '00000014', sent: 2 }),
      ),
    ],
    talk: ['iec104 100 request', 'iec104 100 response', 'iec104 1 notification', 'iec104 100 response'],
  },
  {
    what: 'a single command that is selected',
    pieces: [request(frame({ type: 45, cause: 6, objects: '05000081' })), response(frame({ type: 45, cause: 7, objects: '05000081' }))],
    talk: ['iec104 45 request', 'iec104 45 response'],
    actions: ['control.operate requested', 'control.operate accepted'],
  },
  {
    what: 'a setpoint with time tag that is refused',
    pieces: [
      request(frame({ type: 63, cause: 6, objects: `05000000004842${'00'}${time}` })),
      response(frame({ type: 63, cause: 0x47, objects: `05000000004842${'00'}${time}` })),
    ],
    talk: ['iec104 63 request', 'iec104 63 response'],
    actions: ['control.operate requested', 'control.operate refused'],
    failures: ['iec104.cause 63 code 7'],
  },
  ...[44, 45, 46, 47].map((cause) => ({
    what: `an interrogation answered with cause ${cause}`,
    pieces: [request(interrogation), response(frame({ type: 100, cause: cause | 0x40, objects: '00000014' }))],
    talk: ['iec104 100 request', 'iec104 100 response'],
    failures: [`iec104.cause 100 code ${cause}`],
  })),
  {
    what: 'a clock being set',
    pieces: [
      request(frame({ type: 103, cause: 6, objects: `000000${time}` })),
      response(frame({ type: 103, cause: 7, objects: `000000${time}` })),
    ],
    talk: ['iec104 103 request', 'iec104 103 response'],
    actions: ['time.set requested', 'time.set accepted'],
  },
  {
    what: 'a reset',
    pieces: [request(frame({ type: 105, cause: 6, objects: '00000001' }))],
    talk: ['iec104 105 request'],
    actions: ['outstation.restart requested'],
  },
  {
    what: 'a parameter',
    pieces: [request(frame({ type: 110, cause: 6, objects: '010000000001' }))],
    talk: ['iec104 110 request'],
    actions: ['configuration.write requested'],
  },
  {
    what: 'a parameter activation',
    pieces: [request(frame({ type: 113, cause: 6, objects: '01000003' }))],
    talk: ['iec104 113 request'],
    actions: ['configuration.activate requested'],
  },
  {
    what: 'a file that is called',
    pieces: [request(frame({ type: 122, cause: 13, objects: '01000002000102' }))],
    talk: ['iec104 122 notification'],
    actions: ['file.read requested'],
  },
  {
    what: 'a file that is offered to a station',
    pieces: [request(frame({ type: 120, cause: 13, objects: '010000020000010000' }))],
    talk: ['iec104 120 notification'],
    actions: ['file.write requested'],
  },
  {
    what: 'a station that starts with changed parameters',
    pieces: [response(frame({ type: 70, cause: 4, objects: '00000082' }))],
    talk: ['iec104 70 notification'],
    actions: ['configuration.activate accepted'],
  },
];

for (const { what, pieces, talk: messages, actions = [], failures = [] } of cases) {
  test(`${what} is read with what it does`, () => {
    const recorder = talk(iec104, pieces);
    assert.deepEqual(recorder.talk(), messages);
    assert.deepEqual(recorder.actions(), actions);
    assert.deepEqual(recorder.failures(), failures);
    assert.deepEqual(recorder.violations(), []);
  });
}

test('a file that is asked for without its name is no transfer', () => {
  const recorder = talk(iec104, [request(frame({ type: 127, cause: 13, objects: '010000' })), request(interrogation)]);
  assert.deepEqual([recorder.actions(), recorder.of('transfer')], [[], []]);
});

test('an ASDU uses its common address and type', () => {
  const [use] = talk(iec104, [request(interrogation)]).uses;
  assert.deepEqual([use.aspect, use.a, use.b], [Aspect.Iec104Asdu, 10, 100]);
});

test('commands tell select, execute and the time they set', () => {
  const parameters = cases.flatMap(({ pieces }) => talk(iec104, pieces).of('action')).map((action) => action.parameters);
  assert.equal(parameters[0]?.step, 'select');
  assert.equal(parameters[2]?.step, 'execute');
  assert.equal(parameters[4]?.time, '2026-11-21 15:45:04');
});

test('frames cut anywhere by segments are read once', () => {
  const bytes = started + interrogation + frame({ type: 13, cause: 3, objects: '0500000000484200', sent: 1 });
  for (let cut = 2; cut < bytes.length; cut += 2) {
    const recorder = talk(iec104, [request(bytes.slice(0, cut)), request(bytes.slice(cut))]);
    assert.deepEqual(recorder.talk(), ['iec104 257 request', 'iec104 100 request', 'iec104 13 notification']);
  }
});

test('every known type with the right length is no violation, one byte more is', () => {
  for (let type = 1; type < 128; type++) {
    const size = ELEMENT_BYTES[type];
    if (size < 0) continue;
    for (const [count, elements, addresses] of [
      [1, 1, 1],
      [3, 3, 3],
      [0x83, 3, 1],
    ]) {
      const objects = '01'.repeat(elements * size + 3 * addresses);
      assert.deepEqual(talk(iec104, [request(frame({ type, cause: 3, count, objects }))]).violations(), [], typeName(type));
      assert.deepEqual(talk(iec104, [request(frame({ type, cause: 3, count, objects: `${objects}01` }))]).violations(), [
        'iec104.length-mismatch',
      ]);
    }
  }
});

test('sequence numbers pass their end, and lost bytes make them unknown', () => {
  const numbered = (sent: number): string => frame({ type: 1, cause: 3, objects: '01000000', sent });
  assert.deepEqual(talk(iec104, [response(numbered(0x7fff) + numbered(0))]).violations(), []);
  const recorder = talk(iec104, [response(numbered(4))]);
  iec104.gap?.(recorder);
  const bytes = hex(numbered(9));
  iec104.stream?.(recorder, bytes, 0, bytes.length);
  assert.deepEqual(recorder.violations(), []);
});

const violations: readonly (readonly [name: keyof typeof VIOLATIONS, piece: Piece])[] = [
  ['iec104.start-byte', request('ff0407000000')],
  ['iec104.apdu-length', request('6802070000')],
  ['iec104.apdu-length', request('680507000000ff')],
  ['iec104.apdu-length', request('68050100040000')],
  ['iec104.apdu-length', request(`68fe00000000c8010300${'0a00'}${'00'.repeat(244)}`)],
  ['iec104.control-field', request('680407000100')],
  ['iec104.control-field', request('680401010400')],
  ['iec104.control-field', request('680401000500')],
  ['iec104.asdu-truncated', request('68080000000064010600')],
  ['iec104.length-mismatch', request(frame({ type: 100, cause: 6, objects: '0000001414' }))],
  ['iec104.object-address', request(frame({ type: 100, cause: 6, objects: '0000' }))],
  ['iec104.unknown-u-function', request('68040f000000')],
  ['iec104.unknown-type', request(frame({ type: 99, cause: 6, objects: '00000014' }))],
  ['iec104.unknown-cause', request(frame({ type: 100, cause: 43, objects: '00000014' }))],
  ['iec104.no-objects', request(frame({ type: 1, cause: 3, count: 0, objects: '' }))],
  ['iec104.common-address', request(frame({ type: 100, cause: 6, objects: '00000014', address: 0 }))],
  ['iec104.sequence-gap', request(interrogation + frame({ type: 100, cause: 6, objects: '00000014', sent: 5 }))],
];

for (const [name, piece] of violations) {
  test(`${name} is told of ${Buffer.from(piece.bytes).toString('hex').slice(0, 40)}`, () => {
    assert.deepEqual(talk(iec104, [piece]).violations(), [name]);
  });
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

test('types, causes and frames have names', () => {
  assert.equal(iec104.operationName(11, 45), 'C_SC_NA_1');
  assert.equal(iec104.operationName(11, 0x110), 'TESTFR act');
  assert.equal(iec104.operationName(11, 0x200), 'S frame');
  assert.deepEqual([20, 21, 36, 37, 41, 6].map(causeName), ['inrogen', 'inro1', 'inro16', 'reqcogen', 'reqco4', 'act']);
});

test('damaged frames never throw, always make progress and tell only what is in the table', () => {
  const samples = [...cases.flatMap(({ pieces }) => pieces), ...violations.map(([, piece]) => piece)].map(({ bytes }) => bytes);
  for (const bytes of mutations(samples, 5_000, 104)) {
    const recorder = talk(iec104, [request(bytes), response(bytes)]);
    iec104.identify?.(bytes, 0, bytes.length, true);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS, name);
  }
});

const captures = capturesDirectory();
const fields = [
  'iec60870_104.type',
  'iec60870_104.utype',
  'iec60870_asdu.typeid',
  'iec60870_asdu.causetx',
  'iec60870_asdu.nega',
  'iec60870_asdu.addr',
];

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    const truthFile = join(captures ?? '', 'truth', `${file}.json`);
    const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as { counts: Record<string, unknown> }; // as the truth's writer gives it
    const known = fields.filter((field) => field in truth.counts);
    test(`${file} shows ${known.length === 0 ? 'no IEC 104' : `${known.length} fields as often as the truth says`}`, () => {
      const recorder = replay(join(captures ?? '', file), [iec104]);
      if (known.length === 0) {
        assert.deepEqual(recorder.identified, []);
        return;
      }
      assert.deepEqual(
        compareFields(recorder, truthFile, fields).filter(({ result }) => result !== 'exact'),
        [],
      );
      assert.deepEqual(recorder.violations(), []);
    });
  }
});
