/** Live capture on real virtual ports: skipped without root, `ip` and `tcpreplay`. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { NetworkNamespace, withoutNetwork } from '@annunciator/testkit/network-namespace';
import { pcap } from '@annunciator/testkit/pcap-writer';

const CHILD = join(import.meta.dirname, '../../tests/live-child.ts');

interface Found {
  readonly packets: readonly { readonly on: string; readonly at: number; readonly wire: number; readonly bytes: string }[];
  readonly reports: readonly {
    readonly name: string;
    readonly method: string;
    readonly reason: string | null;
    readonly state: string;
    readonly packets: number;
    readonly kernelDrops: number;
  }[];
}

/** A frame for experiments (EtherType 0x88b5) with a number, tagged with VLANs, the outermost first. */
function frame(number: number, length: number, ...tags: readonly (readonly [tpid: number, tci: number])[]): Uint8Array {
  const header = [
    2,
    0,
    0,
    0,
    0,
    1,
    2,
    0,
    0,
    0,
    0,
    2,
    ...tags.flatMap(([tpid, tci]) => [tpid >> 8, tpid & 255, tci >> 8, tci & 255]),
    0x88,
    0xb5,
  ];
  const bytes = new Uint8Array(length);
  bytes.set([...header, number >> 8, number & 255]);
  return bytes;
}

/** The child that reads, and what it says. */
class Watcher {
  readonly #child: ChildProcess;
  #said = '';
  #heard: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      this.#heard();
    });
    child.once('close', () => this.#heard());
  }

  static async start(network: NetworkNamespace, use: string, ...names: string[]): Promise<Watcher> {
    const watcher = new Watcher(network.spawn([process.execPath, CHILD, use, ...names], { stdio: ['pipe', 'pipe', 'inherit'] }));
    await watcher.until(() => true);
    return watcher;
  }

  /** Waits until the interfaces are as wanted, by what it said last of them. */
  async until(wanted: (reports: Found['reports']) => boolean): Promise<void> {
    for (;;) {
      // Whole lines only; each is one of live-child.ts.
      const line = this.#said.split('\n').at(-2);
      if (line && wanted((JSON.parse(line) as Found).reports)) return;
      assert.equal(this.#child.exitCode, null, this.#said);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it when so many packets have come, lost ones included. */
  async found(count: number): Promise<Found> {
    await this.until((reports) => reports.reduce((sum, { packets, kernelDrops }) => sum + packets + kernelDrops, 0) >= count);
    this.#child.stdin?.end();
    await once(this.#child, 'close');
    // The last line of live-child.ts.
    return JSON.parse(this.#said.trim().split('\n').at(-1) ?? '') as Found;
  }
}

describe('live capture', { skip: withoutNetwork }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-live-'));
  let network: NetworkNamespace;
  before(() => {
    network = new NetworkNamespace('left', 'right');
  });
  after(() => {
    network.remove();
    rmSync(folder, { recursive: true });
  });

  function send(port: string, frames: readonly Uint8Array[], ...options: string[]): void {
    const file = join(folder, `${port}.pcap`);
    writeFileSync(file, pcap(frames.map((bytes, i) => ({ frame: bytes, seconds: 1, nanoseconds: i * 1000 }))));
    network.run('tcpreplay', '-q', '-i', port, ...(options.length > 0 ? options : ['--topspeed']), file);
  }

  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

  for (const use of ['ring', 'tcpdump'])
    test(`frames come whole through ${use}, with the VLAN tags that the kernel took out`, async () => {
      const frames = [
        frame(1, 60),
        frame(2, 64, [0x8100, 0x6001]),
        frame(3, 68, [0x88a8, 100], [0x8100, 0x2fff]),
        frame(4, 64, [0x8100, 0xe000]),
        frame(5, 1514),
        frame(6, 1518, [0x8100, 7]),
      ];
      const watcher = await Watcher.start(network, use, 'left-in');
      send('left', frames);
      const { packets, reports } = await watcher.found(frames.length);
      assert.deepEqual(
        packets.map(({ bytes }) => bytes),
        frames.map(hex),
      );
      assert.deepEqual(
        packets.map(({ wire }) => wire),
        frames.map(({ length }) => length),
      );
      const now = Date.now() * 1e6;
      assert.ok(
        packets.every(({ at }) => at > now - 60e9 && at < now + 1e9),
        'stamped with the time of this machine',
      );
      const [{ method, state, packets: count, kernelDrops }] = reports;
      assert.deepEqual({ method, state, count, kernelDrops }, { method: use, state: 'up', count: frames.length, kernelDrops: 0 });
    });

  test('two interfaces make one timeline', async () => {
    const watcher = await Watcher.start(network, 'ring', 'left-in', 'right-in');
    const numbered = (from: number): Uint8Array[] => Array.from({ length: 300 }, (_, i) => frame(from + i, 60));
    for (const round of [0, 300, 600]) {
      send('left', numbered(round), '--pps', '20000');
      send('right', numbered(round), '--pps', '20000');
    }
    const { packets, reports } = await watcher.found(1800);
    assert.deepEqual(
      reports.map(({ name, packets: count, kernelDrops }) => [name, count, kernelDrops]),
      [
        ['left-in', 900, 0],
        ['right-in', 900, 0],
      ],
    );
    assert.ok(
      packets.every(({ at }, i) => i === 0 || at >= packets[i - 1].at),
      'in the order of their times',
    );
  });

  test('what the ring has no room for is counted', async () => {
    const watcher = await Watcher.start(network, 'ring', 'left-in');
    // It does not read meanwhile, and 64 MiB hold fewer than these.
    watcher.signal('SIGSTOP');
    const frames = Array.from({ length: 1000 }, (_, i) => frame(i, 1514));
    send('left', frames, '--topspeed', '--loop', '60', '--preload-pcap');
    watcher.signal('SIGCONT');
    const { packets, reports } = await watcher.found(60_000);
    assert.ok(packets.length > 30_000 && packets.length < 60_000, String(packets.length));
    assert.equal(packets.length + reports[0].kernelDrops, 60_000);
  });

  test('an interface that goes down and up is followed, and one that goes away is missed', async () => {
    const watcher = await Watcher.start(network, 'ring', 'left-in', 'right-in');
    send('left', [frame(1, 60)]);
    network.run('ip', 'link', 'set', 'left-in', 'down');
    await watcher.until(([left]) => left.state === 'down');
    network.run('ip', 'link', 'set', 'left-in', 'up');
    network.run('ip', 'link', 'delete', 'right');
    await watcher.until(([left, right]) => left.state === 'up' && right.state === 'gone');
    send('left', [frame(2, 60)]);
    const { packets, reports } = await watcher.found(2);
    assert.deepEqual(
      packets.map(({ bytes }) => bytes),
      [frame(1, 60), frame(2, 60)].map(hex),
    );
    assert.deepEqual(
      reports.map(({ state }) => state),
      ['up', 'gone'],
    );
  });

  for (const use of ['ring', 'tcpdump'])
    test(`an interface that ${use} cannot watch is refused with what to do`, () => {
      const refusal = (name: string): string => {
        const { status, stdout } = spawnSync('ip', ['netns', 'exec', network.name, process.execPath, CHILD, use, name], {
          encoding: 'utf8',
        });
        assert.equal(status, 3);
        return stdout.trim();
      };
      assert.equal(refusal('nothing0'), 'There is no interface nothing0. List the interfaces with "ip link", then name one.');
      network.run('ip', 'link', 'set', 'left-in', 'down');
      assert.equal(refusal('left-in'), 'Interface left-in is down. Bring it up with "ip link set left-in up", then try again.');
      network.run('ip', 'link', 'set', 'left-in', 'up');
    });

  test('without the right to capture, tcpdump is tried, and one sentence says what to do', () => {
    const without = ['setpriv', '--bounding-set', '-net_raw,-net_admin', process.execPath, CHILD, 'ring', 'left-in'];
    const { stdout } = spawnSync('ip', ['netns', 'exec', network.name, ...without], { encoding: 'utf8' });
    assert.match(stdout, /^Capturing on left-in is not permitted\. Run as root, or give tcpdump the right: setcap /);
    assert.match(stdout, /The kernel's ring was not to be had either: this process has no right to it \(CAP_NET_RAW\)\.$/m);
  });
});
