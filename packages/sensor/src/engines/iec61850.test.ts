/**
 * Alerts about MMS, GOOSE and sampled values. No public capture shows what raises them, so the traffic is written from
 * the standards' ASN.1 (ISO 9506-2, IEC 61850-8-1, IEC 61850-9-2).
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ascii, element } from '@annunciator/protocols/testing/ber';
import { ethernetFrame } from '@annunciator/testkit/ethernet';
import { type Host, host } from '@annunciator/testkit/host';
import { Connection } from '@annunciator/testkit/tcp';
import type { Timeline } from '@annunciator/testkit/timeline';
import { MASTER, ofType, raised, SLAVE, type Write } from '../../tests/raised.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex16 = (value: number): string => value.toString(16).padStart(4, '0');

/** The group to which a publisher sends. */
const GROUP: Host = { ...host('group', '0.0.0.0'), mac: bytes('010ccd010001') };

/** Header and APDU of GOOSE (0x61) or sampled values (0x60). */
const substation = (apdu: string): Uint8Array => bytes(`3001${hex16(8 + apdu.length / 2)}00000000${apdu}`);

interface Goose {
  readonly goID?: string;
  readonly datSet?: string;
  readonly confRev?: number;
  readonly life?: number;
  readonly needsCommissioning?: boolean;
}

const goose =
  (settings: Goose = {}, to = GROUP, from = SLAVE): Write =>
  (timeline) => {
    const { goID = 'trip', datSet = 'LD0/LLN0$ds1', confRev = 1, life = 2000, needsCommissioning = false } = settings;
    const fields = [
      element('80', ascii('LD0/LLN0$GO$gcb1')),
      element('81', hex16(life)),
      element('82', ascii(datSet)),
      element('83', ascii(goID)),
      element('84', '386ebbf34217280a'),
      '850101',
      '860100',
      '870100',
      element('88', hex16(confRev)),
      `8901${needsCommissioning ? '01' : '00'}`,
      '8a0101',
      'ab03830100',
    ];
    timeline.put(ethernetFrame(from, to, 0x88b8, substation(element('61', fields.join('')))));
  };

const sampled =
  (settings: { confRev?: number; synch?: number; samples?: number } = {}): Write =>
  (timeline) => {
    const { confRev = 1, synch = 2, samples = 64 } = settings;
    const asdu = `${element('80', ascii('MU01'))}82020118${element('83', `0000${hex16(confRev)}`)}85010${synch}${element('87', '00'.repeat(samples))}`;
    timeline.put(ethernetFrame(SLAVE, GROUP, 0x88ba, substation(element('60', `800101${element('a2', element('30', asdu))}`))));
  };

const carry = (pdu: string): Uint8Array => {
  const values = element('61', element('30', `020103${element('a0', pdu)}`));
  return bytes(`0300${hex16(11 + values.length / 2)}02f08001000100${values}`);
};

/** Requests and answers of one MMS connection. */
const mms =
  (...exchanges: readonly (readonly [service: string, answer: string])[]): Write =>
  (timeline) => {
    const connection = new Connection(timeline, MASTER, SLAVE, 102);
    for (const [service, answer] of exchanges) connection.request(carry(element('a0', `020101${service}`))).response(carry(answer));
    connection.close();
  };
const positive = (service: string): string => element('a1', `020101${service}`);
const program = (service: string, name: string): [string, string] => [
  element(`bf${service}`, element('80', ascii(name))),
  positive(`9f${service}00`),
];
const status = (logical: number, physical: number): [string, string] => [
  '8000',
  positive(element('a0', `80010${logical}81010${physical}`)),
];
const read: [string, string] = [element('a4', 'a100'), positive(element('a4', 'a103830101'))];

const all =
  (...writes: readonly Write[]): Write =>
  (timeline: Timeline) => {
    for (const write of writes) write(timeline);
  };

interface Row {
  readonly type: string;
  readonly by: string;
  readonly learned: Write;
  readonly write: Write;
  readonly message: RegExp;
}

const ROWS: readonly Row[] = [
  {
    type: 'unauthorized-mms-service',
    by: 'a service not seen before',
    learned: mms(read),
    write: mms(read, program('29', 'Main')),
    message: /service stop/,
  },
  {
    type: 'unauthorized-mms-program-access',
    by: 'another program',
    learned: mms(program('28', 'Main')),
    write: mms(program('28', 'Evil')),
    message: /service start \(Evil\)/,
  },
  {
    type: 'controller-stop',
    by: 'a kill',
    learned: mms(read),
    write: mms(program('2c', 'Main')),
    message: /ordered a stop of .*Kill of program invocation Main/,
  },
  {
    type: 'mms-service-request-failed',
    by: 'a confirmed error',
    learned: mms(read),
    write: mms([read[0], element('a2', `800101${element('a2', element('a0', '870103'))}`)]),
    message: /read was refused with access object-access-denied/,
  },
  {
    type: 'mms-service-request-failed',
    by: 'a variable that cannot be read',
    learned: mms(read),
    write: mms([read[0], positive(element('a4', 'a10380010a'))]),
    message: /read failed for 1 of 1 variables: object-non-existent/,
  },
  {
    type: 'mms-service-request-failed',
    by: 'a reject',
    learned: mms(read),
    write: mms([read[0], element('a4', '800101810104')]),
    message: /read was rejected/,
  },
  {
    type: 'bad-mms-device-state',
    by: 'a physical status',
    learned: mms(status(0, 0)),
    write: mms(status(0, 1)),
    message: /physical status partially-operational/,
  },
  {
    type: 'goose-message-type-settings',
    by: 'goID',
    learned: goose(),
    write: goose({ goID: 'close' }),
    message: /LD0\/LLN0\$GO\$gcb1, setting goID close/,
  },
  { type: 'goose-message-type-settings', by: 'confRev', learned: goose(), write: goose({ confRev: 2 }), message: /confRev 2/ },
  { type: 'goose-message-type-settings', by: 'time allowed to live', learned: goose(), write: goose({ life: 9 }), message: /9 ms/ },
  {
    type: 'goose-message-type-settings',
    by: 'group address',
    learned: goose(),
    write: goose({}, { ...GROUP, mac: bytes('010ccd010099') }),
    message: /gcb1/,
  },
  {
    type: 'goose-message-type-settings',
    by: 'VLAN',
    learned: goose(),
    write: goose({}, GROUP, { ...SLAVE, vlan: 7 }),
    message: /VLAN 7/,
  },
  {
    type: 'goose-dataset-configuration-was-changed',
    by: 'data set name',
    learned: goose(),
    write: goose({ datSet: 'LD0/LLN0$ds2', confRev: 2 }),
    message: /data set of LD0\/LLN0\$GO\$gcb1 was LD0\/LLN0\$ds1, 1 entries and is LD0\/LLN0\$ds2/,
  },
  {
    type: 'goose-control-block-requires-further-configuration',
    by: 'ndsCom',
    learned: goose(),
    write: goose({ needsCommissioning: true }),
    message: /needs commissioning/,
  },
  {
    type: 'sampled-values-message-type-settings',
    by: 'confRev',
    learned: sampled(),
    write: sampled({ confRev: 2 }),
    message: /MU01, setting confRev 2/,
  },
  {
    type: 'sampled-values-message-type-settings',
    by: 'synchronisation',
    learned: sampled(),
    write: sampled({ synch: 0 }),
    message: /smpSynch none/,
  },
  {
    type: 'sampled-values-message-dataset-configuration-was-changed',
    by: 'sample length',
    learned: sampled(),
    write: sampled({ samples: 32 }),
    message: /1 ASDU of 64 bytes and is 1 ASDU of 32 bytes/,
  },
];

describe('IEC 61850 and ICCP', () => {
  for (const { type, by, learned, write, message } of ROWS) {
    it(`${type} is raised by ${by}, and not by what was learned`, () => {
      const result = raised(write, { learned });
      const found = ofType(result, type);
      assert.ok(found.length > 0, `raised were ${result.detections.map((one) => one.type).join(', ')}`);
      for (const detection of found) assert.match(detection.message, message);
      assert.ok(found[0].frames.every((number) => result.frames[number - 1]));
      assert.deepEqual(ofType(raised(learned, { learned }), type), []);
    });
  }

  it('a configuration revision that comes with another data set is no setting of its own', () => {
    const result = raised(goose({ datSet: 'LD0/LLN0$ds2', confRev: 2 }), { learned: goose() });
    assert.deepEqual(ofType(result, 'goose-message-type-settings'), []);
  });

  it('a changed data set is no change of the device itself', () => {
    const result = raised(all(goose({ datSet: 'LD0/LLN0$ds2' }), sampled({ samples: 32 })), { learned: all(goose(), sampled()) });
    assert.deepEqual(ofType(result, 'change-of-device-configuration'), []);
  });

  it('publishers are intelligent electronic devices', () => {
    const { sensor } = raised(all(goose(), sampled()));
    assert.ok(sensor.inventory.devices.some((device) => device?.type === 'IED'));
  });
});
