/**
 * Live updates for pages as server-sent events (WHATWG HTML, section 9.2). The id of an event is the number of the last
 * change it tells of; a page that comes back with `Last-Event-ID` gets what it missed, or `reset` when that is much.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Accounts } from '../accounts.ts';
import type { AlertDesk } from '../alert-desk.ts';
import type { App } from '../app.ts';
import { callerOf, cookieName } from '../authentication.ts';
import { rowOf } from '../alert-view.ts';
import { eventOf, type LiveEvent, ROWS_PER_EVENT } from '../live-feed.ts';
import { RequestError } from '../request-error.ts';

const HEARTBEAT_MILLISECONDS = 20_000;
const MAX_STREAMS = 500;
/** A page that reads too slowly is cut off; it comes back with its last id. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export function addLiveRoute(app: App, { alerts, accounts }: { alerts: AlertDesk; accounts: Accounts }): void {
  const open = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const stream of open) stream.end();
  });

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
      if (open.size >= MAX_STREAMS)
        throw new RequestError(
          503,
          'too_many_streams',
          `There are ${MAX_STREAMS} live streams already: close a page, or poll GET /api/alerts.`,
        );
      const { session } = callerOf(request);
      const cookie = request.cookies[cookieName(request.protocol === 'https')];
      reply.hijack();
      const stream = reply.raw;
      for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) stream.setHeader(name, value);
      stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });

      const feed = alerts.live;
      const lastEventId = request.headers['last-event-id'];
      // An id from the start, so that a break before the first event loses nothing.
      if (lastEventId === undefined) stream.write(`id: ${feed.last}\nevent: hello\ndata: {}\n\n`);
      else
        for (const text of (await missed(Number(lastEventId)))?.map(textOf) ?? [`id: ${feed.last}\nevent: reset\ndata: {}\n\n`])
          stream.write(text);

      const unsubscribe = feed.subscribe((event) => {
        if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
        else stream.write(textOf(event));
      });
      const heartbeat = setInterval(() => {
        // A session that has ended must not go on reading.
        if (session && (cookie === undefined || !accounts.callerOfSession(cookie))) stream.end();
        else stream.write(': still here\n\n');
      }, HEARTBEAT_MILLISECONDS);
      open.add(stream);
      stream.on('close', () => {
        clearInterval(heartbeat);
        unsubscribe();
        open.delete(stream);
      });
    },
  );
}

function textOf(event: LiveEvent): string {
  return `id: ${event.change}\nevent: alerts\ndata: ${JSON.stringify({ raised: event.raised, changed: event.changed, more: event.more })}\n\n`;
}
