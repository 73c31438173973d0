/** A whole hub on free ports with TLS of an authority of its own, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HubOperation, HubOperationConsumer, RecordedOperation } from '@annunciator/rules/hub-operation';
import { deviceConnectionString, policyConnectionString } from '../src/authentication/connection-string.ts';
import { LOCAL_CALLER } from '../src/authentication/local-caller.ts';
import { DEFAULT_LIMITS, type HubLimits, type ThrottleRates } from '../src/core/limits.ts';
import { type Patience, USUAL_PATIENCE } from '../src/doors/patience.ts';
import { nameOf, type Identity, type IdentityAuthentication } from '../src/identity/identity.ts';
import { type RunningHub, startHub } from '../src/start.ts';
import type { IdentityDefinition } from '../src/state/identities.ts';
import { issue, makeAuthority } from './certificates.ts';

/** A back end with all rights on this machine. */
export const OWNER = LOCAL_CALLER;

const authority = await makeAuthority('Hub test authority');
const server = await issue(authority, 'localhost', { names: ['localhost', '127.0.0.1'] });
/** What clients trust. */
export const CA = authority.cert;
export const TLS = { key: server.key, cert: server.cert };

/** Follows what the hub records. */
export class Follower implements HubOperationConsumer {
  readonly records: (RecordedOperation & { partition: number })[] = [];
  readonly #waiting = new Set<() => void>();

  readonly resumeAt: (partition: number) => number | null;

  /** @param resumeAt where to begin in the journals, nowhere without it */
  constructor(resumeAt: (partition: number) => number | null = () => null) {
    this.resumeAt = resumeAt;
  }

  accept(partition: number, records: readonly RecordedOperation[]): void {
    for (const record of records) this.records.push({ ...record, partition });
    for (const look of this.#waiting) look();
  }

  get operations(): HubOperation[] {
    return this.records.map(({ operation }) => operation);
  }

  /** Resolves with the first operation that fits, past ones included. */
  async seen(fits: (operation: HubOperation) => boolean, what = 'operation', ms = 10_000): Promise<HubOperation> {
    return (await this.record(({ operation }) => fits(operation), what, ms)).operation;
  }

  async record(fits: (record: RecordedOperation) => boolean, what = 'record', ms = 10_000): Promise<RecordedOperation> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.records.find(fits);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such ${what} within ${ms} ms; there were ${JSON.stringify(this.operations.slice(-5))}`));
      }, ms);
      this.#waiting.add(look);
      look();
    });
  }
}

export interface TestHubOptions {
  readonly limits?: Partial<HubLimits>;
  readonly rates?: ThrottleRates | null;
  readonly partitions?: number;
  readonly directory?: string;
  readonly patience?: Partial<Patience>;
  readonly resumeAt?: (partition: number) => number | null;
  /** Who else follows, beside the follower. */
  readonly consumers?: readonly HubOperationConsumer[];
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
  /** Of another process's authority. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export class TestHub {
  readonly running: RunningHub;
  readonly follower: Follower;
  readonly directory: string;
  readonly #ownsDirectory: boolean;

  private constructor(running: RunningHub, follower: Follower, directory: string, ownsDirectory: boolean) {
    this.running = running;
    this.follower = follower;
    this.directory = directory;
    this.#ownsDirectory = ownsDirectory;
  }

  static async start(options: TestHubOptions = {}): Promise<TestHub> {
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'annunciator-hub-')));
    const follower = new Follower(options.resumeAt);
    const running = await startHub({
      hub: {
        directory,
        host: 'localhost',
        partitions: options.partitions ?? 4,
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        rates: options.rates ?? null,
        clock: options.clock ?? Date.now,
        consumers: [follower, ...(options.consumers ?? [])],
        log: (line) => console.error(line),
      },
      address: '127.0.0.1',
      ports: { mqtt: 0, amqp: 0, https: 0 },
      tls: options.tls ?? TLS,
      patience: { ...USUAL_PATIENCE, ...options.patience },
    });
    return new TestHub(running, follower, directory, options.directory === undefined);
  }

  get hub() {
    return this.running.hub;
  }

  create(
    deviceId: string,
    { moduleId = null, ...given }: Partial<IdentityDefinition> & { authentication?: IdentityAuthentication } = {},
  ): Promise<Identity> {
    return this.hub.registry.create(OWNER, {
      deviceId,
      moduleId,
      status: 'enabled',
      statusReason: null,
      authentication: { type: 'sas', primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null },
      iotEdge: false,
      deviceScope: null,
      parentScopes: [],
      managedBy: null,
      ...given,
    });
  }

  /** Connection string of an identity for a protocol whose clients take a port in the host name. */
  connectionString(identity: Identity, port: number | null = this.running.ports.mqtt): string {
    return deviceConnectionString(port === null ? 'localhost' : `localhost:${port}`, identity);
  }

  policyString(name: string, port: number | null): string {
    const policy = this.hub.policies.get(name);
    if (!policy) throw new Error(`no policy ${name}`);
    return policyConnectionString(port === null ? 'localhost' : `localhost:${port}`, policy);
  }

  /** Messages of a device that the hub accepted, in order. */
  messagesOf(identity: Identity) {
    const wanted = JSON.stringify(nameOf(identity));
    return this.follower.records.filter(
      ({ operation, event }) => event && JSON.stringify({ deviceId: operation.deviceId, moduleId: operation.moduleId }) === wanted,
    );
  }

  async stop(): Promise<void> {
    await this.running.close();
    if (this.#ownsDirectory) await rm(this.directory, { recursive: true, force: true });
  }
}
