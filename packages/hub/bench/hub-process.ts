/**
 * The hub of the benchmark in a process of its own, so that its memory and time are its alone. Talks to its parent:
 * `{ready, port}` when it listens, `{memory, cpu}` when asked to measure.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { LOCAL_CALLER } from '../src/authentication/local-caller.ts';
import { DEFAULT_LIMITS } from '../src/core/limits.ts';
import { startHub } from '../src/start.ts';
import { deviceKey, deviceName } from './devices.ts';

export interface HubProcessOptions {
  readonly devices: number;
  readonly tls: { readonly key: string; readonly cert: string };
  /** A module whose `consumers()` gives those who follow the operations, such as the evaluation of rules. */
  readonly consumers: string | null;
}

export interface Measured {
  /** Resident bytes after garbage collection. */
  readonly resident: number;
  /** Microseconds of user and system so far. */
  readonly cpu: number;
  readonly connections: number;
}

// Given by bench.ts.
const options = JSON.parse(process.argv[2] ?? '{}') as HubProcessOptions;
const directory = await mkdtemp(join(tmpdir(), 'annunciator-bench-hub-'));
const consumers: HubOperationConsumer[] = options.consumers === null ? [] : await (await import(options.consumers)).consumers();
const running = await startHub({
  hub: {
    directory,
    host: 'localhost',
    partitions: 4,
    limits: { ...DEFAULT_LIMITS, journalBytes: 2 * 2 ** 30, handshakesPerSecond: 1_000_000 },
    rates: null,
    clock: Date.now,
    consumers,
    log: (line) => console.error(line),
  },
  address: '127.0.0.1',
  ports: { mqtt: 0, amqp: null, https: null },
  tls: options.tls,
});

for (let first = 0; first < options.devices; first += 500) {
  const names = Array.from({ length: Math.min(500, options.devices - first) }, (_, at) => deviceName(first + at));
  await Promise.all(
    names.map((deviceId) =>
      running.hub.registry.create(LOCAL_CALLER, {
        deviceId,
        moduleId: null,
        status: 'enabled',
        statusReason: null,
        authentication: {
          type: 'sas',
          primaryKey: deviceKey(deviceId),
          secondaryKey: deviceKey(deviceId),
          primaryThumbprint: null,
          secondaryThumbprint: null,
        },
        iotEdge: false,
        deviceScope: null,
        parentScopes: [],
        managedBy: null,
      }),
    ),
  );
}

function measure(): Measured {
  globalThis.gc?.();
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  return { resident: process.memoryUsage().rss, cpu: user + system, connections: running.hub.context.sessions.size };
}

process.on('message', (message: 'measure' | 'stop') => {
  if (message === 'measure') process.send?.(measure());
  else
    void running.close().then(async () => {
      await rm(directory, { recursive: true, force: true });
      process.exit(0);
    });
});
process.on('disconnect', () => process.exit(1));
process.send?.({ port: running.ports.mqtt });
