/** Counts of fields against the ground truth of captures, and no recognition where there is none. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cotp } from '../cotp/dissector.ts';
import { rdp } from '../cotp/rdp.ts';
import { capturesDirectory, replay } from '../testing/replay.ts';
import { compareFields } from '../testing/truth.ts';

const captures = capturesDirectory();
const fields = [
  'cotp.type',
  's7comm.header.rosctr',
  's7comm.param.func',
  's7comm.header.errcls',
  's7comm.param.userdata.funcgroup',
  's7comm.param.userdata.subfunc',
  's7comm.data.userdata.szl_id',
  's7comm.data.returncode',
  's7comm.param.item.area',
  's7comm.data.blockcontrol.block_type',
  'x.s7plus.version',
  'x.s7plus.opcode',
  'x.s7plus.function',
];

/** Captures whose peers answer with broken packets, and what is told of them. */
const broken: Readonly<Record<string, readonly string[]>> = {
  'mms-download-iti.pcap': ['cotp.tpkt-length'],
  'mms-getnamelist-iti.pcap': ['mms.session-length', 'mms.missing-service'],
  'mms-kill-iti.pcap': ['cotp.tpkt-length'],
  'mms-stop-iti.pcap': ['cotp.tpkt-length'],
  'mms-write-iti.pcap': ['mms.session-length', 'mms.unknown-service', 'mms.missing-service'],
};

describe('captures', { skip: captures ? false : 'no captures: set ANNUNCIATOR_CAPTURES' }, () => {
  for (const file of captures ? readdirSync(captures).filter((name) => /\.pcap(ng)?$/.test(name)) : []) {
    const truthFile = join(captures ?? '', 'truth', `${file}.json`);
    const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as { counts: Record<string, unknown> }; // as the truth's writer gives it
    const known = fields.filter((field) => field in truth.counts);
    test(`${file} shows ${known.length === 0 ? 'no ISO-on-TCP' : `${known.length} fields as often as the truth says`}`, () => {
      const recorder = replay(join(captures ?? '', file), [cotp, rdp]);
      if (known.length === 0) {
        assert.deepEqual(recorder.identified, []);
        return;
      }
      const wrong = compareFields(recorder, truthFile, fields).filter(({ result }) => result !== 'exact');
      assert.deepEqual(wrong, []);
      assert.deepEqual([...new Set(recorder.violations())], broken[file] ?? []);
    });
  }

  const told = (file: string) => replay(join(captures ?? '', file), [cotp, rdp]);

  test('a controller tells order number, firmware, name and serial number in its status lists', () => {
    const facts = told('s7comm-snap7everything-cisagov.pcap').of('identity');
    const known = Object.assign({}, ...facts) as Record<string, string>; // the parts told one after the other
    assert.equal(known.model, '6ES7 315-2EH14-0AB0');
    assert.equal(known.firmware, 'V3.2.7');
    assert.equal(known.name, 'PLC_1');
    assert.equal(known.mode, 'RUN');
  });

  test('a stop from another station is asked for and accepted', () => {
    assert.deepEqual(told('s7comm-plcstop-snap7-iti.pcap').actions(), ['controller.stop requested', 'controller.stop accepted']);
  });

  test('an S7-1200 tells order number, firmware and serial number, and is loaded with OB 1', () => {
    const recorder = told('s7commplus-uploadob1-iti.pcap');
    assert.deepEqual(
      recorder.of('identity').map(({ model, firmware, serial }) => [model, firmware, serial]),
      [
        ['6ES7 214-1HE30-0XB0', 'V2.2', undefined],
        ['6ES7 214-1HE30-0XB0', undefined, 'SZVBDYXX017685'],
      ],
    );
    assert.ok(recorder.of('action').some(({ action, parameters }) => action === 'program.download' && parameters?.block === 'OB 1'));
  });
});
