/**
 * What the words of alerts mean, in a sentence each, for tooltips: one place, so that a word means the same on every page. The
 * guide "Answering alerts" and the README's table of engines say the same at length.
 */
import { isSensorConsole } from '../shell/console.ts';

/** Words and their meanings, in the order in which they are listed. */
export type Meanings = Readonly<Record<string, string>>;

const PORTAL_SEVERITIES: Meanings = {
  High: 'Signs of an attack or of danger for the plant: answer at once.',
  Medium: 'An important threat or a forbidden operation: answer today.',
  Low: 'A departure from what is usual, which may be harmless: look when there is time.',
  Informational: 'No threat; only a person gives an alert this severity.',
};

const SENSOR_SEVERITIES: Meanings = {
  Critical: 'Signs of an attack or of danger for the plant: answer at once.',
  Major: 'An important threat or a forbidden operation: answer today.',
  Minor: 'A departure from what is usual that may hide a threat.',
  Warning: 'A departure from what is usual without sign of a threat.',
};

export const SEVERITY_MEANINGS: Meanings = isSensorConsole ? SENSOR_SEVERITIES : PORTAL_SEVERITIES;

export const ENGINE_MEANINGS: Meanings = {
  'Policy Violation': 'What was never seen while the sensor learned: a device, a function code, an address range, a programming station.',
  'Protocol Violation': 'Messages that break the rules of their protocol, and errors that a peer answers.',
  Malware: 'Traffic that known attacks and attack tools leave behind.',
  Anomaly: 'Scans, floods, spoofing, guessed passwords, and changes of rhythm and volume.',
  Operational: 'Stops, restarts, failed operations, and devices that no longer answer.',
};

/** What devices of the hub raise has this word in place of an engine. */
export const OTHER_ENGINES: Meanings = {
  'Micro-agent': 'Findings about devices of the IoT hub, by custom alerts and by agents on the devices.',
};

export const STATUS_MEANINGS: Meanings = {
  New: 'Nobody has looked yet. The same traffic adds to the alert.',
  Active: 'Somebody works on it. The same traffic still adds to the alert.',
  Closed: 'It is answered. The same traffic raises a new alert, unless it was learned or muted.',
};

/** What closed alerts say in place of their status. */
export const DISPOSITION_MEANINGS: Meanings = {
  Learned: 'Closed, and its traffic is normal from now on.',
  Muted: 'Closed, and silent about the same traffic, which does not count as normal.',
};

export const ANSWER_MEANINGS = {
  learn: 'The traffic is normal: it becomes part of the baseline, the alert closes, and the same traffic stays silent.',
  unlearn: 'Take the learned traffic out of the baseline again: the alert is New, and the same traffic raises alerts.',
  mute: 'Close the alert and stay silent about the same traffic between these devices, without calling it normal.',
  unmute: 'End the silence: the alert is New, and the same traffic raises alerts.',
} as const;

/** Whether alerts of a type can be learned. */
export const LEARNABLE_MEANINGS: Meanings = {
  Yes: 'Alerts of this type can be learned: their traffic may be normal.',
  No: 'Their traffic is never normal. Most of these alerts can be muted.',
};

/** Learn against Mute, where both stand. */
export const LEARN_OR_MUTE: Meanings = {
  Learn: 'For traffic that is normal and will come again. It goes into the baseline, exactly as it was seen.',
  Mute: 'For traffic that is known and cannot be learned. It stays suspicious; only this alert stays silent.',
  Unlearn: ANSWER_MEANINGS.unlearn,
  Unmute: ANSWER_MEANINGS.unmute,
};

/** What is listed at the head of a column, by the column's id. */
export const COLUMN_MEANINGS: Readonly<Record<string, Meanings>> = {
  severity: SEVERITY_MEANINGS,
  engine: { ...ENGINE_MEANINGS, ...(isSensorConsole ? {} : OTHER_ENGINES) },
  status: { ...STATUS_MEANINGS, ...DISPOSITION_MEANINGS },
};

/** The meaning of one engine's name. */
export function engineMeaning(name: string): Meanings {
  const meaning = ENGINE_MEANINGS[name] ?? OTHER_ENGINES[name];
  return meaning === undefined ? {} : { [name]: meaning };
}
