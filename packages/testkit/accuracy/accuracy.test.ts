/** The comparison with the truth, over a folder of written captures whose truth is right, a little wrong, and wrong. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { host } from '../src/host.ts';
import * as modbus from '../src/modbus.ts';
import { pcap } from '../src/pcap-writer.ts';
import { Timeline } from '../src/timeline.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-accuracy-'));
after(() => rmSync(folder, { recursive: true, force: true }));
mkdirSync(join(folder, 'truth'));

const MACS = ['00:80:f4:01:01:10', '00:80:f4:01:01:20'] as const;
const HMI = host('hmi', '10.0.0.9', MACS[0]);
const PLC = host('plc', '10.0.0.5', MACS[1]);

/** A poll of holding registers and a read of coils: functions 3 and 1, asked and answered. */
const timeline = new Timeline();
modbus.session(timeline, HMI, PLC).readHoldingRegisters(0, 4).readCoils(0, 8).close();
const right = {
  packets: timeline.packets.length,
  counts: { 'modbus.func_code': { 3: 2, 1: 2 }, 'zigbee.frame_type': { 1: 7 } },
  devices: MACS.map((mac) => ({ mac, sent: 5 })),
  tshark: 'TShark (Wireshark) 4.0.17 (Git v4.0.17).',
};

function sample(name: string, truth: object, expectedAlerts: readonly object[] = []): object {
  writeFileSync(join(folder, name), pcap(timeline.packets));
  writeFileSync(join(folder, 'truth', `${name}.json`), JSON.stringify(truth));
  return { file: name, expectedAlerts };
}

function run(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(import.meta.dirname, 'accuracy.ts'), ...args], { encoding: 'utf8' });
}

const page = join(folder, 'page.md');
const notes = join(folder, 'accuracy-notes.json');
const files = ['--page', page] as const;

describe('a folder that agrees', () => {
  test('is right everywhere, and says which captures raise what', () => {
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify([sample('poll.pcap', right)]));
    const { status, stdout, stderr } = run(folder, ...files, '--twice');
    assert.equal(status, 0, stderr);
    assert.match(
      stdout,
      /^captures 1, failed 0, packet counts wrong 0, not repeatable 0; fields exact 1, near 0, neither 0, not counted 0; devices 2 of 2; /,
    );
    const text = readFileSync(page, 'utf8');
    assert.match(text, /\| fields of captures \| 1 of 1 right \(100\.0 %\): 1 exact/);
    assert.match(text, /what tshark 4\.0\.17 counts/);
    assert.match(text, /\| Modbus\/TCP \| `modbus\.func_code` \| 1 \| 0 \| 0 \|/);
    assert.match(text, /Not counted at all: `zigbee\.frame_type`\./);
    assert.doesNotMatch(text, /not explained/);
    const raised: Record<string, string[]> = JSON.parse(readFileSync(join(folder, 'alert-captures.json'), 'utf8'));
    assert.deepEqual(raised['unpermitted-usage-of-modbus-function-code'], ['poll.pcap'], 'with nothing learned, it is new');
    assert.equal(raised['port-scan-detected'], undefined);
  });
});

describe('a folder that does not agree', () => {
  test('is told in every respect, and ends with 1 until people explain it', () => {
    const wrong = {
      ...right,
      packets: right.packets,
      counts: { 'modbus.func_code': { 3: 2, 1: 2, 43: 1 } },
      devices: [...right.devices, { mac: '02:00:00:00:00:01', sent: 1 }],
    };
    const entries = [
      sample('poll.pcap', right),
      sample('slack.pcap', { ...wrong, devices: [], malformedFrames: 1 }),
      sample('wrong.pcap', wrong, [
        { title: 'Port Scan Detected', mode: 'always' },
        { title: 'New Asset Detected', mode: 'afterLearning' },
      ]),
      sample('silent.pcap', { ...right, counts: {} }),
    ];
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(entries));
    const before = run(folder, ...files);
    assert.equal(before.status, 1);
    assert.match(before.stdout, /fields exact 1, near 1, neither 1, .*devices 6 of 7; expected alerts 0 of 1; without explanation 5/);
    const text = readFileSync(page, 'utf8');
    assert.match(text, /\| wrong\.pcap \| `modbus\.func_code` \| neither \| 43: 1, 0 \| \*\*not explained\*\* \|/);
    assert.match(text, /\| wrong\.pcap \| `02:00:00:00:00:01` \| \*\*not explained\*\* \|/);
    assert.match(text, /\| wrong\.pcap \| Port Scan Detected \| \*\*not explained\*\* \|/);
    assert.match(text, /\| silent\.pcap \| Modbus\/TCP \| \*\*not explained\*\* \|/, 'a plant protocol where the truth has none');

    const any = (why: string) => [{ capture: '', what: '.*', why }];
    writeFileSync(
      notes,
      JSON.stringify({
        counts: [{ capture: 'wrong', what: 'modbus\\..*', why: 'A frame is broken' }, ...any('Something else')],
        devices: any('A fuzzer'),
        alerts: any('Nobody scans'),
        plant: any('Not dissected'),
      }),
    );
    const explained = run(folder, ...files);
    assert.equal(explained.status, 0, explained.stdout);
    assert.match(readFileSync(page, 'utf8'), /\| wrong\.pcap \| `modbus\.func_code` \| neither \| 43: 1, 0 \| A frame is broken \|/);
  });

  test('a capture that cannot be read is named, and nothing is written with --check', () => {
    rmSync(page);
    writeFileSync(join(folder, 'broken.pcap'), 'no capture');
    writeFileSync(join(folder, 'truth', 'broken.pcap.json'), JSON.stringify(right));
    const { status, stderr } = run(folder, ...files, '--check');
    assert.equal(status, 1);
    assert.match(stderr, /^broken\.pcap was not read: .*no pcap or pcapng capture/m);
    assert.equal(existsSync(page), false);
  });
});

test('a folder without truth is refused with what is missing', () => {
  const { status, stderr } = run(join(folder, 'truth'));
  assert.equal(status, 2);
  assert.match(stderr, /truth does not exist: the truth of CAPTURE is looked for in truth\/CAPTURE\.json\./);
  assert.equal(run().status, 2);
  assert.match(run('--nonsense', folder).stderr, /nonsense/);
});
