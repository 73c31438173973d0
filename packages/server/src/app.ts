/**
 * The HTTP server: plug-ins, then a route file per resource. Everything it serves from is passed in, so that a test
 * builds it with stores in memory.
 */
import { createServer as createHttpsServer } from 'node:https';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Accounts } from './accounts/accounts.ts';
import type { AlertDesk } from './alerts/alert-desk.ts';
import type { AlertJobs, DecisionStore } from './alerts/alert-jobs.ts';
import { addAuthentication } from './accounts/authentication.ts';
import type { Audit, AuditReader } from './audit.ts';
import type { BaselineRecords } from '@annunciator/store/baseline-records';
import type { Store } from '@annunciator/store/store';
import type { DeviceDesk } from './devices/device-desk.ts';
import { OpenAlerts } from './devices/open-alerts.ts';
import type { HubLink } from './hub/hub-link.ts';
import { BaselineDesk } from './baseline/baseline-desk.ts';
import { addErrorAnswers } from './http/error-answers.ts';
import type { EventDesk } from './events/event-desk.ts';
import { addAccountRoutes } from './routes/account.ts';
import type { TypeSwitches } from './alerts/type-switches.ts';
import { addAlertTypeRoutes } from './routes/alert-types.ts';
import { addAlertActionRoutes } from './routes/alert-actions.ts';
import { addAlertRoutes } from './routes/alerts.ts';
import { addAuditRoutes } from './routes/audit.ts';
import { addConnectionRoutes } from './routes/connections.ts';
import { addDeviceGroupRoutes } from './routes/device-groups.ts';
import { addDeviceImportRoute } from './routes/device-import.ts';
import { addBaselineRoutes } from './routes/baseline.ts';
import { addCommentRoutes } from './routes/comments.ts';
import { addDeviceRoutes } from './routes/devices.ts';
import { addEventRoutes } from './routes/events.ts';
import { addHubRoutes } from './routes/hub.ts';
import { addHubDeviceRoutes } from './routes/hub-devices.ts';
import { addHubSecurityRoutes } from './routes/hub-security.ts';
import { addHubTwinRoutes } from './routes/hub-twins.ts';
import { addLearningRoutes } from './routes/learning.ts';
import { addManagementRoutes } from './routes/management.ts';
import { addMapRoute } from './routes/map.ts';
import { addRoleRoute } from './routes/roles.ts';
import { addRuleRoutes } from './routes/rules.ts';
import { addAlertJobRoutes } from './routes/alert-jobs.ts';
import { addLiveRoutes } from './routes/live.ts';
import { addRecommendationRoutes } from './routes/recommendations.ts';
import { addSensorRoutes } from './routes/sensors.ts';
import { addSingleSignOnRoutes } from './routes/single-sign-on.ts';
import { addSubnetRoutes } from './routes/subnets.ts';
import { addSettingsRoutes } from './routes/settings.ts';
import { addSiteRoutes } from './routes/sites.ts';
import { addSignInRoutes } from './routes/sign-in.ts';
import { addTokenRoutes } from './routes/tokens.ts';
import { addViewRoutes } from './routes/views.ts';
import { addUserRoutes } from './routes/users.ts';
import { RuleDesk } from './rules/rule-desk.ts';
import { addSecurityHeaders } from './http/security-headers.ts';
import { LearnedAlerts } from './alerts/learned-alerts.ts';
import type { SingleSignOn } from './accounts/single-sign-on.ts';
import type { SensorLink } from './sensor-link.ts';
import type { PacketEvidence } from './alerts/packet-evidence.ts';
import { addPacketRoute } from './routes/packet.ts';
import { addPasskeyRoutes } from './routes/passkeys.ts';
import { addPcapRoutes } from './routes/pcap.ts';
import { addOpenApi } from './http/openapi.ts';
import type { PortalRecords } from './portal-records.ts';
import type { SettingsDesk } from './settings/settings-desk.ts';
import type { SiteDesk } from './sites/site-desk.ts';
import { addPortal } from './http/portal.ts';

export interface ServerOptions {
  readonly alerts: AlertDesk;
  readonly jobs: AlertJobs;
  readonly decisions: DecisionStore;
  /** Comments, views, preferences and settings. */
  readonly records: PortalRecords;
  readonly accounts: Accounts;
  readonly sensors: SensorLink;
  readonly audit: Audit;
  /** Signing in at a provider of identities; by password only without it. */
  readonly sso?: SingleSignOn;
  /** What the audit log holds, to be read. */
  readonly auditLog: AuditReader;
  /** The device inventory; its routes are not there without it. */
  readonly devices?: DeviceDesk;
  /** Sites and registered sensors; their routes are not there without it. */
  readonly sites?: SiteDesk;
  /** The settings of the system; their routes are not there without them. */
  readonly settings?: SettingsDesk;
  /** What people set about types of alerts; without it they stay as the catalogue has them. */
  readonly typeSwitches?: TypeSwitches;
  /** The event timeline; its routes are not there without it. */
  readonly events?: EventDesk;
  /** The IoT hub; its routes are not there without it. */
  readonly hub?: HubLink;
  /** What the sensors have learned; without it there is no history, no text and no review list. */
  readonly baselines?: Pick<Store, 'baseline' | 'reviews'>;
  /** Custom alert rules; without it there are none. */
  readonly rules?: Pick<Store, 'rules' | 'settings'>;
  /** Packets of alerts; without it every alert says why it has none. */
  readonly evidence?: Pick<PacketEvidence, 'read' | 'has'>;
  /** Folder of the built portal; null serves the API alone. */
  readonly webRoot: string | null;
  /** The data are those of the demo plant: the portal offers a tour. */
  readonly demo?: boolean;
  /** Key and certificate chain in PEM; without them the server speaks plain HTTP, which is for the loopback address only. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** A server of somebody else's answers with this one's, over HTTPS. */
  readonly behindTls?: boolean;
  /** Errors that are ours, one line each; nothing is logged without it. */
  readonly log?: (line: string) => void;
  readonly version?: string;
}

/** The server's instance with all types known: zod schemas give the types of bodies, queries and answers. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

const VERSION = '0.1.0';
const BODY_LIMIT = 256 * 1024;

export async function buildServer(options: ServerOptions): Promise<App> {
  const { tls } = options;
  const secure = tls !== undefined || options.behindTls === true;
  const settings: FastifyServerOptions<Server> = {
    bodyLimit: BODY_LIMIT,
    requestTimeout: 60_000,
    // Ids of resources begin with a slash, and programs put them behind another.
    rewriteUrl: ({ url = '/' }) => url.replace(/^\/{2,}(?=subscriptions\/)/i, '/'),
    // Ids of devices have up to 128 characters, each of which may be written as three.
    routerOptions: { maxParamLength: 400 },
    forceCloseConnections: true,
    // An https.Server takes the same request handler and answers the same calls; fastify's type knows one of the two.
    ...(tls ? { serverFactory: (handler) => createHttpsServer({ ...tls, minVersion: 'TLSv1.2' }, handler) as unknown as Server } : {}),
  };
  const app: App = fastify(settings).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  addErrorAnswers(app, options.log);

  await app.register(cookie);
  await addSecurityHeaders(app, secure);
  await app.register(compress, { threshold: 2048, encodings: ['br', 'gzip'] });
  await addOpenApi(app, { version: options.version ?? VERSION, secure });
  addAuthentication(app as unknown as FastifyInstance, { accounts: options.accounts, audit: options.audit, secure });

  addSignInRoutes(app, { accounts: options.accounts, audit: options.audit, secure });
  addSingleSignOnRoutes(app, { accounts: options.accounts, audit: options.audit, sso: options.sso, secure });
  addUserRoutes(app, { accounts: options.accounts, audit: options.audit });
  addRoleRoute(app, { console: options.accounts.console });
  addAccountRoutes(app, { accounts: options.accounts, audit: options.audit });
  addPasskeyRoutes(app, { accounts: options.accounts, audit: options.audit, secure });
  addAuditRoutes(app, { log: options.auditLog });
  if (options.settings) addSettingsRoutes(app, { settings: options.settings, audit: options.audit });
  addTokenRoutes(app, { accounts: options.accounts, audit: options.audit });
  const learned = options.baselines && learnedAlerts(options, options.baselines.baseline);
  addAlertRoutes(app, { alerts: options.alerts });
  if (options.baselines && learned)
    addBaselineRoutes(app, { baseline: baselineDesk(options, options.baselines, learned), sensors: options.sensors });
  if (options.rules) addRuleRoutes(app, { rules: ruleDesk(options, options.rules), sensors: options.sensors });
  addLearningRoutes(app, { sensors: options.sensors, audit: options.audit });
  addPcapRoutes(app, {
    alerts: options.alerts,
    events: options.events,
    sensors: options.sensors,
    evidence: options.evidence,
    audit: options.audit,
  });
  addAlertActionRoutes(app, {
    alerts: options.alerts,
    decisions: options.decisions,
    comments: options.records.comments,
    learned,
  });
  addPacketRoute(app, { alerts: options.alerts, evidence: options.evidence, audit: options.audit });
  addCommentRoutes(app, { records: options.records, store: options.alerts.store, audit: options.audit });
  addViewRoutes(app, { records: options.records, audit: options.audit, sites: options.sites });
  addAlertJobRoutes(app, { jobs: options.jobs, store: options.alerts.store });
  addLiveRoutes(app, { alerts: options.alerts, accounts: options.accounts, jobs: options.jobs });
  addSensorRoutes(app, { sensors: options.sensors });
  if (options.sites)
    addSiteRoutes(app, { sites: options.sites, alerts: options.alerts, devices: options.devices, version: options.version ?? VERSION });
  addInventory(app, options);
  addHub(app, options);
  if (options.events)
    addEventRoutes(app, {
      events: options.events,
      devices: options.devices,
      sensors: options.sensors,
      hasPackets: (id) => options.evidence?.has(id) ?? false,
    });
  addAlertTypeRoutes(app, { alerts: options.alerts, switches: options.typeSwitches, audit: options.audit });
  await addPortal(app, options.webRoot, options.accounts.console, options.demo ?? false);
  return app;
}

function addHub(app: App, { hub, accounts, alerts, log }: ServerOptions): void {
  if (!hub) return;
  addHubRoutes(app, { hub, accounts });
  addHubDeviceRoutes(app, { hub });
  addHubTwinRoutes(app, { hub });
  addHubSecurityRoutes(app, { hub });
  if (hub.security) addManagementRoutes(app, { alerts, desk: hub.security, ...(log ? { log } : {}) });
}

function addInventory(app: App, { alerts, devices: desk, audit, sensors, log }: ServerOptions): void {
  if (!desk) return;
  const counting = new OpenAlerts({ alerts, devices: desk, ...(log ? { log } : {}) });
  // Before those that close what it counts in.
  app.addHook('preClose', () => counting.stop());
  addDeviceRoutes(app, { desk });
  addDeviceImportRoute(app, { desk, sensors });
  addDeviceGroupRoutes(app, { desk, audit });
  addConnectionRoutes(app, { desk });
  addSubnetRoutes(app, { desk });
  addRecommendationRoutes(app, { desk });
  addMapRoute(app, { desk });
}

function learnedAlerts({ alerts, sensors }: ServerOptions, baseline: BaselineRecords): LearnedAlerts {
  return new LearnedAlerts(alerts, baseline, async (name) => {
    const found = (await sensors.status()).find((sensor) => sensor.name === name);
    return found && { sensor: found.name, site: found.site, zone: found.zone };
  });
}

function baselineDesk(options: ServerOptions, store: NonNullable<ServerOptions['baselines']>, alerts: LearnedAlerts): BaselineDesk {
  const { sensors, audit, events } = options;
  return new BaselineDesk({
    store,
    sensors,
    alerts: {
      covered: (sensor, entries) => alerts.covered(sensor, entries),
      close: async (ids, by) => void (await alerts.close(ids, by)),
      raise: (sensor, item) => alerts.raise(sensor, item),
    },
    audit,
    ...(events ? { timeline: events.take } : {}),
  });
}

function ruleDesk({ sensors, audit, events }: ServerOptions, store: NonNullable<ServerOptions['rules']>): RuleDesk {
  return new RuleDesk({ store, sensors, audit, ...(events ? { timeline: events.take } : {}) });
}
