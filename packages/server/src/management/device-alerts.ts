/** Alerts about devices as `Microsoft.Security/alerts` has them (api-version 2021-11-01), and what is done with them. */
import { shownSeverity } from '@annunciator/core/severity';
import { formatInstant } from '@annunciator/core/time';
import type { StoredAlert } from '@annunciator/store/alert-query';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { Answer } from './device-security-groups.ts';
import { ManagementError, notThere } from './management-error.ts';
import type { Target } from './target.ts';

const PAGE = 100;
/** Alerts of the network sensors are not of this API. */
const OF_DEVICES = { column: 'dataSource', operator: 'equals', values: ['IoT Hub', 'Agent'] } as const;
const LOCATION = 'local';
/** Words of the API for the states of an alert. */
const STATUS = { New: 'Active', Active: 'InProgress', Closed: 'Resolved' } as const;
const ACTIONS = { dismiss: 'Closed', resolve: 'Closed', activate: 'New', inProgress: 'Active' } as const;

export class DeviceAlerts {
  readonly #desk: AlertDesk;

  constructor(desk: AlertDesk) {
    this.#desk = desk;
  }

  /** @param cursor of the page, null for the first @param link the address of another page */
  async list(target: Target, cursor: string | null, link: (cursor: string) => string): Promise<Answer> {
    const sort = { column: 'lastDetection', descending: true } as const;
    const page = await this.#desk.store.page({ filters: [OF_DEVICES], sort }, PAGE, cursor);
    const alerts = await this.#desk.store.list(page.alerts.map(({ id }) => id));
    const byId = new Map(alerts.map((alert) => [alert.id, alert]));
    const value = page.alerts.flatMap(({ id }) => byId.get(id) ?? []).map((alert) => this.#body(target, alert));
    return { status: 200, body: { value, ...(page.next === null ? {} : { nextLink: link(page.next) }) } };
  }

  async get(target: Target, name: string): Promise<Answer> {
    return { status: 200, body: this.#body(target, await this.#find(name)) };
  }

  async #find(name: string): Promise<StoredAlert> {
    const alert = await this.#desk.store.get(name.toLowerCase());
    if (!alert?.dataSource) throw notThere('alert', name);
    return alert;
  }

  async act(name: string, action: string, by: string): Promise<Answer> {
    if (!Object.hasOwn(ACTIONS, action))
      throw new ManagementError(404, 'ResourceNotFound', `Alerts have no action ${JSON.stringify(action.slice(0, 50))}.`);
    const alert = await this.#find(name);
    // One of the names, as was looked up.
    const status = ACTIONS[action as keyof typeof ACTIONS];
    const { refused } = await this.#desk.act([alert.id], { kind: 'status', status }, { by });
    if (refused.length > 0) throw new ManagementError(409, 'Conflict', refused[0].message);
    return { status: 204 };
  }

  #body({ scope }: Target, alert: StoredAlert): object {
    const type = this.#desk.types.get(alert.type);
    const { SecurityGroup: _, ...parameters } = alert.parameters;
    const extended = { ...parameters, SecurityGroup: alert.securityGroup ?? '', Count: alert.count };
    const device = alert.source?.device ?? '';
    return {
      id: `${scope}/providers/Microsoft.Security/locations/${LOCATION}/alerts/${alert.id}`,
      name: alert.id,
      type: 'Microsoft.Security/Locations/alerts',
      properties: {
        alertType: alert.type,
        systemAlertId: alert.id,
        productComponentName: 'IoT',
        alertDisplayName: alert.title,
        description: type?.description ?? alert.message,
        severity: shownSeverity(alert),
        intent: 'Unknown',
        startTimeUtc: formatInstant(alert.firstDetection),
        endTimeUtc: formatInstant(alert.lastDetection),
        resourceIdentifiers: [],
        remediationSteps: [...(type?.remediation ?? [])],
        vendorName: 'Annunciator',
        status: STATUS[alert.status],
        extendedLinks: [],
        timeGeneratedUtc: formatInstant(alert.firstDetection),
        productName: 'Annunciator',
        processingEndTimeUtc: formatInstant(alert.lastActivity),
        entities: [{ type: 'iotdevice', deviceId: device }],
        isIncident: false,
        extendedProperties: Object.fromEntries(Object.entries(extended).map(([name, value]) => [name, String(value)])),
        compromisedEntity: device,
      },
    };
  }
}
