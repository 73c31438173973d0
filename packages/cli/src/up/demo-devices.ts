/** The simulated IoT devices of the demo: makes their identities where they are missing, and lets them work. */
import { LOCAL_CALLER } from '@annunciator/hub/authentication/local-caller';
import type { Hub } from '@annunciator/hub/core/hub';
import { HubError } from '@annunciator/hub/hub-error';
import type { Identity, IdentityName } from '@annunciator/hub/identity/identity';
import { parseIdentity } from '@annunciator/hub/registry/identity-document';
import { parseTwinChange } from '@annunciator/hub/twin/document';
import { FLEET, type FleetDevice, FleetRunner } from '@annunciator/testkit/iot-fleet';

export interface DemoHub {
  readonly hub: Hub;
  readonly host: string;
  /** Where the devices connect to. */
  readonly address: string;
  readonly mqttPort: number;
  readonly authority: string | null;
}

export class DemoDevices {
  readonly #runners: readonly FleetRunner[];

  private constructor(runners: readonly FleetRunner[]) {
    this.#runners = runners;
  }

  static async start({ hub, host, address, mqttPort, authority }: DemoHub): Promise<DemoDevices> {
    const runners: FleetRunner[] = [];
    for (const definition of FLEET) {
      const { authentication } = await identityOf(hub, definition);
      if (definition.disabled !== undefined || authentication.primaryKey === null) continue;
      const key = authentication.primaryKey;
      runners.push(
        new FleetRunner(definition, { deviceId: definition.id, key, host, address, port: mqttPort, ca: authority ?? undefined }),
      );
    }
    return new DemoDevices(runners);
  }

  stop(): void {
    for (const runner of this.#runners) runner.stop();
  }
}

/** The device; made with its twin when there is none. What people changed stays. */
async function identityOf(hub: Hub, definition: FleetDevice): Promise<Identity> {
  const name = { deviceId: definition.id, moduleId: null };
  try {
    return await hub.registry.get(LOCAL_CALLER, name);
  } catch (error) {
    if (!(error instanceof HubError && error.code === 'DeviceNotFound')) throw error;
  }
  const { disabled, tags, desired, securityModule } = definition;
  const status = disabled === undefined ? {} : { status: 'disabled', statusReason: disabled };
  const made = await hub.registry.create(LOCAL_CALLER, parseIdentity(name, status));
  await setTwin(hub, name, { ...tags }, { ...desired });
  if (securityModule) {
    const module = { deviceId: definition.id, moduleId: securityModule.id };
    await hub.registry.create(LOCAL_CALLER, parseIdentity(module, {}));
    await setTwin(hub, module, { SecurityGroup: securityModule.group }, {});
  }
  return made;
}

async function setTwin(hub: Hub, name: IdentityName, tags: Record<string, unknown>, desired: Record<string, unknown>): Promise<void> {
  const document = JSON.stringify({ tags, properties: { desired } });
  await hub.twins.change(LOCAL_CALLER, name, parseTwinChange(JSON.parse(document), 'patch'), 'patch', null, Buffer.byteLength(document));
}
