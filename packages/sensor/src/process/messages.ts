/** What a sensor in a worker and the process around it say to each other. Values that survive structured cloning. */
import type { TypeSettings } from '@annunciator/core/alert-type';
import type { Detection, Endpoint, Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import type { ReviewItem } from '@annunciator/core/review';
import type { Instant } from '@annunciator/core/time';
import type { DetectionSettings } from '../engines/judge.ts';
import type { SensorHealth } from '../health/health.ts';
import type { Baseline } from '../baseline/baseline.ts';
import type { LearningMemory, LearningSettings, LearningState } from '../baseline/learning.ts';
import type { Decisions } from '../inventory/inventory.ts';
import type { RuleCount } from '../rules/engine.ts';
import type { Rule, RuleSettings } from '../rules/rule.ts';
import type { SensorEvent, SensorMemory, United } from '../sensor.ts';

/** A device that has only been active since it was told. */
export interface DeviceTouch {
  readonly id: string;
  readonly lastSeen: Instant;
}

/** A device that turned out to be another one, and is no more. */
export interface DeviceUnion {
  readonly into: string;
  readonly from: string;
}

export interface SensorCounters {
  readonly learning: LearningState;
  /** Operations on the review list that wait for a person. */
  readonly waiting: number;
  readonly packets: number;
  readonly bytes: number;
  readonly devices: number;
  /** What found no place because a bound was reached, by what it was; 0 stays out. */
  readonly refused: Readonly<Record<string, number>>;
  /** Packet time of the last packet; null before the first. */
  readonly lastPacket: Instant | null;
  /** Packet time at which learning ends by itself; null when it does not. */
  readonly learningEnds: Instant | null;
  /** As it was a few seconds ago at most; null at first. */
  readonly health: SensorHealth | null;
}

/** An alert whose packets are wanted. */
export interface Pin {
  /** Id of the alert. */
  readonly alert: string;
  /** Packet time of the frame that fired. */
  readonly time: Instant;
  /** Frames of this run, ascending, the one that fired last; empty when an earlier run saw them. */
  readonly frames: readonly number[];
  readonly source: Pick<Endpoint, 'ip' | 'mac'> | null;
  readonly destination: Pick<Endpoint, 'ip' | 'mac'> | null;
}

/** What became of the packets of an alert: a file named by its SHA-256, or why there is none. */
export type Evidence =
  | {
      readonly alert: string;
      readonly state: 'available';
      readonly sha256: string;
      /** Bytes. */
      readonly size: number;
      readonly packets: number;
    }
  | { readonly alert: string; readonly state: 'missing'; readonly reason: string };

/** Where a sensor keeps packets. */
export interface PacketStart {
  /** Holds `segments` and `evidence`. */
  readonly folder: string;
  /** Bytes that the segments may have together. */
  readonly budget: number;
  /** What an earlier run kept comes again: the segments begin empty. */
  readonly fresh: boolean;
}

export type FromSensor =
  /** Packets can be read. */
  | { readonly kind: 'started'; readonly source: string }
  /** What came since the last batch. The sensor goes on only so far ahead of the acknowledgement. */
  | {
      readonly kind: 'batch';
      readonly number: number;
      readonly frame: number;
      readonly detections: readonly Detection[];
      readonly events: readonly SensorEvent[];
      /** New and changed devices, then those that were only active, then those that became one, then connections. */
      readonly devices: readonly DeviceRecord[];
      readonly touched: readonly DeviceTouch[];
      readonly united: readonly DeviceUnion[];
      readonly connections: readonly ConnectionRecord[];
      /** How often custom rules held. */
      readonly rules: readonly RuleCount[];
      readonly counters: SensorCounters;
    }
  /** What the sensor has learned since the last time; after the change that a request asked for, with its number. */
  | {
      readonly kind: 'memory';
      readonly baseline: ReturnType<Baseline['takeChanges']>;
      readonly reviews: readonly ReviewItem[];
      readonly learning: LearningMemory;
      readonly request?: number;
    }
  /** A request is in force. `united` answers `unite`: null when one of the two is not there. */
  | {
      readonly kind: 'done';
      readonly request: number;
      readonly united?: United | null;
      /** Answers `change`: entries that found no place or cannot be read. */
      readonly refused?: readonly Learnable[];
      /** Answers `decide`: null when there is no such item. */
      readonly item?: ReviewItem | null;
    }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  /** Something a person should know. */
  | { readonly kind: 'complaint'; readonly message: string }
  /** The source has no more packets. */
  | { readonly kind: 'finished'; readonly packets: number; readonly damages: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };

export type ToSensor =
  /** The batch is durable. */
  | { readonly kind: 'acknowledge'; readonly number: number }
  /** Entries leave and enter the baseline. */
  | { readonly kind: 'change'; readonly request: number; readonly unlearn: readonly Learnable[]; readonly learn: readonly BaselineEntry[] }
  /** A person decides about an operation on the review list; `at` in milliseconds since 1970. */
  | {
      readonly kind: 'decide';
      readonly request: number;
      readonly id: string;
      readonly state: 'accepted' | 'rejected';
      readonly by: string;
      readonly at: number;
    }
  /** Learning begins or ends, or goes on by other rules. */
  | { readonly kind: 'learning'; readonly request: number; readonly on?: boolean; readonly settings?: LearningSettings }
  | ({ readonly kind: 'unite'; readonly request: number } & DeviceUnion)
  /** Undoes a union: `part` is a device of its own again, with what the baseline held of it. */
  | { readonly kind: 'divide'; readonly request: number; readonly from: string; readonly part: DeviceRecord; readonly before: United }
  | { readonly kind: 'go-by'; readonly decisions: Decisions }
  | { readonly kind: 'forget'; readonly request: number; readonly ids: readonly string[] }
  /** Replaces the custom rules. */
  | ({ readonly kind: 'rules'; readonly request: number } & RuleSet)
  /** What people set about types of alerts. */
  | { readonly kind: 'types'; readonly request: number; readonly types: TypeSettings }
  /** Come before the acknowledgement of the batch that raised the alerts. */
  | { readonly kind: 'pin'; readonly pins: readonly Pin[] }
  /** Bytes on disk for the packets of all traffic from now on; nothing where packets are not kept. */
  | { readonly kind: 'packet-budget'; readonly bytes: number }
  /** Stops reading, tells the memory once more, and ends. */
  | { readonly kind: 'stop' };

/** Custom rules and what they share; no fault was found in them. */
export interface RuleSet {
  readonly rules: readonly Rule[];
  readonly settings: RuleSettings;
}

/** How a sensor starts. */
export interface SensorStart {
  readonly settings: Partial<DetectionSettings>;
  readonly memory: SensorMemory | null;
  /** What people decided before. */
  readonly decisions?: Decisions;
  readonly learning: boolean;
  readonly learns: LearningSettings;
  /** Packet time at which learning ends, whatever the settings say. */
  readonly learningEnds: Instant | null;
  /** Absent: none. */
  readonly rules?: RuleSet;
  /** What people set about types of alerts; absent: nothing. */
  readonly types?: TypeSettings;
  /** A run before this one already made durable what came up to this frame. */
  readonly resumeFrame: number;
  /** Absent: packets are not kept. */
  readonly packets?: PacketStart;
}
