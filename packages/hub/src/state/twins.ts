/** Twins of a partition's devices and modules. */
import { HubError } from '../hub-error.ts';
import { type Identity, type IdentityName, nameText } from '../identity/identity.ts';
import { checkBytes, checkSection, isObject, type JsonObject, parseObject, PROPERTIES_BYTES, TAGS_BYTES } from '../twin/limits.ts';
import { mergePatch, stampPatch, withoutNulls } from '../twin/merge.ts';
import type { Identities } from './identities.ts';
import type { Row, Sql } from './sql.ts';

/** A twin with the sections as JSON text, without `$version` and `$metadata`. */
export interface TwinRecord {
  /** Counts every change of the twin. */
  readonly etag: number;
  readonly version: number;
  readonly modelId: string | null;
  readonly tags: string;
  readonly desired: string;
  readonly desiredMetadata: string;
  readonly desiredVersion: number;
  readonly reported: string;
  readonly reportedMetadata: string;
  readonly reportedVersion: number;
}

export interface Twin {
  readonly identity: Identity;
  readonly twin: TwinRecord;
}

/** What a back end changes. Undefined leaves a section alone, null empties it. */
export interface TwinChange {
  readonly tags?: JsonObject | null;
  readonly desired?: JsonObject | null;
}

/** What the device is told of a change of its desired properties. */
export interface DesiredChange {
  /** JSON text of the patch, with `$version`. */
  readonly patch: string;
  readonly version: number;
}

export class Twins {
  readonly #sql: Sql;
  readonly #identities: Identities;

  constructor(sql: Sql, identities: Identities) {
    this.#sql = sql;
    this.#identities = identities;
  }

  /** @throws HubError DeviceNotFound, ModuleNotFound */
  get(name: IdentityName): Twin {
    const identity = this.#identities.get(name);
    return { identity, twin: this.#record(name) };
  }

  #record(name: IdentityName): TwinRecord {
    const row = this.#sql.get('SELECT * FROM twin WHERE device = ? AND module = ?', name.deviceId, name.moduleId ?? '');
    if (!row) throw new HubError('ServerError', `The twin of ${nameText(name)} is missing: restore the hub from a backup.`);
    return twinOf(row);
  }

  /**
   * Merges (`patch`) or replaces what a back end may write: tags and desired properties.
   * @param ifMatch the counter in the twin's ETag, null for any
   * @throws HubError DeviceNotFound, ModuleNotFound, PreconditionFailed, ArgumentInvalid, MessageTooLarge
   */
  change(
    name: IdentityName,
    change: TwinChange,
    how: 'patch' | 'replace',
    ifMatch: number | null,
    now: number,
  ): Twin & { desiredChange: DesiredChange | null } {
    const before = this.get(name).twin;
    if (ifMatch !== null && ifMatch !== before.etag)
      throw new HubError('PreconditionFailed', `The twin of ${nameText(name)} was changed by somebody else: read it again, then repeat.`);
    let { tags, desired, desiredMetadata, desiredVersion } = before;
    let desiredChange: DesiredChange | null = null;
    if (change.tags !== undefined) {
      const after = changed(tags, change.tags, how, 'tags');
      checkBytes(after, 'tags', TAGS_BYTES);
      tags = JSON.stringify(after);
    }
    if (change.desired !== undefined) {
      const after = changed(desired, change.desired, how, 'properties.desired');
      checkBytes(after, 'properties.desired', PROPERTIES_BYTES);
      desired = JSON.stringify(after);
      desiredVersion++;
      const stamp = { time: new Date(now).toISOString(), version: desiredVersion };
      const whole = how === 'replace' || change.desired === null;
      desiredMetadata = JSON.stringify(stampPatch(whole ? {} : stored(desiredMetadata), whole ? after : (change.desired ?? {}), stamp));
      const told = whole ? { ...removals(stored(before.desired), after), ...after } : (change.desired ?? {});
      desiredChange = { patch: JSON.stringify({ ...told, $version: desiredVersion }), version: desiredVersion };
    }
    this.#sql.run(
      `UPDATE twin SET etag = etag + 1, version = version + 1, tags = ?, desired = ?, desired_metadata = ?, desired_version = ?
       WHERE device = ? AND module = ?`,
      tags,
      desired,
      desiredMetadata,
      desiredVersion,
      name.deviceId,
      name.moduleId ?? '',
    );
    return { ...this.get(name), desiredChange };
  }

  /**
   * Merges a device's patch into its reported properties; returns their new version.
   * @param patch JSON text as the device sent it
   * @throws HubError DeviceNotFound, ArgumentInvalid, MessageTooLarge
   */
  report(name: IdentityName, patch: string, now: number): number {
    const before = this.#record(name);
    const parsed = parseObject(patch, 'The reported properties');
    delete parsed['$version'];
    checkSection(parsed, 'properties.reported');
    const after = mergePatch(stored(before.reported), parsed);
    checkSection(after, 'properties.reported');
    checkBytes(after, 'properties.reported', PROPERTIES_BYTES);
    const version = before.reportedVersion + 1;
    const metadata = stampPatch(stored(before.reportedMetadata), parsed, { time: new Date(now).toISOString(), version: null });
    this.#sql.run(
      `UPDATE twin SET etag = etag + 1, version = version + 1, reported = ?, reported_metadata = ?, reported_version = ?
       WHERE device = ? AND module = ?`,
      JSON.stringify(after),
      JSON.stringify(metadata),
      version,
      name.deviceId,
      name.moduleId ?? '',
    );
    return version;
  }

  /** The model a device announces when it connects. */
  setModel(name: IdentityName, modelId: string): void {
    this.#sql.run(
      'UPDATE twin SET model = ?, etag = etag + 1, version = version + 1 WHERE device = ? AND module = ? AND model IS NOT ?',
      modelId,
      name.deviceId,
      name.moduleId ?? '',
      modelId,
    );
  }
}

function changed(before: string, change: JsonObject | null, how: 'patch' | 'replace', what: string): JsonObject {
  if (change === null) return {};
  checkSection(change, what);
  const after = how === 'replace' ? withoutNulls(change) : mergePatch(stored(before), change);
  checkSection(after, what);
  return after;
}

/** Top-level members that a whole replacement took away, as a patch says it. */
function removals(before: JsonObject, after: JsonObject): JsonObject {
  return Object.fromEntries(Object.keys(before).flatMap((key) => (key in after ? [] : [[key, null]])));
}

/** A section that this file wrote. */
function stored(text: string): JsonObject {
  const value: unknown = JSON.parse(text);
  return isObject(value) ? value : {};
}

export function twinOf(row: Row): TwinRecord {
  return {
    etag: Number(row['etag']),
    version: Number(row['version']),
    modelId: row['model'] === null ? null : String(row['model']),
    tags: String(row['tags']),
    desired: String(row['desired']),
    desiredMetadata: String(row['desired_metadata']),
    desiredVersion: Number(row['desired_version']),
    reported: String(row['reported']),
    reportedMetadata: String(row['reported_metadata']),
    reportedVersion: Number(row['reported_version']),
  };
}
