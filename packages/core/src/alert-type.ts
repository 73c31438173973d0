/** What the catalogue says about one type of alert. */
import type { Engine, PortalSeverity, Severity } from './alert.ts';
import type { AttackName, TacticId, TechniqueId } from './attack.ts';

/** Categories of alerts; the same words are the alert group in syslog. */
export const CATEGORIES = [
  'Abnormal Communication Behavior',
  'Abnormal HTTP Communication Behavior',
  'Authentication',
  'Backup',
  'Bandwidth Anomalies',
  'Buffer overflow',
  'Command Failures',
  'Configuration changes',
  'Custom Alerts',
  'Discovery',
  'Firmware change',
  'Illegal commands',
  'Internet Access',
  'Operation Failures',
  'Operational issues',
  'Programming',
  'Remote access',
  'Restart/Stop Commands',
  'Scan',
  'Sensor traffic',
  'Suspicion of malicious activity',
  'Suspicion of Malware',
  'Unauthorized Communication Behavior',
  'Unresponsive',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** When a type counts before it raises. */
export interface Threshold {
  readonly count: number;
  /** Length of the window; 0 when the count is a size or a run and no window applies. */
  readonly windowSeconds: number;
  readonly metric: string;
  /** True when the product's reference prints the number; otherwise it is ours and a site may well change it. */
  readonly documented: boolean;
}

/** One type of alert, complete. */
export interface AlertType {
  /** Stable name in the API, in queries and in captures' expected results. */
  readonly id: string;
  readonly title: string;
  readonly engine: Engine;
  readonly severity: Severity;
  readonly portalSeverity: PortalSeverity;
  /** One of {@link CATEGORIES} for network alerts; other sources may bring their own. */
  readonly category: string;
  /** True when a person may declare the traffic normal. */
  readonly learnable: boolean;
  /** True when a person may silence it for one pair of devices: what cannot be learned, except the sensor's own traffic. */
  readonly muteable: boolean;
  /** True when parameters become rows of one alert per pair of devices instead of alerts of their own. */
  readonly aggregated: boolean;
  readonly disabledByDefault: boolean;
  /** `ot-only`: raised only where an OT device or an OT protocol takes part. */
  readonly focus: 'any' | 'ot-only';
  readonly tactics: readonly AttackName[];
  readonly techniques: readonly AttackName[];
  readonly protocols: readonly string[];
  readonly threshold: Threshold | null;
  /** What else raises it beside the threshold, and why: each a sentence. */
  readonly also: readonly string[];
  /** False when no packet can belong to it. */
  readonly pcap: boolean;
  /** 1: built on open specifications; 2: on partly public ones; 3: the protocol is closed, a hook only. */
  readonly tier: 1 | 2 | 3;
  /** True when the sensor has a detector for it. */
  readonly detected: boolean;
  /** What makes the sensor raise it, beside the threshold; why it does not when it is not detected. One sentence. */
  readonly trigger: string;
  /** Where alerts of devices at the hub come from; network alerts have none. */
  readonly dataSource?: DataSource;
  readonly description: string;
  readonly remediation: readonly string[];
}

/** What people set about a type beside what the catalogue says. */
export interface TypeSetting {
  readonly on?: boolean;
  /** In place of the catalogue's, for alerts that are raised from then on. */
  readonly severity?: Severity;
  /** In place of the catalogue's, for what is counted from then on. */
  readonly threshold?: Pick<Threshold, 'count' | 'windowSeconds'>;
}
/** By id of the type. */
export type TypeSettings = Readonly<Record<string, TypeSetting>>;

/** What the hub sees itself, or what an agent on the device reports. */
export type DataSource = 'IoT Hub' | 'Agent';

/** One row of the catalogue's data files: the usual values are left out. */
export interface AlertTypeRow {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly category: Category;
  readonly learnable?: true;
  readonly aggregated?: true;
  readonly disabledByDefault?: true;
  /** `ot-only` when absent. */
  readonly focus?: 'any';
  /** True when absent. */
  readonly pcap?: false;
  readonly tier: 1 | 2 | 3;
  readonly protocols: readonly string[];
  readonly tactics: readonly TacticId[];
  readonly techniques: readonly TechniqueId[];
  readonly threshold?: Threshold;
  readonly also?: readonly string[];
  readonly description: string;
  readonly remediation: readonly string[];
}
