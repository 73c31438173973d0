/**
 * Measures the evaluation of custom alerts alone: operations a second with string ids, memory for many devices, and how long
 * a restart takes.
 *
 *     npm run bench:rules -- [--devices 1000000] [--events 5000000] [--partitions 4]
 *
 * Every rule that counts what the hub sees is enabled for every device, with a lower and an upper bound. Operations are
 * spread over all devices and rules at random, and each brings its id as a string of its own, as a decoder would make it.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { HUB_RULES, WINDOW_RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { countedBy } from '@annunciator/rules/evaluation/counted-operation';
import { PartitionEvaluation } from '@annunciator/rules/evaluation/partition-evaluation';
import type { SecurityGroup } from '@annunciator/rules/groups/security-group';
import { HUB_OPERATIONS, type HubOperation, type HubProtocol } from '@annunciator/rules/hub-operation';
import { partitionOf } from '../src/identity/partition.ts';
import { readSnapshot, writeSnapshot } from '../src/security/snapshot-file.ts';
import { deviceName } from './devices.ts';

const { values } = parseArgs({
  options: {
    devices: { type: 'string', default: '1000000' },
    events: { type: 'string', default: '5000000' },
    partitions: { type: 'string', default: '4' },
  },
});
const [devices, events, partitions] = [values.devices, values.events, values.partitions].map(Number);
if (![devices, events, partitions].every((value) => Number.isInteger(value) && value > 0)) {
  console.error('usage: bench:rules [--devices 1000000] [--events 5000000] [--partitions 4]');
  process.exit(2);
}

const START = Date.UTC(2026, 10, 26, 10);
const MINUTE = 60_000;
const BATCH = 10_000;

const group: SecurityGroup = {
  name: 'default',
  version: 1,
  savedAt: START - MINUTE,
  savedBy: 'bench',
  rules: WINDOW_RULE_TYPES.slice(0, HUB_RULES).map(({ name }) => ({
    ruleType: name,
    isEnabled: true,
    alertName: null,
    minThreshold: 0,
    maxThreshold: 5,
    timeWindowSize: 'PT5M',
  })),
};

/** An operation for each rule that counts operations, found by trying them all. */
function operations(): (Omit<HubOperation, 'deviceId' | 'time'> & { deviceId: string | null; time: number })[] {
  const found = new Map<number, ReturnType<typeof operations>[number]>();
  const usual = {
    time: START,
    side: 'device',
    result: 'accepted',
    statusCode: 0,
    reason: null,
    detail: null,
    deviceId: null,
    moduleId: null,
  } as const;
  const rest = { authentication: 'sas', policy: null, sizeBytes: 100, ipAddress: null, durationMs: 1, count: 1 } as const;
  for (const [category, names] of Object.entries(HUB_OPERATIONS))
    for (const operation of names)
      for (const protocol of ['MQTT', 'AMQP', 'HTTPS'] as readonly HubProtocol[]) {
        // The categories are the keys of the table.
        const one = { ...usual, ...rest, category: category as HubOperation['category'], operation, protocol };
        const number = countedBy(one);
        if (number >= 0 && !found.has(number)) found.set(number, one);
      }
  return [...found.values()];
}

/** As fast and as spread as is needed: xorshift32. */
function random(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
const grouped = (value: number): string => Math.round(value).toLocaleString('en');
const row = (what: string, value: string): void => console.log(`  ${what.padEnd(62)} ${value}`);
/** Resident bytes once the garbage of making the input is gone; the engine gives its memory back when it has nothing to do. */
async function resident(): Promise<number> {
  for (let time = 0; time < 4; time++) {
    globalThis.gc?.();
    await new Promise((done) => setTimeout(done, 500));
  }
  return process.memoryUsage().rss;
}

const [cpu] = cpus();
console.log(
  `machine: ${availableParallelism()} x ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}; Node ${process.versions.node}; load before ${loadavg()[0].toFixed(1)}`,
);
console.log(`conditions: ${grouped(devices)} devices in ${partitions} partitions, ${HUB_RULES} ranges enabled for each, one core\n`);

const before = await resident();
let found = 0;
const evaluations = Array.from({ length: partitions }, () => new PartitionEvaluation(() => void found++));
for (const evaluation of evaluations) evaluation.setGroup(group);
const membership = { group: 'default', enabled: true, agentMinutes: 300 };
for (let index = 0; index < devices; index++) {
  const id = deviceName(index);
  evaluations[partitionOf(id, partitions)].admitDevice(id, membership, START - 2 * MINUTE);
}
for (const evaluation of evaluations) evaluation.advance(START);

const kinds = operations();
const next = random();
/** Ids as a decoder makes them: no two share a string. */
function freshIds(): string[] {
  const names = Array.from({ length: BATCH }, () => deviceName(next() % devices));
  // Written by the line before.
  return JSON.parse(JSON.stringify(names)) as string[];
}

let seconds = 0;
const rates: number[] = [];
for (let done = 0; done < events; done += BATCH) {
  const ids = freshIds();
  const began = cpuSeconds();
  for (const [at, id] of ids.entries()) {
    const operation = kinds[next() % kinds.length];
    operation.deviceId = id;
    operation.time = START + Math.floor(((done + at) / events) * 12 * MINUTE);
    evaluations[partitionOf(id, partitions)].operation(operation);
  }
  // As the hub does each second, to write them down.
  for (const evaluation of evaluations) evaluation.history.take();
  const took = cpuSeconds() - began;
  seconds += took;
  rates.push(BATCH / took);
}
rates.sort((a, b) => a - b);
const after = await resident();
row('operations a CPU second, all of them', grouped(events / seconds));
row(
  'median of batches (least to most)',
  `${grouped(rates[rates.length >> 1])} (${grouped(rates[0])} to ${grouped(rates[rates.length - 1])})`,
);
row('findings told', grouped(found));
const { heapUsed, arrayBuffers } = process.memoryUsage();
row('MiB on the heap and in arrays', `${mebibytes(heapUsed)} and ${mebibytes(arrayBuffers)}`);
row('resident MiB of the process; of it for the devices', `${mebibytes(after)}; ${mebibytes(after - before)}`);
row('bytes a device, counters and history of every rule included', ((after - before) / devices).toFixed(0));

const folder = await mkdtemp(join(tmpdir(), 'annunciator-bench-rules-'));
try {
  const paths = evaluations.map((_, at) => join(folder, `partition-${at}.snapshot`));
  const timed = (): (() => string) => {
    const [wall, used] = [performance.now(), cpuSeconds()];
    return () => `${((performance.now() - wall) / 1000).toFixed(2)} s, of the processor ${(cpuSeconds() - used).toFixed(2)} s`;
  };
  let took = timed();
  for (const [at, evaluation] of evaluations.entries())
    await writeSnapshot(paths[at], { position: 0, time: START, evaluation: evaluation.snapshot(), watch: [], untaken: [] });
  row('writing the snapshots to disk', took());
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  row('their size', `${mebibytes(sizes.reduce((sum, size) => sum + size, 0))} MiB`);
  const text = evaluations.map((evaluation) => evaluation.devices.size);
  evaluations.length = 0;
  await resident();
  took = timed();
  const restored: PartitionEvaluation[] = [];
  for (const path of paths) {
    const snapshot = await readSnapshot(path);
    if (!snapshot) throw new Error(`${path} is damaged`);
    const evaluation = new PartitionEvaluation(() => {});
    evaluation.restore(snapshot.evaluation);
    restored.push(evaluation);
  }
  row('restart: reading the snapshots and going on', took());
  if (restored.some((evaluation, at) => evaluation.devices.size !== text[at])) throw new Error('devices are missing after the restart');
} finally {
  await rm(folder, { recursive: true, force: true });
}
console.log(`\nload after: ${loadavg()[0].toFixed(1)}`);
