/**
 * Live updates for pages as server-sent events (WHATWG HTML, section 9.2). The id of an event is the number of the last
 * change it tells of; a page that comes back with `Last-Event-ID` gets what it missed, or `reset` when that is much.
 */
import { type Reach, reaches } from '@annunciator/core/access';
import { z } from 'zod';
import type { Accounts } from '../accounts/accounts.ts';
import type { AlertDesk } from '../alerts/alert-desk.ts';
import type { AlertJobs } from '../alerts/alert-jobs.ts';
import type { App } from '../app.ts';
import { type AlertRow, rowOf } from '../alerts/alert-view.ts';
import { callerOf } from '../accounts/authentication.ts';
import { EventStreams } from '../http/event-stream.ts';
import { jobView } from '../alerts/job-view.ts';
import { eventOf, type LiveEvent, ROWS_PER_EVENT } from '../alerts/live-feed.ts';
import { reachOfRoute } from '../accounts/reach.ts';
import { RequestError } from '../http/request-error.ts';

/** Changes that a stream reads from the store at once. */
const CHANGES_AT_ONCE = 500;

export interface LiveParts {
  readonly alerts: AlertDesk;
  readonly accounts: Accounts;
  readonly jobs: AlertJobs;
}

export function addLiveRoutes(app: App, { alerts, accounts, jobs }: LiveParts): void {
  const streams = new EventStreams(app, accounts, 'GET /api/alerts');

  /** What a page missed since a change, undefined when that is unknown or more than an event carries. */
  async function missed(change: number): Promise<readonly LiveEvent[] | undefined> {
    if (!Number.isSafeInteger(change) || change > alerts.live.last) return undefined;
    const kept = alerts.live.since(change);
    if (kept) return kept;
    const { changes, last, more } = await alerts.store.changes(change, ROWS_PER_EVENT);
    if (more) return undefined;
    const rows = (raised: boolean) => changes.filter((one) => one.raised === raised).map((one) => rowOf(one.alert, alerts.types));
    return [eventOf(last, rows(true), rows(false))];
  }

  app.get(
    '/api/live',
    {
      config: { permission: 'alerts.view', byPlace: true, answers: 'text/event-stream' },
      schema: {
        tags: ['Alerts'],
        summary: 'Alerts as they are raised and changed (text/event-stream)',
        description:
          'Events `alerts` carry {raised, changed, moreRaised, moreChanged}: rows, and how many more there were; `job` carries an AlertJob; `reset` says that much was missed: load anew. For every alert without loss see /api/alerts/stream.',
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
      },
    },
    async (request, reply) => {
      const stream = streams.open(request, reply);
      const feed = alerts.live;
      const reach = reachOfRoute(request);
      const lastEventId = request.headers['last-event-id'];
      // An id from the start, so that a break before the first event loses nothing.
      if (lastEventId === undefined) stream.write(`id: ${feed.last}\nevent: hello\ndata: {}\n\n`);
      else
        for (const text of (await missed(Number(lastEventId)))?.map((event) => textOf(event, reach)) ?? [resetText(feed.last)])
          stream.write(text);
      // What a job did is told to those who see everything, and to who began it.
      const { userName } = callerOf(request);
      const unsubscribe = feed.subscribe({
        alerts: (event) => stream.write(textOf(event, reach)),
        job: (job) => {
          if (reach === 'everything' || job.who === userName)
            stream.write(`event: job\ndata: ${JSON.stringify(jobView(job, jobs.askedOf(job)))}\n\n`);
        },
      });
      stream.onClose(unsubscribe);
    },
  );

  app.get(
    '/api/alerts/stream',
    {
      config: { permission: 'alerts.view', byPlace: true, answers: 'text/event-stream' },
      schema: {
        tags: ['Alerts'],
        summary: 'Every alert that is raised or changed, without loss or duplicate (text/event-stream)',
        description:
          'Events `alert` carry {raised, alert}: the alert as it is, and whether it was raised since the number you gave. The id of an event is the ' +
          'number of the change: come back with it as `Last-Event-ID` or `after`, at any time and after any restart, and the stream goes on behind it. ' +
          'An alert that changed several times meanwhile comes once. Without a number the stream begins now; with 0 at the first alert.',
        headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
        querystring: z.object({ after: z.coerce.number().int().min(0).optional() }),
      },
    },
    async (request, reply) => {
      const given = request.headers['last-event-id'] ?? request.query.after;
      let after = given === undefined ? alerts.store.lastChange : Number(given);
      if (!Number.isSafeInteger(after) || after < 0 || after > alerts.store.lastChange)
        throw new RequestError(
          400,
          'bad_event_id',
          `There was no change ${String(given)}: give the id of an event of this stream, or 0 for everything.`,
        );
      const reach = reachOfRoute(request);
      const stream = streams.open(request, reply);
      let wake: () => void = () => undefined;
      const unsubscribe = alerts.live.subscribe({ alerts: () => wake(), job: () => undefined });
      stream.onClose(() => {
        unsubscribe();
        wake();
      });
      while (!stream.closed) {
        const told = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const { changes, last, more } = await alerts.store.changes(after, CHANGES_AT_ONCE);
        after = last;
        const text = changes
          .filter(({ alert }) => reaches(reach, alert))
          .map(({ change, raised, alert }) => changeText(change, raised, rowOf(alert, alerts.types)))
          .join('');
        // The reader sets the pace: what it has not taken is not read from the store.
        if (text !== '') {
          stream.write(text);
          await stream.taken();
        }
        if (!more) await told;
      }
    },
  );
}

/** An event, with what its reader may see. Where it tells how many more there are, that would tell of others': load anew. */
function textOf({ change, raised, changed, moreRaised, moreChanged }: LiveEvent, reach: Reach): string {
  if (reach !== 'everything' && moreRaised + moreChanged > 0) return resetText(change);
  const seen = (rows: LiveEvent['raised']) => rows.filter((row) => reaches(reach, row));
  return `id: ${change}\nevent: alerts\ndata: ${JSON.stringify({ raised: seen(raised), changed: seen(changed), moreRaised, moreChanged })}\n\n`;
}

function resetText(last: number): string {
  return `id: ${last}\nevent: reset\ndata: {}\n\n`;
}

function changeText(change: number, raised: boolean, alert: AlertRow): string {
  return `id: ${change}\nevent: alert\ndata: ${JSON.stringify({ raised, alert })}\n\n`;
}
