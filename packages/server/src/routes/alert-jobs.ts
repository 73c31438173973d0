/** Actions on many alerts, as jobs. */
import { reachOf } from '@annunciator/core/access';
import type { Action } from '@annunciator/core/roles';
import type { JobRecord } from '@annunciator/store/alert-jobs';
import type { AlertStore } from '@annunciator/store/alert-query';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { alertActionSchema, PERMISSION } from '../alerts/alert-action.ts';
import { alertAddressSchema } from '../alerts/alert-address.ts';
import type { AlertJobs, JobAlerts } from '../alerts/alert-jobs.ts';
import { siftAlerts } from '../alerts/alert-reach.ts';
import type { App } from '../app.ts';
import { callerOf, requirePermission } from '../accounts/authentication.ts';
import { refusalSchema } from '../http/error-answers.ts';
import { jobSchema, jobView } from '../alerts/job-view.ts';
import { reachOfRoute, within } from '../accounts/reach.ts';
import { notFound, RequestError } from '../http/request-error.ts';

const MOST_IDS = 10_000;
/** Milliseconds for which the answer waits, so that a small job is done when it comes. */
const WAITED = 400;
const tags = ['Jobs on alerts'];
const byId = z.object({ id: z.string().max(100) });
const key = z
  .string()
  .min(8)
  .max(100)
  .describe('Your own name for the job: asking again with it, as after a broken connection, gives the same job');
const answers = { 200: jobSchema, 403: refusalSchema, 404: refusalSchema, 409: refusalSchema };

export function addAlertJobRoutes(app: App, { jobs, store }: { jobs: AlertJobs; store: Pick<AlertStore, 'list'> }): void {
  app.post(
    '/api/alert-jobs',
    {
      // The action decides further.
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'Do one action on a selection, or on everything that matches',
        description:
          'Give `ids`, each with the revision that you saw so that changes of others are not overrun, or `address`, what the list asks ' +
          `(search, from, to, filter). The answer comes when the job has ended, at the latest after ${WAITED} ms; then ask for it, or listen to /api/live.`,
        body: z.object({
          key,
          action: alertActionSchema,
          alerts: z.union([
            z.object({
              ids: z
                .array(z.object({ id: z.string().max(200), revision: z.number().int().min(0).optional() }))
                .min(1)
                .max(MOST_IDS),
            }),
            z.object({ address: alertAddressSchema.omit({ sort: true }) }),
          ]),
        }),
        response: { ...answers, 400: refusalSchema },
      },
    },
    async (request) => {
      const { action, alerts } = request.body;
      requirePermission(request, PERMISSION[action.kind]);
      const job = await jobs.start(callerOf(request).userName, {
        key: request.body.key,
        action,
        alerts: await reached(request, alerts, PERMISSION[action.kind]),
      });
      return view(await jobs.settled(job.id, WAITED), job);
    },
  );

  app.get(
    '/api/alert-jobs',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: {
        tags,
        summary: 'The newest jobs, newest first',
        querystring: z.object({ limit: z.coerce.number().int().min(1).max(500).default(20) }),
        response: { 200: z.array(jobSchema) },
      },
    },
    async (request) =>
      (await jobs.list(request.query.limit)).filter((job) => isSeen(request, job)).map((job) => jobView(job, jobs.askedOf(job))),
  );

  app.get(
    '/api/alert-jobs/:id',
    {
      config: { permission: 'alerts.view', byPlace: true },
      schema: { tags, summary: 'How far a job has come', params: byId, response: answers },
    },
    async (request) => view(await jobOf(request)),
  );

  app.post(
    '/api/alert-jobs/:id/cancel',
    {
      config: { permission: 'alerts.status', byPlace: true },
      schema: { tags, summary: 'Stop a job; what it did stays', params: byId, response: answers },
    },
    async (request) => view(await jobs.cancel((await jobOf(request)).id)),
  );

  app.post(
    '/api/alert-jobs/:id/undo',
    {
      config: { permission: 'alerts.status', byPlace: true },
      schema: {
        tags,
        summary: 'Undo what a job changed; alerts that were changed since stay as they are',
        params: byId,
        body: z.object({ key }),
        response: answers,
      },
    },
    async (request) => {
      const job = await jobOf(request);
      const asked = jobs.askedOf(job);
      if (!('undo' in asked)) requirePermission(request, PERMISSION[asked.action.kind]);
      const undoing = await jobs.undo(callerOf(request).userName, job.id, request.body.key);
      return view(await jobs.settled(undoing.id, WAITED), undoing);
    },
  );

  function view(job: JobRecord | undefined, before?: JobRecord): z.infer<typeof jobSchema> {
    const known = job ?? before;
    if (!known) throw notFound('job', '');
    return jobView(known, jobs.askedOf(known));
  }

  /** What is meant, as far as the caller may do the action there. @throws RequestError for an alert that is out of reach */
  async function reached(request: FastifyRequest, meant: JobAlerts, action: Action): Promise<JobAlerts> {
    const reach = reachOf(callerOf(request).access, action);
    if (reach === 'everything') return meant;
    if (!('ids' in meant)) return { address: meant.address, ...within(reach) };
    const { refused } = await siftAlerts(
      request,
      store,
      meant.ids.map(({ id }) => id),
      action,
    );
    const [first] = refused;
    if (first?.code === 'not_found') throw notFound('alert', first.id);
    if (first) throw new RequestError(403, 'not_permitted', first.message);
    return meant;
  }

  /** Of jobs of others only those hear who see everything: a job may be about alerts of any place. */
  function isSeen(request: FastifyRequest, job: JobRecord): boolean {
    return reachOfRoute(request) === 'everything' || job.who === callerOf(request).userName;
  }

  async function jobOf(request: FastifyRequest<{ Params: { id: string } }>): Promise<JobRecord> {
    const job = await jobs.get(request.params.id);
    if (!job || !isSeen(request, job)) throw notFound('job', request.params.id);
    return job;
  }
}
