/** An IoT hub on free ports, in a directory of its own that goes with it, for tests of routes and pages. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { DEFAULT_LIMITS } from '@annunciator/hub/core/limits';
import { HubSecurity } from '@annunciator/hub/security/hub-security';
import { type RunningHub, startHub } from '@annunciator/hub/start';
import type { Audit } from '../src/audit.ts';
import { issuedCertificate } from '../src/http/certificates.ts';
import type { AlertStore } from '@annunciator/store/alert-query';
import type { FindingRecords } from '@annunciator/store/finding-records';
import { HubPast } from '@annunciator/hub/security/past';
import type { AlertDesk } from '../src/alerts/alert-desk.ts';
import { findingTaker } from '../src/hub/finding-taker.ts';
import type { HubLink } from '../src/hub/hub-link.ts';
import { SecurityDesk } from '../src/hub/security-desk.ts';
import { HubDesk } from '../src/hub/hub-desk.ts';
import { LiveMessages } from '../src/hub/live-messages.ts';

export interface SampleHub {
  readonly desk: HubDesk;
  readonly running: RunningHub;
  readonly security: HubSecurity;
  readonly clock: () => number;
  /** What devices trust, PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

/** @param clock milliseconds since 1970, for tests that let time pass */
export async function sampleHub(audit: Audit, consumers: readonly HubOperationConsumer[] = [], clock = Date.now): Promise<SampleHub> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-sample-hub-'));
  const live = new LiveMessages();
  const security = await HubSecurity.open({
    folder: join(directory, 'security'),
    historyBytes: 2 ** 24,
    clock,
    steadyClock: clock,
    snapshotMs: 10_000,
    log: (line) => console.error(line),
  });
  let ca = '';
  const running = await startHub({
    hub: {
      directory,
      host: 'localhost',
      partitions: 2,
      limits: DEFAULT_LIMITS,
      rates: null,
      clock,
      consumers: [live, security, ...consumers],
      log: (line) => console.error(line),
    },
    address: '127.0.0.1',
    ports: { mqtt: 0, amqp: 0, https: 0 },
    tls: async (keys) => {
      const issued = await issuedCertificate(keys, ['localhost', '127.0.0.1']);
      ca = issued.authority;
      return issued;
    },
  });
  await security.start(running.hub.context);
  const facts = { host: 'localhost', ports: running.ports, authority: ca };
  return {
    desk: new HubDesk({ hub: running.hub, facts, live, audit }),
    running,
    security,
    clock,
    ca,
    close: async () => {
      await running.close();
      await security.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A hub as the server serves it; its alerts go where those of the samples are. */
export function sampleLink(
  hub: Pick<SampleHub, 'desk' | 'security' | 'clock'> | { readonly why: string },
  { desk, alerts, findings, audit }: { desk: AlertDesk; alerts: AlertStore; findings: FindingRecords; audit: Audit },
): HubLink {
  if ('why' in hub) return { desk: null, why: hub.why };
  const { security, clock } = hub;
  security.handOver(findingTaker(desk, findings, { sensor: 'IoT hub', site: 'North Pumping Station', zone: 'Devices' }, 'localhost'));
  return {
    desk: hub.desk,
    security: new SecurityDesk({ security, past: new HubPast(security, clock), alerts, findings, audit, clock }),
    why: '',
  };
}
