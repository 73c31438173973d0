/**
 * Live updates for pages as server-sent events (WHATWG HTML, section 9.2). The id of an event is the number of the last
 * change it tells of; a page that comes back with `Last-Event-ID` gets what it missed, or `reset` when that is much.
 */
import { type Reach, reaches } from '@annunciator/core/access';
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import type { AlertDesk } from '../alert-desk.ts';
import type { App } from '../app.ts';
import { rowOf } from '../alert-view.ts';
import { EventStreams } from '../event-stream.ts';
import { eventOf, type LiveEvent, ROWS_PER_EVENT } from '../live-feed.ts';
import { reachOfRoute } from '../reach.ts';

export function addLiveRoute(app: App, { alerts, accounts }: { alerts: AlertDesk; accounts: Accounts }): void {
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
        description: 'Events `alerts` carry {raised, changed, more}; `reset` says that events were lost: load anew.',
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
        for (const text of (await missed(Number(lastEventId)))?.map((event) => textOf(event, reach)) ?? [
          `id: ${feed.last}\nevent: reset\ndata: {}\n\n`,
        ])
          stream.write(text);

      stream.onClose(feed.subscribe((event) => stream.write(textOf(event, reach))));
    },
  );
}

/** An event, with what its reader may see. Where it tells how many more there are, that would tell of others': load anew. */
function textOf({ change, raised, changed, more }: LiveEvent, reach: Reach): string {
  if (reach !== 'everything' && more > 0) return `id: ${change}\nevent: reset\ndata: {}\n\n`;
  const seen = (rows: LiveEvent['raised']) => rows.filter((row) => reaches(reach, row));
  return `id: ${change}\nevent: alerts\ndata: ${JSON.stringify({ raised: seen(raised), changed: seen(changed), more })}\n\n`;
}
