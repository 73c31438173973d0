/**
 * `annunciator hub`: the hub without sensor and portal. What it finds is kept as alerts, and its HTTPS port answers the API
 * and the management API to tokens of `annunciator token create`.
 */
import { isIP, isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import { Accounts } from '@annunciator/server/accounts/accounts';
import { AlertDesk } from '@annunciator/server/alerts/alert-desk';
import { AlertJobs } from '@annunciator/server/alerts/alert-jobs';
import { AlertTypes } from '@annunciator/server/alerts/alert-types';
import { type App, buildServer } from '@annunciator/server/app';
import { EventDesk } from '@annunciator/server/events/event-desk';
import { NO_SENSORS } from '@annunciator/server/sensor-link';
import { openStore } from '@annunciator/store/store';
import { consoleOf } from '../up/console-of.ts';
import { type EmbeddedHub, HUB, startEmbeddedHub } from '../up/embedded-hub.ts';
import { commandToken } from '../up/local-accounts.ts';
import { forgetRunning, noteRunning } from '../up/running.ts';
import type { RunHubOptions } from './run-hub.ts';

const API = '/api/';

/** Starts the hub. @throws Error with one sentence when it cannot. */
export async function runHubAlone(options: RunHubOptions, say: (line: string) => void): Promise<{ stop(): Promise<void> }> {
  const data = resolve(options.data);
  const store = await openStore(data);
  let hub: EmbeddedHub | undefined;
  let jobs: AlertJobs | undefined;
  let app: App | undefined;
  const stop = async (): Promise<void> => {
    await jobs?.close();
    await app?.close();
    await hub?.stop();
    await forgetRunning(data);
    await store.close();
  };
  try {
    const accounts = await Accounts.open({
      store: store.accounts,
      secrets: store.secrets,
      console: await consoleOf(store, 'portal'),
    });
    const first = await accounts.createFirstAdministrator(process.env['ANNUNCIATOR_ADMIN_PASSWORD'] || undefined);
    const events = new EventDesk({ store: store.timeline, say });
    const audit = events.audited(store.audit);
    const desk = await AlertDesk.open({
      store: store.alerts,
      types: new AlertTypes(),
      sensors: NO_SENSORS,
      audit,
      silencers: store.silencers,
      sensorNames: [HUB],
      timeline: events.take,
    });
    hub = await startEmbeddedHub(
      { ...options, isDemanded: true, demo: false },
      {
        data,
        audit,
        say,
        desk,
        findings: store.findings,
        alerts: store.alerts,
        place: { sensor: HUB, site: 'Main site', zone: 'Default zone' },
      },
    );
    jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions: store.decisions, timeline: events.take });
    app = await buildServer({
      alerts: desk,
      jobs,
      decisions: store.decisions,
      records: store,
      accounts,
      sensors: NO_SENSORS,
      audit,
      auditLog: store.audit,
      events,
      hub: hub.link,
      webRoot: null,
      behindTls: true,
      log: say,
    });
    await app.ready();
    hub.serve(app, API);
    // A certificate names the host; addresses are no names of TLS, and are asked for as they are.
    const at = isIP(options.host) ? { url: options.host } : { url: '127.0.0.1', name: options.host };
    await noteRunning(data, {
      ...at,
      url: `https://${isIPv6(at.url) ? `[${at.url}]` : at.url}:${hub.httpsPort}/`,
      pid: process.pid,
      token: await commandToken(accounts),
      authority: hub.authority,
    });
    await jobs.resume();
    if (first) say(`The API's first user is ${first.name} with the one-time password  ${first.password}`);
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
