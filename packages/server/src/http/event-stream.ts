/** Server-sent events (WHATWG HTML, section 9.2): opens streams, keeps them alive, and ends those of sessions that ended. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import { callerOf, cookieName } from '../accounts/authentication.ts';
import { RequestError } from './request-error.ts';

const HEARTBEAT_MILLISECONDS = 20_000;
const MAX_STREAMS = 500;
/** A page that reads too slowly is cut off; it comes back with its last id. */
const MAX_BUFFERED_BYTES = 1024 * 1024;

export interface EventStream {
  /** Bytes that the reader has not taken yet. */
  readonly waiting: number;
  /** Writes whole events; one that reads too slowly is cut off. */
  write(text: string): void;
  /** No more can be written. */
  readonly closed: boolean;
  /** Resolves when the reader has taken so much that more may be written, or when the stream is closed. */
  taken(): Promise<void>;
  onClose(end: () => void): void;
}

export class EventStreams {
  readonly #accounts: Accounts;
  readonly #instead: string;
  readonly #open = new Set<ServerResponse>();

  /** @param instead what to call when there are too many streams, such as `GET /api/alerts` */
  constructor(app: App, accounts: Accounts, instead: string) {
    this.#accounts = accounts;
    this.#instead = instead;
    app.addHook('preClose', async () => {
      for (const stream of this.#open) stream.end();
    });
  }

  /** @throws RequestError 503 when there are too many */
  open(request: FastifyRequest, reply: FastifyReply): EventStream {
    if (this.#open.size >= MAX_STREAMS)
      throw new RequestError(
        503,
        'too_many_streams',
        `There are ${MAX_STREAMS} live streams already: close a page, or poll ${this.#instead}.`,
      );
    const { session } = callerOf(request);
    const cookie = request.cookies[cookieName(request.protocol === 'https')];
    reply.hijack();
    const stream = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) stream.setHeader(name, value);
    stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    // Nothing may come for long: the reader knows at once that it listens.
    stream.flushHeaders();
    const heartbeat = setInterval(() => {
      // A session that has ended must not go on reading.
      if (session && (cookie === undefined || !this.#accounts.callerOfSession(cookie))) stream.end();
      else stream.write(': still here\n\n');
    }, HEARTBEAT_MILLISECONDS);
    this.#open.add(stream);
    stream.on('close', () => {
      clearInterval(heartbeat);
      this.#open.delete(stream);
    });
    return {
      get waiting() {
        return stream.writableLength;
      },
      write: (text) => {
        if (stream.writableLength > MAX_BUFFERED_BYTES) stream.destroy();
        else stream.write(text);
      },
      get closed() {
        return stream.destroyed || stream.writableEnded;
      },
      taken: async () => {
        if (stream.writableNeedDrain) await Promise.race([once(stream, 'drain'), once(stream, 'close')]);
      },
      onClose: (end) => void stream.on('close', end),
    };
  }
}
