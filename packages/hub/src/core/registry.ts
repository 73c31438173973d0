/** The registry of devices and modules as back ends use it. */
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { asHubError, HubError, type HubErrorName } from '../hub-error.ts';
import { checkId, type Identity, type IdentityName, nameOf, nameText } from '../identity/identity.ts';
import type { IdentityDefinition } from '../state/identities.ts';
import type { Connections } from './connections.ts';
import type { Deed, HubContext } from './context.ts';

export type BulkMode = 'create' | 'update' | 'updateIfMatchETag' | 'delete' | 'deleteIfMatchETag';

export interface BulkEntry {
  readonly mode: BulkMode;
  readonly definition: IdentityDefinition;
  readonly etag: string | null;
}

export interface BulkError {
  readonly deviceId: string;
  readonly moduleId: string | null;
  readonly errorCode: number;
  readonly errorName: HubErrorName;
  readonly message: string;
}

export const MOST_IN_BULK = 100;
export const MOST_LISTED = 1000;

export class Registry {
  readonly #context: HubContext;
  readonly #connections: Connections;
  #devices: number;

  private constructor(context: HubContext, connections: Connections, devices: number) {
    this.#context = context;
    this.#connections = connections;
    this.#devices = devices;
  }

  static async open(context: HubContext, connections: Connections): Promise<Registry> {
    const counts = await context.askAll('count', {});
    return new Registry(
      context,
      connections,
      counts.reduce((sum, { devices }) => sum + devices, 0),
    );
  }

  /** @throws HubError DeviceAlreadyExists, ArgumentInvalid, TooManyDevices ... */
  async create(caller: ServiceCaller, definition: IdentityDefinition): Promise<Identity> {
    return this.#perform(caller, 'create', definition, true, () => this.#create(definition));
  }

  async #create(definition: IdentityDefinition): Promise<Identity> {
    checkName(definition);
    const { devices } = this.#context.limits;
    if (definition.moduleId === null && this.#devices >= devices)
      throw new HubError('TooManyDevices', `The hub has ${this.#devices} devices; ${devices} are allowed.`);
    const created = await this.#context.ask(definition.deviceId, 'create', { definition, now: this.#context.clock() });
    if (definition.moduleId === null) this.#devices++;
    return created;
  }

  /** @param ifMatch the ETag it must have, null for any. @throws HubError DeviceNotFound, PreconditionFailed ... */
  async update(caller: ServiceCaller, definition: IdentityDefinition, ifMatch: string | null): Promise<Identity> {
    return this.#perform(caller, 'update', definition, true, () => this.#update(definition, ifMatch));
  }

  async #update(definition: IdentityDefinition, ifMatch: string | null): Promise<Identity> {
    checkName(definition);
    const before = await this.#context.ask(definition.deviceId, 'get', { name: nameOf(definition) });
    const after = await this.#context.ask(definition.deviceId, 'update', { definition, ifMatch, now: this.#context.clock() });
    const othersKeys = JSON.stringify(before.authentication) !== JSON.stringify(after.authentication);
    if (after.status === 'disabled')
      this.#connections.endAll(after, new HubError('IotHubUnauthorized', `${nameText(after)} was disabled.`, 'identityDisabled'));
    else if (othersKeys) this.#connections.endAll(after, new HubError('IotHubUnauthorized', `${nameText(after)} has other keys now.`));
    return after;
  }

  /** @throws HubError DeviceNotFound, ModuleNotFound */
  async get(caller: ServiceCaller, name: IdentityName): Promise<Identity> {
    return this.#perform(caller, 'get', name, false, async () => this.#live(await this.#context.ask(name.deviceId, 'get', { name })));
  }

  /** @throws HubError DeviceNotFound, PreconditionFailed */
  async delete(caller: ServiceCaller, name: IdentityName, ifMatch: string | null): Promise<void> {
    return this.#perform(caller, 'delete', name, true, () => this.#delete(name, ifMatch));
  }

  async #delete(name: IdentityName, ifMatch: string | null): Promise<void> {
    await this.#context.ask(name.deviceId, 'delete', { name, ifMatch });
    if (name.moduleId === null) this.#devices--;
    this.#connections.endAll(name, new HubError('IotHubUnauthorized', `${nameText(name)} was deleted.`, 'unknownIdentity'));
  }

  /** The first devices in the order of their ids. */
  async list(caller: ServiceCaller, limit: number, after = ''): Promise<Identity[]> {
    return this.#perform(caller, 'list', null, false, async () => {
      const lists = await this.#context.askAll('list', { after, limit });
      return lists
        .flat()
        .sort((a, b) => (a.deviceId < b.deviceId ? -1 : 1))
        .slice(0, limit)
        .map((identity) => this.#live(identity));
    });
  }

  async modulesOf(caller: ServiceCaller, deviceId: string): Promise<Identity[]> {
    return this.#perform(caller, 'list', { deviceId, moduleId: null }, false, async () =>
      (await this.#context.ask(deviceId, 'modulesOf', { deviceId })).map((identity) => this.#live(identity)),
    );
  }

  /** Does up to {@link MOST_IN_BULK} changes, each by itself; returns those that failed. */
  async bulk(caller: ServiceCaller, entries: readonly BulkEntry[]): Promise<BulkError[]> {
    return this.#perform(caller, 'bulk', null, true, async () => {
      if (entries.length === 0 || entries.length > MOST_IN_BULK)
        throw new HubError('ArgumentInvalid', `The list has ${entries.length} devices; give 1 to ${MOST_IN_BULK}.`);
      const names = entries.map(({ definition }) => nameText(definition));
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      if (twice !== undefined) throw new HubError('DeviceDefinedMultipleTimes', `${twice} stands in the list twice.`);
      const outcomes = await Promise.all(entries.map((entry) => this.#bulkEntry(caller, entry)));
      return outcomes.filter((outcome) => outcome !== undefined);
    });
  }

  async #bulkEntry(caller: ServiceCaller, { mode, definition, etag }: BulkEntry): Promise<BulkError | undefined> {
    const began = this.#context.clock();
    const ifMatch = mode.endsWith('IfMatchETag') ? (etag ?? '') : null;
    const operation = mode === 'create' ? 'create' : mode.startsWith('update') ? 'update' : 'delete';
    const deed: Deed = { category: 'DeviceIdentityOperations', operation, target: definition, regroups: true };
    try {
      if (operation === 'create') await this.#create(definition);
      else if (operation === 'update') await this.#update(definition, ifMatch);
      else await this.#delete(definition, ifMatch);
    } catch (error) {
      const refusal = asHubError(error);
      await this.#context.refuse(caller, deed, error, began);
      const { deviceId, moduleId } = definition;
      return { deviceId, moduleId, errorCode: refusal.number, errorName: refusal.code, message: refusal.message };
    }
    await this.#context.record(caller, deed, began);
    return undefined;
  }

  async statistics(caller: ServiceCaller): Promise<{ total: number; enabled: number; connected: number }> {
    return this.#perform(caller, 'statistics', null, false, async () => {
      const counts = await this.#context.askAll('count', {});
      return {
        total: counts.reduce((sum, { devices }) => sum + devices, 0),
        enabled: counts.reduce((sum, { enabled }) => sum + enabled, 0),
        connected: this.#context.sessions.devices,
      };
    });
  }

  /** What the database hears of connections lags a little; this does not. */
  #live(identity: Identity): Identity {
    return { ...identity, connected: this.#context.sessions.of(identity) !== undefined };
  }

  #perform<T>(
    caller: ServiceCaller,
    operation: 'create' | 'update' | 'get' | 'list' | 'delete' | 'bulk' | 'statistics',
    target: IdentityName | null,
    writes: boolean,
    act: () => Promise<T>,
  ): Promise<T> {
    const regroups = writes && target !== null;
    return this.#context.perform(
      caller,
      { category: 'DeviceIdentityOperations', operation, target, throttle: 'registry', writes, regroups },
      () => {
        needRight(caller, writes ? 'RegistryWrite' : 'RegistryRead', target);
        return act();
      },
    );
  }
}

function checkName(name: IdentityName): void {
  checkId('device', name.deviceId);
  if (name.moduleId !== null) checkId('module', name.moduleId);
}
