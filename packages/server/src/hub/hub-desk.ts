/** What people do with the IoT hub from this server: devices, modules, twins, messages, methods. Changes are audited. */
import { deviceConnectionString } from '@annunciator/hub/authentication/connection-string';
import { LOCAL_CALLER } from '@annunciator/hub/authentication/local-caller';
import type { Hub } from '@annunciator/hub/core/hub';
import type { MethodAnswer, MethodCall } from '@annunciator/hub/core/methods';
import { type Identity, type IdentityAuthentication, type IdentityName, nameOf, nameText } from '@annunciator/hub/identity/identity';
import type { DeviceMessage } from '@annunciator/hub/message/message';
import type { DeviceList, DeviceQuestion } from '@annunciator/hub/query/device-list';
import type { HubPorts } from '@annunciator/hub/start';
import type { Acknowledgement } from '@annunciator/hub/state/device-queue';
import { newDeviceKey } from '@annunciator/hub/state/identities';
import type { Twin, TwinChange } from '@annunciator/hub/state/twins';
import type { Audit } from '../audit.ts';
import type { LiveMessages } from './live-messages.ts';

/** What devices need to know to find the hub. */
export interface HubFacts {
  /** Host name that devices use. */
  readonly host: string;
  readonly ports: HubPorts;
  /** Certificate that devices must trust, PEM; null when the user's own certificate is in use. */
  readonly authority: string | null;
}

export interface HubDeskParts {
  readonly hub: Hub;
  readonly facts: HubFacts;
  readonly live: LiveMessages;
  readonly audit: Audit;
  readonly clock?: () => number;
}

export interface NewIdentity extends IdentityName {
  readonly authentication: IdentityAuthentication;
  readonly status: 'enabled' | 'disabled';
}

export interface IdentityChange {
  readonly status?: 'enabled' | 'disabled';
  readonly statusReason?: string | null;
}

export interface IdentityKeys {
  readonly primaryKey: string | null;
  readonly secondaryKey: string | null;
  readonly primaryConnectionString: string;
  readonly secondaryConnectionString: string | null;
}

export class HubDesk {
  readonly facts: HubFacts;
  readonly live: LiveMessages;
  readonly #hub: Hub;
  readonly #audit: Audit;
  readonly #clock: () => number;

  constructor(parts: HubDeskParts) {
    this.facts = parts.facts;
    this.live = parts.live;
    this.#hub = parts.hub;
    this.#audit = parts.audit;
    this.#clock = parts.clock ?? Date.now;
  }

  statistics(): Promise<{ total: number; enabled: number; connected: number }> {
    return this.#hub.registry.statistics(LOCAL_CALLER);
  }

  list(question: DeviceQuestion): Promise<DeviceList> {
    return this.#hub.queries.devices(LOCAL_CALLER, question);
  }

  get(name: IdentityName): Promise<Identity> {
    return this.#hub.registry.get(LOCAL_CALLER, name);
  }

  modulesOf(deviceId: string): Promise<Identity[]> {
    return this.#hub.registry.modulesOf(LOCAL_CALLER, deviceId);
  }

  /** @throws HubError DeviceAlreadyExists, ModuleAlreadyExistsOnDevice, ArgumentInvalid */
  async create({ deviceId, moduleId, authentication, status }: NewIdentity, by: string): Promise<Identity> {
    const made = await this.#hub.registry.create(LOCAL_CALLER, {
      deviceId,
      moduleId,
      status,
      statusReason: null,
      authentication,
      iotEdge: false,
      deviceScope: null,
      parentScopes: [],
      managedBy: null,
    });
    await this.#record(by, 'create', made, { authentication: authentication.type, status });
    return made;
  }

  /** Enables or disables a device; its connections end when it is disabled. @throws HubError DeviceNotFound, PreconditionFailed */
  async change(name: IdentityName, change: IdentityChange, ifMatch: string | null, by: string): Promise<Identity> {
    const before = await this.get(name);
    const after = await this.#hub.registry.update(
      LOCAL_CALLER,
      { ...before, status: change.status ?? before.status, statusReason: change.statusReason ?? null },
      ifMatch,
    );
    await this.#record(by, 'update', after, { status: after.status, before: before.status, reason: after.statusReason });
    return this.get(name);
  }

  /** @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed */
  async delete(name: IdentityName, ifMatch: string | null, by: string): Promise<void> {
    await this.#hub.registry.delete(LOCAL_CALLER, name, ifMatch);
    await this.#record(by, 'delete', name);
  }

  /** Keys and connection strings; that somebody looked is written down. @throws HubError DeviceNotFound, ModuleNotFound */
  async keys(name: IdentityName, by: string): Promise<IdentityKeys> {
    const identity = await this.get(name);
    await this.#record(by, 'keys.read', name);
    return this.#keysOf(identity);
  }

  /** Makes a key anew, so that the old one no longer opens the hub. @throws HubError DeviceNotFound, PreconditionFailed */
  async renewKey(name: IdentityName, which: 'primary' | 'secondary', by: string): Promise<IdentityKeys> {
    const before = await this.get(name);
    const authentication = { ...before.authentication, [`${which}Key`]: newDeviceKey() };
    const after = await this.#hub.registry.update(LOCAL_CALLER, { ...before, authentication }, before.etag);
    await this.#record(by, 'keys.renew', name, { which });
    return this.#keysOf(after);
  }

  #keysOf(identity: Identity): IdentityKeys {
    const { host } = this.facts;
    const { authentication } = identity;
    const { primaryKey, secondaryKey } = authentication;
    const withSecond = { ...identity, authentication: { ...authentication, primaryKey: secondaryKey } };
    return {
      primaryKey,
      secondaryKey,
      primaryConnectionString: deviceConnectionString(host, identity),
      secondaryConnectionString: secondaryKey === null ? null : deviceConnectionString(host, withSecond),
    };
  }

  twin(name: IdentityName): Promise<Twin> {
    return this.#hub.twins.read(LOCAL_CALLER, name);
  }

  /** @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed, ArgumentInvalid, MessageTooLarge */
  async changeTwin(
    name: IdentityName,
    change: TwinChange,
    how: 'patch' | 'replace',
    ifMatch: number | null,
    bytes: number,
    by: string,
  ): Promise<Twin> {
    const changed = await this.#hub.twins.change(LOCAL_CALLER, name, change, how, ifMatch, bytes);
    await this.#record(by, 'twin.update', name, { how, sections: Object.keys(change).join(', '), version: changed.twin.version });
    return changed;
  }

  /** @throws HubError DeviceNotFound, MessageTooLarge, DeviceMaximumQueueDepthExceeded, ArgumentInvalid */
  async sendMessage(deviceId: string, message: DeviceMessage, ack: Acknowledgement, by: string): Promise<void> {
    await this.#hub.commands.send(LOCAL_CALLER, deviceId, message, ack);
    await this.#record(by, 'message.send', { deviceId, moduleId: null }, { bytes: message.body.length });
  }

  /** Takes away what waits for a device; returns how many. @throws HubError DeviceNotFound */
  async purgeMessages(deviceId: string, by: string): Promise<number> {
    const purged = await this.#hub.commands.purge(LOCAL_CALLER, deviceId);
    await this.#record(by, 'message.purge', { deviceId, moduleId: null }, { messages: purged });
    return purged;
  }

  /** @throws HubError DeviceNotFound, DeviceNotOnline, GatewayTimeout, ArgumentInvalid, BadDeviceResponse */
  async invoke(name: IdentityName, call: MethodCall, by: string): Promise<MethodAnswer> {
    const answer = await this.#hub.methods.invoke(LOCAL_CALLER, name, call);
    await this.#record(by, 'method.invoke', name, { method: call.name, status: answer.status });
    return answer;
  }

  #record(by: string, verb: string, name: IdentityName, details?: Readonly<Record<string, string | number | null>>): Promise<void> {
    return this.#audit.record({
      at: this.#clock(),
      who: by,
      action: `hub.${name.moduleId === null ? 'device' : 'module'}.${verb}`,
      on: [nameText(nameOf(name))],
      ...(details ? { details } : {}),
    });
  }
}
