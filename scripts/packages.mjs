// How the tests of the packages run.
import { readdirSync } from 'node:fs';

/** Packages that keep nothing outside their own values: their test files share a process. */
export const AT_ONCE = ['core', 'protocols', 'rules', 'sensor'];

/** Packages with the longest test files: those come first, so that no core is left waiting for one at the end. */
const LONG = ['testkit', 'cli', 'web'];

/** The others start servers, threads, browsers and programs: each of their test files has a process of its own. */
export const APART = [
  ...LONG,
  ...readdirSync(new URL('../packages', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && ![...AT_ONCE, ...LONG].includes(entry.name))
    .map(({ name }) => name),
];
