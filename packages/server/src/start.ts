/**
 * Starts the server on an address: plain HTTP on the loopback address, HTTPS everywhere else.
 */
import { readFile, stat } from 'node:fs/promises';
import type { Server as HttpsServer } from 'node:https';
import type { App, ServerOptions } from './app.ts';
import { buildServer } from './app.ts';
import { issuedCertificate, type KeyStore, serverNames, type Tls } from './http/certificates.ts';

export interface StartOptions extends Omit<ServerOptions, 'tls'> {
  /** 127.0.0.1 when absent. */
  readonly host?: string;
  /** 8443 when absent; 0 for any free one. */
  readonly port?: number;
  /** Where the keys of our own certificates are kept, sealed. */
  readonly keys: KeyStore;
  /** The user's key and certificate chain, PEM files; read anew when they change. */
  readonly certificate?: { readonly keyFile: string; readonly certFile: string };
  /** More host names and addresses for our own certificate. */
  readonly names?: readonly string[];
}

export interface Started {
  readonly app: App;
  /** Where to open the portal. */
  readonly url: string;
  /** The certificate of our own authority in PEM, for browsers to trust; null over HTTP or with the user's certificate. */
  readonly authority: string | null;
  /** Renews the certificate if it is time, or if the user's files changed; the server does so by itself every hour. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const RENEW_EVERY = 3_600_000;

export async function startServer(options: StartOptions): Promise<Started> {
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? 8443;
  if (LOOPBACK.has(host)) {
    const app = await buildServer(options);
    await app.listen({ host, port });
    return { app, url: urlOf('http', host, app), authority: null, renew: () => Promise.resolve(), close: () => app.close() };
  }

  const names = serverNames(options.names);
  let authority: string | null = null;
  let read: { tls: Tls; stamp: string } | undefined;
  const current = async (): Promise<{ tls: Tls; stamp: string }> => {
    if (options.certificate) return userCertificate(options.certificate);
    const issued = await issuedCertificate(options.keys, names);
    authority = issued.authority;
    return { tls: { key: issued.key, cert: issued.cert }, stamp: String(issued.renewAt) };
  };
  read = await current();
  const app = await buildServer({ ...options, tls: read.tls });
  const renew = async (): Promise<void> => {
    const next = await current();
    if (next.stamp === read?.stamp) return;
    read = next;
    // With `tls`, buildServer serves from an https.Server. Connections that are open keep the certificate they began with.
    (app.server as unknown as HttpsServer).setSecureContext({ ...next.tls, minVersion: 'TLSv1.2' });
    options.log?.('The HTTPS certificate was renewed.');
  };
  const timer = setInterval(() => {
    renew().catch((error: unknown) =>
      options.log?.(`The HTTPS certificate could not be renewed, the present one stays in use: ${String(error)}`),
    );
  }, RENEW_EVERY);
  timer.unref();
  app.addHook('onClose', async () => clearInterval(timer));
  await app.listen({ host, port });
  return { app, url: urlOf('https', host, app), authority, renew, close: () => app.close() };
}

async function userCertificate({ keyFile, certFile }: { keyFile: string; certFile: string }): Promise<{ tls: Tls; stamp: string }> {
  const [key, cert, keyFacts, certFacts] = await Promise.all([
    readFile(keyFile, 'utf8'),
    readFile(certFile, 'utf8'),
    stat(keyFile),
    stat(certFile),
  ]);
  return { tls: { key, cert }, stamp: `${keyFacts.mtimeMs}/${certFacts.mtimeMs}` };
}

function urlOf(scheme: string, host: string, app: App): string {
  const address = app.server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const shown = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}:${port}/`;
}
