/** Devices and modules of a partition: make, change, read, list, delete. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { HubError } from '../hub-error.ts';
import { type Identity, type IdentityAuthentication, type IdentityName, nameText } from '../identity/identity.ts';
import type { Row, Sql } from './sql.ts';

/** What a back end states of an identity; the rest is the hub's. */
export interface IdentityDefinition extends IdentityName {
  readonly status: 'enabled' | 'disabled';
  readonly statusReason: string | null;
  /** Keys may be null for type `sas`: then they are made at creation, and kept at a change. */
  readonly authentication: IdentityAuthentication;
  readonly iotEdge: boolean;
  /** Null: kept as it is, or made for an edge device. */
  readonly deviceScope: string | null;
  readonly parentScopes: readonly string[];
  readonly managedBy: string | null;
}

export const MAX_MODULES = 50;

/** Columns that {@link identityOf} reads, of a table or its alias. */
export function identityColumns(table: string): string {
  const names = [
    'device',
    'module',
    'generation',
    'etag',
    'status',
    'status_reason',
    'status_updated',
    'created',
    'auth_type',
    'primary_key',
    'secondary_key',
    'primary_thumbprint',
    'secondary_thumbprint',
    'edge',
    'scope',
    'parent_scopes',
    'managed_by',
    'connected',
    'connection_updated',
    'last_activity',
    'subscriptions',
  ];
  const waiting = `CASE WHEN ${table}.module = '' THEN (SELECT count(*) FROM queued WHERE queued.device = ${table}.device) ELSE 0 END AS waiting`;
  return [...names.map((name) => `${table}.${name}`), waiting].join(', ');
}

const COLUMNS = identityColumns('identity');

export class Identities {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  find(name: IdentityName): Identity | undefined {
    const row = this.#sql.get(`SELECT ${COLUMNS} FROM identity WHERE device = ? AND module = ?`, name.deviceId, name.moduleId ?? '');
    return row && identityOf(row);
  }

  /** @throws HubError DeviceNotFound or ModuleNotFound */
  get(name: IdentityName): Identity {
    const identity = this.find(name);
    if (identity) return identity;
    if (name.moduleId !== null && this.find({ deviceId: name.deviceId, moduleId: null }))
      throw new HubError('ModuleNotFound', `The device ${name.deviceId} has no module ${name.moduleId}.`);
    throw new HubError('DeviceNotFound', `There is no device ${name.deviceId}.`);
  }

  /** @throws HubError DeviceAlreadyExists, ModuleAlreadyExistsOnDevice, DeviceNotFound, TooManyModulesOnDevice */
  create(definition: IdentityDefinition, now: number): Identity {
    if (this.find(definition)) throw exists(definition);
    if (definition.moduleId !== null) this.#checkRoom(definition.deviceId);
    checkScope(definition.deviceScope);
    const { authentication } = definition;
    const keyed = authentication.type === 'sas';
    this.#sql.run(
      `INSERT INTO identity (device, module, generation, etag, status, status_reason, status_updated, created, auth_type, primary_key,
        secondary_key, primary_thumbprint, secondary_thumbprint, edge, scope, parent_scopes, managed_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      definition.deviceId,
      definition.moduleId ?? '',
      String(now) + randomInt(1_000_000, 10_000_000),
      newEtag(),
      definition.status,
      definition.statusReason,
      definition.status === 'enabled' ? 0 : now,
      now,
      authentication.type,
      keyed ? (authentication.primaryKey ?? newDeviceKey()) : null,
      keyed ? (authentication.secondaryKey ?? newDeviceKey()) : null,
      authentication.primaryThumbprint,
      authentication.secondaryThumbprint,
      definition.iotEdge ? 1 : 0,
      definition.deviceScope ?? (definition.iotEdge ? `ms-azure-iot-edge://${definition.deviceId}-${now}` : null),
      JSON.stringify(definition.parentScopes),
      definition.managedBy,
    );
    this.#sql.run(
      `INSERT INTO twin (device, module, etag, version, model, tags, desired, desired_metadata, desired_version, reported, reported_metadata, reported_version)
       VALUES (?, ?, 1, 1, NULL, '{}', '{}', ?, 1, '{}', ?, 1)`,
      definition.deviceId,
      definition.moduleId ?? '',
      JSON.stringify({ $lastUpdated: new Date(now).toISOString(), $lastUpdatedVersion: 1 }),
      JSON.stringify({ $lastUpdated: new Date(now).toISOString() }),
    );
    return this.get(definition);
  }

  #checkRoom(deviceId: string): void {
    this.get({ deviceId, moduleId: null });
    const modules = Number(this.#sql.get(`SELECT count(*) AS n FROM identity WHERE device = ? AND module <> ''`, deviceId)?.['n']);
    if (modules >= MAX_MODULES)
      throw new HubError('TooManyModulesOnDevice', `The device ${deviceId} has ${modules} modules; ${MAX_MODULES} are allowed.`);
  }

  /**
   * Replaces what a back end states of an identity.
   * @param ifMatch the ETag it must have, null for any
   * @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed, ArgumentInvalid
   */
  update(definition: IdentityDefinition, ifMatch: string | null, now: number): Identity {
    const before = this.get(definition);
    checkEtag(before, ifMatch);
    const scope = definition.deviceScope ?? before.deviceScope;
    if (before.iotEdge && scope !== before.deviceScope)
      throw new HubError('ArgumentInvalid', `The scope of the edge device ${before.deviceId} cannot be changed.`);
    if (scope !== before.deviceScope) checkScope(scope);
    const { authentication } = definition;
    const keyed = authentication.type === 'sas';
    this.#sql.run(
      `UPDATE identity SET etag = ?, status = ?, status_reason = ?, status_updated = ?, auth_type = ?, primary_key = ?, secondary_key = ?,
        primary_thumbprint = ?, secondary_thumbprint = ?, edge = ?, scope = ?, parent_scopes = ?, managed_by = ?
       WHERE device = ? AND module = ?`,
      newEtag(),
      definition.status,
      definition.statusReason,
      definition.status === before.status ? before.statusUpdated : now,
      authentication.type,
      keyed ? (authentication.primaryKey ?? before.authentication.primaryKey ?? newDeviceKey()) : null,
      keyed ? (authentication.secondaryKey ?? before.authentication.secondaryKey ?? newDeviceKey()) : null,
      authentication.primaryThumbprint,
      authentication.secondaryThumbprint,
      definition.iotEdge ? 1 : 0,
      scope,
      JSON.stringify(definition.parentScopes),
      definition.managedBy,
      definition.deviceId,
      definition.moduleId ?? '',
    );
    return this.get(definition);
  }

  /**
   * Deletes an identity; a device with its modules, its twins and what waits for it.
   * @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed
   */
  delete(name: IdentityName, ifMatch: string | null): void {
    checkEtag(this.get(name), ifMatch);
    if (name.moduleId !== null) {
      for (const table of ['identity', 'twin'])
        this.#sql.run(`DELETE FROM ${table} WHERE device = ? AND module = ?`, name.deviceId, name.moduleId);
      return;
    }
    for (const table of ['identity', 'twin', 'queued', 'upload']) this.#sql.run(`DELETE FROM ${table} WHERE device = ?`, name.deviceId);
  }

  /** Devices in the order of their ids, from behind `after`. */
  list(after: string, limit: number): Identity[] {
    return this.#sql
      .all(`SELECT ${COLUMNS} FROM identity WHERE device > ? AND module = '' ORDER BY device LIMIT ?`, after, limit)
      .map(identityOf);
  }

  /** @throws HubError DeviceNotFound */
  modulesOf(deviceId: string): Identity[] {
    this.get({ deviceId, moduleId: null });
    return this.#sql.all(`SELECT ${COLUMNS} FROM identity WHERE device = ? AND module <> '' ORDER BY module`, deviceId).map(identityOf);
  }

  count(): { devices: number; enabled: number; connected: number } {
    const row = this.#sql.get(
      `SELECT count(*) AS devices, sum(status = 'enabled') AS enabled, sum(connected) AS connected FROM identity WHERE module = ''`,
    );
    return { devices: Number(row?.['devices']), enabled: Number(row?.['enabled'] ?? 0), connected: Number(row?.['connected'] ?? 0) };
  }

  /** Writes down which identities are connected and when they were last heard of. Unknown ones are passed over. */
  note(notes: readonly ActivityNote[]): void {
    for (const { deviceId, moduleId, connected, time } of notes) {
      if (connected === null)
        this.#sql.run('UPDATE identity SET last_activity = ? WHERE device = ? AND module = ?', time, deviceId, moduleId ?? '');
      else
        this.#sql.run(
          'UPDATE identity SET connected = ?, connection_updated = ?, last_activity = ? WHERE device = ? AND module = ?',
          connected ? 1 : 0,
          time,
          time,
          deviceId,
          moduleId ?? '',
        );
    }
  }

  /** After a start nobody is connected yet. */
  disconnectAll(now: number): void {
    this.#sql.run('UPDATE identity SET connected = 0, connection_updated = ? WHERE connected = 1', now);
  }

  /** Keeps what the MQTT session of an identity is subscribed to. */
  setSubscriptions(name: IdentityName, subscriptions: number): void {
    this.#sql.run(
      'UPDATE identity SET subscriptions = ? WHERE device = ? AND module = ?',
      subscriptions,
      name.deviceId,
      name.moduleId ?? '',
    );
  }
}

export interface ActivityNote extends IdentityName {
  /** Null when only the time of the last activity is told. */
  readonly connected: boolean | null;
  readonly time: number;
}

export function checkEtag(present: { readonly etag: string } & IdentityName, ifMatch: string | null): void {
  if (ifMatch !== null && ifMatch !== present.etag)
    throw new HubError('PreconditionFailed', `${nameText(present)} was changed by somebody else: read it again, then repeat the change.`);
}

function checkScope(scope: string | null): void {
  if (scope !== null && !/^ms-azure-iot-edge:\/\/.+-\d+$/.test(scope))
    throw new HubError('ArgumentInvalid', `${JSON.stringify(scope)} is no device scope: use that of an edge device.`);
}

function exists(name: IdentityName): HubError {
  return name.moduleId === null
    ? new HubError('DeviceAlreadyExists', `The device ${name.deviceId} exists already.`)
    : new HubError('ModuleAlreadyExistsOnDevice', `The device ${name.deviceId} has a module ${name.moduleId} already.`);
}

/** 256 random bits in base64. */
export function newDeviceKey(): string {
  return randomBytes(32).toString('base64');
}

function newEtag(): string {
  return Buffer.from(randomUUID().slice(0, 8)).toString('base64');
}

const text = (value: Row[string]): string | null => (value === null ? null : String(value));

export function identityOf(row: Row): Identity {
  return {
    deviceId: String(row['device']),
    moduleId: row['module'] === '' ? null : String(row['module']),
    generationId: String(row['generation']),
    etag: String(row['etag']),
    status: row['status'] === 'enabled' ? 'enabled' : 'disabled',
    statusReason: text(row['status_reason']),
    statusUpdated: Number(row['status_updated']),
    created: Number(row['created']),
    authentication: {
      // Written by create and update, which take the type.
      type: String(row['auth_type']) as IdentityAuthentication['type'],
      primaryKey: text(row['primary_key']),
      secondaryKey: text(row['secondary_key']),
      primaryThumbprint: text(row['primary_thumbprint']),
      secondaryThumbprint: text(row['secondary_thumbprint']),
    },
    iotEdge: row['edge'] === 1,
    deviceScope: text(row['scope']),
    // Written by JSON.stringify of the same.
    parentScopes: JSON.parse(String(row['parent_scopes'])) as string[],
    managedBy: text(row['managed_by']),
    connected: row['connected'] === 1,
    connectionUpdated: Number(row['connection_updated']),
    lastActivity: Number(row['last_activity']),
    cloudToDeviceMessageCount: Number(row['waiting']),
    mqttSubscriptions: Number(row['subscriptions']),
  };
}
