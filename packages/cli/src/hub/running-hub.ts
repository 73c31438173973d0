/** How commands reach a running hub: a file in its directory tells its name and ports. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubPorts } from '@annunciator/hub/start';

export interface NotedHub {
  readonly host: string;
  readonly ports: HubPorts;
  readonly pid: number;
}

const FILE = 'running.json';

export async function noteHub(directory: string, hub: NotedHub): Promise<void> {
  await writeFile(join(directory, FILE), JSON.stringify(hub), { mode: 0o600 });
}

export async function forgetHub(directory: string): Promise<void> {
  await rm(join(directory, FILE), { force: true });
}

/** The hub that runs on a directory, undefined when none does. */
export async function findHub(directory: string): Promise<NotedHub | undefined> {
  try {
    // Written by noteHub.
    return JSON.parse(await readFile(join(directory, FILE), 'utf8')) as NotedHub;
  } catch {
    return undefined;
  }
}
