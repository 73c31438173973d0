import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mixedTraffic } from '@annunciator/testkit/mixed-traffic';
import { withoutNetwork } from '@annunciator/testkit/network-namespace';
import { writePlantCapture } from '@annunciator/testkit/plant';

const MAIN = join(import.meta.dirname, '../main.ts');
const folder = mkdtempSync(join(tmpdir(), 'annunciator-up-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Up {
  readonly child: ChildProcess;
  readonly url: string;
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts the system and waits for its address. */
async function start(data: string, ...args: string[]): Promise<Up> {
  const child = spawn(process.execPath, [MAIN, 'up', '--data', data, '--port', '0', '--no-hub', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let text = '';
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await new Promise<string>((resolve, reject) => {
    const read = (part: Buffer): void => {
      text += part.toString();
      const match = /(https?:\/\/\S+:\d+\/)/.exec(text);
      if (match) resolve(match[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, url, said: () => text, ended };
}

function command(...args: string[]): { status: number | null; out: string; err: string } {
  const result = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
  return { status: result.status, out: result.stdout.trim(), err: result.stderr.trim() };
}

interface Row {
  readonly id: string;
  readonly title: string;
  readonly count: number;
}

async function ask<T>(up: Up, token: string, path: string): Promise<T> {
  const answer = await fetch(new URL(path, up.url), { headers: { authorization: `Bearer ${token}` } });
  assert.equal(answer.status, 200, `${path}: ${answer.status}`);
  // The API's answers have the shapes of its document; these tests read single members.
  return (await answer.json()) as T;
}

async function alerts(up: Up, token: string): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | null = null;
  do {
    const page: { alerts: Row[]; next: string | null } = await ask(
      up,
      token,
      `/api/alerts?from=1970-01-01T00:00:00Z&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    rows.push(...page.alerts);
    cursor = page.next;
  } while (cursor);
  return rows;
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    assert.ok(Date.now() < deadline, `waited ${seconds} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(up: Up): Promise<void> {
  up.child.kill('SIGINT');
  assert.equal(await up.ended, 0, up.said());
}

test('a capture is analysed, its alerts are there after a restart, and Ctrl-C stops cleanly', async () => {
  const data = join(folder, 'restart');
  const file = join(folder, 'plant.pcap');
  await writePlantCapture(file, { learning: 300, seconds: 800 });
  const first = await start(data, '--capture', file, '--enable-all');
  const made = command('token', 'create', '--role', 'Security Reader', '--data', data);
  assert.equal(made.status, 0, made.err);
  assert.match(made.out, /^ann_\S+$/);
  await until('the end of the analysis', () => (/packets analysed/.test(first.said()) ? true : undefined));
  const before = await alerts(first, made.out);
  assert.ok(
    before.some((alert) => alert.title === 'An S7 Stop PLC Command was Sent'),
    before.map((alert) => alert.title).join(', '),
  );
  await stop(first);
  assert.ok(!existsSync(join(data, 'running.json')));

  const second = await start(data, '--capture', file, '--enable-all');
  assert.match(second.said(), /analysed before/);
  const again = await alerts(second, made.out);
  assert.deepEqual(again.map(({ id, count }) => [id, count]).sort(), before.map(({ id, count }) => [id, count]).sort());
  await stop(second);
});

test('kill -9 in the middle of an analysis loses no alert that was shown, and the next start goes on', async () => {
  const data = join(folder, 'killed');
  const undisturbed = join(folder, 'undisturbed');
  const file = join(folder, 'mix.pcap');
  const out = createWriteStream(file);
  mixedTraffic(400_000, 7, (chunk) => out.write(Buffer.from(chunk)));
  await new Promise((resolve) => out.end(resolve));
  const flags = ['--capture', file, '--enable-all', '--focus', 'any'];
  const token = command('token', 'create', '--role', 'Owner', '--data', data).out;
  const first = await start(data, ...flags);
  const shown = await until('an alert', async () => {
    const rows = await alerts(first, token);
    return rows.length > 0 ? rows : undefined;
  });
  first.child.kill('SIGKILL');
  await first.ended;
  assert.doesNotMatch(first.said(), /packets analysed/, 'the analysis was over before it could be killed');

  const second = await start(data, ...flags);
  const found = new Map((await alerts(second, token)).map((alert) => [alert.id, alert]));
  for (const alert of shown) assert.ok((found.get(alert.id)?.count ?? 0) >= alert.count, `${alert.title} is lost`);
  await until('the end of the analysis', () => (/packets analysed/.test(second.said()) ? true : undefined), 120);
  const final = await alerts(second, token);
  await stop(second);

  const whole = command('token', 'create', '--role', 'Owner', '--data', undisturbed).out;
  const third = await start(undisturbed, ...flags);
  await until('the end of the analysis', () => (/packets analysed/.test(third.said()) ? true : undefined), 120);
  const expected = await alerts(third, whole);
  await stop(third);
  assert.deepEqual(final.map((alert) => alert.id).sort(), expected.map((alert) => alert.id).sort());
});

test('what cannot be is said in one sentence', async (context) => {
  const data = join(folder, 'refused');
  const holder = createServer().listen(0, '127.0.0.1');
  context.after(() => holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const address = holder.address();
  const port = String(typeof address === 'object' && address ? address.port : 0);
  const text = join(import.meta.dirname, 'up.ts');
  for (const [args, sentence] of [
    [['--no-demo', '--port', port], /Port \d+ of 127\.0\.0\.1 is in use\. Give another with --port/],
    [['--capture', join(folder, 'nowhere.pcap')], /nowhere\.pcap does not exist/],
    [['--capture', folder], /is a directory/],
    [['--capture', text], /up\.ts is no pcap or pcapng capture/],
    [['--interface', 'nosuch0'], /There is no interface nosuch0|needs tcpdump/],
    [['--no-demo', '--host', '203.0.113.9'], /203\.0\.113\.9 is no address of this machine/],
    [['--no-demo', '--tls-key', 'key.pem'], /needs both --tls-key and --tls-cert/],
  ] as const) {
    const { status, err } = command('up', '--data', data, '--port', '0', '--no-hub', ...args);
    assert.notEqual(status, 0);
    assert.match(err, sentence);
    assert.equal(err.split('\n').length, 1, err);
    assert.doesNotMatch(err, /\n\s+at /);
  }
});

test('a second system on the same data is refused, and passwords are reset while it runs', async () => {
  const data = join(folder, 'twice');
  const up = await start(data, '--no-demo');
  const password = /one-time password\s+(\S+)/.exec(up.said())?.[1];
  assert.ok(password, up.said());
  const { status, err } = command('up', '--data', data, '--port', '0', '--no-hub', '--no-demo');
  assert.notEqual(status, 0);
  assert.match(err, /in use|uses/);
  const reset = command('user', 'reset-password', 'admin', '--data', data);
  assert.equal(reset.status, 0, reset.err);
  assert.notEqual(reset.out, password);
  const signIn = async (secret: string): Promise<number> =>
    (
      await fetch(new URL('/api/sign-in', up.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ user: 'admin', password: secret }),
      })
    ).status;
  assert.equal(await signIn(password), 401);
  assert.equal(await signIn(reset.out), 200);
  assert.equal(statSync(join(data, 'running.json')).mode & 0o077, 0, 'readable by the owner only');
  await stop(up);
  assert.match(command('token', 'create', '--role', 'king', '--data', data).err, /There is no role "king"/);
});

test('every address but loopback speaks HTTPS only', async () => {
  const up = await start(join(folder, 'https'), '--no-demo', '--host', '0.0.0.0');
  assert.match(up.url, /^https:/);
  await assert.rejects(fetch(up.url.replace('https:', 'http:')));
  await stop(up);
});

test('network interfaces are watched without losing a packet, and say how they are', { skip: withoutNetwork }, async (context) => {
  const file = join(folder, 'live.pcap');
  const packets = await writePlantCapture(file, { learning: 60, seconds: 400 });
  // Pairs of virtual interfaces, of this test alone: what enters one end leaves the other.
  const [near, far, idle] = ['a', 'b', 'd'].map((end) => `ann${process.pid % 10_000}${end}`);
  const pairs = [
    [near, far],
    [`ann${process.pid % 10_000}c`, idle],
  ];
  for (const [one, other] of pairs) {
    const made = spawnSync('ip', ['link', 'add', one, 'type', 'veth', 'peer', 'name', other], { encoding: 'utf8' });
    assert.equal(made.status, 0, made.stderr);
    context.after(() => spawnSync('ip', ['link', 'del', one]));
    for (const end of [one, other]) {
      // Otherwise the ports send packets of their own.
      spawnSync('sysctl', ['-qw', `net.ipv6.conf.${end}.disable_ipv6=1`]);
      spawnSync('ip', ['link', 'set', end, 'up']);
    }
  }
  const data = join(folder, 'live');
  const up = await start(data, '--interface', far, '--interface', idle, '--enable-all', '--focus', 'any');
  const token = command('token', 'create', '--role', 'Owner', '--data', data).out;
  assert.equal(spawnSync('tcpreplay', ['-q', '-i', near, '--pps', '5000', file]).status, 0);
  const status = await until('all packets', async () => {
    const { sensors } = await ask<{ sensors: Status[] }>(up, token, '/api/status');
    const seen = sensors[0].health?.interfaces[0].packets ?? 0;
    return seen >= packets ? sensors[0] : undefined;
  });
  assert.deepEqual([status.state, status.packets, status.source], ['learning', packets, `interfaces ${far}, ${idle}`]);
  assert.deepEqual(
    status.health?.interfaces.map(({ name, method, state, packets: count, kernelDrops }) => [name, method, state, count, kernelDrops]),
    [
      [far, 'ring', 'up', packets, 0],
      [idle, 'ring', 'up', 0, 0],
    ],
  );
  assert.equal(status.health?.state, 'healthy', JSON.stringify(status.health?.findings));
  assert.match(command('doctor', '--data', data).out, /^good +sensor +Sensor sees what it is meant to see\.$/m);
  assert.ok((await alerts(up, token)).some((alert) => alert.title === 'An S7 Stop PLC Command was Sent'));
  await stop(up);
});

interface Status {
  readonly state: string;
  readonly source: string;
  readonly packets: number;
  readonly health: {
    readonly state: string;
    readonly findings: readonly object[];
    readonly interfaces: readonly { name: string; method: string; state: string; packets: number; kernelDrops: number }[];
  } | null;
}
