/** `annunciator version`. */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';

/** Version of the release, from the package. */
export const VERSION = readVersion();

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const version = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'version') : undefined;
  return typeof version === 'string' ? version : '0.0.0';
}

export function versionCommand(): Command {
  return new Command('version')
    .description('print the versions of Annunciator and of what it runs on')
    .action(() => console.log(`annunciator ${VERSION} (Node ${process.version}, ${process.platform}-${process.arch})`));
}
