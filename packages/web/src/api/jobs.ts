/** Jobs on many alerts as the server gives them (GET /api/openapi.json: AlertJob, AlertAction). */
import type { AlertRow, Severity, Status, Verb } from './alerts.ts';
import { send } from './client.ts';

export type AlertAction =
  | { readonly kind: 'status'; readonly status: Status }
  | { readonly kind: 'severity'; readonly severity: Severity }
  | { readonly kind: Verb };

export interface AlertJob {
  readonly id: string;
  readonly by: string;
  /** Null when the job undoes another. */
  readonly action: AlertAction | null;
  readonly about: string;
  readonly state: 'running' | 'done' | 'cancelled' | 'failed';
  readonly total: number;
  readonly done: number;
  readonly changed: number;
  readonly refused: readonly { readonly code: string; readonly message: string; readonly count: number; readonly ids: readonly string[] }[];
  readonly created: string;
  readonly finished: string | null;
  readonly undoes: string | null;
  readonly undoneBy: string | null;
  readonly problem: string | null;
}

/** The alerts of a job: rows as somebody saw them, or everything that a question to the server matches. */
export type Target = { readonly rows: readonly AlertRow[] } | { readonly query: URLSearchParams };

/** Starts a job. The key is made once, so that a broken connection starts nothing twice. */
export function startJob(action: AlertAction, target: Target): Promise<AlertJob> {
  return send('POST', '/api/alert-jobs', { key: crypto.randomUUID(), action, alerts: jobAlerts(target) });
}

/** The alerts of a target as the API takes them. */
export function jobAlerts(target: Target): object {
  if ('rows' in target) return { ids: target.rows.map(({ id, revision }) => ({ id, revision })) };
  const { query } = target;
  const text = (name: string) => query.get(name) ?? undefined;
  const filter = query.getAll('filter');
  return { address: { search: text('search'), from: text('from'), to: text('to'), ...(filter.length > 0 ? { filter } : {}) } };
}

export function cancelJob(id: string): Promise<AlertJob> {
  return send('POST', `/api/alert-jobs/${encodeURIComponent(id)}/cancel`);
}

export function undoJob(id: string): Promise<AlertJob> {
  return send('POST', `/api/alert-jobs/${encodeURIComponent(id)}/undo`, { key: crypto.randomUUID() });
}
