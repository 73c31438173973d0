/** What people do with one alert, and what was done with it. */
import { PORTAL_SEVERITIES, STATUSES } from '@annunciator/core/alert';
import type { AlertDecision } from '@annunciator/store/alert-decisions';
import { z } from 'zod';
import { type AlertAction, PERMISSION, VERBS } from '../alerts/alert-action.ts';
import { alertAddressSchema, alertMatchOf } from '../alerts/alert-address.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { DecisionStore } from '../alerts/alert-jobs.ts';
import { reachedAlert, siftAlerts } from '../alerts/alert-reach.ts';
import { alertDetailsSchema, type AlertDetails, detailsOf, etagOf, revisionOf } from '../alerts/alert-view.ts';
import type { App } from '../app.ts';
import { callerOf } from '../accounts/authentication.ts';
import { decisionSchema, decisionView } from '../baseline/decision-view.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { isErrorCode } from '../http/errors.ts';
import type { LearnedAlerts } from '../alerts/learned-alerts.ts';
import { type PreviewParts, previewOfIds, previewOfMatch, previewSchema } from '../alerts/learn-preview.ts';
import type { PortalRecords } from '../portal-records.ts';
import { isHidden, withinRoute } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const MOST_DECISIONS = 200;
const tags = ['Alerts'];
const params = z.object({ id: z.string().max(200) });
const headers = z.object({
  'if-match': z.string().max(100).optional().describe('The revision that you saw, as in ETag: what somebody changed since is not overrun'),
});
const conflictSchema = refusalSchema
  .extend({ changes: z.array(decisionSchema), alert: alertDetailsSchema })
  .meta({ id: 'ChangedMeanwhile', description: 'What others changed since the revision of If-Match, and the alert as it is' });
const answers = { 200: alertDetailsSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema, 412: conflictSchema };

const SUMMARY: Readonly<Record<(typeof VERBS)[number], string>> = {
  learn: 'Close the alert and add its traffic to the baseline',
  unlearn: 'Take the traffic out of the baseline and open the alert again',
  mute: 'Close the alert and stay silent about the same traffic, without allowing it',
  unmute: 'Alert about the traffic again and open the alert',
};

export interface AlertActionParts {
  readonly alerts: AlertDesk;
  readonly decisions: DecisionStore;
  readonly comments: PortalRecords['comments'];
  readonly learned: LearnedAlerts | undefined;
}

export function addAlertActionRoutes(app: App, { alerts: desk, decisions, comments, learned }: AlertActionParts): void {
  app.patch(
    '/api/alerts/:id',
    {
      config: { permission: 'alerts.status', byPlace: true },
      schema: {
        tags,
        summary: 'Change status or severity',
        params,
        headers,
        body: z.object({ status: z.enum(STATUSES).optional(), severity: z.enum(PORTAL_SEVERITIES).optional() }),
        response: { ...answers, 400: refusalSchema },
      },
    },
    async (request, reply) => {
      const { status, severity } = request.body;
      if (status === undefined && severity === undefined) throw new RequestError(400, 'bad_request', 'Give a status, a severity, or both.');
      const actions: Exclude<AlertAction, { kind: 'undo' }>[] = [
        ...(status === undefined ? [] : [{ kind: 'status' as const, status }]),
        ...(severity === undefined ? [] : [{ kind: 'severity' as const, severity }]),
      ];
      for (const { kind } of actions) await reachedAlert(request, desk.store, request.params.id, PERMISSION[kind]);
      const details = await act(request.params.id, actions, callerOf(request).userName, request.headers['if-match']);
      return reply.header('etag', etagOf(details)).send(details);
    },
  );

  for (const verb of VERBS) {
    app.post(
      `/api/alerts/:id/${verb}`,
      {
        config: { permission: PERMISSION[verb], byPlace: true },
        schema: { tags, summary: SUMMARY[verb], params, headers, response: answers },
      },
      async (request, reply) => {
        await reachedAlert(request, desk.store, request.params.id, PERMISSION[verb]);
        const details = await act(request.params.id, [{ kind: verb }], callerOf(request).userName, request.headers['if-match']);
        return reply.header('etag', etagOf(details)).send(details);
      },
    );
  }

  app.get(
    '/api/alerts/:id/history',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'What people and the system decided about the alert, newest first',
        params,
        response: { 200: z.array(decisionSchema), 404: refusalSchema },
      },
    },
    async (request) => {
      await reachedAlert(request, desk.store, request.params.id);
      return (await decisions.of(request.params.id, MOST_DECISIONS)).map(decisionView);
    },
  );

  app.post(
    '/api/alerts/learn-preview',
    {
      config: { permission: 'alerts.learn', byPlace: true },
      schema: {
        tags,
        summary:
          'What Learn would do: what goes into the baseline, what closes, what would have been silent, what cannot be learned and why',
        body: z.union([
          z.object({ ids: z.array(z.string().max(200)).min(1).max(10_000) }),
          z.object({ address: alertAddressSchema.omit({ sort: true }) }),
        ]),
        response: { 200: previewSchema, 400: refusalSchema },
      },
    },
    async (request) => {
      const { body } = request;
      const parts: PreviewParts = { desk, learned, sees: (alert) => !isHidden(request, 'alerts.view', alert) };
      if ('address' in body) return previewOfMatch(parts, alertMatchOf(body.address, withinRoute(request).scope));
      const { open } = await siftAlerts(request, desk.store, [...new Set(body.ids)], 'alerts.learn');
      return previewOfIds(parts, open);
    },
  );

  app.get(
    '/api/alerts/:id/report.pdf',
    {
      config: { permission: 'alerts.export', byPlace: true, answers: 'application/pdf' },
      schema: { tags, summary: 'The alert as a PDF: facts, evidence, steps, history and comments', params },
    },
    async (request, reply) => {
      const { id } = request.params;
      await reachedAlert(request, desk.store, id, 'alerts.export');
      // The writer of PDFs is loaded for those who want one.
      const { alertPdf } = await import('../alerts/alert-pdf.ts');
      const report = await alertPdf({
        alert: await details(id),
        history: await decisions.of(id, MOST_DECISIONS),
        comments: await comments.of(id),
        by: callerOf(request).userName,
        at: Date.now(),
      });
      return reply
        .type('application/pdf')
        .header('content-disposition', `attachment; filename="alert-${id.replaceAll(/[^\w.-]/g, '_')}.pdf"`)
        .send(report);
    },
  );

  /** Does actions on one alert; a refusal is the answer. */
  async function act(id: string, actions: readonly AlertAction[], by: string, ifMatch: string | undefined): Promise<AlertDetails> {
    let seen = revisionOf(ifMatch);
    for (const action of actions) {
      const { changed, refused } = await desk.act([id], action, { by, ...(seen === undefined ? {} : { seen: new Map([[id, seen]]) }) });
      const [first] = refused;
      if (first?.code === 'not_found') throw notFound('alert', id);
      if (first?.code === 'changed_meanwhile') throw await conflict(id, seen ?? 0);
      if (first) throw new RequestError(409, isErrorCode(first.code) ? first.code : 'bad_request', first.message);
      seen = seen === undefined ? undefined : (changed[0]?.revision ?? seen);
    }
    return details(id);
  }

  async function details(id: string): Promise<AlertDetails> {
    const alert = await desk.store.get(id);
    if (!alert) throw notFound('alert', id);
    return detailsOf(alert, desk.types);
  }

  async function conflict(id: string, seen: number): Promise<RequestError> {
    const since = (await decisions.of(id, MOST_DECISIONS)).filter((decision) => decision.revision > seen);
    const who = nameOf(since);
    const message = `${who} changed this alert after you loaded it. Look at what they did, then decide anew.`;
    return new RequestError(412, 'changed_meanwhile', message, { more: { changes: since.map(decisionView), alert: await details(id) } });
  }
}

/** Who changed an alert, as the beginning of a sentence. */
function nameOf(decisions: readonly AlertDecision[]): string {
  const names = [...new Set(decisions.map((decision) => decision.who ?? 'the system'))];
  const text = names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : (names[0] ?? 'Somebody');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
