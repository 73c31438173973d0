/** A request as routes see it, and what they answer. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Credentials } from '../authentication/authenticator.ts';
import type { Origin } from '../authentication/caller.ts';
import { certificateOf } from '../doors/peer.ts';
import { HubError } from '../hub-error.ts';
import { type JsonObject, parseObject } from '../twin/limits.ts';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is JSON unless the headers say otherwise. */
  readonly body?: string | Buffer;
  /** Instead of a body; the headers tell its length. */
  readonly stream?: Readable;
}

export class HubRequest {
  readonly incoming: IncomingMessage;
  readonly origin: Origin;
  readonly query: URLSearchParams;
  readonly #parameters: Readonly<Record<string, string>>;
  readonly #bodyMs: number;

  /** @param bodyMs time for a body to arrive, milliseconds */
  constructor(
    incoming: IncomingMessage,
    origin: Origin,
    parameters: Readonly<Record<string, string>>,
    query: URLSearchParams,
    bodyMs: number,
  ) {
    this.#bodyMs = bodyMs;
    this.incoming = incoming;
    this.origin = origin;
    this.query = query;
    this.#parameters = parameters;
  }

  /** A named segment of the path, decoded. Routes ask only for those they declare. */
  parameter(name: string): string {
    const value = this.#parameters[name];
    if (value === undefined) throw new Error(`the route has no ${name}`);
    return value;
  }

  /** A named segment, null where the route has none. */
  optional(name: string): string | null {
    return this.#parameters[name] ?? null;
  }

  header(name: string): string | undefined {
    const value = this.incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** `If-Match` without quotes, null when absent. */
  get ifMatch(): string | null {
    const value = this.header('if-match');
    return value === undefined ? null : value.replace(/^"(.*)"$/, '$1');
  }

  get credentials(): Credentials {
    const token = this.header('authorization');
    // The HTTPS server's sockets are TLS sockets.
    return token === undefined ? { certificate: certificateOf(this.incoming.socket as TLSSocket) } : { token };
  }

  /** The whole body. @throws HubError MessageTooLarge beyond `limit` bytes */
  async body(limit: number): Promise<Buffer> {
    const announced = Number(this.header('content-length') ?? 0);
    if (announced > limit) throw tooLarge(announced, limit);
    const timer = setTimeout(() => this.incoming.destroy(), this.#bodyMs);
    const parts: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const part of this.incoming) {
        // A stream without encoding gives Buffers.
        const piece = part as Buffer;
        bytes += piece.length;
        if (bytes > limit) throw tooLarge(bytes, limit);
        parts.push(piece);
      }
    } finally {
      clearTimeout(timer);
    }
    return Buffer.concat(parts);
  }

  /** The body as a JSON object. @throws HubError ArgumentInvalid, MessageTooLarge */
  async object(limit: number): Promise<JsonObject> {
    return parseObject((await this.body(limit)).toString(), 'The body');
  }
}

function tooLarge(bytes: number, limit: number): HubError {
  return new HubError('MessageTooLarge', `The body has ${bytes} bytes or more; ${limit} are allowed.`);
}

export function json(value: object | string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers, body: typeof value === 'string' ? value : JSON.stringify(value) };
}

export const NO_CONTENT: Answer = { status: 204 };
