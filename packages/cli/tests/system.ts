/** The whole system as a user starts it, for tests: `annunciator up` as a process, asked over HTTP. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../src/main.ts');

export interface Answer {
  readonly status: number;
  // Answers have the shapes of the API's document; tests read single members.
  readonly body: ReturnType<typeof JSON.parse>;
}

export class System {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #token: string;
  #said = '';
  #url = '';

  private constructor(token: string, args: readonly string[]) {
    this.#token = token;
    this.#child = spawn(process.execPath, [MAIN, ...args, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => this.#child.once('exit', resolve));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.#said += part.toString();
      });
  }

  /** Starts it and waits for its address. The caller is an Owner. */
  static start(data: string, ...args: string[]): Promise<System> {
    const hub = args.some((arg) => arg.startsWith('--hub')) ? [] : ['--no-hub'];
    return System.#start(data, 'Owner', ['up', '--data', data, ...hub, ...args]);
  }

  /** The same for a sensor on its own. The caller is an Admin. */
  static startSensor(data: string, ...args: string[]): Promise<System> {
    return System.#start(data, 'Admin', ['sensor', '--data', data, ...args]);
  }

  static async #start(data: string, role: string, args: readonly string[]): Promise<System> {
    const { stdout, stderr } = spawnSync(process.execPath, [MAIN, 'token', 'create', '--role', role, '--data', data], {
      encoding: 'utf8',
    });
    assert.match(stdout, /^ann_/, stderr);
    const system = new System(stdout.trim(), args);
    await system.saying(/(https?:\/\/\S+:\d+\/)/);
    system.#url = /(https?:\/\/\S+:\d+\/)/.exec(system.#said)?.[1] ?? '';
    return system;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Waits until what it has said matches. */
  async saying(pattern: RegExp, seconds = 120): Promise<void> {
    await this.until(`"${pattern.source}"`, () => (pattern.test(this.#said) ? true : undefined), seconds);
  }

  /** Looks again and again until there is something. */
  async until<T>(what: string, look: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = await look();
      if (found !== undefined) return found;
      assert.equal(this.#child.exitCode, null, `it ended: ${this.#said}`);
      assert.ok(Date.now() < deadline, `waited ${seconds} s for ${what}: ${this.#said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async send(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    const answer = await fetch(new URL(path, this.#url), init);
    const text = await answer.text();
    assert.notEqual(answer.status, 500, `${method} ${path}: ${this.#said}`);
    return { status: answer.status, body: text === '' ? null : JSON.parse(text) };
  }

  get(path: string): Promise<Answer> {
    return this.send('GET', path);
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGINT');
    assert.equal(await this.#ended, 0, this.#said);
  }

  /** As a power failure does. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
