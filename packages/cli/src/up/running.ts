/**
 * How commands reach a running system: a file in the data directory, readable by its owner only, tells its address and a
 * token that lives as long as the process.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface RunningSystem {
  readonly url: string;
  readonly pid: number;
  readonly token: string;
  /** Certificate of the system's own authority in PEM, null over HTTP. */
  readonly authority: string | null;
  /** The name that its certificate is for, where that is none of the address. */
  readonly name?: string;
}

const FILE = 'running.json';

export async function noteRunning(data: string, system: RunningSystem): Promise<void> {
  await writeFile(join(data, FILE), JSON.stringify(system), { mode: 0o600 });
  if (system.authority) await writeFile(join(data, 'authority.pem'), system.authority);
}

export async function forgetRunning(data: string): Promise<void> {
  await rm(join(data, FILE), { force: true });
}

/** The system that runs on a data directory, undefined when none does. */
export async function findRunning(data: string): Promise<RunningSystem | undefined> {
  try {
    // Written by noteRunning.
    return JSON.parse(await readFile(join(data, FILE), 'utf8')) as RunningSystem;
  } catch {
    return undefined;
  }
}
