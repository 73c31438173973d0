/** The packets of alerts, from the capture to the download. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writePlantCapture } from '@annunciator/testkit/plant';
import { withoutTshark } from '@annunciator/testkit/tshark';

const MAIN = join(import.meta.dirname, '../main.ts');
const folder = mkdtempSync(join(tmpdir(), 'annunciator-packets-'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Details {
  readonly id: string;
  readonly type: string;
  readonly frames: readonly number[];
  readonly firstDetection: string;
  readonly pcap: { readonly state: string; readonly reason: string | null };
}

class System {
  readonly child: ChildProcess;
  url = '';
  said = '';
  readonly ended: Promise<number | null>;

  constructor(data: string, ...args: string[]) {
    this.child = spawn(process.execPath, [MAIN, 'up', '--data', data, '--port', '0', '--no-hub', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(this.child);
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
  }

  /** Waits until what it says matches. */
  until(pattern: RegExp): Promise<void> {
    return new Promise((resolve, reject) => {
      const read = (part?: Buffer): void => {
        this.said += part?.toString() ?? '';
        this.url = /(https?:\/\/\S+:\d+\/)/.exec(this.said)?.[1] ?? '';
        if (pattern.test(this.said)) resolve();
      };
      read();
      this.child.stdout?.on('data', read);
      this.child.stderr?.on('data', read);
      this.child.once('exit', (code) => reject(new Error(`ended with ${code}: ${this.said}`)));
    });
  }

  get(token: string, path: string): Promise<Response> {
    return fetch(new URL(path, this.url), { headers: { authorization: `Bearer ${token}` } });
  }

  async alerts(token: string): Promise<Details[]> {
    const page = (await (await this.get(token, '/api/alerts?from=1970-01-01T00:00:00Z&limit=1000')).json()) as { alerts: { id: string }[] };
    return Promise.all(page.alerts.map(async ({ id }) => (await (await this.get(token, `/api/alerts/${id}`)).json()) as Details));
  }

  async stop(): Promise<void> {
    this.child.kill('SIGINT');
    assert.equal(await this.ended, 0, this.said);
  }
}

function run(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

function tokenFor(data: string, role: string): string {
  return run('token', 'create', '--role', role, '--data', data).stdout.trim();
}

function fields(file: string, ...names: string[]): string[][] {
  const { status, stdout, stderr } = spawnSync('tshark', ['-r', file, '-n', '-T', 'fields', ...names.flatMap((name) => ['-e', name])], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  assert.equal(status, 0, stderr);
  assert.doesNotMatch(stderr, /cut short|malformed|damaged|corrupt/i, file);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

test('every alert of a plant has its packets, before and after a restart, and only for roles that may', {
  skip: withoutTshark,
}, async () => {
  const data = join(folder, 'plant');
  const capture = join(folder, 'plant.pcap');
  await writePlantCapture(capture, { learning: 300, seconds: 1500 });
  const times = fields(capture, 'frame.time_epoch').map(([time]) => time);
  const first = new System(data, '--capture', capture, '--enable-all', '--focus', 'any');
  await first.until(/packets analysed/);
  const owner = tokenFor(data, 'Owner');
  const alerts = await first.alerts(owner);
  assert.ok(alerts.length > 20, String(alerts.length));
  assert.ok(
    alerts.some(({ type }) => /arp|mac/i.test(type)),
    alerts.map(({ type }) => type).join(', '),
  );
  let available = 0;
  const hashes = new Map<string, string>();
  for (const { id, type, frames, firstDetection, pcap } of alerts) {
    const answer = await first.get(owner, `/api/alerts/${id}/pcap`);
    if (frames.length === 0) {
      assert.deepEqual([pcap.state, answer.status], ['missing', 404], type);
      assert.equal(((await answer.json()) as { message: string }).message, pcap.reason);
      continue;
    }
    assert.deepEqual([answer.status, pcap.state, pcap.reason], [200, 'available', null], type);
    available++;
    const bytes = Buffer.from(await answer.arrayBuffer());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    assert.equal(answer.headers.get('x-content-sha256'), sha256);
    hashes.set(id, sha256);
    const file = join(folder, 'alert.pcapng');
    writeFileSync(file, bytes);
    const rows = fields(file, 'frame.time_epoch', 'frame.comment');
    const named = rows.filter(([, comment]) => comment).map(([time]) => time);
    assert.ok(named.length > 0 && named.every((time) => frames.some((frame) => times[frame - 1] === time)), `${type}: ${named.join()}`);
    const fired = named.some((time) => Math.floor(Number(time) * 1000) === Date.parse(firstDetection.slice(0, 23) + 'Z'));
    // Silence is noticed between packets.
    assert.ok(fired || /unresponsive/.test(type), `${type}: ${firstDetection}, not ${named.join()}`);
    assert.ok(
      rows.every(([time], i) => i === 0 || Number(time) >= Number(rows[i - 1][0])),
      'in order',
    );
  }
  assert.ok(available > 20);
  const reader = tokenFor(data, 'Security Reader');
  const [some, another] = [...hashes.keys()];
  /** The command says the same while the system runs and while it does not. */
  const byCommand = (when: string): void => {
    const file = join(folder, `${when}.pcapng`);
    const wrote = run('alert', 'pcap', another, '--data', data, '--out', file);
    assert.deepEqual([wrote.status, wrote.stdout.trim()], [0, file], wrote.stderr);
    assert.equal(createHash('sha256').update(readFileSync(file)).digest('hex'), hashes.get(another));
    assert.match(run('alert', 'pcap', 'nothing', '--data', data).stderr, /^annunciator: There is no alert with the id "nothing"/);
  };
  byCommand('running');
  assert.equal((await first.get(reader, `/api/alerts/${some}/pcap`)).status, 403);
  assert.equal((await first.get(owner, '/api/alerts/nothing/pcap')).status, 404);
  await first.stop();
  byCommand('stopped');
  assert.match(run('alert', 'pcap', some, '--data', join(folder, 'elsewhere')).stderr, /There is no data of Annunciator in .*elsewhere/);
  assert.ok(!existsSync(join(folder, 'elsewhere')));

  rmSync(join(data, 'packets', 'evidence', `${hashes.get(some)}.pcapng`));
  const gone = run('alert', 'pcap', some, '--data', data);
  assert.deepEqual([gone.status, gone.stderr], [1, 'annunciator: The file of its packets is not on disk any more.\n']);
  const second = new System(data, '--no-demo');
  await second.until(/Annunciator is at/);
  for (const { id, frames, pcap } of await second.alerts(owner)) {
    if (frames.length === 0) continue;
    const answer = await second.get(owner, `/api/alerts/${id}/pcap`);
    if (hashes.get(id) === hashes.get(some)) {
      assert.deepEqual([pcap.state, answer.status], ['missing', 404]);
      assert.match(pcap.reason ?? '', /not on disk any more/);
    } else assert.equal(answer.headers.get('x-content-sha256'), hashes.get(id));
  }
  await second.stop();
});

test('within a small budget the oldest packets go, and their alerts say so', async () => {
  const data = join(folder, 'small');
  const capture = join(folder, 'long.pcap');
  await writePlantCapture(capture, { learning: 300, seconds: 3000 });
  const system = new System(data, '--capture', capture, '--enable-all', '--focus', 'any', '--packet-budget', '0.01');
  await system.until(/packets analysed/);
  const size = (name: string): number =>
    readdirSync(join(data, 'packets', name)).reduce((sum, file) => sum + statSync(join(data, 'packets', name, file)).size, 0);
  assert.ok(size('segments') <= 6_000_000, String(size('segments')));
  assert.ok(size('evidence') <= 4_000_000, String(size('evidence')));
  for (const { frames, pcap } of await system.alerts(tokenFor(data, 'Owner')))
    if (frames.length > 0 && pcap.state === 'missing') assert.match(pcap.reason ?? '', /were deleted/);
  await system.stop();
});

test('without a budget no packet is written, and alerts say so', async () => {
  const data = join(folder, 'none');
  const capture = join(folder, 'short.pcap');
  await writePlantCapture(capture, { learning: 300, seconds: 600 });
  const system = new System(data, '--capture', capture, '--enable-all', '--focus', 'any', '--packet-budget', '0');
  await system.until(/packets analysed/);
  const owner = tokenFor(data, 'Owner');
  for (const { frames, pcap } of await system.alerts(owner))
    if (frames.length > 0) assert.match(pcap.reason ?? '', /give them no room on disk/);
  assert.ok(!existsSync(join(data, 'packets', 'segments')));
  await system.stop();
});
