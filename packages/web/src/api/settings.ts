/** Settings of the system (GET /api/openapi.json: SystemSettings, SettingsInForce). */
import { get, Refusal, send } from './client.ts';

export interface SystemSettings {
  readonly closeQuietAlertsAfterDays: number;
  readonly deleteClosedAlertsAfterDays: number;
  readonly deleteSilentDevicesAfterDays: number;
  readonly timelineEvents: number;
  /** Null for good. */
  readonly auditDays: number | null;
  readonly packetGigabytes: number;
}
export type SettingName = keyof SystemSettings;

export interface SettingsInForce {
  readonly settings: SystemSettings;
  readonly usual: SystemSettings;
  readonly waiting: string | null;
}

export const fetchSettings = (): Promise<SettingsInForce> => get('/api/settings');

export function changeSettings(part: Partial<SystemSettings>): Promise<SettingsInForce> {
  return send('PATCH', '/api/settings', part);
}

/** What is wrong with each part of a refused change, by its name. */
export function problemsOf(error: unknown): Readonly<Partial<Record<string, string>>> {
  const answer = error instanceof Refusal ? error.answer : null;
  if (typeof answer !== 'object' || answer === null || !('problems' in answer) || !Array.isArray(answer.problems)) return {};
  // The server checks its answers against its description.
  const problems = answer.problems as { readonly part: string; readonly message: string }[];
  return Object.fromEntries(problems.map(({ part, message }) => [part, message]));
}
