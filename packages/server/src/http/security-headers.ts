/**
 * Security headers. The page may load scripts, styles, images and data from its own origin only; styles that Fluent
 * makes at run time carry a nonce that is new with each page.
 */
import helmet from '@fastify/helmet';
import type { App } from '../app.ts';

const YEAR_SECONDS = 31_536_000;

export async function addSecurityHeaders(app: App, secure: boolean): Promise<void> {
  await app.register(helmet, {
    enableCSPNonces: true,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
    crossOriginEmbedderPolicy: true,
    hsts: secure ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false,
  });
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('permissions-policy', 'camera=(), microphone=(), geolocation=(), usb=()');
    if (request.url.startsWith('/api')) void reply.header('cache-control', 'no-store');
  });
}
