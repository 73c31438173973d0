import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { AnalysisDocument } from '@annunciator/sensor/analysis/document';
import { writePlantCapture } from '@annunciator/testkit/plant';
import { withoutTshark } from '@annunciator/testkit/tshark';
import { annunciator } from './run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'annunciator-pcap-'));
after(() => rmSync(folder, { recursive: true, force: true }));

interface Row {
  readonly time: string;
  readonly length: string;
  readonly ends: readonly string[];
  readonly comment: string;
}

function rows(file: string): Row[] {
  const names = ['frame.time_epoch', 'frame.len', 'eth.src', 'eth.dst', 'frame.comment'];
  const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, '-n', '-T', 'fields', ...names.flatMap((name) => ['-e', name])], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [time, length, source, destination, comment = ''] = line.split('\t');
      return { time, length, ends: [source, destination].sort(), comment };
    });
}

test('--pcap writes the packets of each alert: its frames, and those of the same devices around them', {
  skip: withoutTshark,
}, async () => {
  const capture = join(folder, 'plant.pcap');
  const out = join(folder, 'packets');
  await writePlantCapture(capture, { learning: 300, seconds: 1500 });
  const { code, stdout, stderr } = await annunciator([
    'analyze',
    capture,
    '--learn-until',
    '20%',
    '--enable-all',
    '--format',
    'json',
    '--pcap',
    out,
  ]);
  assert.equal(code, 0, stderr);
  const document = JSON.parse(stdout) as AnalysisDocument;
  const all = rows(capture);
  const alerts = document.alerts.filter((alert) => alert.frames.length > 0);
  assert.ok(alerts.length > 10);
  assert.deepEqual(readdirSync(out).sort(), alerts.map(({ id }) => `${id}.pcapng`).sort());
  let around = 0;
  // One of each type, since tshark takes half a second for a file.
  for (const { id, type, frames } of new Map(alerts.map((alert) => [alert.type, alert])).values()) {
    const found = rows(join(out, `${id}.pcapng`));
    const named = found.filter(({ comment }) => comment !== '');
    // The frames of the first detection; repeats add to the list of the alert.
    assert.ok(named.length > 0 && named.length <= frames.length, type);
    for (const { time, length, comment } of named) {
      const number = Number(/^Frame (\d+)\. /.exec(comment)?.[1]);
      assert.ok(frames.includes(number), `${type}: ${comment}`);
      assert.deepEqual([time, length], [all[number - 1].time, all[number - 1].length], type);
    }
    const pairs = new Set(named.map(({ ends }) => ends.join()));
    around += found.filter(({ comment, ends }) => comment === '' && pairs.has(ends.join())).length;
  }
  assert.ok(around > 100, String(around));
});
