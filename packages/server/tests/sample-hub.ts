/** An IoT hub on free ports, in a directory of its own that goes with it, for tests of routes and pages. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { DEFAULT_LIMITS } from '@annunciator/hub/core/limits';
import { type RunningHub, startHub } from '@annunciator/hub/start';
import type { Audit } from '../src/audit.ts';
import { issuedCertificate } from '../src/certificates.ts';
import { HubDesk } from '../src/hub/hub-desk.ts';
import { LiveMessages } from '../src/hub/live-messages.ts';

export interface SampleHub {
  readonly desk: HubDesk;
  readonly running: RunningHub;
  /** What devices trust, PEM. */
  readonly ca: string;
  close(): Promise<void>;
}

export async function sampleHub(audit: Audit, consumers: readonly HubOperationConsumer[] = []): Promise<SampleHub> {
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-sample-hub-'));
  const live = new LiveMessages();
  let ca = '';
  const running = await startHub({
    hub: {
      directory,
      host: 'localhost',
      partitions: 2,
      limits: DEFAULT_LIMITS,
      rates: null,
      clock: Date.now,
      consumers: [live, ...consumers],
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
  const facts = { host: 'localhost', ports: running.ports, authority: ca };
  return {
    desk: new HubDesk({ hub: running.hub, facts, live, audit }),
    running,
    ca,
    close: async () => {
      await running.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
