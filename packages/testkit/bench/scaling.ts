/**
 * What a packet costs in short and in long captures, and with few and with many flows:
 *
 *     npm run bench:scaling -- [--runs 3] [--core N]
 *
 * CPU seconds of `annunciator analyze`, pinned to one core; each figure is the median of the runs, which come in turns. The captures (4 GB)
 * are written once into the system's folder for temporary files.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCaptures } from '@annunciator/packet/capture/capture-reader';
import { Decoder } from '@annunciator/packet/decode';
import { Packet } from '@annunciator/packet/packet';
import { FlowTable } from '@annunciator/packet/tables/flow-table';
import { capture, nodeProgram, ROOT } from './captures.ts';
import { installed, measure, median } from './measure.ts';

const PACKETS = [1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000];
/**
 * Parts of 1000 packets with which a conversation ends and begins anew, in a capture of so many packets. Without the computers of the office,
 * whose names asked for and pages are new flows by themselves, so that nothing else differs.
 */
const RECONNECTS = [0, 3, 10, 37];
const MANY_FLOWS = 3_000_000;

interface Case {
  readonly file: string;
  readonly packets: number;
  readonly flows: number;
  readonly cpu: number[];
  readonly peak: number[];
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '3' }, core: { type: 'string' } } });
const core = installed('taskset') ? Number(values.core ?? availableParallelism() - 1) : undefined;

const lengths: Case[] = [];
for (const packets of PACKETS) lengths.push(await caseOf(capture(packets), packets));
const crowds: Case[] = [];
for (const reconnects of RECONNECTS) crowds.push(await caseOf(capture(MANY_FLOWS, { reconnect: reconnects, office: 0 }), MANY_FLOWS));
for (let run = 0; run < Number(values.runs); run++) for (const one of [...lengths, ...crowds]) await take(one);

console.log('\n| packets | flows | CPU s | ns per packet | of these beyond the first million | peak MiB |\n|---|---|---|---|---|---|');
for (const one of lengths) {
  const more = one.packets - lengths[0].packets;
  const beyond = more === 0 ? '' : (((median(one.cpu) - median(lengths[0].cpu)) / more) * 1e9).toFixed(0);
  console.log(line(one, beyond));
}
console.log('\n| packets | flows | CPU s | ns per packet | relative to the first | peak MiB |\n|---|---|---|---|---|---|');
for (const one of crowds) console.log(line(one, `${(median(one.cpu) / median(crowds[0].cpu)).toFixed(2)}x`));

/** A capture, with the flows that are counted in it. */
async function caseOf(file: string, packets: number): Promise<Case> {
  const { reader } = await openCaptures([file]);
  const decoder = new Decoder();
  const flows = new FlowTable();
  const packet = new Packet();
  do
    while (reader.next(packet)) {
      decoder.decode(packet);
      flows.touch(packet);
    }
  while (await reader.advance());
  await reader.close();
  return { file, packets, flows: flows.counters.created, cpu: [], peak: [] };
}

async function take({ file, cpu, peak }: Case): Promise<void> {
  const main = join(ROOT, 'packages/cli/src/main.ts');
  const { cpuSeconds, peakMebibytes, status, complaint } = await measure(
    [nodeProgram(), main, 'analyze', file, '--format', 'json', '--enable-all'],
    core,
  );
  if (status !== 0) throw new Error(complaint);
  cpu.push(cpuSeconds);
  peak.push(peakMebibytes);
  process.stderr.write('.');
}

function line({ packets, flows, cpu, peak }: Case, last: string): string {
  const nanoseconds = (median(cpu) / packets) * 1e9;
  return `| ${packets.toLocaleString('en')} | ${flows.toLocaleString('en')} | ${median(cpu).toFixed(2)} | ${nanoseconds.toFixed(0)} | ${last} | ${median(peak).toFixed(0)} |`;
}
