/** Starts the real system in a child process and asks it, for tests. What was started ends with the test. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { COMMAND } from '../run-command.ts';

const [node = '', ...main] = COMMAND;
/** A folder that goes with the test. */
export const folder = mkdtempSync(join(tmpdir(), 'annunciator-system-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

export interface Up {
  readonly child: ChildProcess;
  readonly url: string;
  readonly ended: Promise<number | null>;
}

/** `annunciator up` on a data directory and a free port; resolves when it can be asked. */
export async function start(data: string, ...options: readonly string[]): Promise<Up> {
  const child = spawn(node, [...main, 'up', '--data', data, '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    const read = (part: Buffer): void => {
      text += part.toString();
      const match = /Annunciator is at\s+(\S+)/.exec(text);
      if (match) resolve(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, url, ended };
}

export async function stop(up: Up): Promise<void> {
  up.child.kill('SIGINT');
  assert.equal(await up.ended, 0);
}

/** What a command prints that ends well. */
export function command(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(node, [...main, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Asks the API: POST with a body, GET without one. */
export async function ask<T>(up: Up, token: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(new URL(path, up.url), {
    method: body ? 'POST' : 'GET',
    headers: { authorization: `Bearer ${token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
  // The API's answers have the shapes of its document; tests read single members.
  return (await answer.json()) as T;
}

export async function until<T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, `waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
