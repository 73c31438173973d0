/** The IoT hub with what belongs to it in an Annunciator: alerts from what it finds, and the API. */
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { fromMilliseconds } from '@annunciator/core/time';
import { HubPast } from '@annunciator/hub/security/past';
import type { AlertDesk, Place } from '@annunciator/server/alerts/alert-desk';
import { findingTaker } from '@annunciator/server/hub/finding-taker';
import { HubDesk } from '@annunciator/server/hub/hub-desk';
import type { HubLink } from '@annunciator/server/hub/hub-link';
import { LiveMessages } from '@annunciator/server/hub/live-messages';
import { MANAGEMENT } from '@annunciator/server/routes/management';
import { SecurityDesk } from '@annunciator/server/hub/security-desk';
import type { AlertStore } from '@annunciator/store/alert-query';
import type { FindingRecords } from '@annunciator/store/finding-records';
import type { Audit } from '@annunciator/server/audit';
import { StoreError } from '@annunciator/store/store-error';
import { hubDirectory, runHub, type RunHubOptions } from '../hub/run-hub.ts';
import { DemoDevices } from './demo-devices.ts';

export interface EmbeddedHubOptions extends Omit<RunHubOptions, 'data' | 'consumers'> {
  /** Its ports were asked for: nothing starts without them. */
  readonly isDemanded: boolean;
  /** Simulated devices are at work. */
  readonly demo: boolean;
}

export interface EmbeddedHubParts {
  readonly data: string;
  readonly audit: Audit;
  readonly say: (line: string) => void;
  /** Where its alerts go. */
  readonly desk: Pick<AlertDesk, 'detect' | 'closeQuiet' | 'expire'>;
  readonly findings: Pick<FindingRecords, 'known' | 'list' | 'prune'>;
  readonly alerts: Pick<AlertStore, 'groups'>;
  readonly place: Place;
}

export interface EmbeddedHub {
  readonly link: HubLink;
  /** Null where there is no hub. */
  readonly httpsPort: number | null;
  /** Certificate of its own authority in PEM; null with the user's certificate. */
  readonly authority: string | null;
  /** The server that answers on the hub's HTTPS port, too: its management API, and other paths that it is asked for. */
  serve(server: { routing: RequestListener }, ...paths: readonly string[]): void;
  stop(): Promise<void>;
}

/** What alerts of the hub name as their sensor. */
export const HUB = 'IoT hub';
const UPKEEP_MS = 3_600_000;
/** Findings are kept so long, and so many. */
const FINDING_DAYS = 90;
const MOST_FINDINGS = 1_000_000;
/** Anything that listens everywhere is reached here, too. */
const EVERYWHERE = new Set(['0.0.0.0', '::']);

/**
 * Starts the hub. When it cannot have its usual ports the rest of the system goes on without it, and its pages say why.
 * @param options null when no hub is wanted
 * @throws Error with one sentence when a port that was asked for cannot be had
 */
export async function startEmbeddedHub(options: EmbeddedHubOptions | null, parts: EmbeddedHubParts): Promise<EmbeddedHub> {
  const { data, audit, say, desk, findings, place, alerts } = parts;
  if (!options) return without('The IoT hub is switched off: start the system without --no-hub.');
  const live = new LiveMessages();
  const { isDemanded, demo, ...run } = options;
  const { host, address } = run;
  let running: Awaited<ReturnType<typeof runHub>>;
  try {
    running = await runHub({ ...run, data, consumers: [live] }, say);
  } catch (error) {
    const why = reasonOf(error, data);
    if (why === undefined) throw error;
    if (isDemanded) throw new Error(why, { cause: error });
    say(`The IoT hub does not run. ${why}`);
    return without(`The IoT hub does not run. ${why}`);
  }
  const { hub, security, ports, authority } = running;
  security.handOver(findingTaker(desk, findings, place, host));
  const upkeep = setInterval(() => void keepTidy(parts), UPKEEP_MS).unref();
  const facts = { host, ports, authority };
  const reached = address === undefined || EVERYWHERE.has(address) ? '127.0.0.1' : address;
  const devices =
    demo && ports.mqtt !== null
      ? await DemoDevices.start({ hub, security, host, address: reached, mqttPort: ports.mqtt, authority })
      : undefined;
  return {
    link: {
      desk: new HubDesk({ hub, facts, live, audit }),
      security: new SecurityDesk({ security, past: new HubPast(security, Date.now), alerts, findings, audit }),
      why: '',
    },
    httpsPort: ports.https,
    authority,
    serve: ({ routing }, ...paths) => {
      for (const path of [MANAGEMENT, ...paths]) running.serveAlso(path, routing);
    },
    stop: async () => {
      clearInterval(upkeep);
      devices?.stop();
      await running.stop();
    },
  };
}

/** Closes alerts that have been quiet, and forgets what is too old. */
async function keepTidy({ desk, findings, place, say }: EmbeddedHubParts): Promise<void> {
  const now = Date.now();
  try {
    await desk.closeQuiet(fromMilliseconds(now), place);
    await desk.expire(fromMilliseconds(now), place);
    await findings.prune(now - FINDING_DAYS * 86_400_000, MOST_FINDINGS);
  } catch (error) {
    say(`Old alerts of the hub could not be tidied up: ${String(error)}`);
  }
}

function without(why: string): EmbeddedHub {
  return { link: { desk: null, why }, httpsPort: null, authority: null, serve: () => {}, stop: () => Promise.resolve() };
}

/** Why a hub cannot run that otherwise could; undefined for other faults. */
function reasonOf(error: unknown, data: string): string | undefined {
  if (error instanceof StoreError && error.code === 'in-use')
    return `Another process runs the hub of ${join(hubDirectory(data))}: stop it, then start this again.`;
  // A port that cannot be had, in words (run-hub.ts).
  return error instanceof Error && error.cause instanceof Error && 'port' in error.cause ? error.message : undefined;
}
