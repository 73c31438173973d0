/** Twins as devices and back ends use them. Devices hear of changes while they are connected. */
import { type DeviceCaller, needRight, type ServiceCaller } from '../authentication/caller.ts';
import { HubError } from '../hub-error.ts';
import { type IdentityName, nameOf } from '../identity/identity.ts';
import type { Twin, TwinChange } from '../state/twins.ts';
import type { HubContext } from './context.ts';
import type { Session } from './sessions.ts';

/** A patch from a device may be a little larger than what may remain of it. */
const PATCH_BYTES = 64 * 1024;

export class TwinAccess {
  readonly #context: HubContext;

  constructor(context: HubContext) {
    this.#context = context;
  }

  /** The device reads its own twin. */
  async readOwn(caller: DeviceCaller): Promise<Twin> {
    const name = nameOf(caller.identity);
    return this.#context.perform(caller, { category: 'D2CTwinOperations', operation: 'read', target: name, throttle: 'twinReads' }, () =>
      this.#context.ask(name.deviceId, 'twin', { name }),
    );
  }

  /** The device reports; returns the version of its reported properties. @throws HubError ArgumentInvalid, MessageTooLarge */
  async report(caller: DeviceCaller, patch: string): Promise<number> {
    const name = nameOf(caller.identity);
    const sizeBytes = Buffer.byteLength(patch);
    return this.#context.perform(
      caller,
      { category: 'D2CTwinOperations', operation: 'updateReported', target: name, sizeBytes, throttle: 'twinUpdates', writes: true },
      () => {
        if (sizeBytes > PATCH_BYTES) throw new HubError('MessageTooLarge', `The patch has ${sizeBytes} bytes; ${PATCH_BYTES} are allowed.`);
        return this.#context.ask(name.deviceId, 'report', { name, patch, now: this.#context.clock() });
      },
    );
  }

  /** The device wants to hear of changes of its desired properties, or no longer. */
  async subscribe(session: Session, wanted: boolean): Promise<void> {
    if (session.desired === wanted) return;
    session.desired = wanted;
    await this.#context.operations.record(
      this.#context.describe(
        session.caller,
        { category: 'D2CTwinOperations', operation: 'subscribe', target: session.name },
        null,
        this.#context.clock(),
      ),
    );
  }

  /** The model a device says it follows when it connects. */
  async announceModel({ identity }: DeviceCaller, modelId: string): Promise<void> {
    if (!/^dtmi:[A-Za-z0-9_:;.-]{1,128}$/.test(modelId)) return;
    await this.#context.ask(identity.deviceId, 'setModel', { name: nameOf(identity), modelId });
  }

  /** @throws HubError DeviceNotFound, ModuleNotFound */
  async read(caller: ServiceCaller, name: IdentityName): Promise<Twin> {
    return this.#context.perform(caller, { category: 'C2DTwinOperations', operation: 'read', target: name, throttle: 'twinReads' }, () => {
      needRight(caller, 'ServiceConnect', name);
      return this.#context.ask(name.deviceId, 'twin', { name });
    });
  }

  /**
   * Changes tags and desired properties, and tells the device.
   * @param ifMatch the counter of the twin's ETag, null for any
   * @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed, ArgumentInvalid, MessageTooLarge
   */
  async change(
    caller: ServiceCaller,
    name: IdentityName,
    change: TwinChange,
    how: 'patch' | 'replace',
    ifMatch: number | null,
    sizeBytes: number,
  ): Promise<Twin> {
    const deed = {
      category: 'C2DTwinOperations',
      operation: how === 'patch' ? 'update' : 'replace',
      target: name,
      sizeBytes,
      throttle: 'twinUpdates',
      writes: true,
      regroups: change.tags !== undefined || change.desired !== undefined,
    } as const;
    const changed = await this.#context.perform(caller, deed, () => {
      needRight(caller, 'ServiceConnect', name);
      return this.#context.ask(name.deviceId, 'changeTwin', { name, change, how, ifMatch, now: this.#context.clock() });
    });
    const { desiredChange } = changed;
    const session = this.#context.sessions.of(name);
    if (desiredChange && session?.desired) session.door.desiredChanged(desiredChange.patch, desiredChange.version);
    return changed;
  }
}
