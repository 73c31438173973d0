/**
 * What an engine says (a detection) and what a person handles (an alert).
 *
 * Words are the product's (spec: sensor severities, portal severities, statuses); the life cycle that moves alerts
 * between these states is in `life-cycle.ts`, the types of alert in `catalogue.ts`.
 */
import type { DataSource } from './alert-type.ts';
import type { Instant } from './time.ts';

/** Severity as a sensor and a management console say it, most severe first. */
export const SEVERITIES = ['Critical', 'Major', 'Minor', 'Warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Severity as the portal says it, most severe first. */
export const PORTAL_SEVERITIES = ['High', 'Medium', 'Low', 'Informational'] as const;
export type PortalSeverity = (typeof PORTAL_SEVERITIES)[number];

/** Engines as the API spells them; `ENGINE_NAMES` in catalogue.ts gives the words people read. */
export const ENGINES = ['PolicyViolation', 'ProtocolViolation', 'Malware', 'Anomaly', 'Operational', 'MicroAgent'] as const;
export type Engine = (typeof ENGINES)[number];

export const STATUSES = ['New', 'Active', 'Closed'] as const;
export type Status = (typeof STATUSES)[number];

/** Why a closed alert stays silent when the same traffic comes again; a flag beside the status, not a status. */
export type Disposition = 'none' | 'learned' | 'muted';

/** Why an alert was closed: by a person, by learning or muting it, or by the system: after the quiet period, or as what it told is over. */
export type CloseReason = 'closed' | 'learned' | 'muted' | 'quiet' | 'excluded' | 'resolved';

/** One end of the traffic of an alert. Every part may be unknown, the device id is always there. */
export interface Endpoint {
  readonly device: string;
  readonly ip: string | null;
  readonly mac: string | null;
  readonly port: number | null;
  /** Host name or the name a protocol told, when known. */
  readonly name?: string | null;
}

/** Names and values that an engine quotes: `{ functionCode: 16, name: 'Write Multiple Registers' }`. */
export type Parameters = Readonly<Record<string, string | number | boolean>>;

/** What the baseline has to learn so that a detection is silent next time. Opaque to the life cycle; the sensor reads it. */
export interface Learnable {
  /** Name of the baseline aspect, such as `modbus.function`, or of a device flag such as `device.scanner`. */
  readonly aspect: string;
  /** Device id of the one who acts, then of the one acted upon; empty when the aspect has none. */
  readonly source: string;
  readonly destination: string;
  /** Canonical text of the rest of the tuple, as the baseline prints and parses it. */
  readonly value: string;
}

/** An engine or a rule says that something happened. Detections with the same key belong to one alert. */
export interface Detection {
  /** Id of the alert type in the catalogue. */
  readonly type: string;
  readonly time: Instant;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  /** Id of the alert's protocol, such as `modbus`; null when none takes part. */
  readonly protocol: string | null;
  /** One plain sentence: who did what to whom. */
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly parameters: Parameters;
  /** What distinguishes detections of one type between the same devices, unless the type aggregates. */
  readonly parameterKey: string;
  /** Frame numbers of the evidence, ascending, the one that fired last; empty when no packet fired it (silence). */
  readonly frames: readonly number[];
  /** What learning would put into the baseline; empty when the type cannot be learned. */
  readonly learn: readonly Learnable[];
  /** True when an end is an Internet address: such alerts cannot be muted. */
  readonly internet: boolean;
  /** Severity by a custom rule; the catalogue's otherwise. */
  readonly severity?: Severity;
  /** Name that a person gave the alert; the title of its type otherwise. */
  readonly title?: string;
  /** Security group of a device at the hub. */
  readonly securityGroup?: string;
}

/** One row of the Violations tab of an aggregated alert. */
export interface Violation {
  readonly time: Instant;
  readonly lastTime: Instant;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly parameters: Parameters;
  readonly parameterKey: string;
  readonly count: number;
}

/**
 * Packets of an alert: there, on their way from the sensor, never there, or there once and deleted for newer ones; with
 * the reason where they are not there.
 */
export interface PcapState {
  readonly state: 'available' | 'requested' | 'missing' | 'expired';
  readonly reason: string | null;
}

/** What people and the system decide about an alert; the rest is what the traffic says. */
export type AlertState = Pick<Alert, 'status' | 'disposition' | 'closeReason' | 'portalSeverity'>;

/** What a person handles. A value: the life cycle returns new ones. */
export interface Alert {
  readonly id: string;
  /** Identity for repeats: type, devices, protocol and, unless the type aggregates, parameters. */
  readonly key: string;
  readonly type: string;
  readonly title: string;
  readonly engine: Engine;
  readonly severity: Severity;
  /** Set when a person changed the severity in the portal; the sensor's own stays as it was. */
  readonly portalSeverity: PortalSeverity | null;
  readonly category: string;
  readonly status: Status;
  readonly disposition: Disposition;
  readonly closeReason: CloseReason | null;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly protocol: string | null;
  readonly message: string;
  readonly expected: string;
  readonly seen: string;
  readonly parameters: Parameters;
  readonly firstDetection: Instant;
  readonly lastDetection: Instant;
  readonly lastActivity: Instant;
  /** Grows by one with each change of status, disposition or severity; traffic leaves it as it is. */
  readonly revision: number;
  /** Detections so far. */
  readonly count: number;
  /** The first 100 frame numbers. */
  readonly frames: readonly number[];
  /** Rows of the Violations tab: aggregated types only, bounded; `violationsDropped` counts the rest. */
  readonly violations: readonly Violation[];
  readonly violationsDropped: number;
  readonly learn: readonly Learnable[];
  readonly internet: boolean;
  readonly pcap: PcapState;
  /** Of devices at the hub only. */
  readonly dataSource?: DataSource;
  readonly securityGroup?: string;
}
