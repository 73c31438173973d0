/** Twins as the wires carry them. */
import type { TwinRecord } from '../state/twins.ts';

/** What a device sees: its properties with versions. Tags are for back ends only. */
export function deviceTwin(twin: TwinRecord): string {
  return `{"desired":${withMembers(twin.desired, `"$version":${twin.desiredVersion}`)},"reported":${withMembers(twin.reported, `"$version":${twin.reportedVersion}`)}}`;
}

/** Adds members to the text of a JSON object. */
export function withMembers(object: string, members: string): string {
  return object === '{}' ? `{${members}}` : `${object.slice(0, -1)},${members}}`;
}
