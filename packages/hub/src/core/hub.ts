/** A hub: opens what it keeps, puts its parts together, and closes in order. It knows no wire. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import { type DirectoryLock, lockDirectory } from '@annunciator/store/directory-lock';
import { Authenticator } from '../authentication/authenticator.ts';
import { HubNames } from '../authentication/hub-names.ts';
import { Journal } from '../journal/journal.ts';
import { partitionFolder } from '../state/database-files.ts';
import { QueryThread } from '../query/query-thread.ts';
import { StateThread } from '../state/state-thread.ts';
import { CertificateBook } from './certificate-book.ts';
import { CommandDelivery } from './command-delivery.ts';
import { Connections } from './connections.ts';
import { HubContext } from './context.ts';
import { DiagnosticSettings } from './diagnostic-settings.ts';
import { DiskGuard } from './disk-guard.ts';
import { EventFeed } from './event-feed.ts';
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

/** A hub that is open. */
export interface Hub {
  readonly context: HubContext;
  readonly policies: PolicyBook;
  readonly certificates: CertificateBook;
  readonly diagnostics: DiagnosticSettings;
  readonly connections: Connections;
  readonly registry: Registry;
  readonly telemetry: Telemetry;
  readonly events: EventFeed;
  readonly commands: CommandDelivery;
  readonly notices: NoticeFeed;
  readonly methods: Methods;
  readonly twins: TwinAccess;
  readonly queries: Queries;
  readonly uploads: FileUploads;
  /** Ends all sessions, finishes what was accepted, closes the files. */
  close(): Promise<void>;
}

/**
 * Opens a hub, makes it when there is none, and lets its followers catch up.
 * @throws StoreError `in-use` when another process has the directory
 */
export async function openHub(settings: HubSettings): Promise<Hub> {
  await mkdir(settings.directory, { recursive: true, mode: 0o700 });
  const lock = lockDirectory(settings.directory, 'hub.lock');
  try {
    return await openLocked(settings, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openLocked(settings: HubSettings, lock: DirectoryLock): Promise<Hub> {
  const { directory, limits, clock, log } = settings;
  const names = new HubNames(settings.host, settings.otherNames);
  const state = await StateThread.open({
    directory,
    partitions: settings.partitions,
    limits: stateLimits(limits, settings.partitions),
    now: clock(),
  });
  // For commands that look into a hub that does not run.
  await state.askHub('setSetting', { name: 'names', value: JSON.stringify([settings.host, ...(settings.otherNames ?? [])]) });
  const journals = await openJournals(directory, state.partitions, limits);
  await Operations.catchUp(journals, settings.consumers);
  const disk = new DiskGuard(directory, limits.diskReserveBytes);
  await disk.start();
  const operations = new Operations(journals, settings.consumers);
  const context = new HubContext({
    names,
    state,
    operations,
    sessions: new Sessions(limits.connections),
    throttle: new Throttle(settings.rates, clock),
    limits,
    disk,
    clock,
    log,
  });
  const policies = await PolicyBook.open(state);
  const certificates = await CertificateBook.open(context);
  const authenticator = new Authenticator({
    names,
    clock,
    find: (name) => context.ask(name.deviceId, 'find', { name }),
    policy: (name) => policies.get(name),
    authorities: () => certificates.authorities,
  });
  const notices = new NoticeFeed(context);
  const commands = new CommandDelivery(context, notices);
  const methods = new Methods(context);
  const connections = new Connections(context, authenticator, commands, methods);
  const queries = new Queries(context, connections, new QueryThread(directory, state.partitions));
  return {
    context,
    policies,
    certificates,
    diagnostics: await DiagnosticSettings.open(context),
    connections,
    registry: await Registry.open(context, connections),
    telemetry: new Telemetry(context),
    events: new EventFeed(context, journals),
    commands,
    notices,
    methods,
    twins: new TwinAccess(context),
    queries,
    uploads: await FileUploads.open(context, notices, join(directory, 'blobs')),
    close: async () => {
      commands.stop();
      notices.stop();
      await connections.stop();
      operations.close();
      await queries.close();
      for (const journal of journals) await journal.close();
      await state.close();
      disk.stop();
      lock.release();
    },
  };
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
