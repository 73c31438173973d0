/** A hub: opens what it keeps, puts its parts together, and closes in order. It knows no wire. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { type DirectoryLock, lockDirectory } from '@annunciator/store/directory-lock';
import { Authenticator } from '../authentication/authenticator.ts';
import { HubNames } from '../authentication/hub-names.ts';
import { partitionOf } from '../identity/partition.ts';
import { Journal } from '../journal/journal.ts';
import { partitionFolder } from '../state/database-files.ts';
import { QueryThread } from '../query/query-thread.ts';
import { StateThread } from '../state/state-thread.ts';
import { CertificateBook } from './certificate-book.ts';
import { CommandDelivery } from './command-delivery.ts';
import { Connections } from './connections.ts';
import { HubContext } from './context.ts';
import { DiskGuard } from './disk-guard.ts';
import { FileUploads } from './file-uploads.ts';
import type { HubLimits, ThrottleRates } from './limits.ts';
import { Methods } from './methods.ts';
import { NoticeFeed } from './notice-feed.ts';
import { Operations } from './operations.ts';
import { PolicyBook } from './policy-book.ts';
import { Queries } from './queries.ts';
import { Registry } from './registry.ts';
import { Sessions } from './sessions.ts';
import { Telemetry } from './telemetry.ts';
import { Throttle } from './throttle.ts';
import { TwinAccess } from './twin-access.ts';

export interface HubSettings {
  /** Where the hub keeps everything, such as `DIR/hub`. */
  readonly directory: string;
  /** Host name that devices use; others that also mean this hub. */
  readonly host: string;
  readonly otherNames?: readonly string[];
  /** For a new hub; one that exists keeps its number. */
  readonly partitions: number;
  readonly limits: HubLimits;
  /** Null: nothing is throttled. */
  readonly rates: ThrottleRates | null;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  readonly consumers: readonly HubOperationConsumer[];
  /** Faults of ours. */
  readonly log: (line: string) => void;
}

const MIB = 2 ** 20;

export class Hub {
  readonly context: HubContext;
  readonly policies: PolicyBook;
  readonly certificates: CertificateBook;
  readonly uploads: FileUploads;
  readonly queries: Queries;
  readonly connections: Connections;
  readonly registry: Registry;
  readonly telemetry: Telemetry;
  readonly notices: NoticeFeed;
  readonly commands: CommandDelivery;
  readonly methods: Methods;
  readonly twins: TwinAccess;
  readonly journals: readonly Journal[];
  readonly #lock: DirectoryLock;

  private constructor(parts: {
    lock: DirectoryLock;
    context: HubContext;
    policies: PolicyBook;
    certificates: CertificateBook;
    uploads: FileUploads;
    queries: Queries;
    connections: Connections;
    registry: Registry;
    notices: NoticeFeed;
    commands: CommandDelivery;
    methods: Methods;
    journals: readonly Journal[];
  }) {
    this.#lock = parts.lock;
    this.context = parts.context;
    this.policies = parts.policies;
    this.certificates = parts.certificates;
    this.uploads = parts.uploads;
    this.queries = parts.queries;
    this.connections = parts.connections;
    this.registry = parts.registry;
    this.notices = parts.notices;
    this.commands = parts.commands;
    this.methods = parts.methods;
    this.journals = parts.journals;
    this.telemetry = new Telemetry(parts.context);
    this.twins = new TwinAccess(parts.context);
  }

  /**
   * Opens a hub, makes it when there is none, and lets its followers catch up.
   * @throws StoreError `in-use` when another process has the directory
   */
  static async open(settings: HubSettings): Promise<Hub> {
    const { directory, limits, clock, log } = settings;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lock = lockDirectory(directory, 'hub.lock');
    try {
      const state = await StateThread.open({
        directory,
        partitions: settings.partitions,
        limits: stateLimits(limits, settings.partitions),
        now: clock(),
      });
      const journals = await openJournals(directory, state.partitions, limits);
      await Operations.catchUp(journals, settings.consumers);
      const disk = new DiskGuard(directory, limits.diskReserveBytes);
      await disk.start();
      const names = new HubNames(settings.host, settings.otherNames);
      const policies = await PolicyBook.open(state);
      const context = new HubContext({
        names,
        state,
        operations: new Operations(journals, settings.consumers),
        sessions: new Sessions(limits.connections),
        throttle: new Throttle(settings.rates, clock),
        limits,
        disk,
        clock,
        log,
      });
      const certificates = await CertificateBook.open(context);
      const authenticator = new Authenticator({
        names,
        clock,
        find: (name) => state.ask(partitionOf(name.deviceId, state.partitions), 'find', { name }),
        policy: (name) => policies.get(name),
        authorities: () => certificates.authorities,
      });
      const notices = new NoticeFeed(context);
      const commands = new CommandDelivery(context, notices);
      const methods = new Methods(context);
      const connections = new Connections(context, authenticator, commands, methods);
      const registry = await Registry.open(context, connections);
      const uploads = await FileUploads.open(context, notices, join(directory, 'blobs'));
      const queries = new Queries(context, connections, new QueryThread(directory, state.partitions));
      return new Hub({
        queries,
        lock,
        context,
        policies,
        certificates,
        uploads,
        connections,
        registry,
        notices,
        commands,
        methods,
        journals,
      });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  /** Ends all sessions, finishes what was accepted, closes the files. */
  async close(): Promise<void> {
    this.commands.stop();
    this.notices.stop();
    await this.connections.stop();
    this.context.operations.close();
    await this.queries.close();
    for (const journal of this.journals) await journal.close();
    await this.context.state.close();
    this.context.disk.stop();
    this.#lock.release();
  }
}

function stateLimits(limits: HubLimits, partitions: number) {
  return {
    queue: { maxDepth: limits.queueDepth, maxDeliveryCount: limits.maxDeliveryCount },
    notices: { lifetimeMs: 3_600_000, lockMs: 60_000, maxDeliveries: 10, kept: 10_000 },
    uploads: { maxActive: limits.activeUploads, lifetimeMs: 3_600_000 },
    maxBytes: Math.floor(limits.stateBytes / partitions),
  };
}

function openJournals(directory: string, partitions: number, limits: HubLimits): Promise<Journal[]> {
  const maxBytes = Math.floor(limits.journalBytes / partitions);
  const segmentBytes = Math.max(MIB, Math.min(64 * MIB, Math.floor(maxBytes / 8)));
  return Promise.all(
    Array.from({ length: partitions }, (_, partition) =>
      Journal.open(join(partitionFolder(directory, partition), 'journal'), {
        maxBytes,
        segmentBytes,
        retentionMs: limits.journalRetentionMs,
        maxPendingBytes: 64 * MIB,
      }),
    ),
  );
}
