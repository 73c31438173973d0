/** Runs the real command in a child process, for tests. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command without its launcher. */
export const COMMAND: readonly string[] = [process.execPath, resolve(import.meta.dirname, 'main.ts')];

/** Runs `annunciator` with arguments. */
export function annunciator(args: readonly string[], command = COMMAND, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((done, fail) => {
    const [program = '', ...first] = command;
    const child = spawn(program, [...first, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', fail);
    child.once('close', (code) => done({ code, stdout, stderr }));
  });
}

/** Where the real captures are. */
export const CAPTURES = process.env['ANNUNCIATOR_CAPTURES'] ?? resolve(import.meta.dirname, '../../../../shared/captures');
export const NO_CAPTURES = existsSync(CAPTURES) ? false : `no captures at ${CAPTURES}: set ANNUNCIATOR_CAPTURES`;
