import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { host } from '@annunciator/testkit/host';
import * as dhcp from '@annunciator/testkit/dhcp';
import * as modbus from '@annunciator/testkit/modbus';
import { pcap } from '@annunciator/testkit/pcap-writer';
import { Timeline } from '@annunciator/testkit/timeline';
import { CATALOGUE } from '@annunciator/core/catalogue';
import type { AnalysisDocument } from '@annunciator/sensor/analysis/document';
import { csvCell } from './formats/csv.ts';
import { signatureId } from './formats/eve.ts';
import { annunciator, CAPTURES, COMMAND, NO_CAPTURES } from './run-command.ts';

const START = 1_780_293_600;
const plc = host('plc', '10.0.0.5', '00:80:f4:01:02:03');
const hmi = host('=HYPERLINK("http://evil.example","open")\x1b[31m', '10.0.0.9', '00:1b:1b:00:00:09');

let folder = '';
/** Twenty polls, then one write: new to whoever learned the polls. */
let whole = '';
/** The polls alone, and the write alone a minute later. */
let routine = '';
let incident = '';

async function write(name: string, timeline: Timeline): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, pcap(timeline.packets));
  return path;
}

function polls(timeline: Timeline): modbus.ModbusSession {
  const session = modbus.session(timeline, hmi, plc);
  for (let poll = 0; poll < 20; poll++) {
    session.readHoldingRegisters(0, 4);
    timeline.wait(1000);
  }
  return session;
}

async function analysed(...args: string[]): Promise<AnalysisDocument> {
  const { code, stdout, stderr } = await annunciator(['analyze', '--format', 'json', ...args]);
  assert.equal(stderr, '');
  assert.equal(code, 0);
  return JSON.parse(stdout);
}

/** `cat FILE | annunciator analyze /dev/stdin`, by a shell: its pipe is one, that of a child process is a socket. */
function throughPipe(path: string, ...args: string[]): ReturnType<typeof annunciator> {
  return annunciator([path, ...COMMAND, 'analyze', '/dev/stdin', ...args], ['sh', '-c', 'cat "$1" | { shift; "$@"; }', 'sh']);
}

const types = (document: AnalysisDocument): string[] => document.alerts.map((alert) => alert.type);
function lines<T>(text: string): T[] {
  return text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line): T => JSON.parse(line));
}

interface EveRecord {
  timestamp: string;
  event_type: string;
  src_ip: string;
  dest_ip: string;
  dest_port: number;
  proto: string;
  app_proto: string;
  alert: { action: string; gid: number; signature_id: number; signature: string; severity: number };
  annunciator: { id: string; type: string };
}

interface Finding {
  category_uid: number;
  class_uid: number;
  type_uid: number;
  activity_id: number;
  time: number;
  severity_id: number;
  metadata: { version: string; product: { vendor_name: string } };
  finding_info: { uid: string; title: string; analytic: { type_id: number }; attacks: { tactic?: object; technique?: object }[] };
  evidences: { src_endpoint: { ip: string } }[];
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annunciator-cli-'));
  const one = new Timeline({ start: START });
  // The lease tells the name.
  dhcp.lease(one, hmi, host('router', '10.0.0.1'));
  polls(one).writeRegister(90, 7);
  whole = await write('whole.pcap', one);
  const first = new Timeline({ start: START });
  polls(first);
  routine = await write('routine.pcap', first);
  const second = new Timeline({ start: START + 60, seed: 2 });
  modbus.session(second, hmi, plc).readHoldingRegisters(0, 4).writeRegister(90, 7);
  incident = await write('incident.pcap', second);
});

after(() => rm(folder, { recursive: true, force: true }));

describe('the baseline', { concurrency: 2 }, () => {
  test('learns everything unless told otherwise, so policy alerts are silent', async () => {
    assert.deepEqual(types(await analysed(whole)), []);
  });

  test('judges after a share of the packets', async () => {
    const document = await analysed(whole, '--learn-until', '50%');
    assert.ok(types(document).includes('unpermitted-usage-of-modbus-function-code'), types(document).join());
    assert.equal(document.alerts[0]?.frames[0], document.capture.packets - 1);
  });

  test('judges after a moment, and is silent when the moment never comes', async () => {
    const soon = await analysed(whole, '--learn-until', '2026-06-01T06:00:10Z');
    assert.ok(types(soon).includes('unpermitted-usage-of-modbus-function-code'));
    assert.deepEqual(types(await analysed(whole, '--learn-until', '2026-06-01T06:00:59Z')), []);
  });

  test('learns from --learn captures and judges the FILEs from their first packet', async () => {
    const document = await analysed('--learn', routine, incident);
    assert.deepEqual(document.capture.files, [incident]);
    assert.ok(types(document).includes('unpermitted-usage-of-modbus-function-code'));
    assert.deepEqual(types(await analysed('--learn', routine, '--learn', incident, incident)), []);
  });
});

describe('FILEs', { concurrency: 2 }, () => {
  test('are one timeline in the order of packet time, not of the arguments', async () => {
    const ordered = await analysed(routine, incident, '--learn-until', '2026-06-01T06:00:30Z');
    const reversed = await analysed(incident, routine, '--learn-until', '2026-06-01T06:00:30Z');
    assert.deepEqual(reversed.alerts, ordered.alerts);
    assert.ok(types(ordered).includes('unpermitted-usage-of-modbus-function-code'));
    assert.equal(ordered.capture.files.length, 2);
    assert.equal(ordered.capture.firstTime, '2026-06-01T06:00:00.000000Z');
  });

  test('may be a pipe', async () => {
    const { code, stdout } = await throughPipe(whole, '--format', 'json');
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).capture.packets, (await analysed(whole)).capture.packets);
  });

  test('in a pipe cannot be learned by share, which takes two readings', async () => {
    const { code, stderr } = await throughPipe(whole, '--learn-until', '50%');
    assert.equal(code, 2);
    assert.match(stderr, /is a pipe .*--learn-until a time/);
  });
});

describe('json', () => {
  test('has the members of the contract, every list item on a line of its own', async () => {
    const { stdout } = await annunciator(['analyze', '--format', 'json', '--fields', '--learn-until', '50%', whole]);
    const document: AnalysisDocument = JSON.parse(stdout);
    assert.deepEqual(Object.keys(document), ['capture', 'protocols', 'devices', 'connections', 'alerts', 'review', 'timing']);
    assert.ok(Object.keys(document.protocols['modbus']?.fields ?? {}).includes('modbus.func_code'));
    assert.equal(
      stdout.split('\n').filter((line) => line.startsWith('{"id"')).length,
      document.devices.length + document.alerts.length + document.review.length,
    );
  });

  test('of two runs is the same, timing apart', async () => {
    const [one, two] = await Promise.all([analysed(whole, '--learn-until', '50%'), analysed(whole, '--learn-until', '50%')]);
    assert.deepEqual({ ...two, timing: null }, { ...one, timing: null });
  });
});

describe('text', () => {
  test('tells the capture, the devices, who speaks what, the alerts and a last line', async () => {
    const { code, stdout } = await annunciator(['analyze', whole, '--learn-until', '50%']);
    assert.equal(code, 0);
    for (const part of [
      /^1 capture: .*whole\.pcap$/m,
      /^DEVICES \(3\)$/m,
      /modbus tcp\/502 .*Read Holding Registers/,
      /^Major +2026-06-01T06:00:20\.\d{6}Z {2}Unpermitted Usage of Modbus Function Code$/m,
      /^ +expected +\S/m,
      /^ +evidence +frame \d+$/m,
      /^\d alerts: \d Major; baseline learned from the beginning/m,
    ])
      assert.match(stdout, part);
  });

  test('never lets a name from the network steer the terminal, and stays within its width', async () => {
    const { stdout } = await annunciator(['analyze', whole, '--learn-until', '50%']);
    assert.match(stdout, /HYPERLINK/);
    assert.ok(!stdout.includes('\x1b') && !stdout.includes('\r'));
    for (const line of stdout.split('\n')) assert.ok(line.length <= 116, line);
  });
});

describe('csv', () => {
  test('has one row for each alert, and no cell that a spreadsheet runs', async () => {
    const { stdout } = await annunciator(['analyze', whole, '--learn-until', '50%', '--format', 'csv']);
    const document = await analysed(whole, '--learn-until', '50%');
    const [header, ...rows] = stdout.trimEnd().split('\r\n');
    assert.match(header ?? '', /^id,type,title,engine,severity,/);
    assert.equal(rows.length, document.alerts.length);
    assert.match(document.alerts[0]?.message ?? '', /^=HYPERLINK/, 'the traffic must bring the hostile name into the message');
    assert.match(stdout, /,"'=HYPERLINK\(""http/);
    assert.doesNotMatch(stdout, /(^|,)"?[=+@]/m);
  });

  for (const [value, cell] of [
    ['=1+1', "'=1+1"],
    [' +1', "' +1"],
    ['-2', "'-2"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['＝1', "'＝1"],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['plain', 'plain'],
    [-2, '-2'],
    [null, ''],
    [true, 'true'],
  ] as const)
    test(`writes ${JSON.stringify(value)} as ${cell}`, () => assert.equal(csvCell(value), cell));
});

describe('eve', () => {
  test('is one line an alert with the names of Suricata', async () => {
    const { stdout } = await annunciator(['analyze', whole, '--learn-until', '50%', '--format', 'eve']);
    const document = await analysed(whole, '--learn-until', '50%');
    const records = lines<EveRecord>(stdout);
    assert.equal(records.length, document.alerts.length);
    const record = records.find((one) => one.annunciator.type === 'unpermitted-usage-of-modbus-function-code');
    assert.ok(record);
    assert.match(record.timestamp, /^2026-06-01T06:00:20\.\d{6}\+0000$/);
    const { event_type, src_ip, dest_ip, dest_port, proto, app_proto } = record;
    assert.deepEqual(
      { event_type, src_ip, dest_ip, dest_port, proto, app_proto },
      { event_type: 'alert', src_ip: '10.0.0.9', dest_ip: '10.0.0.5', dest_port: 502, proto: 'TCP', app_proto: 'modbus' },
    );
    const { action, gid, signature_id, signature, severity } = record.alert;
    assert.deepEqual(
      { action, gid, signature_id, signature, severity },
      {
        action: 'allowed',
        gid: 1,
        signature_id: signatureId('unpermitted-usage-of-modbus-function-code'),
        signature: 'Unpermitted Usage of Modbus Function Code',
        severity: 2,
      },
    );
  });

  test('numbers every type of alert differently, and always the same', () => {
    const ids = CATALOGUE.map((type) => signatureId(type.id));
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(signatureId('new-port-discovery'), 1_136_896_880);
  });
});

describe('ocsf', () => {
  test('is one Detection Finding a line with what the class requires', async () => {
    const { stdout } = await annunciator(['analyze', whole, '--learn-until', '50%', '--format', 'ocsf']);
    const findings = lines<Finding>(stdout);
    assert.ok(findings.length > 0);
    for (const finding of findings) {
      assert.deepEqual([finding.category_uid, finding.class_uid, finding.type_uid, finding.activity_id], [2, 2004, 200401, 1]);
      assert.ok(Number.isInteger(finding.time) && finding.time > 1.78e12);
      assert.equal(finding.severity_id, 4);
      assert.equal(finding.metadata.version, '1.4.0');
      assert.equal(finding.metadata.product.vendor_name, 'Annunciator');
      assert.match(finding.finding_info.uid, /^[0-9a-f]{32}$/);
      assert.ok(finding.finding_info.title);
      assert.ok(Number.isInteger(finding.finding_info.analytic.type_id));
      assert.equal(finding.evidences[0]?.src_endpoint.ip, '10.0.0.9');
      for (const attack of finding.finding_info.attacks) assert.ok(attack.tactic ?? attack.technique);
    }
  });
});

describe('--out', () => {
  test('writes every format, or the one that was asked for, and prints the names', async () => {
    const out = join(folder, 'deep', 'out');
    const all = await annunciator(['analyze', whole, incident, '--out', out]);
    assert.equal(all.code, 0);
    const names = ['text', 'json', 'csv', 'eve', 'ocsf'].map((format) => `whole-and-1-more.${format}`);
    assert.deepEqual((await readdir(out)).sort(), names.toSorted());
    assert.deepEqual(
      all.stdout.trimEnd().split('\n'),
      names.map((name) => join(out, name)),
    );
    const one = await annunciator(['analyze', whole, '--out', out, '--format', 'json']);
    assert.equal(one.stdout, `${join(out, 'whole.json')}\n`);
    assert.equal(JSON.parse(await readFile(join(out, 'whole.json'), 'utf8')).capture.packets > 0, true);
  });
});

describe('real captures', { skip: NO_CAPTURES, concurrency: 2 }, () => {
  for (const [file, type] of [
    ['s7comm-plcstop-snap7-iti.pcap', 'an-s7-stop-plc-command-was-sent'],
    ['attack-synscan-ndpi.pcap', 'port-scan-detected'],
    ['goose-sample-iti.pcap', undefined],
  ] as const)
    test(`${file} gives the same alerts in every format`, async () => {
      const out = join(folder, file);
      assert.equal((await annunciator(['analyze', join(CAPTURES, file), '--focus', 'any', '--out', out])).code, 0);
      const read = (format: string): Promise<string> => readFile(join(out, `${basename(file, '.pcap')}.${format}`), 'utf8');
      const document: AnalysisDocument = JSON.parse(await read('json'));
      const ids = document.alerts.map((alert) => alert.id);
      if (type) assert.ok(types(document).includes(type), types(document).join());
      assert.deepEqual((await read('csv')).match(/^[0-9a-f]{32}(?=,)/gm) ?? [], ids);
      assert.deepEqual(
        lines<EveRecord>(await read('eve')).map((one) => one.annunciator.id),
        ids,
      );
      assert.deepEqual(
        lines<Finding>(await read('ocsf')).map((one) => one.finding_info.uid),
        ids,
      );
      assert.match(await read('text'), new RegExp(`^${ids.length} alert`, 'm'));
    });
});
