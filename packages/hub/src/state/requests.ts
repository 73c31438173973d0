/**
 * Everything the state's thread is asked, by name. Each request concerns one partition, or the hub's own records, so that a
 * partition can live in another thread or on another machine: the requests are plain data either way.
 */
import type { HubProtocol } from '@annunciator/rules/hub-operation';
import type { Policy } from '../authentication/policies.ts';
import type { IdentityName } from '../identity/identity.ts';
import type { NewQueuedMessage } from './device-queue.ts';
import type { DocumentKind, HubDocument, HubRecords } from './hub-records.ts';
import type { ActivityNote, IdentityDefinition } from './identities.ts';
import type { NoticeKind } from './notices.ts';
import type { Partition } from './partition.ts';
import type { TwinChange } from './twins.ts';

interface AtTime {
  readonly now: number;
}

export const PARTITION_REQUESTS = {
  find: ({ identities }: Partition, { name }: { name: IdentityName }) => identities.find(name),
  get: ({ identities }: Partition, { name }: { name: IdentityName }) => identities.get(name),
  create: ({ identities }: Partition, { definition, now }: { definition: IdentityDefinition } & AtTime) =>
    identities.create(definition, now),
  update: ({ identities }: Partition, { definition, ifMatch, now }: { definition: IdentityDefinition; ifMatch: string | null } & AtTime) =>
    identities.update(definition, ifMatch, now),
  delete: ({ identities }: Partition, { name, ifMatch }: { name: IdentityName; ifMatch: string | null }) =>
    identities.delete(name, ifMatch),
  list: ({ identities }: Partition, { after, limit }: { after: string; limit: number }) => identities.list(after, limit),
  modulesOf: ({ identities }: Partition, { deviceId }: { deviceId: string }) => identities.modulesOf(deviceId),
  count: ({ identities }: Partition) => identities.count(),
  note: ({ identities }: Partition, { notes }: { notes: readonly ActivityNote[] }) => identities.note(notes),
  setSubscriptions: ({ identities }: Partition, { name, subscriptions }: { name: IdentityName; subscriptions: number }) =>
    identities.setSubscriptions(name, subscriptions),

  membership: ({ memberships }: Partition, { deviceId }: { deviceId: string }) => memberships.of(deviceId),
  memberships: ({ memberships }: Partition, { after, limit }: { after: string; limit: number }) => memberships.list(after, limit),

  twin: ({ twins }: Partition, { name }: { name: IdentityName }) => twins.get(name),
  changeTwin: (
    { twins }: Partition,
    input: { name: IdentityName; change: TwinChange; how: 'patch' | 'replace'; ifMatch: number | null } & AtTime,
  ) => twins.change(input.name, input.change, input.how, input.ifMatch, input.now),
  report: ({ twins }: Partition, { name, patch, now }: { name: IdentityName; patch: string } & AtTime) => twins.report(name, patch, now),
  setModel: ({ twins }: Partition, { name, modelId }: { name: IdentityName; modelId: string }) => twins.setModel(name, modelId),

  enqueue: ({ queue }: Partition, { deviceId, message, now }: { deviceId: string; message: NewQueuedMessage } & AtTime) =>
    queue.enqueue(deviceId, message, now),
  lock: (
    { queue }: Partition,
    {
      deviceId,
      session,
      protocol,
      lockMs,
      now,
    }: { deviceId: string; session: string | null; protocol: HubProtocol; lockMs: number | null } & AtTime,
  ) => queue.lock(deviceId, { session, protocol }, lockMs, now),
  complete: ({ queue }: Partition, { deviceId, lockToken, now }: { deviceId: string; lockToken: string } & AtTime) =>
    queue.complete(deviceId, lockToken, now),
  reject: ({ queue }: Partition, { deviceId, lockToken, now }: { deviceId: string; lockToken: string } & AtTime) =>
    queue.reject(deviceId, lockToken, now),
  abandon: ({ queue }: Partition, { deviceId, lockToken, now }: { deviceId: string; lockToken: string } & AtTime) =>
    queue.abandon(deviceId, lockToken, now),
  endSession: ({ queue }: Partition, { deviceId, session, counts, now }: { deviceId: string; session: string; counts: boolean } & AtTime) =>
    queue.endSession(deviceId, session, counts, now),
  purge: ({ queue }: Partition, { deviceId, now }: { deviceId: string } & AtTime) => queue.purge(deviceId, now),
  sweep: ({ queue, notices, uploads }: Partition, { now, limit }: { limit: number } & AtTime) => {
    notices.sweep(now);
    uploads.sweep(now);
    return queue.sweep(now, limit);
  },

  addNotice: ({ notices }: Partition, { kind, body, now }: { kind: NoticeKind; body: string } & AtTime) => notices.add(kind, body, now),
  takeNotices: ({ notices }: Partition, { kind, holder, limit, now }: { kind: NoticeKind; holder: string; limit: number } & AtTime) =>
    notices.take(kind, holder, limit, now),
  waitingNotices: ({ notices }: Partition, { kind, now }: { kind: NoticeKind } & AtTime) => notices.waiting(kind, now),
  settleNotices: ({ notices }: Partition, { sequences, holder, done }: { sequences: readonly number[]; holder: string; done: boolean }) =>
    notices.settle(sequences, holder, done),
  releaseNotices: ({ notices }: Partition, { holder }: { holder: string }) => notices.release(holder),

  startUpload: ({ uploads }: Partition, { deviceId, blobName, now }: { deviceId: string; blobName: string } & AtTime) =>
    uploads.start(deviceId, blobName, now),
  finishUpload: ({ uploads }: Partition, { deviceId, correlationId }: { deviceId: string; correlationId: string }) =>
    uploads.finish(deviceId, correlationId),
} as const;

export const HUB_REQUESTS = {
  setting: (hub: HubRecords, { name }: { name: string }) => hub.setting(name),
  setSetting: (hub: HubRecords, { name, value }: { name: string; value: string }) => hub.setSetting(name, value),
  policies: (hub: HubRecords) => hub.policies(),
  setPolicy: (hub: HubRecords, { policy }: { policy: Policy }) => hub.setPolicy(policy),
  documents: (hub: HubRecords, { kind }: { kind: DocumentKind }) => hub.documents(kind),
  document: (hub: HubRecords, { kind, name }: { kind: DocumentKind; name: string }) => hub.document(kind, name),
  setDocument: (
    hub: HubRecords,
    { kind, document, ifMatch, limit }: { kind: DocumentKind; document: HubDocument; ifMatch: string | null; limit: number },
  ) => hub.setDocument(kind, document, ifMatch, limit),
  removeDocument: (hub: HubRecords, { kind, name }: { kind: DocumentKind; name: string }) => hub.removeDocument(kind, name),
} as const;

export type PartitionRequests = typeof PARTITION_REQUESTS;
export type HubRequests = typeof HUB_REQUESTS;

/** What a request takes beside its partition or the hub's records; nothing for some. */
export type InputOf<Handler> = Handler extends (owner: never, input: infer Input) => unknown
  ? unknown extends Input
    ? Record<never, never>
    : Input
  : never;

/** How the hub reaches its state. */
export interface HubState {
  readonly partitions: number;
  /** Asks a partition; a change is durable when the promise resolves. @throws HubError */
  ask<Name extends keyof PartitionRequests>(
    partition: number,
    name: Name,
    input: InputOf<PartitionRequests[Name]>,
  ): Promise<ReturnType<PartitionRequests[Name]>>;
  /** Asks the hub's own records. @throws HubError */
  askHub<Name extends keyof HubRequests>(name: Name, input: InputOf<HubRequests[Name]>): Promise<ReturnType<HubRequests[Name]>>;
  close(): Promise<void>;
}
