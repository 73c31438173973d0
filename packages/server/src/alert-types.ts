/** The alert types that the API knows: the network catalogue of core, and those about devices at the hub. */
import type { Engine } from '@annunciator/core/alert';
import type { AlertType } from '@annunciator/core/alert-type';
import { CATALOGUE, ENGINE_NAMES } from '@annunciator/core/catalogue';
import { DEVICE_ALERT_TYPES } from '@annunciator/rules/alert-types';

export class AlertTypes {
  readonly #byId: ReadonlyMap<string, AlertType>;

  constructor(types: Iterable<AlertType> = [...CATALOGUE, ...DEVICE_ALERT_TYPES]) {
    this.#byId = new Map(Array.from(types, (type) => [type.id, type]));
  }

  get(id: string): AlertType | undefined {
    return this.#byId.get(id);
  }

  all(): AlertType[] {
    return [...this.#byId.values()];
  }

  engineName(engine: Engine): string {
    return ENGINE_NAMES[engine];
  }
}
