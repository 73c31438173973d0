// Finds a Node that can run the project. Plain JavaScript, because any Node >= 20 must be able to read it.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const NEEDED = [24, 12];

/** Is this version (such as `v24.21.0`) new enough? */
export function isNewEnough(version) {
  const [major, minor] = version.replace('v', '').split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/** Path of a Node that runs TypeScript: this one, or the one npm installed for this platform. Undefined when there is none. */
export function lookForNode() {
  if (isNewEnough(process.version)) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  try {
    const folder = createRequire(import.meta.url)
      .resolve(`${name}/package.json`)
      .replace(/package\.json$/, '');
    const binary = `${folder}bin/node${process.platform === 'win32' ? '.exe' : ''}`;
    return existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** As {@link lookForNode}, but ends the process with one sentence when there is none. */
export function findNode() {
  const node = lookForNode();
  if (node) return node;
  console.error(
    `Annunciator needs Node ${NEEDED.join('.')} or newer; this is ${process.version}, and npm brings none for ${process.platform}-${process.arch}. ` +
      'Install Node 24 from your system or from nodejs.org, then try again.',
  );
  process.exit(1);
}

/**
 * Lets every Node that is started from here keep the code that it has compiled: stripping types is half of a start. A folder
 * that cannot be written costs nothing.
 */
export function keepCompiledCode() {
  process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/annunciator', import.meta.url));
}
