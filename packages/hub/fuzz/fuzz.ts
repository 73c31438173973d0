/**
 * The long form of the hub's fuzzer.
 *
 *     npm run fuzz:hub -- [--target mqtt,amqp] [--inputs 500000] [--seed 1] [--first 0]
 *
 * Prints a row for each target and ends with 1 when something that must hold did not.
 */
import { parseArgs } from 'node:util';
import { type FuzzTarget, HubFuzzer, TARGETS } from './fuzzer.ts';

const { values } = parseArgs({
  options: {
    target: { type: 'string', default: TARGETS.join() },
    inputs: { type: 'string', default: '500000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    help: { type: 'boolean', default: false },
  },
});
const targets = values.target.split(',').map((name) => TARGETS.find((known) => known === name));
const [inputs, seed, first] = [values.inputs, values.seed, values.first].map(Number);
if (values.help || targets.includes(undefined) || ![inputs, seed, first].every((value) => Number.isInteger(value) && value >= 0)) {
  console.error('usage: fuzz:hub [--target mqtt,amqp] [--inputs 500000] [--seed 1] [--first 0]');
  process.exit(values.help ? 0 : 2);
}

/** Inputs of one run; the memory is looked at in between. */
const EPOCH = 20_000;

let failed = false;
console.log('| target | inputs | MB | connected | refused | violations | slowest ms | seconds | resident MiB |');
console.log('|---|--:|--:|--:|--:|--:|--:|--:|--:|');
for (const target of targets.filter((name): name is FuzzTarget => name !== undefined)) {
  const began = performance.now();
  const fuzzer = await HubFuzzer.open();
  const sum = { inputs: 0, bytes: 0, connected: 0, refused: 0, slowestMs: 0, findings: 0 };
  for (let at = first; at < first + inputs; at += EPOCH) {
    const { tally, findings } = await fuzzer.run(target, { seed, inputs: Math.min(EPOCH, first + inputs - at), first: at });
    for (const { input, what } of findings)
      console.error(
        `${target} ${input}: ${what}\n  npm run fuzz:hub -- --target ${target} --seed ${seed} --first ${Math.max(0, input - 100)} --inputs 200`,
      );
    sum.inputs += tally.inputs;
    sum.bytes += tally.bytes;
    sum.connected += tally.connected;
    sum.refused += tally.refused;
    sum.slowestMs = Math.max(sum.slowestMs, tally.slowestMs);
    sum.findings += findings.length;
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  const resident = process.memoryUsage().rss / 2 ** 20;
  const seconds = (performance.now() - began) / 1000;
  console.log(
    `| ${target} | ${sum.inputs.toLocaleString('en')} | ${(sum.bytes / 1e6).toFixed(0)} | ${sum.connected.toLocaleString('en')} | ${sum.refused.toLocaleString('en')} | ${sum.findings} | ${sum.slowestMs.toFixed(0)} | ${seconds.toFixed(0)} | ${resident.toFixed(0)} |`,
  );
  failed ||= sum.findings > 0;
  await fuzzer.close();
}
process.exit(failed ? 1 : 0);
