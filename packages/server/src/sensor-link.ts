/**
 * What the server needs of the sensors whose alerts it shows. A sensor in the same process implements it directly.
 */
import type { TypeSettings } from '@annunciator/core/alert-type';
import type { Alert, Learnable } from '@annunciator/core/alert';
import type { SensorHealth } from '@annunciator/sensor/health/health';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { ReviewItem } from '@annunciator/core/review';
import type { Instant } from '@annunciator/core/time';
import type { RuleSet } from '@annunciator/sensor/process/messages';
import type { RuleTrial } from '@annunciator/sensor/rules/trial';
import type { LearningMemory, LearningSettings, LearningState } from '@annunciator/sensor/baseline/learning';
import type { VersionNote } from '@annunciator/store/baseline-records';
import type { DeviceRecord } from '@annunciator/core/device';

export interface SensorStatus {
  readonly name: string;
  readonly site: string;
  readonly zone: string;
  readonly state: 'learning' | 'dynamic' | 'operational' | 'disconnected';
  /** About when learning ends, milliseconds since 1970; null when it is not learning or nobody knows. */
  readonly learningUntil: number | null;
  /** Interface or files that it reads, for people. */
  readonly source: string;
  readonly packets: number;
  readonly bytes: number;
  readonly devices: number;
  /** Packet time of the last packet, milliseconds since 1970. */
  readonly lastPacket: number | null;
  /** As it was a few seconds ago at most; null while nobody has looked. */
  readonly health: SensorHealth | null;
}

/** What undoing a union of devices needs: what the baseline held of each. */
export interface Undo {
  readonly entries: readonly Learnable[];
  readonly kept: readonly Learnable[];
}

/** What people decided that a sensor goes by; absent parts stay as they are. */
export interface Decisions {
  /** Names that people gave, by id of the device; an empty one is taken back. */
  readonly names?: readonly (readonly [id: string, name: string])[];
  /** Networks that people named, and whether they are a plant's. */
  readonly subnets?: readonly { readonly cidr: string; readonly kind: 'auto' | 'ot' | 'it' }[];
}

export interface Collected {
  readonly alert: Alert;
  /** Ascending, the one that fired last. */
  readonly frames: readonly number[];
}

/** How learning goes on a sensor. */
export interface LearningReport {
  readonly state: LearningState;
  readonly settings: LearningSettings;
  readonly memory: LearningMemory;
  /** Packet time now; null before the first packet. */
  readonly now: Instant | null;
  readonly ends: Instant | null;
}

/** What a person's action learns or unlearns, for the history of the baseline. */
export interface LearnedBy {
  readonly by: string;
  /** Id of the alert. */
  readonly alert: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Rules tried on the packets that a sensor still has. */
export interface HistoryTrial extends RuleTrial {
  /** False when older packets were there and left out, or some could not be read. */
  readonly complete: boolean;
}

export interface SensorLink {
  /** The entries go into the baseline: the same traffic is silent from now on. Resolves when that is durable. */
  learned(entries: readonly Learnable[], sensor: string, by: LearnedBy): Promise<void>;
  unlearned(entries: readonly Learnable[], sensor: string, by: LearnedBy): Promise<void>;
  /** Entries leave and enter the baseline, as one version. Returns those that found no place or cannot be read. */
  change?(
    sensor: string,
    change: { readonly unlearn: readonly Learnable[]; readonly learn: readonly BaselineEntry[] },
    note: VersionNote,
  ): Promise<readonly Learnable[]>;
  /** A person decides about an operation on the review list. Undefined when there is no such item. */
  decide?(sensor: string, id: string, state: 'accepted' | 'rejected', by: string, at: number): Promise<ReviewItem | undefined>;
  /** Undefined when there is no such sensor. */
  learning?(sensor: string): Promise<LearningReport | undefined>;
  setLearning?(sensor: string, change: { readonly on?: boolean; readonly settings?: LearningSettings }): Promise<void>;
  /** What people set about types of alerts, from now on. */
  setTypes?(types: TypeSettings): Promise<void>;
  /** The custom rules from now on. */
  setRules?(rules: RuleSet): Promise<void>;
  /** How often rules would have held by the packets that are still there; undefined where none are kept. */
  tryRules?(sensor: string, rules: RuleSet, limit: number): Promise<HistoryTrial | undefined>;
  /** New alerts whose packets are wanted, with the frames of their first detection; absent where packets are not kept. */
  collect?(alerts: readonly Collected[], sensor: string): void;
  /** Two devices are one from now on. Null when the sensor does not run, or has not seen both. */
  unite?(sensor: string, into: string, from: string): Promise<Undo | null>;
  divide?(sensor: string, from: string, part: DeviceRecord, undo: Undo): Promise<void>;
  /** Devices leave the inventory: when they send again, they are new. */
  forget?(sensor: string, ids: readonly string[]): Promise<void>;
  /** People decided something about devices or networks. */
  goBy?(sensor: string, decisions: Decisions): void;
  /** What the sensor detects from now on is of this place. */
  move?(sensor: string, place: { readonly site: string; readonly zone: string }): Promise<void>;
  /** The sensor goes on and will tell its counts again. */
  isRunning?(sensor: string): boolean;
  status(): Promise<readonly SensorStatus[]>;
}

/** No sensor yet. */
export const NO_SENSORS: SensorLink = {
  learned: () => Promise.resolve(),
  unlearned: () => Promise.resolve(),
  status: () => Promise.resolve([]),
};
