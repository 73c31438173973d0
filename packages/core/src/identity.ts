/** What makes detections the same alert, and what makes an alert itself. */
import { createHash } from 'node:crypto';
import type { Detection, Parameters } from './alert.ts';
import type { AlertType } from './alert-type.ts';

/** Identity of the traffic of a detection: what learning silences. */
export function trafficKey(detection: Pick<Detection, 'type' | 'source' | 'destination' | 'protocol' | 'parameterKey'>): string {
  return keyOf(detection.type, deviceOf(detection.source), deviceOf(detection.destination), detection.protocol, detection.parameterKey);
}

/** Identity of the alert a detection belongs to: aggregated types leave the parameters to the rows of the alert. */
export function alertKey(detection: Detection, type: Pick<AlertType, 'aggregated'>): string {
  return type.aggregated ? trafficKey({ ...detection, parameterKey: '' }) : trafficKey(detection);
}

/** Joins the parts of a key so that no two different lists of parts give the same text. */
export function keyOf(type: string, source: string, destination: string, protocol: string | null, parameterKey: string): string {
  return JSON.stringify([type, source, destination, protocol, parameterKey]);
}

function deviceOf(end: Detection['source']): string {
  return end?.device ?? '';
}

/** Parameters as text that does not depend on the order in which an engine names them. */
export function canonicalParameters(parameters: Parameters): string {
  const names = Object.keys(parameters).sort();
  return JSON.stringify(names.map((name) => [name, parameters[name]]));
}

/**
 * Id of an alert: 32 hexadecimal digits over type, devices, protocol, parameters and first detection. A replay of the same
 * traffic gives the same ids. `occurrence` is 0, or counts up where an alert of the same key was closed and came again
 * within the same instant.
 */
export function alertId(key: string, detection: Detection, occurrence = 0): string {
  const parts = [key, detection.parameterKey, canonicalParameters(detection.parameters), detection.time.toString()];
  if (occurrence > 0) parts.push(String(occurrence));
  return digest(parts);
}

/** 32 hexadecimal digits of SHA-256 over a list of texts. */
export function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
