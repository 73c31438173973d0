/** Which security group a device is in: the `SecurityGroup` tag of its security module, else of the device, else `default`. */

import { durationMinutes, LONGEST_MINUTES } from './time-window.ts';

export const DEFAULT_GROUP = 'default';
/** Modules of the agents, in the order in which they are asked: the classic agent, then the micro agent. */
export const SECURITY_MODULES = ['azureiotsecurity', 'DefenderIotMicroAgent'] as const;
export const GROUP_NAME_CHARACTERS = 128;

/** What the rules need to know of a device. */
export interface Membership {
  /** Name of the group as it was typed. */
  readonly group: string;
  readonly enabled: boolean;
  /** Longest interval at which the agent of the device sends what is of low priority, minutes. */
  readonly agentMinutes: number;
}

/** The twin of a device or module, as far as it matters here: parsed JSON. */
export interface MembershipTwin {
  readonly moduleId: string | null;
  readonly tags: unknown;
  readonly desired: unknown;
}

/** Names of groups are the same however they are capitalised. */
export function groupKey(name: string): string {
  return name.trim().normalize('NFC').toLowerCase();
}

export function membershipOf(enabled: boolean, twins: readonly MembershipTwin[]): Membership {
  const own = [...SECURITY_MODULES, null].map((moduleId) => twins.find((twin) => twin.moduleId === moduleId));
  const tags = own.flatMap((twin) => groupTag(twin?.tags) ?? []);
  return { group: tags[0] ?? DEFAULT_GROUP, enabled, agentMinutes: agentMinutes(own[0], own[1]) };
}

/** A tag that is no text, or blank, counts as none. */
function groupTag(tags: unknown): string | undefined {
  const value = member(tags, 'SecurityGroup');
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return value.trim().slice(0, GROUP_NAME_CHARACTERS);
}

const CLASSIC_MINUTES = 300;
const MICRO_MINUTES = 1440;
const CLASSIC_SETTINGS = 'ms_iotn:urn_azureiot_Security_SecurityAgentConfiguration';

function agentMinutes(classic: MembershipTwin | undefined, micro: MembershipTwin | undefined): number {
  if (classic || !micro) {
    const set = member(member(member(classic?.desired, CLASSIC_SETTINGS), 'lowPriorityMessageFrequency'), 'value');
    const minutes = typeof set === 'string' ? durationMinutes(set) : undefined;
    return minutes ? Math.min(Math.ceil(minutes), LONGEST_MINUTES) : CLASSIC_MINUTES;
  }
  const intervals = member(micro.desired, 'CollectorsCore_PriorityIntervals');
  const low = typeof intervals === 'string' ? Number(intervals.split(',')[2]) : Number.NaN;
  return Number.isInteger(low) && low > 0 ? Math.min(low, LONGEST_MINUTES) : MICRO_MINUTES;
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Reflect.get(value, name) : undefined;
}
