/**
 * Server-sent events (WHATWG HTML, section 9.2): opens streams, keeps them alive, and ends those whose caller has no session any more
 * or may see something else than when the stream began: the page comes back, and is told what it may see now.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { App } from '../app.ts';
import { callerNow, callerOf } from '../accounts/authentication.ts';
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
  /** Open streams, and whether their caller may go on reading. */
  readonly #open = new Map<ServerResponse, () => boolean>();

  /** @param instead what to call when there are too many streams, such as `GET /api/alerts` */
  constructor(app: App, accounts: Accounts, instead: string) {
    this.#accounts = accounts;
    this.#instead = instead;
    const stop = accounts.subscribe(() => {
      for (const [stream, mayGoOn] of this.#open) if (!mayGoOn()) stream.end();
    });
    app.addHook('preClose', async () => {
      stop();
      for (const stream of this.#open.keys()) stream.end();
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
    const { access } = callerOf(request);
    const mayGoOn = (): boolean => {
      const now = callerNow(request, this.#accounts);
      return now !== undefined && !now.passwordIsTemporary && isDeepStrictEqual(now.access, access);
    };
    reply.hijack();
    const stream = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) stream.setHeader(name, value);
    stream.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
    // Nothing may come for long: the reader knows at once that it listens.
    stream.flushHeaders();
    const heartbeat = setInterval(() => {
      // Time ends sessions and tokens, too.
      if (!mayGoOn()) stream.end();
      else stream.write(': still here\n\n');
    }, HEARTBEAT_MILLISECONDS);
    this.#open.set(stream, mayGoOn);
    stream.on('close', () => {
      clearInterval(heartbeat);
      this.#open.delete(stream);
    });
    return {
      get waiting() {
        return stream.writableLength;
      },
      write: (text) => {
        if (stream.writableEnded) return;
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
