/** What all parts of the hub share, and the one way in which an operation is done, written down and answered. */
import type { HubCategory, HubOperation, HubOperationName, HubReason } from '@annunciator/rules/hub-operation';
import type { Caller, Origin } from '../authentication/caller.ts';
import type { HubNames } from '../authentication/hub-names.ts';
import { asHubError, HubError } from '../hub-error.ts';
import type { IdentityName } from '../identity/identity.ts';
import { partitionOf } from '../identity/partition.ts';
import type { HubRequests, HubState, InputOf, PartitionRequests } from '../state/requests.ts';
import type { DiskGuard } from './disk-guard.ts';
import type { HubLimits, ThrottledOperation } from './limits.ts';
import type { Operations } from './operations.ts';
import type { Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

export interface HubParts {
  readonly names: HubNames;
  readonly state: HubState;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly limits: HubLimits;
  readonly disk: DiskGuard;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Tells of faults of ours; refusals are operations. */
  readonly log: (line: string) => void;
}

/** What an operation is, for its record. */
export interface Deed {
  readonly category: HubCategory;
  readonly operation: HubOperationName;
  /** The device or module it concerns; null for the hub. */
  readonly target: IdentityName | null;
  readonly sizeBytes?: number;
  readonly throttle?: ThrottledOperation;
  /** Writes to the disk: refused while it is too full. */
  readonly writes?: boolean;
  readonly detail?: string;
  /** May change the security group of its device, or whether it is enabled: the record says what it is by then. */
  readonly regroups?: boolean;
}

export class HubContext {
  readonly names: HubNames;
  readonly state: HubState;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly throttle: Throttle;
  readonly limits: HubLimits;
  readonly disk: DiskGuard;
  readonly clock: () => number;
  readonly log: (line: string) => void;

  constructor(parts: HubParts) {
    this.names = parts.names;
    this.state = parts.state;
    this.operations = parts.operations;
    this.sessions = parts.sessions;
    this.throttle = parts.throttle;
    this.limits = parts.limits;
    this.disk = parts.disk;
    this.clock = parts.clock;
    this.log = parts.log;
  }

  /** Asks the partition of a device. */
  ask<Name extends keyof PartitionRequests>(
    deviceId: string,
    name: Name,
    input: InputOf<PartitionRequests[Name]>,
  ): Promise<ReturnType<PartitionRequests[Name]>> {
    return this.state.ask(partitionOf(deviceId, this.state.partitions), name, input);
  }

  /** Asks every partition, in order. */
  async askAll<Name extends keyof PartitionRequests>(
    name: Name,
    input: InputOf<PartitionRequests[Name]>,
  ): Promise<ReturnType<PartitionRequests[Name]>[]> {
    return Promise.all(Array.from({ length: this.state.partitions }, (_, partition) => this.state.ask(partition, name, input)));
  }

  askHub<Name extends keyof HubRequests>(name: Name, input: InputOf<HubRequests[Name]>): Promise<ReturnType<HubRequests[Name]>> {
    return this.state.askHub(name, input);
  }

  /**
   * Does an operation and writes down that it was accepted or refused; resolves when both are durable.
   * @param caller who asks; an origin alone when nobody has proved anything yet
   * @throws HubError what the operation refuses
   */
  async perform<T>(caller: Caller | Origin, deed: Deed, act: () => Promise<T> | T): Promise<T> {
    const began = this.clock();
    let answer: T;
    try {
      // The rates are for what comes over a wire, not for people at this machine's own pages.
      if (deed.throttle && caller.protocol !== null) await this.throttle.pass(deed.throttle);
      if (deed.writes) this.disk.check();
      answer = await act();
    } catch (error) {
      throw await this.refuse(caller, deed, error, began);
    }
    await this.record(caller, deed, began);
    return answer;
  }

  /** Writes down that an operation was accepted. */
  async record(caller: Caller | Origin, deed: Deed, began: number): Promise<void> {
    const operation = this.describe(caller, deed, null, began);
    const { deviceId } = operation;
    // Answers come in the order of the questions, so records of one device are in the order of its changes.
    const membership = deed.regroups && deviceId !== null ? { membership: await this.ask(deviceId, 'membership', { deviceId }) } : {};
    await this.operations.record({ ...operation, ...membership });
  }

  /** Does what comes before an operation, such as reading its body; what fails there is written down as its refusal. */
  async attempt<T>(caller: Caller | Origin, deed: Deed, act: () => Promise<T> | T): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw await this.refuse(caller, deed, error);
    }
  }

  /** Writes down that an operation was refused; returns the refusal, for the caller to throw. */
  async refuse(caller: Caller | Origin, deed: Deed, error: unknown, began = this.clock()): Promise<HubError> {
    const refusal = asHubError(error);
    if (refusal.cause)
      this.log(`${deed.category} ${deed.operation}: ${refusal.cause instanceof Error ? refusal.cause.stack : refusal.message}`);
    // When the record cannot be written either, the refusal is what counts.
    await this.operations.record(this.describe(caller, deed, refusal, began)).catch(() => {});
    return refusal;
  }

  /** The record of an operation. */
  describe(caller: Caller | Origin, deed: Deed, refusal: HubError | null, began: number, reason: HubReason | null = null): HubOperation {
    const now = this.clock();
    const known = refusal?.code !== 'DeviceNotFound' && refusal?.reason !== 'unknownIdentity';
    const proved = 'side' in caller ? caller : undefined;
    return {
      time: now,
      category: deed.category,
      operation: deed.operation,
      side: proved?.side ?? (deed.target ? 'device' : 'service'),
      result: refusal ? 'refused' : 'accepted',
      statusCode: refusal?.number ?? 0,
      reason: refusal?.reason ?? reason,
      detail: refusal?.message ?? deed.detail ?? null,
      deviceId: known ? (deed.target?.deviceId ?? null) : null,
      moduleId: known ? (deed.target?.moduleId ?? null) : null,
      protocol: caller.protocol,
      authentication: proved?.authentication ?? null,
      policy: proved?.policy ?? null,
      sizeBytes: deed.sizeBytes ?? 0,
      ipAddress: caller.ipAddress,
      durationMs: now - began,
      count: 1,
    };
  }
}
