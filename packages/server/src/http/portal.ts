/**
 * The built portal: hashed files are kept by the browser for ever, the page itself never. Every address that is no file
 * and no API is a page of the portal, which finds its way by itself.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import serveFiles from '@fastify/static';
import type { Console } from '@annunciator/core/roles';
import type { App } from '../app.ts';

/** What the built page carries where the nonce of its answer belongs. */
export const NONCE_PLACE = '__CSP_NONCE__';
/** What it carries where it says whether it is a portal or a sensor. */
const CONSOLE_PLACE = '__CONSOLE__';
/** What it carries where it says whether its data are those of the demo plant. */
const DATA_PLACE = '__DATA__';

export async function addPortal(app: App, webRoot: string | null, console: Console, isDemo: boolean): Promise<void> {
  const page =
    webRoot === null
      ? undefined
      : (await readFile(join(webRoot, 'index.html'), 'utf8')).replace(CONSOLE_PLACE, console).replace(DATA_PLACE, isDemo ? 'demo' : 'own');
  if (webRoot !== null) {
    await app.register(serveFiles, {
      root: join(webRoot, 'assets'),
      prefix: '/assets/',
      immutable: true,
      maxAge: '365d',
      index: false,
      preCompressed: true,
    });
  }
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    if (path.startsWith('/api') || path.startsWith('/assets/') || !['GET', 'HEAD'].includes(request.method) || page === undefined) {
      return reply
        .code(404)
        .send({ code: 'not_found', message: `There is nothing at ${request.method} ${path}. GET /api/openapi.json lists what there is.` });
    }
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-cache')
      .send(page.replaceAll(NONCE_PLACE, reply.cspNonce.style));
  });
}
