// Runs the tests of all packages; ends with 1 when one fails.
import { glob } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { APART } from './packages.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Has the machine for itself: it says how many packets a second are captured without losing one. */
const ALONE = 'packages/testkit/bench/live.test.ts';

async function filesApart() {
  const files = [];
  for (const name of APART)
    files.push(...(await Array.fromAsync(glob(`packages/${name}/{src,tests,fuzz,bench,accuracy}/**/*.test.ts`, { cwd: root }))).sort());
  return files.filter((file) => file !== ALONE);
}

async function runFiles(files, concurrency) {
  const results = run({ files, concurrency, cwd: root });
  results.on('test:fail', () => {
    process.exitCode = 1;
  });
  for await (const text of results.compose(spec)) process.stdout.write(text);
}

await runFiles([ALONE], 1);
// One more than there are cores: servers and browsers wait for each other a third of the time.
await runFiles(['packages/at-once.test.mjs', ...(await filesApart())], availableParallelism() + 1);
