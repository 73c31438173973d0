/**
 * MMS through TPKT and COTP. Public captures show few of its services: the others are written here from the standard's
 * ASN.1 (ISO 9506-2, ISO 8327-1, ISO 8823-1, ISO 8650-1).
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cotp } from '../cotp/dissector.ts';
import { rdp } from '../cotp/rdp.ts';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { ascii, element } from '../testing/ber.ts';
import { mutations } from '../testing/mutate.ts';
import type { Recorder } from '../testing/recorder.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { mms } from './dissector.ts';
import { operationName, VIOLATIONS } from './names.ts';

const u16 = (value: number): string => value.toString(16).padStart(4, '0');
/** TPKT and COTP data unit. */
const carry = (tsdu: string): string => `0300${u16(7 + tsdu.length / 2)}02f080${tsdu}`;
const pdv = (value: string, context = '03'): string => element('61', element('30', `0201${context}${element('a0', value)}`));
/** Session data around an MMS PDU. */
const data = (mmsPdu: string): string => carry(`01000100${pdv(mmsPdu)}`);
const plain = carry;

const invoke = (id = 1): string => element('02', id.toString(16).padStart(2, '0'));
const ask = (service: string, id = 1): string => data(element('a0', invoke(id) + service));
const answer = (service: string, id = 1): string => data(element('a1', invoke(id) + service));
const refuse = (error: string, id = 1): string =>
  data(element('a2', `${element('80', id.toString(16).padStart(2, '0'))}${element('a2', element('a0', error))}`));
const report = (service: string): string => data(element('a3', service));

const visible = (text: string): string => element('1a', ascii(text));
const domainName = (domain: string, item: string): string => element('a1', visible(domain) + visible(item));
const variable = (name: string): string => element('30', element('a0', name));
const write = (...names: string[]): string => element('a5', `${element('a0', names.map(variable).join(''))}${element('a0', '830101')}`);
const file = (name: string): string => element('19', ascii(name));

/** Session CONNECT or ACCEPT, presentation and association around an initiate PDU. */
function connect(type: '0d' | '0e', initiate: string, options: { syntax?: string; acse?: string } = {}): string {
  const external = element('28', `06025101020103${element('a0', initiate)}`);
  const name = element('a1', '060528ca220203');
  const diagnostic = type === '0d' ? '' : element('a3', element('a1', '020100'));
  const acse = element(type === '0d' ? '60' : '61', `${name}${options.acse ?? ''}${diagnostic}${element('be', external)}`);
  const context = (id: string, syntax: string): string => element('30', `0201${id}${element('06', syntax)}${element('30', '06025101')}`);
  const contexts = element('a4', context('01', '52010001') + context('03', options.syntax ?? '28ca220201'));
  const parameters = element('a2', `${type === '0d' ? contexts : ''}${pdv(acse, '01')}`);
  const presentation = element('31', `${element('a0', '800101')}${parameters}`);
  const session = `050613010016010214020002c1${(presentation.length / 2).toString(16).padStart(2, '0')}${presentation}`;
  return carry(`${type}${(session.length / 2).toString(16).padStart(2, '0')}${session}`);
}
const initiateRequest = element('a8', '80027d00810114820114830104');
const initiateResponse = element('a9', '80027d00810114820114830104');

interface Case {
  readonly what: string;
  readonly pieces: readonly Piece[];
  readonly talk: readonly string[];
  readonly actions?: readonly string[];
  readonly failures?: readonly string[];
  readonly uses?: readonly (readonly [aspect: number, a: number, text?: string])[];
}

const cases: readonly Case[] = [
  {
    what: 'an association',
    pieces: [request(connect('0d', initiateRequest)), response(connect('0e', initiateResponse, { acse: element('a2', '020100') }))],
    talk: ['mms 520 request', 'mms 520 response'],
  },
  {
    what: 'an association that the server rejects',
    pieces: [
      request(connect('0d', initiateRequest)),
      response(connect('0e', element('aa', element('a0', '880101')), { acse: element('a2', '020101') })),
    ],
    talk: ['mms 520 request', 'mms 520 response'],
    failures: ['mms.error 520 code 2049', 'mms.error 520 code 1'],
  },
  {
    what: 'a read whose second variable does not exist',
    pieces: [
      request(
        ask(element('a4', element('a1', element('a0', variable(domainName('IED1', 'MMXU1$MX$A')) + variable(element('80', ascii('x'))))))),
      ),
      response(answer(element('a4', element('a1', '83010180010a')))),
    ],
    talk: ['mms 4 request', 'mms 4 response'],
    failures: ['mms.error 4 code 10'],
    uses: [[Aspect.MmsService, 4]],
  },
  {
    what: 'a command to a breaker',
    pieces: [request(ask(write(domainName('IED1', 'CSWI1$CO$Pos$Oper')))), response(answer(element('a5', '8100')))],
    talk: ['mms 5 request', 'mms 5 response'],
    actions: ['control.operate requested', 'control.operate accepted'],
    uses: [[Aspect.MmsService, 5]],
  },
  {
    what: 'a command that the device does not take',
    pieces: [request(ask(write(domainName('IED1', 'CSWI1$CO$Pos$Oper')))), response(answer(element('a5', '800103')))],
    talk: ['mms 5 request', 'mms 5 response'],
    actions: ['control.operate requested', 'control.operate refused'],
    failures: ['mms.error 5 code 3'],
    uses: [[Aspect.MmsService, 5]],
  },
  {
    what: 'the selection of a breaker',
    pieces: [request(ask(write(domainName('IED1', 'CSWI1$CO$Pos$SBOw'))))],
    talk: ['mms 5 request'],
    uses: [[Aspect.MmsService, 5]],
  },
  {
    what: 'the enabling of a report',
    pieces: [request(ask(write(domainName('IED1', 'LLN0$RP$rcb1$RptEna'))))],
    talk: ['mms 5 request'],
    uses: [[Aspect.MmsService, 5]],
  },
  {
    what: 'a GOOSE control block being switched off after a set point',
    pieces: [request(ask(write(domainName('IED1', 'GGIO1$SP$AnOut1$setMag'), domainName('IED1', 'LLN0$GO$gcb1$GoEna'))))],
    talk: ['mms 5 request'],
    actions: ['configuration.write requested'],
    uses: [[Aspect.MmsService, 5]],
  },
  {
    what: 'the definition of a variable list that exists',
    pieces: [
      request(ask(element('ab', `${domainName('IED1', 'LLN0$ds1')}${element('a0', variable(domainName('IED1', 'MMXU1$MX$A')))}`))),
      response(refuse('820105')),
    ],
    talk: ['mms 11 request', 'mms 11 response'],
    actions: ['configuration.write requested', 'configuration.write refused'],
    failures: ['mms.error 11 code 517'],
    uses: [[Aspect.MmsService, 11]],
  },
  {
    what: 'a download of a domain',
    pieces: [
      request(ask(element('ba', `${element('80', ascii('Logic'))}a100820100`))),
      response(answer('9a00')),
      response(ask(element('9b', ascii('Logic')), 7)),
      request(answer(element('bb', '800100810100'), 7)),
      response(ask(element('bc', element('80', ascii('Logic'))), 8)),
    ],
    talk: ['mms 26 request', 'mms 26 response', 'mms 27 request', 'mms 27 response', 'mms 28 request'],
    actions: ['program.download requested', 'program.download accepted'],
    uses: [26, 27, 28].flatMap((service): [number, number, string?][] => [
      [Aspect.MmsService, service],
      [Aspect.MmsProgram, service, 'Logic'],
    ]),
  },
  {
    what: 'an upload of a domain, whose segments name a number',
    pieces: [
      request(ask(element('9d', ascii('Logic')))),
      response(answer(element('bd', '800105a100'))),
      request(ask('9e0105', 2)),
      request(ask('9f1f0105', 3)),
    ],
    talk: ['mms 29 request', 'mms 29 response', 'mms 30 request', 'mms 31 request'],
    actions: ['program.upload requested', 'program.upload accepted'],
    uses: [29, 30, 31].flatMap((service): [number, number, string?][] => [
      [Aspect.MmsService, service],
      [Aspect.MmsProgram, service, 'Logic'],
    ]),
  },
  {
    what: 'the deletion of a domain',
    pieces: [request(ask(element('9f24', ascii('Logic')))), response(answer('9f2400'))],
    talk: ['mms 36 request', 'mms 36 response'],
    actions: ['program.delete requested', 'program.delete accepted'],
    uses: [
      [Aspect.MmsService, 36],
      [Aspect.MmsProgram, 36, 'Logic'],
    ],
  },
  ...(
    [
      [40, 'start', 'controller.start'],
      [41, 'stop', 'controller.stop'],
      [42, 'resume', 'controller.start'],
      [43, 'reset', 'controller.reset'],
      [44, 'kill', 'controller.stop'],
    ] as const
  ).map(
    ([service, name, action]): Case => ({
      what: `the ${name} of a program without session and presentation`,
      pieces: [
        request(plain(element('a0', `${invoke()}${element(`bf${service.toString(16)}`, element('80', ascii('Main')))}`))),
        response(plain(element('a1', `${invoke()}9f${service.toString(16)}00`))),
      ],
      talk: [`mms ${service} request`, `mms ${service} response`],
      actions: [`${action} requested`, `${action} accepted`],
      uses: [
        [Aspect.MmsService, service],
        [Aspect.MmsProgram, service, 'Main'],
      ],
    }),
  ),
  {
    what: 'a file that is opened, one that is deleted and one that the device fetches',
    pieces: [
      request(ask(element('bf48', `${element('a0', file('COMTRADE/1.dat'))}810100`))),
      response(answer(element('bf48', '800101'))),
      request(ask(element('bf4c', file('old.cfg')), 2)),
      request(ask(element('bf2e', `${element('a1', file('here.bin'))}${element('a2', file('there.bin'))}`), 3)),
    ],
    talk: ['mms 72 request', 'mms 72 response', 'mms 76 request', 'mms 46 request'],
    actions: ['file.read requested', 'file.read accepted', 'file.delete requested', 'file.write requested'],
    uses: [
      [Aspect.MmsService, 72],
      [Aspect.MmsService, 76],
      [Aspect.MmsService, 46],
    ],
  },
  {
    what: 'a request that the peer rejects',
    pieces: [request(ask('800100', 5)), response(data(element('a4', '800105810101')))],
    talk: ['mms 0 request', 'mms 0 response'],
    failures: ['mms.error 0 code 257'],
    uses: [[Aspect.MmsService, 0]],
  },
  {
    what: 'a report and an event',
    pieces: [response(report(element('a0', `${element('a1', element('80', ascii('rpt')))}a003830101`))), response(report('a200'))],
    talk: ['mms 256 notification', 'mms 258 notification'],
    uses: [
      [Aspect.MmsService, 256],
      [Aspect.MmsService, 258],
    ],
  },
  {
    what: 'the end of an association',
    pieces: [request(data('8b00')), response(data('8c00')), request(carry('1903110101')), response(carry('1a00'))],
    talk: ['mms 523 request', 'mms 523 response', 'mms 793 notification', 'mms 794 notification'],
  },
  {
    what: 'a cancel that comes too late',
    pieces: [request(data('850105')), response(data(element('a7', `800105${element('a1', element('a0', '8a0101'))}`)))],
    talk: ['mms 517 request', 'mms 517 response'],
    failures: ['mms.error 517 code 2561'],
  },
];

for (const { what, pieces, ...expected } of cases) {
  test(`${what} is read`, () => {
    const recorder = talk(cotp, pieces);
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(recorder.talk(), expected.talk);
    assert.deepEqual(recorder.actions(), expected.actions ?? []);
    assert.deepEqual(recorder.failures(), expected.failures ?? []);
    assert.deepEqual(
      recorder.uses.map(({ aspect, a, b }) => (aspect === Aspect.MmsProgram ? [aspect, a, recorder.texts[b]] : [aspect, a])),
      expected.uses ?? [],
    );
  });
}

test('an identify response tells vendor, model and revision', () => {
  const told = `${element('80', ascii('ACME'))}${element('81', ascii('R1'))}${element('82', ascii('4.2'))}`;
  const recorder = talk(cotp, [request(ask('8200')), response(answer(element('a2', told)))]);
  const [{ vendor, model, firmware, of }] = recorder.of('identity');
  assert.deepEqual([vendor, model, firmware, of], ['ACME', 'R1', '4.2', 'sender']);
  assert.deepEqual(recorder.actions(), ['identity.request requested', 'identity.request accepted']);
});

test('a status that is not the usual one is told when it changes', () => {
  const status = (logical: number, physical: number): Piece => response(answer(element('a0', `80010${logical}81010${physical}`)));
  const recorder = talk(cotp, [status(0, 0), status(2, 3), status(2, 3), status(0, 0), response(report(element('a1', '800100810102')))]);
  assert.deepEqual(
    recorder.of('condition').map(({ name, text }) => [name, text]),
    [
      ['mms.vmd-status', 'logical status limited-services-allowed, physical status needs-commissioning'],
      ['mms.vmd-status', 'logical status state-changes-allowed, physical status inoperable'],
    ],
  );
});

test('the state of a program is its operating mode', () => {
  const recorder = talk(cotp, [
    request(ask(element('9f2d', ascii('Main')))),
    response(answer(element('bf2d', '800103a100820101830100840100'))),
  ]);
  assert.deepEqual(
    recorder.of('identity').map(({ mode, place }) => [mode, place]),
    [['running', 'program Main']],
  );
});

test('an association with authentication is a sign-in', () => {
  const secret = `8a0207808b03520301${element('ac', element('80', ascii('secret')))}`;
  const recorder = talk(cotp, [
    request(connect('0d', initiateRequest, { acse: secret })),
    response(connect('0e', initiateResponse, { acse: element('a2', '020100') })),
  ]);
  assert.deepEqual(
    recorder.of('login').map(({ outcome }) => outcome),
    ['attempt', 'success'],
  );
});

test('a session for another user stays plain COTP', () => {
  const recorder = talk(cotp, [
    request(connect('0d', element('a8', '8001'), { syntax: '5601' })),
    request(carry(`01000100${pdv('a003020101')}`)),
  ]);
  assert.deepEqual(recorder.talk(), ['cotp 15 notification', 'cotp 15 notification']);
});

test('answers are told apart by direction and invoke id', () => {
  const recorder = talk(cotp, [
    request(ask(element('bf29', element('80', ascii('A'))), 1)),
    response(ask(element('bf29', element('80', ascii('B'))), 1)),
    response(refuse('870103', 1)),
    request(answer('9f2900', 1)),
    response(refuse('870103', 1)),
  ]);
  assert.deepEqual(
    recorder.of('action').map(({ phase, parameters }) => `${phase} ${parameters?.name}`),
    ['requested A', 'requested B', 'refused A', 'accepted B'],
  );
  assert.deepEqual(recorder.failures(), ['mms.error 41 code 1795', 'mms.error 514 code 1795']);
});

test('two values in one message are two messages', () => {
  const one = element('30', `020103${element('a0', element('a0', `${invoke(1)}8200`))}`);
  const two = element('30', `020103${element('a0', element('a0', `${invoke(2)}8000`))}`);
  assert.deepEqual(talk(cotp, [request(carry(`01000100${element('61', one + two)}`))]).talk(), ['mms 2 request', 'mms 0 request']);
});

test('indefinite lengths are read', () => {
  const tsdu = `010001006180${'3080020103a080'}${element('a0', `${invoke()}8200`)}${'0000'.repeat(3)}`;
  assert.deepEqual(talk(cotp, [request(carry(tsdu))]).talk(), ['mms 2 request']);
});

const violations: readonly (readonly [name: string, bytes: string])[] = [
  ['mms.session-length', carry('0db2050613010016')],
  ['mms.session-length', carry('0d0405061301')],
  ['mms.presentation', carry('010001003003020101')],
  ['mms.presentation', carry(`01000100${element('61', element('30', '020103'))}`)],
  ['mms.association', carry(`01000100${pdv('6055', '01')}`)],
  ['mms.association', connect('0d', initiateRequest, { acse: '8a55' })],
  ['mms.malformed-asn1', carry(`01000100${pdv('a05502')}`)],
  ['mms.malformed-asn1', data(element('a0', '810101a400'))],
  ['mms.malformed-asn1', ask(element('a4', 'a155'))],
  ['mms.malformed-asn1', data(element('a2', '800101'))],
  ['mms.unknown-pdu', data('0400')],
  ['mms.unknown-pdu', data('af00')],
  ['mms.missing-service', answer('')],
  ['mms.unknown-service', answer('3000')],
  ['mms.unknown-service', ask('9f7000')],
  ['mms.unknown-service', report('a900')],
];
for (const [name, bytes] of violations) {
  test(`${bytes} breaks the protocol: ${name}`, () => {
    const recorder = talk(cotp, [request(bytes)]);
    assert.deepEqual(recorder.violations(), [name]);
    assert.equal(recorder.of('violation')[0].malformed, VIOLATIONS[name as keyof typeof VIOLATIONS].malformed);
    assert.equal(recorder.messages.length, 1);
  });
}

test('every violation of the table can happen', () => {
  assert.deepEqual(new Set(violations.map(([name]) => name)), new Set(Object.keys(VIOLATIONS)));
});

const certain: readonly (readonly [what: string, bytes: string, confidence: Confidence])[] = [
  ['session data with MMS', ask('8200'), Confidence.Certain],
  ['a session connect', connect('0d', initiateRequest), Confidence.Certain],
  ['a plain initiate', plain(initiateRequest), Confidence.Certain],
  ['a plain request', plain(element('a0', `${invoke()}8200`)), Confidence.Certain],
  ['session data that does not fill its packet', `${ask('8200').slice(0, 6)}ff${ask('8200').slice(8)}`, Confidence.Possible],
  ['session data without presentation', carry('010001003003020101'), Confidence.Possible],
  ['a plain PDU with a wrong length', plain('a005020101820000'), Confidence.Possible],
];
for (const [what, bytes, confidence] of certain) {
  test(`${what} is judged ${confidence === Confidence.Certain ? 'certain' : 'possible'}`, () => {
    const input = hex(bytes);
    assert.equal(cotp.identify?.(input, 0, input.length, true), confidence);
  });
}

test('every operation has a name', () => {
  assert.deepEqual([0, 44, 77, 256, 520, 781].map(operationName), [
    'status',
    'kill',
    'fileDirectory',
    'informationReport',
    'initiate',
    'session CONNECT',
  ]);
  assert.equal(mms.operationName(0, 99), 'service 99');
});

test('damaged messages never throw and break the protocol by a known name', () => {
  const samples = cases.flatMap(({ pieces }) => pieces.map(({ bytes }) => bytes));
  let recorder: Recorder | undefined;
  for (const bytes of mutations(samples, 6_000, 9_506)) {
    recorder = talk(cotp, [request(bytes), response(bytes)]);
    for (const name of recorder.violations()) assert.ok(name in VIOLATIONS || name.startsWith('cotp.') || name.startsWith('s7'), name);
  }
  // and below the transport, where damage reaches deeper
  const tsdus = samples.map((bytes) => bytes.slice(7));
  for (const bytes of mutations(tsdus, 6_000, 8_823)) {
    if (bytes.length === 0) continue;
    mms.claims(bytes, 0, bytes.length);
    mms.identify(bytes, 0, bytes.length, bytes.length);
    const reader = mms.open();
    const facts = talk(cotp, []);
    reader.read(facts, bytes, 0, bytes.length);
    for (const name of facts.violations()) assert.ok(name in VIOLATIONS, name);
  }
});

const captures = capturesDirectory();
const counted = ['mms.confirmedServiceRequest', 'mms.confirmedServiceResponse', 'mms.unconfirmedService', 'cotp.type'];
const done: Readonly<Record<string, readonly string[]>> = {
  'mms-download-iti.pcap': ['program.download requested'],
  'mms-getnamelist-iti.pcap': [],
  'mms-kill-iti.pcap': ['controller.stop requested'],
  'mms-stop-iti.pcap': ['controller.start requested', 'controller.stop requested'],
  'mms-write-iti.pcap': ['control.operate requested'],
};

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /^mms.*\.pcap(ng)?$/.test(name)) : []) {
    test(`${file} is counted as the truth says`, () => {
      const recorder = replay(join(captures ?? '', file), [cotp, rdp]);
      const wrong = compareFields(recorder, join(captures ?? '', 'truth', `${file}.json`), counted);
      assert.deepEqual(
        wrong.filter(({ result }) => result !== 'exact'),
        [],
      );
      if (file in done) assert.deepEqual(recorder.actions(), done[file]);
    });
  }

  test('both partners of a long talk tell who they are', () => {
    const recorder = replay(join(captures ?? '', 'mms-session-iti.pcap'), [cotp, rdp]);
    assert.equal(new Set(recorder.of('identity').map(({ model }) => model)).size, 1);
    assert.deepEqual(recorder.violations(), []);
    assert.deepEqual(recorder.failures(), []);
  });
});
