/** `annunciator hub`: the hub alone, with a certificate of its own authority or the user's. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { HubOperationConsumer } from '@annunciator/rules/hub-operation';
import type { Hub } from '@annunciator/hub/core/hub';
import { DiagnosticsLog } from '@annunciator/hub/core/diagnostics-log';
import { DEFAULT_LIMITS, ratesOf, type Tier } from '@annunciator/hub/core/limits';
import { HISTORY_BYTES, HubSecurity } from '@annunciator/hub/security/hub-security';
import { type HubKeys, type HubPorts, type RunningHub, startHub, type TlsFiles } from '@annunciator/hub/start';
import { issuedCertificate } from '@annunciator/server/http/certificates';
import { forgetHub, noteHub } from './running-hub.ts';

export interface RunHubOptions {
  readonly data: string;
  readonly host: string;
  readonly address: string | undefined;
  readonly otherNames: readonly string[];
  readonly ports: HubPorts;
  readonly partitions: number;
  readonly tier: Tier | 'none';
  readonly units: number;
  readonly journalBytes: number;
  readonly blobBytes: number;
  readonly handshakesPerSecond: number;
  readonly certificate: { readonly keyFile: string; readonly certFile: string } | null;
  /** Who else follows what happens. */
  readonly consumers?: readonly HubOperationConsumer[];
  /** What the options for ports begin with, such as `--hub-`; `--` when absent. */
  readonly flags?: string;
}

export interface RunningHubCommand {
  readonly hub: Hub;
  readonly security: HubSecurity;
  readonly serveAlso: RunningHub['serveAlso'];
  readonly ports: HubPorts;
  /** Certificate of our own authority in PEM, null with the user's certificate. */
  readonly authority: string | null;
  stop(): Promise<void>;
}

const RENEW_EVERY = 3_600_000;
/** Between snapshots of what is counted; after a crash the journal is played from the last one. */
const SNAPSHOT_MS = 10_000;
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** Where the hub keeps everything within a data directory. */
export function hubDirectory(data: string): string {
  return join(resolve(data), 'hub');
}

/** Starts the hub. @throws Error with one sentence when it cannot. */
export async function runHub(options: RunHubOptions, say: (line: string) => void): Promise<RunningHubCommand> {
  const directory = hubDirectory(options.data);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const limits = {
    ...DEFAULT_LIMITS,
    journalBytes: options.journalBytes,
    blobBytes: options.blobBytes,
    handshakesPerSecond: options.handshakesPerSecond,
  };
  const log = await DiagnosticsLog.open({
    folder: join(directory, 'logs'),
    maxBytes: limits.logBytes,
    resourceId: `/annunciator/iothubs/${options.host}`,
    log: say,
  });
  const security = await HubSecurity.open({
    folder: join(directory, 'security'),
    historyBytes: HISTORY_BYTES,
    clock: Date.now,
    steadyClock: () => performance.now(),
    snapshotMs: SNAPSHOT_MS,
    log: say,
  });
  let authority: string | null = null;
  const certificate = async (keys: HubKeys): Promise<TlsFiles> => {
    if (options.certificate)
      return { key: await readFile(options.certificate.keyFile, 'utf8'), cert: await readFile(options.certificate.certFile, 'utf8') };
    const issued = await issuedCertificate(keys, [...new Set([options.host, ...options.otherNames])]);
    authority = issued.authority;
    await writeFile(join(directory, 'ca.pem'), authority);
    return { key: issued.key, cert: issued.cert };
  };
  const running = await startHub({
    hub: {
      directory,
      host: options.host,
      otherNames: options.otherNames,
      partitions: options.partitions,
      limits,
      rates: options.tier === 'none' ? null : ratesOf(options.tier, options.units),
      clock: Date.now,
      consumers: [log, security, ...(options.consumers ?? [])],
      log: say,
    },
    address: options.address ?? (LOOPBACK.includes(options.host) ? '127.0.0.1' : null),
    ports: options.ports,
    tls: certificate,
  }).catch(async (error: unknown) => {
    await log.close();
    throw explained(error, options.flags ?? '--');
  });
  await security.start(running.hub.context);
  log.choose((category) => running.hub.diagnostics.isKept(category));
  const renewal = setInterval(
    () => void renew().catch((error: unknown) => say(`The certificate could not be renewed: ${String(error)}`)),
    RENEW_EVERY,
  ).unref();
  let stamp = await stampOf(options);
  const renew = async (): Promise<void> => {
    const now = await stampOf(options);
    if (options.certificate && now === stamp) return;
    stamp = now;
    await running.renew();
  };
  await noteHub(directory, { host: options.host, ports: running.ports, pid: process.pid });
  const { mqtt, amqp, https } = running.ports;
  say(`The hub is ${options.host}: MQTT on port ${mqtt}, AMQP on ${amqp}, HTTPS and WebSockets on ${https}.`);
  if (!options.certificate) say(`Devices and back ends must trust ${join(directory, 'ca.pem')}.`);
  return {
    hub: running.hub,
    security,
    serveAlso: running.serveAlso,
    ports: running.ports,
    authority,
    stop: async () => {
      clearInterval(renewal);
      await forgetHub(directory);
      await running.close();
      await security.close();
      await log.close();
    },
  };
}

/** Changes when the user's files do. */
async function stampOf({ certificate }: RunHubOptions): Promise<string> {
  if (!certificate) return '';
  const times = await Promise.all([certificate.keyFile, certificate.certFile].map(async (file) => (await stat(file)).mtimeMs));
  return times.join();
}

/** Ports that cannot be opened, in words. */
function explained(error: unknown, flags: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('port' in error)) return error;
  const port = String(error.port);
  switch (error.code) {
    case 'EADDRINUSE':
      return new Error(
        `Port ${port} is in use: stop what uses it, or give another with ${flags}mqtt-port, ${flags}amqp-port or ${flags}https-port.`,
        {
          cause: error,
        },
      );
    case 'EACCES':
      return new Error(
        `Port ${port} may not be opened by this user: give one above 1023, or allow it with "sysctl net.ipv4.ip_unprivileged_port_start=${port}".`,
        { cause: error },
      );
    case 'EADDRNOTAVAIL':
      return new Error(
        `${'address' in error ? String(error.address) : 'The address'} is none of this machine: give one of its own with ${flags}address.`,
        { cause: error },
      );
    default:
      return error;
  }
}
