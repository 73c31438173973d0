/** BACnet/IP: captures as tshark reads them, services and violations from hand-made bytes, hostile input. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Confidence } from '../dissector.ts';
import { Aspect } from '../facts.ts';
import { readCapture } from '../testing/capture.ts';
import { mutations, randomFrom } from '../testing/mutate.ts';
import { capturesDirectory, hex, type Piece, replay, request, response, talk } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { bacnet } from './dissector.ts';
import { checkTags, MAX_DEPTH } from './tags.ts';

const FIELDS = [
  'bvlc.function',
  'bacnet.mesgtyp',
  'bacapp.type',
  'bacapp.confirmed_service',
  'bacapp.unconfirmed_service',
  'bacapp.error_class',
  'bacapp.error_code',
  'bacapp.reject_reason',
  'bacapp.abort_reason',
];

/** Violations each capture holds, by name and number of messages. */
const captured: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'bacnet-errors-cisagov.pcap': { 'bacnet.value-type': 2, 'bacnet.tag-unbalanced': 1 },
  'bacnet-example-cisagov.pcap': { 'bacnet.bvlc-length': 240 },
  'bacnet-ip-ctsamples.pcap': {},
  'bacnet-scan-quickdraw.pcap': {},
  'bacnet-services-cisagov.pcap': {},
  'bacnet-stack-arkime.pcap': { 'bacnet.npdu-version': 1, 'bacnet.apdu-missing': 4 },
};

const captures = capturesDirectory();
describe('captures', { skip: captures === undefined && 'no captures on this machine: set ANNUNCIATOR_CAPTURES to their directory' }, () => {
  if (captures === undefined) return;
  for (const [file, violations] of Object.entries(captured)) {
    test(`${file} is read as tshark reads it`, () => {
      const recorder = replay(join(captures, file), [bacnet]);
      // IEEE 802.3 frames have a length where others have an EtherType, so they are handed over here by hand.
      for (const frame of readCapture(readFileSync(join(captures, file)))) {
        if (frame.transport !== 'ethernet' || frame.etherType >= 0x600) continue;
        const { payload } = frame;
        const end = Math.min(frame.etherType, payload.length);
        if (bacnet.identify?.(payload, 0, end, false) === Confidence.Certain) bacnet.datagram?.(recorder, payload, 0, end);
      }
      const compared = compareFields(recorder, join(captures, 'truth', `${file}.json`), FIELDS);
      // A wrong NPDU version ends the reading here; tshark reads on. All else is exact.
      const allowed = 'bacnet.npdu-version' in violations ? ['exact', 'near'] : ['exact'];
      assert.deepEqual(
        compared.filter((field) => !allowed.includes(field.result)),
        [],
      );
      const counted: Record<string, number> = {};
      for (const name of recorder.violations()) counted[name] = (counted[name] ?? 0) + 1;
      assert.deepEqual(counted, violations);
    });
  }

  test('the scan asks for identities and gets them', () => {
    const recorder = replay(join(captures, 'bacnet-scan-quickdraw.pcap'), [bacnet]);
    assert.equal(recorder.actions().filter((action) => action === 'identity.request requested').length, 10);
    const told = Object.assign({}, ...recorder.of('identity'));
    assert.deepEqual([told.vendor, told.name, told.model, told.firmware], ['JCI', 'KBRNAE', 'MS-NAE4510-2', '5.1.0.4400']);
  });

  test('no other capture holds anything that looks like BACnet', () => {
    const others = readdirSync(captures).filter((file) => /\.pcap(ng)?$/.test(file) && !file.startsWith('bacnet-'));
    assert.ok(others.length > 50);
    for (const file of others) assert.deepEqual(replay(join(captures, file), [bacnet]).identified, [], file);
  });
});

/** An Original-Unicast-NPDU around an NPDU in hexadecimal digits. */
function bvlc(npdu: string, code = 0x0a): Uint8Array {
  const body = hex(npdu);
  return Uint8Array.from([0x81, code, (body.length + 4) >> 8, (body.length + 4) & 255, ...body]);
}
const ask = (apdu: string): Piece => request(bvlc(`0104 ${apdu}`));
const answer = (apdu: string): Piece => response(bvlc(`0100 ${apdu}`));
const run = (...pieces: Piece[]) => talk(bacnet, pieces, { datagrams: true, serverPort: 47808 });

describe('services tell what they do', () => {
  const cases: readonly [string, readonly Piece[], readonly string[], readonly string[]][] = [
    [
      'a warm start that is accepted',
      [ask('0005 01 14 0901'), answer('20 01 14')],
      ['controller.reset requested', 'controller.reset accepted'],
      [],
    ],
    [
      'a cold start with a wrong password',
      [ask('0005 01 14 0900 1c00616263'), answer('50 01 14 9104 911a')],
      ['controller.reset requested', 'controller.reset refused'],
      ['bacnet.error 20 code 26'],
    ],
    ['a restore', [ask('0005 01 14 0904')], ['configuration.write requested'], []],
    [
      'communication that is disabled',
      [ask('0005 02 11 0905 1901'), answer('20 02 11')],
      ['configuration.write requested', 'configuration.write accepted'],
      [],
    ],
    [
      'a file that is read',
      [ask('0005 03 06 c402800001 0e 3100 2164 0f'), answer('30 03 06 11 0e 3100 6100 0f')],
      ['file.read requested', 'file.read accepted'],
      [],
    ],
    [
      'a file write that is rejected',
      [ask('0005 04 07 c402800001 0e 3100 6101 0f'), answer('60 04 09')],
      ['file.write requested', 'file.write refused'],
      ['bacnet.reject 7 code 9'],
    ],
    ['a request that is aborted', [ask('0005 05 0c 0c00000001 1955'), answer('71 05 04')], [], ['bacnet.abort 12 code 4']],
    ['a property that is unknown', [ask('0005 06 0c 0c00000001 1955'), answer('50 06 0c 9102 9120')], [], ['bacnet.error 12 code 32']],
    ['an answer to another request', [ask('0005 07 14 0900'), answer('20 08 14')], ['controller.reset requested'], []],
    ['an object that is deleted', [ask('0005 08 0b c400000001')], ['configuration.write requested'], []],
    ['a present value that is written is no configuration', [ask('0005 09 0f 0c00400001 1955 3e 4442c80000 3f')], [], []],
    ['a property of the device that is written', [ask('0005 0a 0f 0c02000001 194d 3e 75020041 3f')], ['configuration.write requested'], []],
    ['a read of any device', [ask('0005 0b 0c 0c023fffff 194b')], ['identity.request requested'], []],
    ['who is there', [request(bvlc('0120 ffff 00 ff 1008', 0x0b))], ['identity.request requested'], []],
    ['a clock that is set', [ask('1006 a4760b1505 b40a1e0000')], ['time.set requested'], []],
    ['a broadcast table that is written', [request('8101 000e c0a80001 bac0 ffffffff')], ['configuration.write requested'], []],
    ['a refused registration', [request('8105 0006 003c'), response('8100 0006 0030')], [], ['bacnet.result 773 code 48']],
  ];
  for (const [name, pieces, actions, failures] of cases) {
    test(name, () => {
      const recorder = run(...pieces);
      assert.deepEqual(recorder.actions(), actions);
      assert.deepEqual(recorder.failures(), failures);
      assert.deepEqual(recorder.violations(), []);
    });
  }
});

describe('the baseline learns', () => {
  const uses = (aspect: Aspect, ...pieces: Piece[]): string[] =>
    run(...pieces)
      .uses.filter((use) => use.aspect === aspect)
      .map((use) => `${use.a} ${use.b}`);
  const key = (service: number, property: number): number => (service << 24) | property;
  test('one property', () =>
    assert.deepEqual(uses(Aspect.BacnetObject, ask('0005 01 0c 0c00000001 1955'), answer('30 01 0c 0c00000001 1955 3e 4442c80000 3f')), [
      `1 ${key(12, 85)}`,
    ]));
  test('each property of each object', () => {
    const list = '0c00000001 1e 0955 0970 1f 0c00800002 1e 0955 1901 1f';
    assert.deepEqual(uses(Aspect.BacnetObject, ask(`0005 01 0e ${list}`)), [
      `1 ${key(14, 85)}`,
      `1 ${key(14, 112)}`,
      `8388610 ${key(14, 85)}`,
    ]);
  });
  test('each property that is written, past its value', () => {
    const list = '0c00400001 1e 0955 2e 4442c80000 2f 3908 1f 0c00400002 1e 0955 2e 00 2f 1f';
    assert.deepEqual(uses(Aspect.BacnetObject, ask(`0005 01 10 ${list}`)), [`4194305 ${key(16, 85)}`, `4194306 ${key(16, 85)}`]);
  });
  test('networks', () => {
    assert.deepEqual(uses(Aspect.BacnetRoute, request(bvlc('012c 000d 01 3d 0003 01 07 ff 0005 01 0c 0c00000001 1955')), ask('1008')), [
      '3 13',
    ]);
  });
});

describe('identities', () => {
  const iAm = '1000 c402000064 2201e0 9103 2105';
  test('of I-Am belong to the sender', () => {
    const [fact] = run(request(bvlc(`0100 ${iAm}`, 0x0b))).of('identity');
    assert.deepEqual([fact.of, fact.vendor, fact.serial], ['sender', 'Johnson Controls', 'BACnet device 100']);
  });
  test('of a forwarded I-Am belong to its origin', () => {
    const [fact] = run(request(bvlc(`c0a80005bac0 0100 ${iAm}`, 0x04))).of('identity');
    assert.deepEqual(fact.of, { ip: '192.168.0.5' });
  });
  test('of a device behind a router are nobody’s', () => {
    assert.deepEqual(run(request(bvlc(`0108 0003 01 07 ${iAm}`, 0x0b))).of('identity'), []);
  });
  test('of a ReadPropertyMultiple answer hold its texts', () => {
    const list = '0c02000064 1e 294d 4e 7503004142 4f 292c 4e 750400312e30 4f 2979 5e 9102 9120 5f 1f';
    const recorder = run(ask('0005 01 0e 0c02000064 1e 094d 092c 0979 1f'), answer(`30 01 0e ${list}`));
    const [fact] = recorder.of('identity');
    assert.deepEqual([fact.name, fact.firmware], ['AB', '1.0']);
    assert.deepEqual(recorder.fields['bacapp.error_code'], { 32: 1 });
  });
});

test('segments are put together, whatever comes between', () => {
  const recorder = run(
    ask('0005 01 0e 0c02000064 1e 094d 1f'),
    answer('3c 01 00 01 0e 0c02000064 1e 294d 4e'),
    ask('40 01 00 01'),
    answer('38 01 01 01 0e 7503004142 4f 1f'),
  );
  assert.deepEqual(
    recorder.of('identity').map((fact) => fact.name),
    ['AB'],
  );
  assert.deepEqual(recorder.violations(), []);
});

describe('what breaks the protocol is named', () => {
  const cases: readonly [string, Uint8Array, string][] = [
    ['another BVLC type', hex('8f0a 0008 0100 1008'), 'bacnet.bvlc-type'],
    ['a BVLC function that does not exist', hex('81ff 0004'), 'bacnet.bvlc-function'],
    ['a BVLC length that is wrong', hex('810a 0009 0100 1008'), 'bacnet.bvlc-length'],
    ['a function of the wrong size', hex('8105 0005 00'), 'bacnet.bvlc-length'],
    ['another NPDU version', bvlc('0200 1008'), 'bacnet.npdu-version'],
    ['reserved control bits', bvlc('0140 1008'), 'bacnet.npdu-control'],
    ['an address past the end', bvlc('0120 000d 09 01'), 'bacnet.npdu-short'],
    ['destination network 0', bvlc('0120 0000 00 ff 1008'), 'bacnet.npdu-address'],
    ['all networks as the source', bvlc('0108 ffff 01 01 1008'), 'bacnet.npdu-address'],
    ['no APDU', bvlc('0120 000d 01 3d ff'), 'bacnet.apdu-missing'],
    ['an APDU type that does not exist', bvlc('0100 9000'), 'bacnet.apdu-type'],
    ['an APDU without its service', bvlc('0104 0005'), 'bacnet.apdu-short'],
    ['a tag past the end', bvlc('0104 0005 01 0c 0c0000'), 'bacnet.tag-overrun'],
    ['an extended length past the end', bvlc('0104 0005 01 0c 0dff ffffffff'), 'bacnet.tag-overrun'],
    ['a value that is not closed', bvlc('0104 0005 01 0f 0c00400001 1955 3e 4442c80000'), 'bacnet.tag-unbalanced'],
    ['a value closed that was not opened', bvlc('0104 0005 01 0f 0c00400001 1955 3f'), 'bacnet.tag-unbalanced'],
    ['a reserved application tag', bvlc('0100 1000 d100'), 'bacnet.tag-reserved'],
    ['a real of three bytes', bvlc('0100 1000 43000000'), 'bacnet.tag-length'],
    ['a recipient list with a real', bvlc('0104 0005 01 08 0c03c00001 1966 3e 4442c80000 3f'), 'bacnet.value-type'],
  ];
  for (const [name, bytes, violation] of cases) test(name, () => assert.deepEqual(run(request(bytes)).violations(), [violation]));

  test('a frame cut by the capture is not', () => {
    assert.deepEqual(talk(bacnet, [request(bvlc('0104 0005 01 0c 0c0000'))], { datagrams: true, complete: false }).violations(), []);
  });
  test('values inside each other are followed to a depth only', () => {
    const bytes = new Uint8Array(2 * MAX_DEPTH + 2).fill(0x0e, 0, MAX_DEPTH + 1).fill(0x0f, MAX_DEPTH + 1);
    assert.equal(checkTags(bytes, 0, bytes.length), 'bacnet.tag-unbalanced');
    assert.equal(checkTags(bytes, 1, bytes.length - 1), null);
  });
});

describe('identification', () => {
  const judge = (bytes: Uint8Array): Confidence | undefined => bacnet.identify?.(bytes, 0, bytes.length, false);
  test('is certain of whole messages', () => {
    for (const bytes of [bvlc('0100 1008'), hex('8102 0004'), hex('8105 0006 003c'), hex('828203 0100 1008')])
      assert.equal(judge(bytes), Confidence.Certain);
  });
  test('finds a message with one wrong octet possible', () => {
    for (const bytes of [bvlc('0200 1008'), hex('810a 0009 0100 1008'), hex('8f0a 0008 0100 1008')])
      assert.equal(judge(bytes), Confidence.Possible);
  });
  test('refuses random bytes', () => {
    const random = randomFrom(11);
    for (let i = 0; i < 50_000; i++) assert.notEqual(judge(Uint8Array.from({ length: 32 }, () => random() * 256)), Confidence.Certain);
  });
});

test('damaged messages never throw and tell a bounded number of things', () => {
  const samples = [
    bvlc('0104 0005 01 0e 0c00000001 1e 0955 0970 1f 0c00800002 1e 0955 1901 1f'),
    bvlc('0104 0005 01 10 0c00400001 1e 0955 2e 4442c80000 2f 3908 1f'),
    bvlc('0100 30 01 0e 0c02000064 1e 294d 4e 7503004142 4f 2979 5e 9102 9120 5f 1f'),
    bvlc('0100 3c 01 00 01 0e 0c02000064 1e 294d 4e'),
    bvlc('012c 000d 01 3d 0003 01 07 ff 0005 01 0c 0c00000001 1955'),
    bvlc('0100 1000 c402000064 2201e0 9103 2105', 0x0b),
    bvlc('c0a80005bac0 0100 1008', 0x04),
    bvlc('0104 0005 01 08 0c03c00001 1966 3e 4442c80000 3f'),
  ];
  for (const bytes of mutations(samples, 30_000, 5)) {
    const recorder = run(request(bytes), response(bytes));
    assert.ok(recorder.messages.length + recorder.told.length + recorder.uses.length <= 2 * bytes.length + 16);
  }
});
