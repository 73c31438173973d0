/** The simulated IoT devices of the demo: makes their identities where they are missing, and lets them work. */
import { LOCAL_CALLER } from '@annunciator/hub/authentication/local-caller';
import type { Hub } from '@annunciator/hub/core/hub';
import type { HubSecurity } from '@annunciator/hub/security/hub-security';
import { HubError } from '@annunciator/hub/hub-error';
import type { Identity, IdentityName } from '@annunciator/hub/identity/identity';
import { parseIdentity } from '@annunciator/hub/registry/identity-document';
import { parseTwinChange } from '@annunciator/hub/twin/document';
import { FLEET, type FleetDevice, FleetRunner } from '@annunciator/testkit/iot-fleet';

export interface DemoHub {
  readonly hub: Hub;
  readonly security: HubSecurity;
  readonly host: string;
  /** Where the devices connect to. */
  readonly address: string;
  readonly mqttPort: number;
  readonly authority: string | null;
}

/** Examples: the first is broken by the vibration sensor, which is slower than a pump; the second by whoever tries a pump's methods often. */
const GROUPS = [
  {
    name: 'pumps',
    rules: [
      {
        ruleType: 'MqttD2CMessagesNotInAllowedRange',
        isEnabled: true,
        alertName: 'Pump telemetry out of rhythm',
        minThreshold: 20,
        maxThreshold: 120,
        timeWindowSize: 'PT5M',
      },
      {
        ruleType: 'DirectMethodInvokesNotInAllowedRange',
        isEnabled: true,
        alertName: 'Pump is called often',
        minThreshold: 0,
        maxThreshold: 5,
        timeWindowSize: 'PT5M',
      },
    ],
  },
];

export class DemoDevices {
  readonly #runners: readonly FleetRunner[];

  private constructor(runners: readonly FleetRunner[]) {
    this.#runners = runners;
  }

  static async start({ hub, security, host, address, mqttPort, authority }: DemoHub): Promise<DemoDevices> {
    const runners: FleetRunner[] = [];
    let made = false;
    for (const definition of FLEET) {
      const known = await hub.registry.get(LOCAL_CALLER, { deviceId: definition.id, moduleId: null }).catch(whenMissing);
      made ||= known === undefined;
      const { authentication } = known ?? (await make(hub, definition));
      if (definition.disabled !== undefined || authentication.primaryKey === null) continue;
      const key = authentication.primaryKey;
      runners.push(
        new FleetRunner(definition, { deviceId: definition.id, key, host, address, port: mqttPort, ca: authority ?? undefined }),
      );
    }
    // Whoever has groups of their own has no need of examples, and what was deleted stays deleted.
    if (made && security.settings.groups().length === 0) await security.saveGroups(GROUPS, 'demo');
    return new DemoDevices(runners);
  }

  stop(): void {
    for (const runner of this.#runners) runner.stop();
  }
}

/** Undefined for a device that is not there. */
function whenMissing(error: unknown): undefined {
  if (!(error instanceof HubError && error.code === 'DeviceNotFound')) throw error;
}

/** Makes a device with its twin. */
async function make(hub: Hub, definition: FleetDevice): Promise<Identity> {
  const name = { deviceId: definition.id, moduleId: null };
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
