// Runs the tests of all packages; ends with 1 when one fails.
import { availableParallelism } from 'node:os';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { filesApart } from './packages.mjs';

const cwd = fileURLToPath(new URL('../', import.meta.url));

/** Has the machine for itself: it says how many packets a second are captured without losing one. */
const ALONE = 'packages/testkit/bench/live.test.ts';

async function runFiles(files, concurrency) {
  const results = run({ files, concurrency, cwd });
  results.on('test:fail', () => {
    process.exitCode = 1;
  });
  for await (const text of results.compose(spec)) process.stdout.write(text);
}

await runFiles([ALONE], 1);
const others = (await filesApart()).filter((file) => file !== ALONE);
// One more than there are cores: servers and browsers wait for each other a third of the time.
await runFiles(['packages/served.test.mjs', 'packages/values.test.mjs', ...others], availableParallelism() + 1);
