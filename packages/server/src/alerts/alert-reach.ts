/** Which alerts of a request the caller may do something to: the others are told as absent when hidden, as refused when seen. */
import { reaches, reachOf } from '@annunciator/core/access';
import type { Action } from '@annunciator/core/roles';
import type { AlertStore, StoredAlert } from '@annunciator/store/alert-query';
import type { FastifyRequest } from 'fastify';
import type { Outcome, Refused } from './alert-desk.ts';
import { callerOf } from '../accounts/authentication.ts';
import { notHere } from '../accounts/reach.ts';
import { notFound } from '../http/request-error.ts';

/**
 * The alert, if the caller may do an action to it.
 * @throws RequestError 404 when there is none that the caller may see, 403 when it may only be seen
 */
export async function reachedAlert(
  request: FastifyRequest,
  store: Pick<AlertStore, 'get'>,
  id: string,
  action: Action = 'alerts.view',
): Promise<StoredAlert> {
  const alert = await store.get(id);
  const { access } = callerOf(request);
  if (!alert || !reaches(reachOf(access, 'alerts.view'), alert)) throw notFound('alert', id);
  if (!reaches(reachOf(access, action), alert)) throw notHere(request, alert);
  return alert;
}

/** Splits ids of alerts by whether the caller may do an action to them. */
export async function siftAlerts(
  request: FastifyRequest,
  store: Pick<AlertStore, 'list'>,
  ids: readonly string[],
  action: Action,
): Promise<{ readonly open: readonly string[]; readonly refused: readonly Refused[] }> {
  const { access } = callerOf(request);
  const reach = reachOf(access, action);
  if (reach === 'everything') return { open: ids, refused: [] };
  const seen = reachOf(access, 'alerts.view');
  const alerts = new Map((await store.list(ids)).map((alert) => [alert.id, alert]));
  const open: string[] = [];
  const refused: Refused[] = [];
  for (const id of new Set(ids)) {
    const alert = alerts.get(id);
    if (!alert || !reaches(seen, alert)) refused.push({ id, code: 'not_found', message: notFound('alert', id).message });
    else if (reaches(reach, alert)) open.push(id);
    else refused.push({ id, code: 'not_permitted', message: notHere(request, alert).message });
  }
  return { open, refused };
}

/** An outcome with what was refused before. */
export function withRefused(outcome: Outcome, refused: readonly Refused[]): Outcome {
  return { ...outcome, refused: [...refused, ...outcome.refused] };
}
