/**
 * Compares `annunciator analyze` with other readers of captures, in CPU seconds of one core and in memory.
 *
 *     node packages/testkit/bench/bench.ts [--packets 1500000,6000000] [--runs 3] [--core N] [--json FILE]
 *
 * The captures are written once into the system's folder for temporary files. Programs that are not installed are left
 * out. Runs are interleaved: every program once, then all again, so that a busy moment meets all of them.
 */
import { createReadStream, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { capture, nodeProgram, ROOT } from './captures.ts';
import type { Cost } from './measure.ts';
import { MEASURED_BY, installed, measure, median } from './measure.ts';

const OURS = 'annunciator analyze';
/** The sensor of a running system, with and without kept packets. */
const SENSOR = 'annunciator sensor, packets not kept';
const KEEPING = 'annunciator sensor, packets kept';
/** tshark needs minutes for more. */
const TSHARK_LIMIT = 2_000_000;

interface Program {
  readonly name: string;
  readonly command: readonly string[];
}

const { values } = parseArgs({
  options: {
    packets: { type: 'string', default: '1500000,6000000' },
    runs: { type: 'string', default: '3' },
    core: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean' },
  },
});
const sizes = values.packets.split(',').map(Number);
const runs = Number(values.runs);
if (values.help || !sizes.every((size) => Number.isInteger(size) && size > 0) || !Number.isInteger(runs) || runs < 1) {
  console.error('usage: bench.ts [--packets 1500000,6000000] [--runs 3] [--core N] [--json FILE]');
  process.exit(values.help ? 0 : 2);
}

const core = !installed('taskset') ? undefined : Number(values.core ?? availableParallelism() - 1);
const report: object[] = [];
console.log(conditions());
for (const size of sizes) report.push(...(await compare(size)));
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);

async function compare(packets: number): Promise<object[]> {
  const file = capture(packets);
  const programs = programsFor(file, packets);
  const costs = new Map<string, Cost[]>(programs.map(({ name }) => [name, []]));
  const failed = new Set<string>();
  // Brings the capture into the page cache, so that the first program does not pay for the disk.
  for await (const _ of createReadStream(file)) continue;
  for (let run = 0; run < runs; run++) {
    for (const { name, command } of programs) {
      if (failed.has(name)) continue;
      const cost = await measure(command, core);
      if (cost.status !== 0) {
        failed.add(name);
        console.error(`${name} ended with ${cost.status} and is left out: ${cost.complaint.trim()}`);
      } else costs.get(name)?.push(cost);
      process.stderr.write('.');
    }
  }
  process.stderr.write('\n');
  const rows = [...costs].filter(([, done]) => done.length === runs).map(([name, done]) => row(name, packets, statSync(file).size, done));
  const ours = rows.find(({ name }) => name === OURS)?.cpuSeconds;
  console.log(
    `\n${packets.toLocaleString('en')} packets, ${(statSync(file).size / 1e6).toFixed(0)} MB, median of ${runs} (load ${loadavg()[0].toFixed(1)} at the end)\n`,
  );
  console.log('| program | CPU s (min to max) | Mpps per CPU s | MB/s | peak MiB | CPU relative to ours |');
  console.log('|---|---|---|---|---|---|');
  for (const { name, cpuSeconds, least, most, millionPackets, megabytes, peakMebibytes } of rows.toSorted(
    (a, b) => a.cpuSeconds - b.cpuSeconds,
  )) {
    const ratio = ours === undefined ? '' : `${(cpuSeconds / ours).toFixed(2)}x`;
    console.log(
      `| ${name} | ${cpuSeconds.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)}) | ${millionPackets.toFixed(2)} | ${megabytes.toFixed(0)} | ${peakMebibytes.toFixed(0)} | ${ratio} |`,
    );
  }
  const [without, kept] = [SENSOR, KEEPING].map((wanted) => rows.find(({ name }) => name === wanted)?.cpuSeconds);
  if (without !== undefined && kept !== undefined)
    console.log(`\nKeeping packets costs ${((kept / without - 1) * 100).toFixed(0)} % on top of the sensor without.`);
  rmSync(join(dirname(file), 'packets'), { recursive: true, force: true });
  return rows;
}

function row(name: string, packets: number, bytes: number, done: readonly Cost[]) {
  const cpu = done.map((cost) => cost.cpuSeconds);
  const cpuSeconds = median(cpu);
  return {
    name,
    packets,
    cpuSeconds,
    least: Math.min(...cpu),
    most: Math.max(...cpu),
    millionPackets: packets / 1e6 / cpuSeconds,
    megabytes: bytes / 1e6 / cpuSeconds,
    peakMebibytes: median(done.map((cost) => cost.peakMebibytes)),
  };
}

function programsFor(file: string, packets: number): Program[] {
  const program = join(ROOT, 'packages/cli/src/main.ts');
  const all: Program[] = [
    { name: 'tcpdump -w /dev/null', command: ['tcpdump', '-r', file, '-w', '/dev/null'] },
    { name: 'ndpiReader -q', command: ['ndpiReader', '-q', '-i', file] },
    { name: 'tshark -q -z io,phs', command: ['tshark', '-n', '-q', '-z', 'io,phs', '-r', file] },
  ];
  const peers = all.filter(({ command }) => installed(command[0]) && (command[0] !== 'tshark' || packets <= TSHARK_LIMIT));
  if (!existsSync(program)) {
    console.error(`${program} is not there: only the other programs are measured`);
    return peers;
  }
  const sensor = [nodeProgram(), join(ROOT, 'packages/cli/bench/sensor-run.ts'), file];
  return [
    { name: OURS, command: [nodeProgram(), program, 'analyze', file, '--format', 'json', '--enable-all'] },
    { name: SENSOR, command: sensor },
    { name: KEEPING, command: [...sensor, join(dirname(file), 'packets')] },
    ...peers,
  ];
}

function conditions(): string {
  const [cpu] = cpus();
  return [
    `machine: ${cpus().length} x ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}`,
    `runtime: Node ${process.versions.node}`,
    `method: ${core === undefined ? 'not pinned (taskset is missing)' : `pinned to core ${core}`}, ${runs} interleaved runs, CPU = user + system, measured by ${MEASURED_BY}`,
    `load before: ${loadavg()
      .map((value) => value.toFixed(1))
      .join(' ')}`,
  ].join('\n');
}
