/**
 * Sends traffic at a steady rate through pairs of virtual ports in a network of its own, to a reader that stops dead for a
 * while in each second, and counts what arrives.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { NetworkNamespace } from '../src/network-namespace.ts';
import { capture, nodeProgram } from './captures.ts';

export interface LiveMeasure {
  readonly packetsPerSecond: number;
  readonly seconds: number;
  /** Milliseconds in each second in which the sensor does nothing. */
  readonly stall: number;
  readonly use: 'ring' | 'tcpdump';
  readonly interfaces: number;
  /** A sensor with all engines and kept packets, or the capture alone. */
  readonly reader: 'sensor' | 'capture';
  /** The sender and the reader get a core each. */
  readonly pinned: boolean;
}

export async function measureLive({ packetsPerSecond, seconds, stall, use, interfaces, reader, pinned }: LiveMeasure) {
  const file = capture(500_000);
  const folder = mkdtempSync(join(tmpdir(), 'annunciator-live-'));
  const wires = Array.from({ length: interfaces }, (_, i) => `wire${i}`);
  const network = new NetworkNamespace(...wires);
  try {
    const pin = (core: number): string[] => (pinned && availableParallelism() > 1 ? ['taskset', '-c', String(core)] : []);
    const program = join(import.meta.dirname, 'live-sensor.ts');
    const sensor = network.spawn(
      [...pin(1), nodeProgram(), program, reader, use, String(stall), folder, ...wires.map((wire) => `${wire}-in`)],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let said = '';
    sensor.stdout?.setEncoding('utf8');
    const started = new Promise<void>((resolve, reject) => {
      sensor.stdout?.on('data', (text: string) => {
        said += text;
        if (said.includes('started')) resolve();
      });
      sensor.once('exit', (code) => reject(new Error(`the sensor ended with ${code}`)));
    });
    await started;
    const share = Math.floor(packetsPerSecond / interfaces);
    const sent = await Promise.all(wires.map((wire) => send(network, [...pin(0)], wire, file, share, share * seconds)));
    // tcpdump is handed packets by the kernel once a second.
    await pause(1500);
    sensor.kill('SIGINT');
    await once(sensor, 'exit');
    // The last line of live-sensor.ts.
    const report = JSON.parse(said.trim().split('\n').at(-1) ?? '') as { interfaces: { packets: number; kernelDrops: number }[] };
    const sentPackets = sent.reduce((sum, { packets }) => sum + packets, 0);
    const received = report.interfaces.reduce((sum, { packets }) => sum + packets, 0);
    return { sent, sentPackets, received, lost: sentPackets - received, stallMilliseconds: stall, ...report };
  } finally {
    network.remove();
    rmSync(folder, { recursive: true });
  }
}

async function send(network: NetworkNamespace, pin: readonly string[], wire: string, file: string, pps: number, packets: number) {
  const child = network.spawn(
    [...pin, 'tcpreplay', '--quiet', '--preload-pcap', '--loop', '0', '-i', wire, '--pps', String(pps), '--limit', String(packets), file],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [status] = (await once(child, 'exit')) as [number | null];
  const count = /Actual: (\d+) packets/.exec(said)?.[1];
  const rate = /([\d.]+) pps/.exec(said)?.[1];
  if (status !== 0 || count === undefined) throw new Error(`tcpreplay ended with ${status}: ${said}`);
  return { packets: Number(count), packetsPerSecond: Math.round(Number(rate)) };
}
