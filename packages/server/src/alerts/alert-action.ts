/** What people do with alerts: as values, so that one alert, a selection and everything a filter matches go the same way. */
import { type Alert, type AlertState, PORTAL_SEVERITIES, STATUSES } from '@annunciator/core/alert';
import type { AlertBook, Change } from '@annunciator/core/alert-book';
import { LifeCycleError } from '@annunciator/core/life-cycle-error';
import type { Action } from '@annunciator/core/roles';
import { shownSeverity } from '@annunciator/core/severity';
import type { Instant } from '@annunciator/core/time';
import { z } from 'zod';

export const VERBS = ['learn', 'unlearn', 'mute', 'unmute'] as const;
export type Verb = (typeof VERBS)[number];

/** An action as the API takes it. */
export const alertActionSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('status'), status: z.enum(STATUSES) }),
    z.object({ kind: z.literal('severity'), severity: z.enum(PORTAL_SEVERITIES) }),
    ...VERBS.map((verb) => z.object({ kind: z.literal(verb) })),
  ])
  .meta({ id: 'AlertAction' });

export type AlertAction =
  | { readonly kind: 'status'; readonly status: Alert['status'] }
  | { readonly kind: 'severity'; readonly severity: NonNullable<Alert['portalSeverity']> }
  | { readonly kind: Verb }
  /** Back to what was decided before: the state of each alert by its id. */
  | { readonly kind: 'undo'; readonly states: ReadonlyMap<string, AlertState> };

/** True when an alert is not yet as the action would make it. */
function changes(alert: Alert, action: AlertAction): boolean {
  if (action.kind === 'status') return alert.status !== action.status;
  return action.kind !== 'severity' || shownSeverity(alert) !== action.severity;
}

/** What a caller has to be permitted. Undoing asks for what the undone action asked for. */
export const PERMISSION: Readonly<Record<Exclude<AlertAction['kind'], 'undo'>, Action>> = {
  status: 'alerts.status',
  severity: 'alerts.severity',
  learn: 'alerts.learn',
  unlearn: 'alerts.unlearn',
  mute: 'alerts.mute',
  unmute: 'alerts.unmute',
};

/** The verb of the audit log. */
export function auditVerb(action: AlertAction): string {
  return `alert.${action.kind}`;
}

/** The details of the audit log. */
export function auditDetails(action: AlertAction): Readonly<Record<string, string>> {
  if (action.kind === 'status') return { status: action.status };
  return action.kind === 'severity' ? { severity: action.severity } : {};
}

/** True when the action may open an alert again, which a newer open alert of the same traffic forbids. */
export function mayReopen(action: AlertAction): boolean {
  return ['unlearn', 'unmute', 'undo'].includes(action.kind) || (action.kind === 'status' && action.status !== 'Closed');
}

/** Who acts, and the revision that they saw; what happened since must not vanish silently. */
export interface Seen {
  readonly by: string;
  readonly seen: number | undefined;
}

/**
 * Does the action. @throws LifeCycleError when the alert does not take it, or was changed since the person saw it and the
 * action would change it again.
 */
export function decide(book: AlertBook, alert: Alert, action: AlertAction, at: Instant, { by, seen }: Seen): Change {
  const before = book.get(alert.id) ?? alert;
  if (seen !== undefined && seen !== before.revision && changes(before, action)) {
    throw new LifeCycleError('changed-meanwhile', `Alert ${alert.id} was changed meanwhile. Look at it again, then decide anew.`);
  }
  switch (action.kind) {
    case 'status':
      return book.setStatus(alert, action.status, at, by);
    case 'severity':
      return book.setSeverity(alert, action.severity, at, by);
    case 'learn':
      return book.learn(alert, at, by);
    case 'unlearn':
      return book.unlearn(alert, at, by);
    case 'mute':
      return book.mute(alert, at);
    case 'unmute':
      return book.unmute(alert, at);
    case 'undo': {
      const state = action.states.get(alert.id);
      return state ? book.decideAgain(alert, state, at, by) : { before: alert, alert, events: [] };
    }
  }
}
