/** Compares what a sensor raised with what the demo plant's incidents deserve. */
import type { PlantOptions } from './plant.ts';
import { DEFAULT_LEARNING, plantIncidents } from './plant.ts';
import { DEFAULT_START } from './timeline.ts';

/** The part of an alert that counts here, as `annunciator analyze --format json` writes it. */
export interface RaisedAlert {
  readonly type: string;
  /** ISO 8601. */
  readonly firstDetection: string;
}

export interface IncidentVerdict {
  readonly title: string;
  readonly seconds: number;
  /** Expected types that did not come between the incident and {@link PATIENCE} later. */
  readonly missing: readonly string[];
}

/** Seconds within which an incident has to raise its alerts; a device that is lost needs the longest. */
export const PATIENCE = 130;

export interface PlantVerdict {
  readonly incidents: readonly IncidentVerdict[];
  /** Alerts before the first incident: the plant was quiet, so they are false. */
  readonly early: readonly RaisedAlert[];
}

export function checkPlant(alerts: readonly RaisedAlert[], options: PlantOptions = {}): PlantVerdict {
  const timed = alerts.map((alert) => ({ type: alert.type, seconds: Date.parse(alert.firstDetection) / 1000, alert }));
  const learned = (options.start ?? DEFAULT_START) + (options.learning ?? DEFAULT_LEARNING);
  const incidents = plantIncidents(options).map(({ title, seconds, expectedAlertTypes }) => ({
    title,
    seconds,
    missing: expectedAlertTypes.filter(
      (type) => !timed.some((one) => one.type === type && one.seconds >= seconds - 1 && one.seconds < seconds + PATIENCE),
    ),
  }));
  const first = Math.min(...incidents.map((incident) => incident.seconds), learned + PATIENCE);
  return { incidents, early: timed.filter((one) => one.seconds < first - 1).map((one) => one.alert) };
}
