/** Asks tshark what it reads in written frames: the judge of every writer here. Only for tests. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pcap } from './pcap-writer.ts';
import type { Timeline } from './timeline.ts';

const CHECKSUMS = [
  '-o',
  'ip.check_checksum:TRUE',
  '-o',
  'tcp.check_checksum:TRUE',
  '-o',
  'udp.check_checksum:TRUE',
  '-o',
  'tcp.reassemble_out_of_order:TRUE',
];

export const tsharkInstalled = spawnSync('tshark', ['--version']).status === 0;

/** For `test(name, { skip: withoutTshark }, ...)`. */
export const withoutTshark = tsharkInstalled ? false : 'tshark is not installed';

/** Every occurrence of `fields` over all frames that pass `filter`, counted by value. */
export function fieldCounts(timeline: Timeline, fields: readonly string[], filter = ''): Record<string, Record<string, number>> {
  const rows = tshark(
    timeline,
    ['-T', 'fields', '-E', 'occurrence=a', '-E', 'separator=/t', '-E', 'aggregator=|', ...fields.flatMap((field) => ['-e', field])],
    filter,
  );
  const counts: Record<string, Record<string, number>> = Object.fromEntries(fields.map((field) => [field, {}]));
  for (const row of rows) {
    row.split('\t').forEach((cell, column) => {
      const values = counts[fields[column]];
      for (const value of cell.split('|')) if (value !== '') values[value] = (values[value] ?? 0) + 1;
    });
  }
  return counts;
}

/** What tshark objects to: malformed packets, bad checksums, warnings and errors of its experts. */
export function complaints(timeline: Timeline): string[] {
  const filter =
    '_ws.malformed || _ws.expert.severity >= 0x00600000 || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';
  return tshark(
    timeline,
    ['-T', 'fields', '-e', 'frame.number', '-e', '_ws.col.Protocol', '-e', '_ws.col.Info', '-e', '_ws.expert.message'],
    filter,
  );
}

/** Number of frames that pass a display filter. */
export function frameCount(timeline: Timeline, filter: string): number {
  return tshark(timeline, ['-T', 'fields', '-e', 'frame.number'], filter).length;
}

function tshark(timeline: Timeline, options: readonly string[], filter: string): string[] {
  return tsharkFile(pcap(timeline.packets, { resolution: 'nano' }), options, filter);
}

/** Lines that tshark prints about a capture. */
export function tsharkFile(capture: Uint8Array, options: readonly string[], filter = ''): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-testkit-'));
  try {
    const file = join(folder, 'capture');
    writeFileSync(file, capture);
    const result = spawnSync('tshark', ['-r', file, '-n', ...CHECKSUMS, ...(filter ? ['-Y', filter] : []), ...options], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (result.status !== 0) throw new Error(`tshark refused: ${result.stderr}`);
    return result.stdout.split('\n').filter((line) => line !== '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}
