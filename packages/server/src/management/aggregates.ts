/** What a solution shows of its alerts: by type and day, and in numbers (api-version 2019-08-01). */
import { PORTAL_SEVERITIES } from '@annunciator/core/alert';
import type { SecuritySettings } from '@annunciator/hub/security/security-settings';
import type { FindingRecord, FindingRecords } from '@annunciator/store/finding-records';
import type { AlertTypes } from '../alerts/alert-types.ts';
import type { Answer } from './device-security-groups.ts';
import { notThere } from './management-error.ts';
import type { Target } from './target.ts';

const DAY = 86_400_000;
const DAYS = 30;
/** Days that the numbers of a solution are about. */
const METRIC_DAYS = 7;
/** The newest findings that are looked at. */
const MOST_FINDINGS = 50_000;
const PAGE = 100;
const MOST_PREVALENT = 3;

interface Aggregate {
  readonly alertType: string;
  readonly date: string;
  count: number;
  readonly devices: Map<string, { count: number; last: number }>;
}

export class Aggregates {
  readonly #findings: Pick<FindingRecords, 'list'>;
  readonly #types: AlertTypes;
  readonly #settings: SecuritySettings;
  readonly #clock: () => number;

  constructor(parts: { findings: Pick<FindingRecords, 'list'>; types: AlertTypes; settings: SecuritySettings; clock: () => number }) {
    this.#findings = parts.findings;
    this.#types = parts.types;
    this.#settings = parts.settings;
    this.#clock = parts.clock;
  }

  async list(base: string, top: number | undefined, skip: number, link: (skip: number) => string): Promise<Answer> {
    const all = await this.#aggregates(base);
    const size = Math.min(top ?? PAGE, PAGE);
    const value = all.slice(skip, skip + size).map((aggregate) => this.#body(base, aggregate));
    return { status: 200, body: { value, ...(all.length > skip + size ? { nextLink: link(skip + size) } : {}) } };
  }

  /** @param name type and day, such as `IoT_Expired_SAS_Token/2026-11-26` */
  async get(base: string, name: string): Promise<Answer> {
    return { status: 200, body: this.#body(base, await this.#find(base, name)) };
  }

  async #find(base: string, name: string): Promise<Aggregate> {
    const found = (await this.#aggregates(base)).find((aggregate) => nameOf(aggregate).toLowerCase() === name.toLowerCase());
    if (!found) throw notThere('aggregated alert', name);
    return found;
  }

  /** For good: what comes on another day is another aggregate. */
  async dismiss(base: string, name: string): Promise<Answer> {
    const aggregate = await this.#find(base, name);
    await this.#settings.setDocument(dismissedPath(base, aggregate), JSON.stringify({ at: this.#clock() }));
    return { status: 200 };
  }

  async #aggregates(base: string): Promise<Aggregate[]> {
    const found = new Map<string, Aggregate>();
    for (const { alertType, device, time, count } of await this.#since(DAYS)) {
      const date = new Date(time).toISOString().slice(0, 10);
      const name = `${alertType}/${date}`;
      const known = found.get(name) ?? { alertType, date, count: 0, devices: new Map<string, { count: number; last: number }>() };
      found.set(name, known);
      const occurrences = occurrencesOf(alertType, count);
      known.count += occurrences;
      const own = known.devices.get(device ?? '') ?? { count: 0, last: 0 };
      known.devices.set(device ?? '', { count: own.count + occurrences, last: Math.max(own.last, time) });
    }
    return [...found.values()]
      .filter((aggregate) => this.#settings.document(dismissedPath(base, aggregate)) === undefined)
      .sort((a, b) => (a.date === b.date ? (a.alertType < b.alertType ? -1 : 1) : a.date < b.date ? 1 : -1));
  }

  #since(days: number): Promise<FindingRecord[]> {
    return this.#findings.list(MOST_FINDINGS, { since: this.#clock() - days * DAY });
  }

  #body(base: string, aggregate: Aggregate): object {
    const { alertType, date, count, devices } = aggregate;
    const type = this.#types.get(alertType);
    const name = nameOf(aggregate);
    const top = [...devices].filter(([device]) => device !== '').sort(([, a], [, b]) => b.count - a.count);
    return {
      id: `${base}/analyticsModels/default/aggregatedAlerts/${encodeURIComponent(name)}`,
      name,
      type: 'Microsoft.Security/IoTSecurityAggregatedAlert',
      properties: {
        alertType,
        alertDisplayName: type?.title ?? alertType,
        aggregatedDateUtc: date,
        vendorName: 'Annunciator',
        reportedSeverity: type?.portalSeverity ?? 'Low',
        remediationSteps: type?.remediation.join(' ') ?? '',
        description: type?.description ?? '',
        count,
        // Spelled so by the API.
        effectedResourceType: 'IoT Device',
        systemSource: 'Devices',
        actionTaken: 'Detected',
        logAnalyticsQuery: queryOf(alertType),
        topDevicesList: top
          .slice(0, 10)
          .map(([deviceId, own]) => ({ deviceId, alertsCount: own.count, lastOccurrence: new Date(own.last).toISOString() })),
      },
    };
  }

  /** The numbers of a solution, one model for all of it. */
  async model(base: string): Promise<object> {
    const findings = await this.#since(METRIC_DAYS);
    const severityOf = (alertType: string): string => this.#types.get(alertType)?.portalSeverity ?? 'Low';
    const metricsOf = (own: readonly FindingRecord[]): { high: number; medium: number; low: number } => {
      const of = (severity: string): number => own.filter(({ alertType }) => severityOf(alertType) === severity).length;
      const [high, medium, low] = PORTAL_SEVERITIES;
      return { high: of(high), medium: of(medium), low: of(low) };
    };
    const devices = counted(findings.flatMap(({ device }) => device ?? []));
    const byDay = Map.groupBy(findings, ({ time }) => Math.floor(time / DAY) * DAY);
    return {
      id: `${base}/analyticsModels/default`,
      name: 'default',
      type: 'Microsoft.Security/IoTSecuritySolutionAnalyticsModel',
      properties: {
        metrics: metricsOf(findings),
        unhealthyDeviceCount: devices.length,
        devicesMetrics: [...byDay]
          .sort(([a], [b]) => a - b)
          .map(([day, own]) => ({ date: new Date(day).toISOString(), devicesMetrics: metricsOf(own) })),
        topAlertedDevices: devices.slice(0, MOST_PREVALENT).map(([deviceId, alertsCount]) => ({ deviceId, alertsCount })),
        mostPrevalentDeviceAlerts: counted(findings.map(({ alertType }) => alertType))
          .slice(0, MOST_PREVALENT)
          .map(([alertType, alertsCount]) => ({
            alertDisplayName: this.#types.get(alertType)?.title ?? alertType,
            reportedSeverity: severityOf(alertType),
            alertsCount,
          })),
        mostPrevalentDeviceRecommendations: [],
      },
    };
  }
}

/** A window out of range is one occurrence; values and events come as often as they came. */
function occurrencesOf(alertType: string, count: number): number {
  return alertType.endsWith('InAllowedRange') ? 1 : count;
}

function nameOf({ alertType, date }: Aggregate): string {
  return `${alertType}/${date}`;
}

function dismissedPath(base: string, aggregate: Aggregate): string {
  return `${base}/dismissed/${nameOf(aggregate)}`.toLowerCase();
}

function counted(values: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
}

/** The path of a solution, by which its aggregates are named. */
export function solutionBase({ scope }: Target, name: string): string {
  return `${scope}/providers/Microsoft.Security/iotSecuritySolutions/${encodeURIComponent(name)}`;
}

function queryOf(alertType: string): string {
  return [
    'SecurityAlert',
    `| where AlertType == "${alertType}"`,
    '| extend DeviceId=tostring(parse_json(ExtendedProperties)["DeviceId"])',
    '| project DeviceId, TimeGenerated, DisplayName, AlertSeverity, Description, RemediationSteps, ExtendedProperties',
  ].join('\n');
}
