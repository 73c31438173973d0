/**
 * Measures the hub: messages over MQTT with TLS, and what a connected device costs.
 *
 *     npm run bench:hub -- [--seconds 10] [--senders 500] [--window 8] [--connections 15000] [--payload 100] [--no-evaluation]
 *
 * The hub and the load run in processes of their own, with the throttles off. Every message is acknowledged (QoS 1) only
 * after it is on the disk.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { issue, makeAuthority } from '../tests/certificates.ts';
import type { HubProcessOptions, Measured } from './hub-process.ts';
import type { LoadOptions, LoadReport } from './load-process.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    senders: { type: 'string', default: '500' },
    window: { type: 'string', default: '8' },
    connections: { type: 'string', default: '15000' },
    payload: { type: 'string', default: '100' },
    'no-evaluation': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [seconds, senders, window, connections, payloadBytes] = [
  values.seconds,
  values.senders,
  values.window,
  values.connections,
  values.payload,
].map(Number);
if (values.help || ![seconds, senders, window, connections, payloadBytes].every((value) => Number.isInteger(value) && value >= 0)) {
  console.error('usage: bench:hub [--seconds 10] [--senders 500] [--window 8] [--connections 15000] [--payload 100] [--no-evaluation]');
  process.exit(values.help ? 0 : 2);
}

/** Seconds at the beginning that do not count: code is compiled, connections settle. */
const WARM_UP = 3;

const authority = await makeAuthority('Benchmark');
const server = await issue(authority, 'localhost', { names: ['localhost'] });

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((done, fail) => {
    child.once('message', (value) => done(value as T));
    child.once('exit', (code) => fail(new Error(`a process of the benchmark ended with ${code}`)));
  });
}

async function startHubProcess(devices: number): Promise<{ child: ChildProcess; port: number; measure(): Promise<Measured> }> {
  const options: HubProcessOptions = {
    devices,
    tls: { key: server.key, cert: server.cert },
    evaluated: !values['no-evaluation'],
  };
  const child = fork(join(import.meta.dirname, 'hub-process.ts'), [JSON.stringify(options)], { execArgv: ['--expose-gc'] });
  const { port } = await message<{ port: number }>(child);
  const measure = (): Promise<Measured> => {
    child.send('measure');
    return message<Measured>(child);
  };
  return { child, port, measure };
}

async function startLoad(options: LoadOptions): Promise<{ child: ChildProcess; connectSeconds: number }> {
  const child = fork(join(import.meta.dirname, 'load-process.ts'), [JSON.stringify(options)], { execArgv: [] });
  const report = await message<LoadReport>(child);
  return { child, connectSeconds: report.kind === 'connected' ? report.seconds : 0 };
}

async function stop(...children: ChildProcess[]): Promise<void> {
  for (const child of children) {
    const ended = new Promise((done) => child.once('exit', done));
    child.send('stop');
    await ended;
  }
}

async function messages(): Promise<void> {
  const hub = await startHubProcess(senders);
  const load = await startLoad({
    port: hub.port,
    ca: authority.cert,
    devices: senders,
    window,
    seconds: seconds + WARM_UP,
    payloadBytes,
    handshakes: 50,
  });
  const before = await hub.measure();
  load.child.send('send');
  const report = await message<LoadReport>(load.child);
  const after = await hub.measure();
  await stop(load.child, hub.child);
  if (report.kind !== 'sent') throw new Error('the load told something else');
  const counted = report.perSecond.slice(WARM_UP).toSorted((a, b) => a - b);
  const all = report.perSecond.reduce((sum, one) => sum + one, 0);
  const times = report.milliseconds.toSorted((a, b) => a - b);
  const at = (list: readonly number[], share: number): number => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;
  console.log(
    `\nMessages: ${senders} devices over MQTT 3.1.1 with TLS, QoS 1, ${payloadBytes} bytes, ${window} under way each, ${seconds} s`,
  );
  row(
    'messages a second, median (least to most)',
    `${group(at(counted, 0.5))} (${group(counted[0] ?? 0)} to ${group(counted.at(-1) ?? 0)})`,
  );
  row('hub: CPU microseconds a message', ((after.cpu - before.cpu) / all).toFixed(1));
  row('from sending to acknowledgement, median and 99 %', `${at(times, 0.5).toFixed(1)} ms, ${at(times, 0.99).toFixed(1)} ms`);
  row('custom alerts', values['no-evaluation'] ? 'not evaluated' : 'all ranges evaluated for every device');
  row('ThingsBoard on AWS, published: 2 vCPU, 4 GB, PostgreSQL', '1,020 messages a second');
  row('ThingsBoard on AWS, published: 4 vCPU, 16 GB, Cassandra', '3,500 messages a second');
}

async function held(): Promise<void> {
  const hub = await startHubProcess(connections);
  const before = await hub.measure();
  const load = await startLoad({
    port: hub.port,
    ca: authority.cert,
    devices: connections,
    window: 0,
    seconds: 0,
    payloadBytes,
    handshakes: 50,
  });
  const after = await hub.measure();
  await stop(load.child, hub.child);
  console.log(`\nConnections: ${group(connections)} devices over MQTT 3.1.1 with TLS at once`);
  row('connected', group(after.connections));
  row('connecting, devices a second', group(Math.round(connections / load.connectSeconds)));
  row('hub: resident KiB a connection', ((after.resident - before.resident) / connections / 1024).toFixed(1));
  row('hub: resident MiB before and after', `${mebibytes(before.resident)} and ${mebibytes(after.resident)}`);
  row('hub: CPU milliseconds a connection', ((after.cpu - before.cpu) / connections / 1000).toFixed(2));
}

function row(what: string, value: string): void {
  console.log(`  ${what.padEnd(58)} ${value}`);
}

const group = (value: number): string => value.toLocaleString('en');
const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const [cpu] = cpus();
console.log(
  `machine: ${availableParallelism()} x ${cpu?.model ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, ${process.platform} ${release()}; Node ${process.versions.node}; load before ${loadavg()[0].toFixed(1)}`,
);
console.log(
  'conditions: hub and load in two processes on the same cores, loopback, TLS 1.3, throttles off, each message on the disk before its acknowledgement',
);
if (senders > 0 && seconds > 0) await messages();
if (connections > 0) await held();
console.log(`\nload after: ${loadavg()[0].toFixed(1)}`);
