/** `annunciator up` and `annunciator sensor`: everything in one process group on embedded stores. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { PcapState } from '@annunciator/core/alert';
import type { Console } from '@annunciator/core/roles';
import { expectedPcap } from '@annunciator/core/life-cycle';
import { AlertDesk, REQUESTED } from '@annunciator/server/alerts/alert-desk';
import { AlertJobs } from '@annunciator/server/alerts/alert-jobs';
import { AlertTypes } from '@annunciator/server/alerts/alert-types';
import type { Audit } from '@annunciator/server/audit';
import { Accounts } from '@annunciator/server/accounts/accounts';
import { DeviceDesk } from '@annunciator/server/devices/device-desk';
import { EventDesk } from '@annunciator/server/events/event-desk';
import { PacketEvidence } from '@annunciator/server/alerts/packet-evidence';
import { serverNames } from '@annunciator/server/http/certificates';
import { NO_SENSORS, type SensorLink } from '@annunciator/server/sensor-link';
import { TypeSwitches } from '@annunciator/server/alerts/type-switches';
import { SettingsDesk } from '@annunciator/server/settings/settings-desk';
import { SiteDesk } from '@annunciator/server/sites/site-desk';
import { startServer, type Started } from '@annunciator/server/start';
import { openStore, type Store } from '@annunciator/store/store';
import { type EmbeddedHub, type EmbeddedHubOptions, HUB, startEmbeddedHub } from './embedded-hub.ts';
import { consoleOf } from './console-of.ts';
import { commandToken } from './local-accounts.ts';
import { forgetRunning, noteRunning } from './running.ts';
import { type LearningSettings, ON_A_NETWORK, OPERATIONAL_AT_ONCE } from '@annunciator/sensor/baseline/learning';
import type { PacketStart } from '@annunciator/sensor/process/messages';
import { SensorProcess } from './sensor-process.ts';
import type { SourceChoice } from './sensor-worker.ts';
import { holdSettings, packetBudgets } from './retention.ts';
import { readSingleSignOn } from './sso-file.ts';

export interface UpOptions {
  /** Whose pages and roles it has: the portal's, or those of a sensor on its own. */
  readonly console: Console;
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly source: SourceChoice | null;
  readonly sensor: string;
  readonly site: string;
  readonly zone: string;
  readonly focus: 'ot' | 'any';
  readonly enableAll: boolean;
  /** How learning ends on an interface, and after how many days of packet time at the earliest. */
  readonly learnEnd: LearningSettings['end'];
  readonly learnDays: number;
  readonly certificate?: { readonly keyFile: string; readonly certFile: string };
  readonly names: readonly string[];
  /** Bytes on disk for packets: all recent ones, and those of alerts. 0 keeps none. */
  readonly packetBudget: number;
  /** File with the settings of single sign-on. */
  readonly sso?: string;
  /** Events that the timeline holds. */
  readonly timelineEvents: number;
  /** Null starts no hub. */
  readonly hub: EmbeddedHubOptions | null;
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

const NOT_KEPT: PcapState = { state: 'missing', reason: 'Packets are not kept: the settings give them no room on disk.' };

export interface Running {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts the system. @throws Error with one sentence when it cannot. */
export async function up(options: UpOptions, say: (line: string) => void): Promise<Running> {
  const data = resolve(options.data);
  const webRoot = resolve(import.meta.dirname, '../../../web/dist');
  const store = await openStore(data, { timelineCapacity: options.timelineEvents });
  let sensor: SensorProcess | undefined;
  let started: Started | undefined;
  let hub: EmbeddedHub | undefined;
  let releaseSettings: (() => void) | undefined;
  let jobs: AlertJobs | undefined;
  try {
    const settings = await SettingsDesk.open(store.settings, {
      timelineEvents: options.timelineEvents,
      packetGigabytes: options.packetBudget / 1e9,
    });
    const typeSwitches = await TypeSwitches.open(store.settings, options.enableAll);
    const { packetGigabytes } = settings.current;
    const budgets = packetBudgets(settings.current);
    if (packetGigabytes !== settings.usual.packetGigabytes)
      say(`Packets have ${packetGigabytes} GB, as Settings in the portal say; --packet-budget counts until somebody sets it there.`);
    const accounts = await Accounts.open({
      store: store.accounts,
      secrets: store.secrets,
      console: await consoleOf(store, options.console),
    });
    const first = await accounts.createFirstAdministrator(process.env['ANNUNCIATOR_ADMIN_PASSWORD'] || undefined);
    const told = { sensor: options.sensor, site: options.site, zone: options.zone };
    const type = options.focus === 'any' ? 'Enterprise IoT' : 'OT - locally connected';
    const place = options.source ? await SiteDesk.standing(store.sites, told, type, Date.now()) : told;
    if (place.site !== told.site || place.zone !== told.zone)
      say(
        `The sensor ${place.sensor} stands in ${place.site}, ${place.zone}, as the portal says; --site and --zone count at its first start.`,
      );
    const hubPlace = { ...told, sensor: HUB };
    sensor = options.source ? makeSensor(options, options.source, budgets.recent, store, place, typeSwitches, say) : undefined;
    const sensors: SensorLink = sensor ?? NO_SENSORS;
    typeSwitches.onChange(async (types) => sensors.setTypes?.(types));
    const events = new EventDesk({ store: store.timeline, say });
    const audit = events.audited(store.audit);
    const sites = new SiteDesk({ sites: store.sites, sensors, audit });
    const devices = new DeviceDesk({
      inventory: store.inventory,
      sensors,
      audit,
      timeline: events.take,
      retention: () => settings.deviceRetention,
    });
    let evidence: PacketEvidence | undefined;
    const desk = await AlertDesk.open({
      removed: async (ids) => evidence?.forget(ids),
      store: store.alerts,
      types: new AlertTypes(undefined, options.console),
      sensors: flagging(sensors, devices),
      audit,
      silencers: store.silencers,
      retention: () => settings.alertRetention,
      sensorNames: [place.sensor, hubPlace.sensor],
      timeline: events.take,
      // The sensor has decided already which types are on.
      book: {
        enabled: ({ id }) => typeSwitches.of(id).on !== false,
        pcap: (detection, type) => {
          const expected = expectedPcap(detection, type);
          if (expected.state === 'missing') return expected;
          return packetGigabytes > 0 ? REQUESTED : NOT_KEPT;
        },
      },
    });
    evidence = await PacketEvidence.open({
      folder: join(data, 'packets', 'evidence'),
      budget: budgets.evidence,
      records: store.evidence,
      setPackets: (alert, pcap) => desk.setPackets(alert, pcap),
    });
    hub = await startEmbeddedHub(options.hub && { ...options.hub, otherNames: hubNames(options.hub) }, {
      data,
      audit: store.audit,
      say,
      desk,
      findings: store.findings,
      alerts: store.alerts,
      place: hubPlace,
    });
    jobs = new AlertJobs({ desk, jobs: store.alertJobs, decisions: store.decisions, timeline: events.take });
    releaseSettings = await holdSettings({ settings, store, evidence, sensor, say });
    started = await listen(options, {
      hub,
      settings,
      typeSwitches,
      desk,
      jobs,
      devices,
      sites,
      events,
      audit,
      accounts,
      store,
      sensor,
      evidence,
      webRoot: existsSync(webRoot) ? webRoot : null,
      say,
    });
    hub.serve(started.app);
    await noteRunning(data, { url: started.url, pid: process.pid, token: await commandToken(accounts), authority: started.authority });
    if (first) say(`Sign in as ${first.name} with the one-time password  ${first.password}`);
    await sensor?.start({ desk, devices, evidence });
    // What is learned needs its sensor.
    await jobs.resume();
    say(`Annunciator is at  ${started.url}`);
    if (started.authority) say(`Browsers trust it once they trust ${data}/authority.pem.`);
    const unwatch = sites.watch(say);
    const parts = { started, sensor, hub, jobs };
    return {
      url: started.url,
      stop: () => {
        unwatch();
        releaseSettings?.();
        return stop(data, store, parts);
      },
    };
  } catch (error) {
    releaseSettings?.();
    await stop(data, store, { started, sensor, hub, jobs });
    throw error;
  }
}

/** Names of the hub in its certificate: where others reach it, all that this machine has. */
function hubNames({ address, otherNames }: EmbeddedHubOptions): readonly string[] {
  return address !== undefined && LOOPBACK.has(address) ? otherNames : serverNames(otherNames);
}

/** What is learned about a device itself, with an alert, shows in the inventory, too. */
function flagging(sensors: SensorLink, devices: DeviceDesk): Pick<SensorLink, 'learned' | 'unlearned' | 'collect'> {
  return {
    collect: (alerts, sensor) => sensors.collect?.(alerts, sensor),
    learned: async (entries, sensor, by) => {
      await sensors.learned(entries, sensor, by);
      await devices.flagged(entries, true, sensor);
    },
    unlearned: async (entries, sensor, by) => {
      await sensors.unlearned(entries, sensor, by);
      await devices.flagged(entries, false, sensor);
    },
  };
}

function makeSensor(
  options: UpOptions,
  source: SourceChoice,
  packetBudget: number,
  store: Store,
  place: { sensor: string; site: string; zone: string },
  types: TypeSwitches,
  say: (line: string) => void,
): SensorProcess {
  return new SensorProcess({
    place,
    source,
    store,
    say,
    learns: source.kind === 'interfaces' ? { ...ON_A_NETWORK, end: options.learnEnd, days: options.learnDays } : OPERATIONAL_AT_ONCE,
    start: {
      settings: { focus: options.focus, enableAll: options.enableAll },
      learning: true,
      types: types.current,
      learningEnds: null,
      ...(packetBudget > 0 ? { packets: packetStart(options.data, packetBudget, source) } : {}),
    },
  });
}

function packetStart(data: string, budget: number, source: SourceChoice): PacketStart {
  return {
    folder: join(resolve(data), 'packets'),
    budget,
    // Captures are read again from their beginning.
    fresh: source.kind === 'captures',
  };
}

async function listen(
  options: UpOptions,
  parts: {
    hub: EmbeddedHub;
    settings: SettingsDesk;
    typeSwitches: TypeSwitches;
    desk: AlertDesk;
    jobs: AlertJobs;
    devices: DeviceDesk;
    sites: SiteDesk;
    events: EventDesk;
    audit: Audit;
    accounts: Accounts;
    store: Store;
    sensor: SensorProcess | undefined;
    evidence: PacketEvidence;
    webRoot: string | null;
    say: (line: string) => void;
  },
): Promise<Started> {
  try {
    return await startServer({
      hub: parts.hub.link,
      settings: parts.settings,
      typeSwitches: parts.typeSwitches,
      alerts: parts.desk,
      jobs: parts.jobs,
      decisions: parts.store.decisions,
      devices: parts.devices,
      sites: parts.sites,
      records: parts.store,
      accounts: parts.accounts,
      sensors: parts.sensor ?? NO_SENSORS,
      audit: parts.audit,
      auditLog: parts.store.audit,
      ...(options.sso === undefined ? {} : { sso: await readSingleSignOn(options.sso, options.console) }),
      events: parts.events,
      baselines: parts.store,
      rules: parts.store,
      evidence: parts.evidence,
      webRoot: parts.webRoot,
      demo: options.source?.kind === 'demo',
      keys: parts.store.secrets,
      host: options.host,
      port: options.port,
      names: options.names,
      log: parts.say,
      ...(options.certificate ? { certificate: options.certificate } : {}),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE')
      throw new Error(`Port ${options.port} of ${options.host} is in use. Give another with --port, or stop what uses it.`, {
        cause: error,
      });
    if (code === 'EACCES')
      throw new Error(`Port ${options.port} may not be opened by this user. Give one above 1023 with --port.`, { cause: error });
    if (code === 'EADDRNOTAVAIL')
      throw new Error(`${options.host} is no address of this machine. Give one of its own with --host.`, { cause: error });
    throw error;
  }
}

interface Parts {
  readonly started: Started | undefined;
  readonly sensor: SensorProcess | undefined;
  readonly hub: EmbeddedHub | undefined;
  readonly jobs: AlertJobs | undefined;
}

async function stop(data: string, store: Store, { started, sensor, hub, jobs }: Parts): Promise<void> {
  await jobs?.close();
  await sensor?.stop();
  await started?.close();
  await hub?.stop();
  await forgetRunning(data);
  await store.close();
}
