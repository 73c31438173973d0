/** HTTP/1.1 (RFC 9112). */
import type { Host } from './host.ts';
import { join, octets } from './octets.ts';
import type { ConnectionOptions } from './tcp.ts';
import { Connection } from './tcp.ts';
import type { Timeline } from './timeline.ts';

export const PORT = 80;

/**
 * The industry's agreed test string that every scanner must report and that does no harm. Put together here, so that
 * scanners do not report this file.
 */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-', 'TEST-FILE!$H+H*'].join('');

export interface Exchange {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly userAgent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status?: number;
  readonly server?: string;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseType?: string;
  readonly responseBody?: string | Uint8Array;
}

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  500: 'Internal Server Error',
};

export function request(exchange: Exchange, serverName: string): Uint8Array {
  const headers: Record<string, string> = {
    Host: exchange.host ?? serverName,
    'User-Agent': exchange.userAgent ?? 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)',
    ...exchange.headers,
  };
  if (exchange.body !== undefined) headers['Content-Length'] = String(exchange.body.length);
  return octets()
    .text(`${exchange.method ?? 'GET'} ${exchange.path ?? '/'} HTTP/1.1\r\n${headerText(headers)}\r\n${exchange.body ?? ''}`)
    .take();
}

export function response(exchange: Exchange): Uint8Array {
  const status = exchange.status ?? 200;
  const body =
    typeof exchange.responseBody === 'string' ? octets().text(exchange.responseBody).take() : (exchange.responseBody ?? new Uint8Array(0));
  const headers = {
    Server: exchange.server ?? 'Boa/0.94',
    'Content-Type': exchange.responseType ?? 'text/html',
    'Content-Length': String(body.length),
    ...exchange.responseHeaders,
  };
  return join(
    octets()
      .text(`HTTP/1.1 ${status} ${REASONS[status] ?? 'Status'}\r\n${headerText(headers)}\r\n`)
      .take(),
    body,
  );
}

export function session(
  timeline: Timeline,
  client: Host,
  server: Host,
  options: ConnectionOptions & { readonly port?: number } = {},
): HttpSession {
  return new HttpSession(timeline, client, server, options);
}

/** One connection, any number of exchanges. */
export class HttpSession {
  readonly connection: Connection;

  constructor(timeline: Timeline, client: Host, server: Host, options: ConnectionOptions & { readonly port?: number }) {
    this.connection = new Connection(timeline, client, server, options.port ?? PORT, options);
  }

  exchange(exchange: Exchange): this {
    this.connection.request(request(exchange, this.connection.server.ip)).response(response(exchange)).acknowledge();
    return this;
  }

  get(path: string, responseBody: string | Uint8Array = '<html></html>', more: Exchange = {}): this {
    return this.exchange({ ...more, path, responseBody });
  }

  /** A SOAP call with its action header. */
  soap(path: string, action: string, body: string): this {
    const xml = 'text/xml; charset=utf-8';
    return this.exchange({
      method: 'POST',
      path,
      headers: { SOAPAction: `"${action}"`, 'Content-Type': xml },
      body,
      responseType: xml,
      responseBody: '<ok/>',
    });
  }

  close(): void {
    this.connection.close();
  }
}

function headerText(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}
