/**
 * The hub of the benchmark in a process of its own, so that its memory and time are its alone. Talks to its parent:
 * `{ready, port}` when it listens, `{memory, cpu}` when asked to measure.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WINDOW_RULE_TYPES } from '@annunciator/rules/custom-alerts/rule-types';
import { HubSecurity } from '../src/security/hub-security.ts';
import { LOCAL_CALLER } from '../src/authentication/local-caller.ts';
import { DEFAULT_LIMITS } from '../src/core/limits.ts';
import { startHub } from '../src/start.ts';
import { deviceKey, deviceName } from './devices.ts';

export interface HubProcessOptions {
  readonly devices: number;
  readonly tls: { readonly key: string; readonly cert: string };
  /** Every custom alert is evaluated for every device. */
  readonly evaluated: boolean;
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
const security = options.evaluated ? await evaluation(directory) : undefined;
const running = await startHub({
  hub: {
    directory,
    host: 'localhost',
    partitions: 4,
    limits: { ...DEFAULT_LIMITS, journalBytes: 2 * 2 ** 30, handshakesPerSecond: 1_000_000 },
    rates: null,
    clock: Date.now,
    consumers: security ? [security] : [],
    log: (line) => console.error(line),
  },
  address: '127.0.0.1',
  ports: { mqtt: 0, amqp: null, https: null },
  tls: options.tls,
});

await security?.start(running.hub.context);
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

/** All ranges for all devices, so wide that nothing is told: what is measured is the judging. */
async function evaluation(folder: string): Promise<HubSecurity> {
  const opened = await HubSecurity.open({
    folder: join(folder, 'security'),
    historyBytes: 2 ** 28,
    clock: Date.now,
    steadyClock: () => performance.now(),
    snapshotMs: 10_000,
    log: (line) => console.error(line),
  });
  const rules = WINDOW_RULE_TYPES.map(({ name }) => ({
    ruleType: name,
    isEnabled: true,
    alertName: null,
    minThreshold: 0,
    maxThreshold: 2_000_000_000,
    timeWindowSize: 'PT5M',
  }));
  await opened.saveGroups([{ name: 'default', rules }], 'bench');
  return opened;
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
      await security?.close();
      await rm(directory, { recursive: true, force: true });
      process.exit(0);
    });
});
process.on('disconnect', () => process.exit(1));
process.send?.({ port: running.ports.mqtt });
