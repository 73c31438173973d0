/**
 * Fuzzes the path from frames to alerts, the dissectors alone, and the readers of captures.
 *
 *     npm run fuzz -- [--protocol NAME[,NAME]] [--inputs N] [--seed S] [--seconds S] [--only INPUT] [--dump FILE]
 *
 * Without anything: every target, 360,000 inputs each, 11 million in all. Ends with 1 when something that must hold did
 * not; docs/reference/fuzzing.md tells what, and how to go on from there.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { pcap } from '../src/pcap-writer.ts';
import { NO_CAPTURES } from './corpus.ts';
import { Fuzzer, type FuzzResult } from './fuzzer.ts';
import { TARGETS } from './targets.ts';
import type { FuzzFrame } from './traffic.ts';

const INPUTS = 360_000;
const MOST_TOLD = 5;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: { protocol: text, inputs: text, seed: text, seconds: text, only: text, dump: text, help: { type: 'boolean' } },
});
const names = values.protocol?.split(',') ?? TARGETS.map(({ name }) => name);
const unknown = names.filter((name) => !TARGETS.some((target) => target.name === name));
const numbers = [values.inputs, values.seed, values.seconds, values.only].filter((value) => value !== undefined).map(Number);
if (values.help || unknown.length > 0 || !numbers.every((value) => Number.isFinite(value) && value >= 0)) {
  if (unknown.length > 0) console.error(`There is no target "${unknown[0]}"; there are ${TARGETS.map(({ name }) => name).join(', ')}.`);
  console.error('usage: npm run fuzz -- [--protocol NAME[,NAME]] [--inputs N] [--seed S] [--seconds S] [--only INPUT] [--dump FILE]');
  process.exit(values.help ? 0 : 2);
}
const seed = Number(values.seed ?? 1);
const only = values.only === undefined ? undefined : Number(values.only);

if (NO_CAPTURES) console.error(NO_CAPTURES);
const fuzzer = new Fuzzer();
const results: FuzzResult[] = [];
console.log(
  '| target | inputs | packets | MB | violations | most steps / packet | most facts / packet | µs / input | peak MiB | kept MiB |',
);
console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|');
for (const name of names) {
  const target = TARGETS.find((one) => one.name === name);
  if (!target) continue;
  const result = await fuzzer.run(target, {
    seed,
    inputs: Number(values.inputs ?? INPUTS),
    ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    ...(only === undefined ? {} : { only }),
    progress: ({ inputs }) => process.stderr.isTTY && process.stderr.write(`\r${name}: ${inputs.toLocaleString('en')} inputs `),
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  results.push(result);
  console.log(row(result));
  if (result.tally.inputs === 0)
    console.error(`Nothing is known that speaks ${target.protocols.join(' or ')}: give captures that hold it.`);
  tell(result);
  if (values.dump && result.frames) dump(values.dump, result.frames.all, result.frames.alone);
}
await fuzzer.close();
summary();
process.exitCode = results.some(({ findings, tally }) => findings.length > 0 || tally.inputs === 0) ? 1 : 0;

function row({ target, tally, findings, cpuMilliseconds }: FuzzResult): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  const cells = [
    target,
    tally.inputs.toLocaleString('en'),
    tally.packets.toLocaleString('en'),
    (tally.bytes / 1e6).toFixed(0),
    findings.length,
    tally.mostCalls,
    tally.mostFacts,
    ((cpuMilliseconds * 1000) / Math.max(1, tally.inputs)).toFixed(0),
    mebibytes(tally.peak),
    mebibytes(tally.retained),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** One line that shows each finding again. */
function tell({ target, findings }: FuzzResult): void {
  for (const { input, what, stack } of findings.slice(0, MOST_TOLD)) {
    console.log(`\n${what}\n  npm run fuzz -- --protocol ${target} --seed ${seed} --only ${input}`);
    if (only !== undefined) console.log(stack);
  }
  if (findings.length > MOST_TOLD) console.log(`\n... and ${findings.length - MOST_TOLD} more.`);
}

/** All frames of the epoch up to the input; the input itself is the last ones. */
function dump(file: string, frames: readonly FuzzFrame[], alone: number): void {
  let milliseconds = 1_780_000_000_000;
  const packets = frames.map(({ bytes, wait }) => {
    milliseconds += wait;
    return { frame: bytes, seconds: Math.floor(milliseconds / 1000), nanoseconds: (milliseconds % 1000) * 1e6 };
  });
  writeFileSync(file, pcap(packets, { linkType: frames.at(-1)?.linkType ?? 1 }));
  console.log(`${frames.length} frames in ${file}; the input itself is the last ${alone}.`);
}

function summary(): void {
  const sum = (of: (result: FuzzResult) => number): string => results.reduce((total, result) => total + of(result), 0).toLocaleString('en');
  console.log(
    `\n${sum(({ tally }) => tally.inputs)} inputs, ${sum(({ tally }) => tally.packets)} packets, ${sum(({ findings }) => findings.length)} violations.`,
  );
  const refused = new Map<string, number>();
  for (const { tally } of results)
    for (const [reason, count] of Object.entries(tally.refused)) refused.set(reason, (refused.get(reason) ?? 0) + count);
  for (const [reason, count] of refused) if (count > 0) console.log(`${reason}: ${count.toLocaleString('en')}`);
}
