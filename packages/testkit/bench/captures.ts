/** The captures of the benchmarks, and the runtime that is measured. */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Mix, mixedTraffic } from '../src/mixed-traffic.ts';

export const ROOT = join(import.meta.dirname, '../../..');
const CACHE = join(tmpdir(), 'annunciator-bench');
const SEED = 1;
/** Changes whenever the generator writes other bytes, so that no old capture is measured. */
const GENERATION = 1;

/** The runtime itself, without the launcher that npm puts before it. */
export function nodeProgram(): string {
  const packaged = [`node-${process.platform}-${process.arch}/bin/node`, 'node/bin/node'].map((path) => join(ROOT, 'node_modules', path));
  return packaged.find((path) => existsSync(path)) ?? process.execPath;
}

/** Path of a capture of so many packets, written unless it is there already; `mix` as in `mixedTraffic`. */
export function capture(packets: number, mix: Partial<Mix> = {}): string {
  mkdirSync(CACHE, { recursive: true });
  const shares = Object.entries(mix).map(([kind, share]) => `-${kind}${share}`);
  const file = join(CACHE, `mixed-${GENERATION}-${SEED}-${packets}${shares.join('')}.pcap`);
  if (existsSync(file)) return file;
  process.stderr.write(`writing ${packets.toLocaleString('en')} packets to ${file}\n`);
  const handle = openSync(`${file}.part`, 'w');
  const write = (chunk: Uint8Array): void => {
    for (let at = 0; at < chunk.length; ) at += writeSync(handle, chunk, at);
  };
  mixedTraffic(packets, SEED, write, mix);
  closeSync(handle);
  renameSync(`${file}.part`, file);
  return file;
}
