/**
 * The demo plant on the command line.
 *
 *     node packages/testkit/bin/plant.ts write FILE [--seed N] [--learning SECONDS] [--seconds SECONDS]
 *     node packages/testkit/bin/plant.ts check [--seed N] [--learning SECONDS]
 *
 * `write` makes a capture and lists its incidents. `check` analyses such a capture with this repository's program and
 * lists the alerts that are missing; it ends with 1 when there are any, or when quiet operation raised one.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { RaisedAlert } from '../src/plant-check.ts';
import { checkPlant } from '../src/plant-check.ts';
import { DEFAULT_LEARNING, plantIncidents, writePlantCapture } from '../src/plant.ts';
import { DEFAULT_START } from '../src/timeline.ts';

const PROGRAM = join(dirname(fileURLToPath(import.meta.url)), '../../cli/src/main.ts');
const number = { type: 'string' } as const;
const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: number, learning: number, seconds: number } });
const options = { seed: Number(values.seed ?? 1), learning: Number(values.learning ?? DEFAULT_LEARNING) };
const [task, file] = positionals;

if (task === 'write' && file) await write(file);
else if (task === 'check') process.exitCode = await check();
else {
  console.error('usage: plant.ts write FILE | check   [--seed N] [--learning SECONDS] [--seconds SECONDS]');
  process.exitCode = 2;
}

async function write(to: string): Promise<void> {
  const count = await writePlantCapture(to, values.seconds === undefined ? options : { ...options, seconds: Number(values.seconds) });
  console.log(`${count} packets in ${to}; learn until ${iso(DEFAULT_START + options.learning)}`);
  for (const incident of plantIncidents(options))
    console.log(`${iso(incident.seconds)}  ${incident.title}  [${incident.expectedAlertTypes.join(', ')}]`);
}

async function check(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-plant-'));
  try {
    const capture = join(folder, 'plant.pcap');
    await writePlantCapture(capture, options);
    const learned = iso(DEFAULT_START + options.learning);
    const analysis = spawnSync(
      process.execPath,
      [PROGRAM, 'analyze', capture, '--learn-until', learned, '--enable-all', '--format', 'json'],
      { encoding: 'utf8', maxBuffer: 1 << 28 },
    );
    if (analysis.status !== 0) throw new Error(`analyze ended with ${analysis.status}: ${analysis.stderr.trim()}`);
    const { alerts } = JSON.parse(analysis.stdout) as { alerts: RaisedAlert[] }; // the documented form of this program's own output
    const verdict = checkPlant(alerts, options);
    for (const { title, seconds, missing } of verdict.incidents)
      console.log(`${iso(seconds)}  ${missing.length === 0 ? 'ok      ' : 'MISSING '}  ${title}  ${missing.join(', ')}`);
    for (const alert of verdict.early) console.log(`${alert.firstDetection}  FALSE     ${alert.type}`);
    return verdict.early.length > 0 || verdict.incidents.some((incident) => incident.missing.length > 0) ? 1 : 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function iso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}
