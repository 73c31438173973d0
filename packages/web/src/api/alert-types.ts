/** The catalogue of alert types as the server gives it (GET /api/openapi.json: AlertType). */
import type { Named, Severity } from './alerts.ts';
import { isSensorConsole } from '../shell/console.ts';
import { get, send } from './client.ts';

export interface AlertType {
  readonly id: string;
  readonly title: string;
  readonly engineName: string;
  /** The sensor's word, and the portal's. */
  readonly severity: Severity;
  readonly portalSeverity: Severity;
  readonly category: string;
  readonly description: string;
  /** What makes the sensor raise it beside the threshold; why it does not when it is not detected. */
  readonly trigger: string;
  readonly remediation: readonly string[];
  readonly learnable: boolean;
  readonly disabledByDefault: boolean;
  /** Raised from now on where it is detected. */
  readonly on: boolean;
  /** What somebody set in place of what the catalogue says. */
  readonly set: {
    readonly on?: boolean;
    readonly severity?: Severity;
    readonly threshold?: { readonly count: number; readonly windowSeconds: number };
  };
  /** About devices at the hub, which switches it; absent for the network's. */
  readonly dataSource?: string;
  readonly otOnly: boolean;
  readonly tier: number;
  readonly detected: boolean;
  readonly threshold: {
    readonly count: number;
    readonly windowSeconds: number;
    readonly metric: string;
    readonly documented: boolean;
  } | null;
  readonly protocols: readonly string[];
  readonly tactics: readonly Named[];
  readonly techniques: readonly Named[];
  /** Alerts of the last 30 days. */
  readonly alerts: number;
}

export function fetchAlertTypes(): Promise<readonly AlertType[]> {
  return get('/api/alert-types');
}

/** Null goes back to what the catalogue says. */
export interface TypeChange {
  readonly on?: boolean | null;
  readonly severity?: Severity | null;
  readonly threshold?: { readonly count: number; readonly windowSeconds: number } | null;
}
export const SENSOR_SEVERITIES = ['Critical', 'Major', 'Minor', 'Warning'] as const;

export function changeAlertType(id: string, to: TypeChange): Promise<AlertType['set']> {
  return send('PATCH', `/api/alert-types/${encodeURIComponent(id)}`, to);
}

export function shownSeverity({ severity, portalSeverity }: AlertType): Severity {
  return isSensorConsole ? severity : portalSeverity;
}
