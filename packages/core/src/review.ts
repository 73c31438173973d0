/**
 * What a sensor saw while it learned and would not bless by itself: each waits for a person, who accepts it (it becomes
 * normal) or rejects it (its alert is raised).
 */
import type { Detection, Learnable } from './alert.ts';
import type { Instant } from './time.ts';

export const REVIEW_KINDS = [
  'engineering-station',
  'program-download',
  'program-upload',
  'stop',
  'restart',
  'mode-change',
  'firmware',
  'factory-reset',
  'configuration-change',
  'time-set',
  'scan',
] as const;
export type ReviewKind = (typeof REVIEW_KINDS)[number];

/** What people read. */
export const REVIEW_NAMES: Readonly<Record<ReviewKind, string>> = {
  'engineering-station': 'New engineering station',
  'program-download': 'Program download',
  'program-upload': 'Program upload',
  stop: 'Stop',
  restart: 'Start or restart',
  'mode-change': 'Mode change',
  firmware: 'Firmware',
  'factory-reset': 'Factory reset',
  'configuration-change': 'Configuration activated',
  'time-set': 'Time set',
  scan: 'Scan',
};

export const REVIEW_STATES = ['pending', 'accepted', 'rejected'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export interface ReviewItem {
  /** 32 hexadecimal digits; the same for the same operation between the same devices, in every run. */
  readonly id: string;
  readonly kind: ReviewKind;
  /** The alert it would be: who, whom, what, and the frames of its first time. */
  readonly detection: Detection;
  readonly count: number;
  /** Packet times. */
  readonly firstSeen: Instant;
  readonly lastSeen: Instant;
  /** The first 100 frame numbers of the run that saw it. */
  readonly frames: readonly number[];
  /** What accepting puts into the baseline; until then the sensor neither learns it nor alerts about it. */
  readonly learn: readonly Learnable[];
  readonly state: ReviewState;
  /** Who decided, and when (milliseconds since 1970); null while it waits. */
  readonly by: string | null;
  readonly at: number | null;
}
