/**
 * Makes one file of each program that reads packets (see src/built.ts):
 *
 *     node packages/cli/build.ts
 *
 * Does nothing when the files are there and fit the sources.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { BUILT, isFresh, LIST, PROGRAMS, ROOT, sourcesAt } from './src/built.ts';

if (!isFresh()) {
  // Whoever starts meanwhile finds no list, and takes the sources.
  rmSync(join(BUILT, LIST), { force: true });
  mkdirSync(BUILT, { recursive: true });
  const files = new Set<string>();
  for (const [name, path] of Object.entries(PROGRAMS)) {
    const fresh = join(BUILT, `${name}.${process.pid}.js`);
    const { output } = await build({
      input: join(ROOT, path),
      platform: 'node',
      external: [/^node:/, 'koffi'],
      output: { file: fresh, format: 'esm', codeSplitting: false },
      logLevel: 'warn',
    });
    for (const part of output) if (part.type === 'chunk') for (const id of part.moduleIds) files.add(id);
    renameSync(fresh, join(BUILT, `${name}.js`));
  }
  const own = [...files].filter((id) => !id.startsWith('\0'));
  writeFileSync(join(BUILT, LIST), JSON.stringify(sourcesAt(ROOT, own)));
  // The first start would compile the command itself; so the first one is here.
  spawnSync(process.execPath, [join(ROOT, 'packages/cli/bin/annunciator.mjs'), 'version'], { stdio: 'ignore' });
}
