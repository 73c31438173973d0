/** The unmodified SDKs, brought to a hub under test: TLS of its authority, no retries. */
import type { ClientRequest } from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import iotCommon from 'azure-iot-common';
import iotDevice, { type Client, type ModuleClient } from 'azure-iot-device';
import iotAmqp from 'azure-iot-device-amqp';
import iotHttp from 'azure-iot-device-http';
import iotMqtt from 'azure-iot-device-mqtt';
import iotHub, { type Client as ServiceClient, type Registry } from 'azure-iothub';
import type { Identity } from '../src/identity/identity.ts';
import { CA, type TestHub } from './hub-under-test.ts';

// What the SDKs give no way to trust (the back end's AMQP client, the blob client).
tls.setDefaultCACertificates([...tls.getCACertificates('default'), CA]);

export const { NoRetry } = iotCommon;
export const { Message } = iotDevice;

export type Transport = 'mqtt' | 'amqp' | 'http' | 'mqtt-ws' | 'amqp-ws';

export const TRANSPORTS = {
  mqtt: iotMqtt.Mqtt,
  amqp: iotAmqp.Amqp,
  http: iotHttp.Http,
  'mqtt-ws': iotMqtt.MqttWs,
  'amqp-ws': iotAmqp.AmqpWs,
};

/** Clients of HTTPS and WebSockets always call port 443: an agent takes them to the port of the test. */
export function agentTo(port: number): https.Agent {
  const agent = new https.Agent({ keepAlive: true }) as https.Agent & { addRequest(request: ClientRequest, ...rest: unknown[]): void };
  // Node's own signature; what is connected to is the hub of the test.
  agent.createConnection = (options) =>
    tls.connect({ ...(options as tls.ConnectionOptions), host: '127.0.0.1', port, servername: 'localhost', ca: CA });
  // The hub takes the address by which it was called from the Host header.
  const { addRequest } = agent;
  agent.addRequest = (request, ...rest) => {
    request.setHeader('host', `localhost:${port}`);
    addRequest.call(agent, request, ...rest);
  };
  return agent;
}

export interface ClientOptions {
  readonly cert?: { readonly cert: string; readonly key: string };
  readonly connectionString?: string;
}

function portOf(hub: TestHub, transport: Transport): number | null {
  const { mqtt, amqp } = hub.running.ports;
  return transport === 'mqtt' ? mqtt : transport === 'amqp' ? amqp : null;
}

/** A device client that trusts the hub of the test. */
export async function deviceClient(hub: TestHub, identity: Identity, transport: Transport, options: ClientOptions = {}): Promise<Client> {
  const string = options.connectionString ?? hub.connectionString(identity, portOf(hub, transport));
  const client = iotDevice.Client.fromConnectionString(string, TRANSPORTS[transport]);
  await prepare(client, hub, transport, options);
  return client;
}

export async function moduleClient(hub: TestHub, identity: Identity, transport: 'mqtt' | 'amqp'): Promise<ModuleClient> {
  const client = iotDevice.ModuleClient.fromConnectionString(hub.connectionString(identity, portOf(hub, transport)), TRANSPORTS[transport]);
  await prepare(client, hub, transport, {});
  return client;
}

export async function prepare(client: Client | ModuleClient, hub: TestHub, transport: Transport, options: ClientOptions): Promise<void> {
  client.setRetryPolicy(new NoRetry());
  const agent = agentTo(hub.running.ports.https ?? 0);
  const ways = {
    mqtt: {},
    amqp: {},
    http: { http: { agent, receivePolicy: { interval: 0.05 } } },
    'mqtt-ws': { mqtt: { webSocketAgent: agent } },
    'amqp-ws': { amqp: { webSocketAgent: agent } },
  };
  // The SDK's type for options lacks some of what its transports take.
  await client.setOptions({ ca: CA, http: { agent }, ...ways[transport], ...options.cert } as Parameters<Client['setOptions']>[0]);
}

/** The registry's client, brought to the test's port: it always calls 443. */
export function registryClient(hub: TestHub, policy = 'iothubowner', key?: string): Registry {
  const string = hub.policyString(policy, null);
  const registry = iotHub.Registry.fromConnectionString(
    key === undefined ? string : string.replace(/SharedAccessKey=.*/, `SharedAccessKey=${key}`),
  );
  redirect(registry, hub);
  return registry;
}

/** The back end's client: AMQP for messages, HTTPS for methods. */
export function serviceClient(hub: TestHub, policy = 'iothubowner'): ServiceClient {
  const client = iotHub.Client.fromConnectionString(hub.policyString(policy, hub.running.ports.amqp));
  client.setRetryPolicy(new NoRetry());
  redirect(client, hub);
  return client;
}

/** Both keep their HTTP client in a private member, which is the only way to give it an agent. */
function redirect(client: object, hub: TestHub): void {
  const { _restApiClient: rest } = client as unknown as {
    _restApiClient: { _config: { host: string }; setOptions(options: object): void };
  };
  // The AMQP client uses the same object, with the port in the host.
  rest._config = { ...rest._config, host: 'localhost' };
  rest.setOptions({ http: { agent: agentTo(hub.running.ports.https ?? 0) } });
}
