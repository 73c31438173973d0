/** The HTTPS front door: requests of devices and back ends, the blob store, and WebSockets that carry MQTT or AMQP. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { TLSSocket } from 'node:tls';
import type { Hub } from '../core/hub.ts';
import { asHubError, HubError } from '../hub-error.ts';
import { refusal } from '../https/answers.ts';
import { certificateRoutes } from '../https/certificate-routes.ts';
import { deviceRoutes } from '../https/device-routes.ts';
import { diagnosticRoutes } from '../https/diagnostic-routes.ts';
import { fileRoutes } from '../https/file-routes.ts';
import { type Answer, HubRequest } from '../https/request.ts';
import { Router } from '../https/router.ts';
import { serviceRoutes } from '../https/service-routes.ts';
import { isKnownVersion } from '../mqtt/connect-request.ts';
import type { Patience } from './patience.ts';
import { originOf } from './peer.ts';

export class HttpsDoor {
  readonly #hub: Hub;
  readonly #patience: Patience;
  readonly #router: Router;

  constructor(hub: Hub, patience: Patience) {
    this.#hub = hub;
    this.#patience = patience;
    this.#router = new Router([
      ...deviceRoutes(hub),
      ...fileRoutes(hub),
      ...serviceRoutes(hub),
      ...certificateRoutes(hub),
      ...diagnosticRoutes(hub),
    ]);
  }

  /** Answers a request; never rejects. */
  async handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    incoming.on('error', () => {});
    response.on('error', () => {});
    let answer: Answer;
    try {
      answer = await this.#answer(incoming);
    } catch (error) {
      // What was refused is recorded where it was refused; what no route took is not an operation.
      answer = refusal(asHubError(error), this.#hub.context.clock());
    }
    if (response.destroyed) return;
    const { status, headers = {}, body = '' } = answer;
    const type = typeof body === 'string' && body !== '' ? { 'content-type': 'application/json; charset=utf-8' } : {};
    // Who has no right to be here begins anew for each try.
    const close = status === 401 ? { connection: 'close' } : {};
    response.writeHead(status, { ...type, 'content-length': Buffer.byteLength(body), ...close, ...headers });
    if (answer.stream) await pipeline(answer.stream, response).catch(() => response.destroy());
    else response.end(body);
    // The rest of a body that nobody will read is not waited for.
    if (!incoming.complete) response.once('finish', () => incoming.destroy());
  }

  #answer(incoming: IncomingMessage): Promise<Answer> {
    const [path, search = ''] = splitAt(incoming.url ?? '/', '?');
    const match = this.#router.find(incoming.method ?? 'GET', path);
    if (match === undefined) throw new HubError('NotFound', `There is nothing at ${path.slice(0, 200)}.`);
    if (match === 'method') throw new HubError('MethodNotAllowed', `${incoming.method} does not fit ${path.slice(0, 200)}.`);
    if (match === 'malformed') throw new HubError('ArgumentInvalid', `The path ${path.slice(0, 200)} is badly encoded.`);
    const query = new URLSearchParams(search);
    const version = query.get('api-version');
    if (match.route.versioned !== false && !isKnownVersion(version ?? ''))
      throw new HubError(
        'InvalidProtocolVersion',
        `The api-version ${JSON.stringify(version?.slice(0, 30) ?? '')} is not 2016-11-14 or later.`,
      );
    // The HTTPS server's sockets are TLS sockets.
    const origin = originOf(incoming.socket as TLSSocket, 'HTTPS');
    return match.route.handle(new HubRequest(incoming, origin, match.parameters, query, this.#patience.bodyMs));
  }
}

function splitAt(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}
