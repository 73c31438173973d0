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

function times(file: string): string[] {
  const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, '-n', '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len'], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  return stdout.trim().split('\n');
}

test('--pcap writes exactly the frames of each alert', { skip: withoutTshark }, async () => {
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
  const all = times(capture);
  const alerts = document.alerts.filter((alert) => alert.frames.length > 0);
  assert.ok(alerts.length > 10);
  assert.deepEqual(readdirSync(out).sort(), alerts.map(({ id }) => `${id}.pcapng`).sort());
  for (const { id, type, frames } of alerts)
    assert.deepEqual(
      times(join(out, `${id}.pcapng`)),
      frames.toSorted((a, b) => a - b).map((frame) => all[frame - 1]),
      type,
    );
});
