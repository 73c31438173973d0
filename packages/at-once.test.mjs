/**
 * The tests of several packages in one process: to start one for each of these files takes as long as the tests themselves.
 * `npm test` runs this file beside the files of the other packages; a test file by itself runs as any.
 */
import { glob } from 'node:fs/promises';
import { AT_ONCE } from '../scripts/packages.mjs';

const root = new URL('../', import.meta.url);

for await (const file of glob(`packages/{${AT_ONCE}}/{src,tests,fuzz,bench,accuracy}/**/*.test.ts`, { cwd: root })) await import(new URL(file, root).href);
