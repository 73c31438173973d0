// How the tests of the packages run.
import { readdirSync } from 'node:fs';

/** Packages that keep nothing outside their own values: their test files share a process. */
export const AT_ONCE = ['core', 'protocols', 'rules', 'sensor'];

/** The others start servers, threads, browsers and programs: each of their test files has a process of its own. */
export const APART = readdirSync(new URL('../packages', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !AT_ONCE.includes(entry.name))
  .map(({ name }) => name);
