// How the tests of the packages run.
import { glob, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));

/** Packages that keep nothing outside their own values: their test files share a process. */
export const VALUES = ['core', 'protocols', 'rules', 'sensor'];

/** Each test starts servers and stores of its own and ends them: these test files share another process. */
export const SERVED = ['server', 'store'];

/** Packages with the longest test files: those come first, so that no core is left waiting for one at the end. */
const LONG = ['testkit', 'cli', 'web'];

/** The test files of a package, below the root. */
async function testsOf(name) {
  return (await Array.fromAsync(glob(`packages/${name}/{src,tests,fuzz,bench,accuracy}/**/*.test.ts`, { cwd: root }))).sort();
}

/** Test files that have a process of their own: they start threads, browsers and programs. */
export async function filesApart() {
  const entries = await readdir(`${root}packages`, { withFileTypes: true });
  const others = entries.filter((entry) => entry.isDirectory() && ![...VALUES, ...SERVED, ...LONG].includes(entry.name));
  return (await Promise.all([...LONG, ...others.map(({ name }) => name)].map(testsOf))).flat();
}

/** Runs the tests of packages in this process: to start one for each file takes as long as the tests themselves. */
export async function importTests(names) {
  for (const name of names) for (const file of await testsOf(name)) await import(new URL(`../${file}`, import.meta.url));
}
