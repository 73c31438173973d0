/**
 * Live updates for pages as server-sent events (WHATWG HTML, section 9.2). The id of an event is the number of the last
 * change it tells of; a page that comes back with `Last-Event-ID` gets what it missed, or `reset` when that is much.
 */
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import type { AlertDesk } from '../alert-desk.ts';
import type { App } from '../app.ts';
import { rowOf } from '../alert-view.ts';
import { EventStreams } from '../event-stream.ts';
import { eventOf, type LiveEvent, ROWS_PER_EVENT } from '../live-feed.ts';

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
      config: { permission: 'alerts.view' },
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
      const lastEventId = request.headers['last-event-id'];
      // An id from the start, so that a break before the first event loses nothing.
      if (lastEventId === undefined) stream.write(`id: ${feed.last}\nevent: hello\ndata: {}\n\n`);
      else
        for (const text of (await missed(Number(lastEventId)))?.map(textOf) ?? [`id: ${feed.last}\nevent: reset\ndata: {}\n\n`])
          stream.write(text);

      stream.onClose(feed.subscribe((event) => stream.write(textOf(event))));
    },
  );
}

function textOf(event: LiveEvent): string {
  return `id: ${event.change}\nevent: alerts\ndata: ${JSON.stringify({ raised: event.raised, changed: event.changed, more: event.more })}\n\n`;
}
