/**
 * A whole portal on a store: the desk, the accounts and the server, put together as `annunciator up` needs them.
 */
import type { Store } from '@annunciator/store/store';
import { Accounts } from './accounts.ts';
import { AlertDesk } from './alert-desk.ts';
import { AlertTypes } from './alert-types.ts';
import type { SensorLink } from './sensor-link.ts';
import { type Started, type StartOptions, startServer } from './start.ts';

export interface PortalServerOptions extends Omit<StartOptions, 'alerts' | 'accounts' | 'audit' | 'keys' | 'sensors'> {
  readonly store: Store;
  readonly sensors: SensorLink;
  /** Names of the sensors that will report, for what they learned and muted before. */
  readonly sensorNames: readonly string[];
  /** The first administrator's password (`ANNUNCIATOR_ADMIN_PASSWORD`); one is made up when absent. */
  readonly adminPassword?: string;
}

export interface PortalServer extends Started {
  readonly desk: AlertDesk;
  /** To print once; undefined when there are users already, or the password was given. */
  readonly firstAdministrator: { readonly name: string; readonly password: string } | undefined;
}

/**
 * Opens the desk and the accounts and starts the server. The store stays open after `close`: it is the caller's.
 * @throws RequestError `weak_password` when the given administrator's password is too weak.
 */
export async function startPortalServer(options: PortalServerOptions): Promise<PortalServer> {
  const { store, sensors, sensorNames, adminPassword, ...rest } = options;
  const desk = await AlertDesk.open({
    store: store.alerts,
    types: new AlertTypes(),
    sensors,
    audit: store.audit,
    silencers: store.silencers,
    sensorNames,
    timeline: (events, place) => {
      store.timeline.append(place.sensor, events).catch((error: unknown) => options.log?.(`Events could not be written: ${String(error)}`));
    },
  });
  const accounts = await Accounts.open({ store: store.accounts });
  const firstAdministrator = await accounts.createFirstAdministrator(adminPassword);
  const started = await startServer({ ...rest, alerts: desk, accounts, sensors, audit: store.audit, keys: store.secrets });
  return { ...started, desk, firstAdministrator };
}
