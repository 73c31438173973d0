/** The alert types that the API knows: the network catalogue of core, and those about devices at the hub. */
import type { Alert, Engine, PortalSeverity, Severity } from '@annunciator/core/alert';
import type { AlertType } from '@annunciator/core/alert-type';
import { CATALOGUE, ENGINE_NAMES } from '@annunciator/core/catalogue';
import type { Console } from '@annunciator/core/roles';
import { shownSeverity } from '@annunciator/core/severity';
import { DEVICE_ALERT_TYPES } from '@annunciator/rules/alert-types';

export class AlertTypes {
  readonly console: Console;
  readonly #byId: ReadonlyMap<string, AlertType>;

  /** @param console whose words severities are told in */
  constructor(types: Iterable<AlertType> = [...CATALOGUE, ...DEVICE_ALERT_TYPES], console: Console = 'portal') {
    this.console = console;
    this.#byId = new Map(Array.from(types, (type) => [type.id, type]));
  }

  get(id: string): AlertType | undefined {
    return this.#byId.get(id);
  }

  all(): AlertType[] {
    return [...this.#byId.values()];
  }

  /** The severity in the words of the console that shows it. */
  shownSeverity(alert: Pick<Alert, 'severity' | 'portalSeverity'>): Severity | PortalSeverity {
    return this.console === 'sensor' ? alert.severity : shownSeverity(alert);
  }

  engineName(engine: Engine): string {
    return ENGINE_NAMES[engine];
  }
}
