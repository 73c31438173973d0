/** What a learned or muted alert silences. Outlives the alert, so that it can still be undone. */
import type { Alert, Endpoint, Learnable } from './alert.ts';
import { keyOf } from './identity.ts';
import type { Instant } from './time.ts';

export interface Silencer {
  /** Id of the alert that a person learned or muted. */
  readonly alert: string;
  readonly kind: 'learned' | 'muted';
  readonly type: string;
  readonly title: string;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly protocol: string | null;
  /** Keys of the traffic that stays silent. */
  readonly keys: readonly string[];
  /** What the baseline took in; what it gives back when the silence ends. */
  readonly learn: readonly Learnable[];
  readonly since: Instant;
}

/**
 * What an alert with a disposition silences; undefined for one without. Learning an aggregated alert silences the traffic of
 * its rows, so that other parameters between the same devices raise again; muting silences the alert as a whole.
 */
export function silencerOf(alert: Alert): Silencer | undefined {
  if (alert.disposition === 'none') return undefined;
  const { type, title, source, destination, protocol, learn } = alert;
  const rows = alert.disposition === 'learned' ? alert.violations : [];
  const keys = rows.map((row) => keyOf(type, source?.device ?? '', destination?.device ?? '', protocol, row.parameterKey));
  return {
    alert: alert.id,
    kind: alert.disposition,
    type,
    title,
    source,
    destination,
    protocol,
    keys: keys.length > 0 ? keys : [alert.key],
    learn,
    since: alert.lastActivity,
  };
}
