/** What an administrator sets for the whole system: how long things are kept, and how much of them. */

export interface SystemSettings {
  /** Days without identical traffic after which an open alert closes by itself. */
  readonly closeQuietAlertsAfterDays: number;
  /** Days from its first detection after which a closed alert is deleted. */
  readonly deleteClosedAlertsAfterDays: number;
  /** Days of silence after which a device that nobody worked on is deleted. */
  readonly deleteSilentDevicesAfterDays: number;
  /** Events that the timeline holds. */
  readonly timelineEvents: number;
  /** Days for which the audit log is kept; null for good. */
  readonly auditDays: number | null;
  /** Disk for packets, in gigabytes (10^9 bytes); 0 keeps none. */
  readonly packetGigabytes: number;
}

export type SettingName = keyof SystemSettings;

export const USUAL_SETTINGS: SystemSettings = {
  closeQuietAlertsAfterDays: 90,
  deleteClosedAlertsAfterDays: 90,
  deleteSilentDevicesAfterDays: 90,
  timelineEvents: 500_000,
  auditDays: null,
  packetGigabytes: 7,
};

// Object.keys gives string[]; the keys of a constant are exactly its type's.
export const SETTING_NAMES = Object.keys(USUAL_SETTINGS) as readonly SettingName[];

/** What a setting may be, in order of its sentence: whole numbers of the unit from `least` to `most`. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly unit: string;
  readonly subject: string;
}

const RANGES: Readonly<Record<Exclude<SettingName, 'packetGigabytes'>, Range>> = {
  closeQuietAlertsAfterDays: { least: 1, most: 3650, unit: 'days', subject: 'Open alerts close by themselves after' },
  deleteClosedAlertsAfterDays: { least: 1, most: 3650, unit: 'days', subject: 'Closed alerts are deleted after' },
  // Many a device says something once a week.
  deleteSilentDevicesAfterDays: { least: 7, most: 3650, unit: 'days', subject: 'Silent devices are deleted after' },
  timelineEvents: { least: 1000, most: 10_000_000, unit: 'events', subject: 'The timeline holds' },
  auditDays: { least: 90, most: 3650, unit: 'days', subject: 'The audit log is kept for' },
};
const LEAST_GIGABYTES = 0.01;
const MOST_GIGABYTES = 1_000_000;

/** Why a setting cannot have a value, as a sentence; null when it can. */
export function settingProblem(name: SettingName, value: unknown): string | null {
  if (name === 'auditDays' && value === null) return null;
  const given = `${typeof value === 'number' ? value.toLocaleString('en') : JSON.stringify(value)} was given.`;
  if (name === 'packetGigabytes') {
    const fits = typeof value === 'number' && (value === 0 || (value >= LEAST_GIGABYTES && value <= MOST_GIGABYTES));
    return fits
      ? null
      : `Packets have ${LEAST_GIGABYTES} to ${MOST_GIGABYTES.toLocaleString('en')} GB of disk, or 0 to keep none; ${given}`;
  }
  const { least, most, unit, subject } = RANGES[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return null;
  const forGood = name === 'auditDays' ? ', or for good (null)' : '';
  return `${subject} ${least.toLocaleString('en')} to ${most.toLocaleString('en')} ${unit}, a whole number${forGood}; ${given}`;
}

/** The settings that a kept value stands for: only those that somebody set, and that can still be. */
export function keptSettings(value: unknown): Partial<SystemSettings> {
  if (typeof value !== 'object' || value === null) return {};
  // Each is checked before it is taken.
  const kept = value as Partial<Record<SettingName, unknown>>;
  return Object.fromEntries(
    SETTING_NAMES.filter((name) => name in kept && settingProblem(name, kept[name]) === null).map((name) => [name, kept[name]]),
  );
}
