/** Changes of twin sections: patches are merged, null removes; metadata tell when each part was last changed. */
import { isObject, type Json, type JsonObject } from './limits.ts';

/** The section after a patch. Neither argument is changed. */
export function mergePatch(current: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...current };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else if (isObject(value)) merged[key] = mergePatch(isObject(merged[key]) ? merged[key] : {}, value);
    else merged[key] = value;
  }
  return merged;
}

/** The section that a whole replacement gives: as sent, without nulls. */
export function withoutNulls(section: JsonObject): JsonObject {
  return mergePatch({}, section);
}

export interface ChangeStamp {
  /** ISO 8601. */
  readonly time: string;
  /** Version of the section after the change; desired properties tell it at each level. */
  readonly version: number | null;
}

/**
 * Metadata after a patch: `$lastUpdated` at each level that the patch touched, down to each value.
 * @param metadata as stored; not changed
 */
export function stampPatch(metadata: JsonObject, patch: JsonObject, stamp: ChangeStamp): JsonObject {
  const stamped: JsonObject = { ...metadata, ...stampOf(stamp) };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete stamped[key];
    else stamped[key] = stampValue(stamped[key], value, stamp);
  }
  return stamped;
}

function stampValue(metadata: Json | undefined, value: Json, stamp: ChangeStamp): JsonObject {
  return isObject(value) ? stampPatch(isObject(metadata) ? metadata : {}, value, stamp) : stampOf(stamp);
}

export function stampOf(stamp: ChangeStamp): JsonObject {
  return stamp.version === null ? { $lastUpdated: stamp.time } : { $lastUpdated: stamp.time, $lastUpdatedVersion: stamp.version };
}
