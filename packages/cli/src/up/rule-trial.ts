/** Tries rules on the packets that a sensor still has, in a worker: what is found out beside a sensor must not slow it down. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RuleSet } from '@annunciator/sensor/process/messages';
import type { RuleTrial } from '@annunciator/sensor/rules/trial';
import type { SensorMemory } from '@annunciator/sensor/sensor';
import type { HistoryTrial } from '@annunciator/server/sensor-link';
import type { Store } from '@annunciator/store/store';
import { programUrl } from '../built.ts';
import { remembered } from './remembered.ts';

/** Bytes of packets that are tried at most, the newest. */
const MOST_BYTES = 2 ** 30;
const SEGMENT = /^\d{8}\.pcap$/;
/** Bytes of a segment without packets. */
const EMPTY = 24;

export interface TrialStart {
  readonly files: readonly string[];
  readonly set: RuleSet;
  readonly memory: SensorMemory | null;
  readonly limit: number;
}

export interface TrialResult {
  readonly trial: RuleTrial;
  readonly unread: number;
}

/** What rules that ask for groups of devices need. */
export async function knownDevices(store: Pick<Store, 'inventory'>, sensor: string): Promise<SensorMemory> {
  const { devices, met } = await remembered(store, sensor);
  return { baseline: [], devices, met };
}

/** @param folder of the packet store */
export async function tryOnHistory(folder: string, start: Omit<TrialStart, 'files'>): Promise<HistoryTrial> {
  const { files, all } = await newest(join(folder, 'segments'));
  const { trial, unread } = await inWorker({ ...start, files });
  return { ...trial, complete: all && unread === 0 };
}

/** Segments up to the bound, oldest first, and whether these are all. */
async function newest(folder: string): Promise<{ files: string[]; all: boolean }> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => SEGMENT.test(name)).sort();
  const files: string[] = [];
  let bytes = 0;
  for (const name of names.toReversed()) {
    const path = join(folder, name);
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size <= EMPTY) continue;
    if (files.length > 0 && bytes + size > MOST_BYTES) return { files, all: false };
    bytes += size;
    files.unshift(path);
  }
  return { files, all: true };
}

function inWorker(workerData: TrialStart): Promise<TrialResult> {
  const worker = new Worker(programUrl('rule-trial-worker'), { workerData });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The trial of the rules ended with code ${code}.`)));
  });
}
