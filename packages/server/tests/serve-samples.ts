/**
 * A server with sample alerts in a store of its own that goes with it, for browser tests and for looking at the portal:
 * `npx node packages/server/tests/serve-samples.ts [alerts] [port]`.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Detection, Learnable } from '@annunciator/core/alert';
import type { Console } from '@annunciator/core/roles';
import { fromMilliseconds } from '@annunciator/core/time';
import { MemoryAccountStore } from '../src/accounts/account-store.ts';
import { EventDesk } from '../src/events/event-desk.ts';
import { Accounts } from '../src/accounts/accounts.ts';
import { AlertDesk, type Place } from '../src/alerts/alert-desk.ts';
import { AlertJobs } from '../src/alerts/alert-jobs.ts';
import { AlertTypes } from '../src/alerts/alert-types.ts';
import { type App, buildServer } from '../src/app.ts';
import type { AuditEntry } from '../src/audit.ts';
import { DeviceDesk } from '../src/devices/device-desk.ts';
import { SettingsDesk } from '../src/settings/settings-desk.ts';
import { TypeSwitches } from '../src/alerts/type-switches.ts';
import { SiteDesk, type SiteDeskOptions } from '../src/sites/site-desk.ts';
import { PacketEvidence } from '../src/alerts/packet-evidence.ts';
import type { SingleSignOn } from '../src/accounts/single-sign-on.ts';
import type { SensorLink } from '../src/sensor-link.ts';
import { tryRules } from '@annunciator/sensor/rules/trial';
import type { RuleSet } from '@annunciator/sensor/process/messages';
import type { AlertStore } from '@annunciator/store/alert-query';
import { openStore } from '@annunciator/store/store';
import { type SampleHub, sampleLink } from './sample-hub.ts';
import { PLACES, sampleDay } from './sample-detections.ts';
import { keepSampleBaseline } from './sample-baseline.ts';
import { sampleConnections, sampleDevices } from './sample-devices.ts';
import { sampleHealth } from './sample-health.ts';
import { type SamplePlant, samplePlant } from './sample-plant.ts';
import { keepSampleRules } from './sample-rules.ts';

export const PASSWORD = 'plant-floor-lamp-7';

export interface SampleServer {
  readonly app: App;
  readonly accounts: Accounts;
  readonly desk: AlertDesk;
  readonly devices: DeviceDesk;
  readonly jobs: AlertJobs;
  readonly sites: SiteDeskOptions['sites'];
  readonly types: TypeSwitches;
  readonly evidence: PacketEvidence;
  readonly store: AlertStore;
  /** Makes the next saves of alerts fail, as a full disk would. */
  readonly disk: { full: boolean };
  readonly audit: AuditEntry[];
  /** What the sensor was told to learn and to unlearn. */
  readonly learned: Learnable[];
  readonly unlearned: Learnable[];
  /** Custom rules that the sensor was given, the last ones last. */
  readonly ruleSets: RuleSet[];
  detect(detections: readonly Detection[], place: Place): Promise<void>;
}

const SMALL_PLANT = 600;
const NOTHING_TOLD = { run: 'sample', devices: [], touched: [], united: [], connections: [] };

export interface SampleOptions {
  readonly alerts?: number;
  /** Devices that the sensor tells: 600 of a water works when absent, more are a larger plant. */
  readonly devices?: number;
  /** Custom rules are there, some of which held lately. */
  readonly rules?: boolean;
  /** The sensor of the second site runs, too; there is one sensor without. */
  readonly secondSensor?: boolean;
  /** The baseline of each sensor holds something, and operations wait for review. */
  readonly baseline?: boolean;
  /** Capture that stands for the packets that the sensor still has. */
  readonly history?: string;
  readonly now?: number;
  readonly webRoot?: string | null;
  /** The samples pass for those of the demo plant. */
  readonly demo?: boolean;
  readonly clock?: () => number;
  readonly tls?: { key: string; cert: string };
  /** A hub, or why there is none; its routes are missing without either. */
  readonly hub?: Pick<SampleHub, 'desk' | 'security' | 'clock'> | { readonly why: string };
  /** What people sign in to; the portal when absent. */
  readonly console?: Console;
  readonly sso?: SingleSignOn;
  /** Alerts that a job changes at once. */
  readonly batch?: number;
}

export const WEB_ROOT = join(import.meta.dirname, '../../web/dist');

export async function sampleServer(options: SampleOptions = {}): Promise<SampleServer> {
  const audit: AuditEntry[] = [];
  const learned: Learnable[] = [];
  const unlearned: Learnable[] = [];
  const ruleSets: RuleSet[] = [];
  const directory = await mkdtemp(join(tmpdir(), 'annunciator-samples-'));
  const opened = await openStore(directory);
  const disk = { full: false };
  const store = withDisk(opened.alerts, disk);
  const now = options.now ?? Date.now();
  const running = PLACES.slice(0, options.secondSensor ? 2 : 1).map(({ sensor, site, zone }) => ({
    name: sensor,
    site,
    zone,
    state: 'learning' as const,
    learningUntil: now + 12 * 86_400_000,
    source: 'eth1',
    packets: 1_204_118,
    bytes: 301_442_118,
    devices: 47,
    lastPacket: now,
    health: sampleHealth(now),
  }));
  const sensors: SensorLink = {
    learned: async (entries) => void learned.push(...entries),
    unlearned: async (entries) => void unlearned.push(...entries),
    setRules: async (set) => void ruleSets.push(set),
    tryRules: async (_sensor, { rules, settings }, limit) => {
      if (options.history === undefined) return undefined;
      return { ...(await tryRules([options.history], rules, settings, { limit })).trial, complete: true };
    },
    status: async () => running,
  };
  const record = async (entry: AuditEntry) => {
    audit.push(entry);
    await opened.audit.record(entry);
  };
  const clock = options.clock ? { clock: options.clock } : {};
  const events = new EventDesk({ store: opened.timeline, say: (line) => console.error(line) });
  const audited = events.audited({ record });
  const settings = await SettingsDesk.open(opened.settings);
  const typeSwitches = await TypeSwitches.open(opened.settings);
  const retention = () => settings.deviceRetention;
  const devices = new DeviceDesk({ inventory: opened.inventory, sensors, audit: audited, timeline: events.take, retention, ...clock });
  const [home] = PLACES;
  if (home) await devices.observe({ ...NOTHING_TOLD, ...plantOf(options.devices ?? SMALL_PLANT, now) }, home, fromMilliseconds(now));
  if (options.rules)
    await keepSampleRules(
      opened,
      running.map(({ name }) => name),
      { record },
      now,
    );
  if (options.baseline) for (const { name } of running) await keepSampleBaseline(opened, name, { record }, now);
  const desk = await AlertDesk.open({
    store,
    types: new AlertTypes(undefined, options.console),
    book: { enabled: ({ id }) => typeSwitches.of(id).on !== false },
    sensors,
    audit: audited,
    timeline: events.take,
    ...clock,
  });
  // In few batches: each is written to disk by itself.
  for (const [place, days] of Map.groupBy(sampleDay(options.alerts ?? 0, now), (day) => day.place))
    await desk.detect(
      days.flatMap((day) => day.detections),
      place,
    );
  const accounts = await Accounts.open({
    store: new MemoryAccountStore(),
    secrets: opened.secrets,
    console: options.console ?? 'portal',
    ...clock,
  });
  await accounts.createFirstAdministrator(PASSWORD);
  const recorded = opened.alertJobs;
  const jobs = new AlertJobs({
    desk,
    jobs: {
      put: (changed, entry) => {
        if (entry) audit.push(entry);
        return recorded.put(changed, entry);
      },
      get: (id) => recorded.get(id),
      byKey: (who, key) => recorded.byKey(who, key),
      list: (limit) => recorded.list(limit),
      running: () => recorded.running(),
    },
    decisions: opened.decisions,
    timeline: events.take,
    ...clock,
    ...(options.batch ? { batch: options.batch } : {}),
  });
  const evidence = await PacketEvidence.open({
    folder: join(directory, 'packets'),
    budget: 10_000_000,
    records: opened.evidence,
    setPackets: (alert, pcap) => desk.setPackets(alert, pcap),
  });
  const sites = new SiteDesk({ sites: opened.sites, sensors, audit: audited, ...clock });
  for (const place of PLACES) await SiteDesk.standing(opened.sites, place, 'OT - locally connected', now);
  const app = await buildServer({
    sites,
    settings,
    typeSwitches,
    alerts: desk,
    evidence,
    devices,
    jobs,
    decisions: opened.decisions,
    records: opened,
    accounts,
    sensors,
    audit: audited,
    auditLog: opened.audit,
    ...(options.sso ? { sso: options.sso } : {}),
    events,
    baselines: opened,
    rules: opened,
    webRoot: options.webRoot ?? null,
    ...(options.demo ? { demo: true } : {}),
    log: (line) => console.error(line),
    ...(options.hub ? { hub: sampleLink(options.hub, { desk, alerts: store, findings: opened.findings, audit: audited }) } : {}),
    ...(options.tls ? { tls: options.tls } : {}),
  });
  app.addHook('onClose', async () => {
    await jobs.close();
    await opened.close();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    app,
    accounts,
    desk,
    devices,
    jobs,
    sites: opened.sites,
    types: typeSwitches,
    evidence,
    store,
    disk,
    audit,
    learned,
    unlearned,
    ruleSets,
    detect: (detections, place) => desk.detect(detections, place),
  };
}

/** The devices of the sample alerts, and a plant of any size beside them. */
function plantOf(size: number, now: number): SamplePlant {
  const known = sampleDevices(now);
  if (size <= SMALL_PLANT) return { devices: known.slice(0, size), connections: size === SMALL_PLANT ? sampleConnections(now) : [] };
  const { devices, connections } = samplePlant(size - SMALL_PLANT, now);
  return { devices: [...known, ...devices], connections: [...sampleConnections(now), ...connections] };
}

/** The store, as it is on a disk that may be full. */
function withDisk(store: AlertStore, disk: { readonly full: boolean }): AlertStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'save' && disk.full) return () => Promise.reject(new Error('disk full'));
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

// npx node packages/server/tests/serve-samples.ts [ALERTS] [PORT] [DEVICES]
if (import.meta.main) {
  const [alerts = '40', port = '8443', devices = String(SMALL_PLANT)] = process.argv.slice(2);
  const { app } = await sampleServer({
    alerts: Number(alerts),
    devices: Number(devices),
    rules: true,
    baseline: true,
    webRoot: existsSync(WEB_ROOT) ? WEB_ROOT : null,
  });
  console.log(
    `${await app.listen({ host: '127.0.0.1', port: Number(port) })} with ${alerts} alerts and ${devices} devices; sign in as admin with ${PASSWORD}`,
  );
}
