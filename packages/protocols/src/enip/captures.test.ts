/** EtherNet/IP, CIP and PCCC over real captures: every field as tshark lists it, and the deeds each capture shows. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Aspect } from '../facts.ts';
import { capturesDirectory, replay } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';
import { cipIo } from './cip-io.ts';
import { enip } from './dissector.ts';

const FIELDS = ['enip.command', 'enip.status', 'enip.cpf.typeid', 'cip.sc', 'cip.service', 'cip.rr', 'cip.genstat', 'cip.class'];

interface Shown {
  readonly actions?: readonly string[];
  readonly failures?: readonly string[];
  readonly identity?: readonly Readonly<Record<string, string>>[];
}

const enbt = { vendor: 'Rockwell Automation/Allen-Bradley', model: '1756-ENBT/A', firmware: '4.003', type: 'I/O Adapter' };

const shown: Readonly<Record<string, Shown>> = {
  'enip-changetime-iti.pcap': {
    actions: ['configuration.read requested', 'time.set accepted', 'time.set requested'],
    identity: [{ mode: 'REMOTE RUN' }],
  },
  'enip-cipmultiple1-iti.pcap': { actions: ['configuration.read requested'] },
  'enip-cipstop-iti.pcap': { actions: ['controller.stop requested'] },
  'enip-example-cisagov.pcap': {
    actions: ['configuration.read requested', 'identity.request requested', 'time.set accepted', 'time.set requested'],
    identity: [{ mode: 'REMOTE RUN' }, { ...enbt, serial: '00524d8e' }],
  },
  'enip-firmwarechange-iti.pcap': {
    actions: [
      'controller.reset accepted',
      'controller.reset requested',
      'firmware.update accepted',
      'firmware.update refused',
      'firmware.update requested',
      'identity.request requested',
    ],
    failures: ['cip.status 41297 code 8', 'cip.status 270 code 20'],
    identity: [{ ...enbt, serial: '0051aec3' }],
  },
  'enip-listidentity-quickdraw.pcap': { actions: ['identity.request requested'], identity: [{ ...enbt, serial: '00524d8e' }] },
  'enip-lockplc-iti.pcap': { actions: ['configuration.read requested'], identity: [{ mode: 'REMOTE RUN' }] },
  'enip-pccc-a-iti.pcap': {
    actions: ['controller.mode accepted', 'controller.mode requested', 'identity.request requested'],
    identity: [{ vendor: 'Rockwell Automation/Allen-Bradley', model: '1766-LEC', type: 'PLC' }],
  },
  'enip-plant1-iti.pcap': {},
  'enip-remotemode-iti.pcap': {
    actions: ['configuration.read requested', 'controller.stop accepted', 'controller.stop requested'],
    identity: [{ mode: 'REMOTE RUN' }, { mode: 'REMOTE PROGRAM' }],
  },
  'enip-setattr-cisagov.pcapng': { actions: ['configuration.write requested'] },
  'enip-softwaredownload-iti.pcap': {
    actions: [
      'configuration.read requested',
      'configuration.write accepted',
      'configuration.write requested',
      'controller.reset accepted',
      'controller.reset requested',
      'controller.start accepted',
      'controller.start requested',
      'controller.stop accepted',
      'controller.stop requested',
      'identity.request requested',
      'program.download accepted',
      'program.download requested',
      'time.set accepted',
      'time.set requested',
    ],
    failures: ['cip.status 203267 code 5', 'cip.status 209923 code 5'],
    identity: [{ mode: 'REMOTE RUN' }, { mode: 'REMOTE RUN' }, { mode: 'REMOTE PROGRAM' }, { mode: 'REMOTE RUN' }],
  },
};

const captures = capturesDirectory();
describe('captures', { skip: captures === undefined && 'no captures on this machine: set ANNUNCIATOR_CAPTURES to their directory' }, () => {
  if (captures === undefined) return;
  for (const [file, { actions = [], failures = [], identity = [] }] of Object.entries(shown)) {
    test(`${file} is read as tshark reads it`, () => {
      const recorder = replay(join(captures, file), [enip, cipIo]);
      const compared = compareFields(recorder, join(captures, 'truth', `${file}.json`), FIELDS);
      assert.deepEqual(
        compared.filter((field) => field.result !== 'exact'),
        [],
      );
      assert.ok(compared.length >= 3);
      assert.deepEqual(recorder.violations(), []);
      assert.deepEqual([...new Set(recorder.actions())].sort(), actions);
      assert.deepEqual([...new Set(recorder.failures())], failures);
      assert.deepEqual(
        recorder.of('identity').map(({ is: _is, protocol: _protocol, of: _of, ...rest }) => rest),
        identity,
      );
    });
  }

  test('PCCC commands and functions are learned from the capture that carries them', () => {
    const recorder = replay(join(captures, 'enip-pccc-a-iti.pcap'), [enip]);
    const seen = recorder.uses.filter((use) => use.aspect === Aspect.PcccCommand).map((use) => `${use.a} ${use.b}`);
    assert.deepEqual([...new Set(seen)].sort(), ['15 128', '15 163', '6 3']);
  });

  test('no other capture holds anything that looks like EtherNet/IP or CIP I/O', () => {
    const others = readdirSync(captures).filter((file) => /\.pcap(ng)?$/.test(file) && !file.startsWith('enip-'));
    assert.ok(others.length > 50);
    for (const file of others) assert.deepEqual(replay(join(captures, file), [enip, cipIo]).identified, [], file);
  });
});
