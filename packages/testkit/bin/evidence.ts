/**
 * Checks the packets of every alert of captures with tshark.
 *
 *     node packages/testkit/bin/evidence.ts CAPTURE-OR-FOLDER... [--only N]
 *
 * `--only N` opens at most N alerts of each capture, spread over all. Ends with 1 when something is not as it should be.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkEvidence } from '../src/evidence-check.ts';
import { tsharkInstalled } from '../src/tshark.ts';

const { values, positionals } = parseArgs({ options: { only: { type: 'string' } }, allowPositionals: true });
if (positionals.length === 0 || !tsharkInstalled) {
  console.error(tsharkInstalled ? 'usage: evidence.ts CAPTURE-OR-FOLDER... [--only N]' : 'tshark is not installed.');
  process.exit(2);
}
const files = positionals.flatMap((path) =>
  statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.(pcap|pcapng|cap)(\.gz)?$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path],
);
const totals = { captures: 0, alerts: 0, files: 0, quotes: 0, problems: 0 };
const without = new Map<string, number>();
for (const file of files) {
  const check = await checkEvidence(file, values.only === undefined ? undefined : Number(values.only));
  totals.captures++;
  totals.alerts += check.alerts;
  totals.files += check.files;
  totals.quotes += check.quotes;
  totals.problems += check.problems.length;
  for (const [reason, count] of check.without) without.set(reason, (without.get(reason) ?? 0) + count);
  console.log(`${basename(file)}: ${check.alerts} alerts, ${check.files} opened, ${check.problems.length} problems`);
  for (const problem of check.problems) console.log(`  ${problem}`);
}
console.log(
  `${totals.captures} captures, ${totals.alerts} alerts, ${totals.files} opened with tshark, ${totals.quotes} quotes looked for, ${totals.problems} problems`,
);
for (const [reason, count] of without) console.log(`${count} without packets: ${reason}`);
process.exit(totals.problems === 0 ? 0 : 1);
