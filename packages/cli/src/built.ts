/**
 * Programs that read packets, each made into one file by `build.ts`. In one file the engine knows what a name stands for
 * when it compiles a hot function; what comes from another module it looks up at each use, which takes a sixth of the
 * time. Starting is quicker, too.
 *
 * The files are used while they fit the sources they were made of, so that nobody wonders about a change without effect.
 */
import { readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export const ROOT = resolve(import.meta.dirname, '../../..');
export const BUILT = join(ROOT, 'packages/cli/dist');
/** The list of sources, beside the programs. */
export const LIST = 'sources.json';

/** Where each program begins. */
export const PROGRAMS = {
  'analyze-run': 'packages/cli/src/analyze-run.ts',
  'sensor-worker': 'packages/cli/src/up/sensor-worker.ts',
  'rule-trial-worker': 'packages/cli/src/up/rule-trial-worker.ts',
} as const;

/** Size and time of change of each source file that went into a program, by its path below the root. */
export type Sources = Readonly<Record<string, readonly [size: number, changed: number]>>;

/**
 * Address of a program: the one file while it is there and fits its sources, else where the sources begin. The environment's
 * ANNUNCIATOR_SOURCES=1 asks for the sources, where a debugger has more to show.
 */
export function programUrl(name: keyof typeof PROGRAMS): URL {
  const useFile = process.env['ANNUNCIATOR_SOURCES'] !== '1' && isFresh();
  return pathToFileURL(useFile ? join(BUILT, `${name}.js`) : join(ROOT, PROGRAMS[name]));
}

/** How source files are now. */
export function sourcesAt(root: string, files: Iterable<string>): Sources {
  const stamps: Record<string, Sources[string]> = {};
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    stamps[relative(root, file)] = [size, mtimeMs];
  }
  return stamps;
}

/** The programs are built, and no source has changed since. */
export function isFresh(root = ROOT, built = BUILT): boolean {
  try {
    const sources: Sources = JSON.parse(readFileSync(join(built, LIST), 'utf8'));
    return Object.entries(sources).every(([path, [size, changed]]) => {
      const now = statSync(`${root}/${path}`);
      return now.size === size && now.mtimeMs === changed;
    });
  } catch {
    // Not built, or a source is gone.
    return false;
  }
}
