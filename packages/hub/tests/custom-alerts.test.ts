/**
 * Every custom alert raised by a stock client that does the real thing over the real wire, and not by what is nearest to it.
 * Ranges are 0 to 1: the first time is in range, the second is not. Lists raise at the first value that is not in them.
 */
import assert from 'node:assert/strict';
import https from 'node:https';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { connectionCreate, login, processCreate, securityMessage, type WrittenEvent } from '@annunciator/testkit/security-message';
import { RULE_TYPES, ruleNumber } from '@annunciator/rules/custom-alerts/rule-types';
import { countedBy } from '@annunciator/rules/evaluation/counted-operation';
import type { Finding } from '@annunciator/rules/evaluation/finding';
import type { Client } from 'azure-iot-device';
import { generate, parser } from 'mqtt-packet';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { Identity } from '../src/identity/identity.ts';
import { freshId, received, until } from './device-suite.ts';
import { CA, OWNER } from './hub-under-test.ts';
import { agentTo, deviceClient, Message, registryClient, serviceClient, type Transport } from './sdk.ts';
import { WatchedHub } from './watched-hub.ts';

const DAY = 86_400_000;
/** It is noon at the hub, so that the window of a day does not end in the middle of a test. */
const behind = (Date.now() + DAY / 2) % DAY;
const now = (): number => Date.now() - behind;

let watched: WatchedHub;
let service: ReturnType<typeof serviceClient>;
before(async () => {
  watched = await WatchedHub.start({ clock: now, limits: { feedbackDelayMs: 0, maxDeliveryCount: 1 } });
  service = serviceClient(watched.hub);
  await service.open();
});
after(async () => {
  await service.close();
  await watched.stop();
});

/** A device with its clients, opened when they are used first. */
class Stage {
  readonly device: Identity;
  readonly #clients = new Map<Transport, Promise<Client>>();
  readonly #inboxes = new Map<Transport, ReturnType<typeof received>>();

  constructor(device: Identity) {
    this.device = device;
  }

  client(transport: Transport): Promise<Client> {
    let client = this.#clients.get(transport);
    if (!client) {
      client = deviceClient(watched.hub, this.device, transport).then(async (made) => {
        await made.open();
        return made;
      });
      this.#clients.set(transport, client);
    }
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await (await client).close();
    this.#clients.clear();
    this.#inboxes.clear();
  }

  /** What the agent of the device reports. */
  async report(...events: WrittenEvent[]): Promise<void> {
    const message = new Message(securityMessage(...events));
    message.setAsSecurityMessage();
    await (await this.client('amqp')).sendEvent(message);
  }

  /** Sends a message to the device, takes it over a transport and answers it. */
  async command(transport: Transport, answer: 'complete' | 'reject'): Promise<void> {
    const client = await this.client(transport);
    let inbox = this.#inboxes.get(transport);
    if (!inbox) this.#inboxes.set(transport, (inbox = received(client)));
    await service.send(this.device.deviceId, 'command');
    await client[answer](await inbox.next());
  }
}

/** The request of a back end that the SDK has no call for. */
function request(method: string, path: string): Promise<number> {
  const { https: port } = watched.hub.running.ports;
  const key = watched.hub.hub.policies.get('iothubowner')?.primaryKey ?? '';
  const token = createSasToken('localhost', key, Math.floor(Date.now() / 1000) + 600, 'iothubowner');
  return new Promise((resolve, reject) => {
    const sent = https.request(
      { method, path: `${path}?api-version=2021-04-12`, headers: { authorization: token }, agent: agentTo(port ?? 0) },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** A client on MQTT that takes a message and goes away without acknowledging it. */
async function neverAcknowledge({ device }: Stage): Promise<void> {
  const socket = tls.connect({ host: '127.0.0.1', port: watched.hub.running.ports.mqtt ?? 0, ca: CA, servername: 'localhost' });
  const incoming = parser({ protocolVersion: 4 });
  socket.on('data', (bytes: Buffer) => incoming.parse(bytes));
  const token = createSasToken(
    `localhost/devices/${device.deviceId}`,
    device.authentication.primaryKey ?? '',
    Math.floor(Date.now() / 1000) + 600,
  );
  const delivered = new Promise<void>((resolve) => {
    incoming.on('packet', ({ cmd }) => {
      const topic = `devices/${device.deviceId}/messages/devicebound/#`;
      if (cmd === 'connack') socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] }));
      if (cmd === 'publish') resolve();
    });
  });
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: device.deviceId,
      keepalive: 60,
      username: `localhost/${device.deviceId}/?api-version=2021-04-12`,
      password: Buffer.from(token),
    }),
  );
  await service.send(device.deviceId, 'command');
  await delivered;
  socket.destroy();
}

async function upload({ device }: Stage, client: Client, succeeds: boolean): Promise<void> {
  const { hostName, containerName, blobName, sasToken, correlationId } = (await client.getBlobSharedAccessSignature(
    `${freshId()}.bin`,
  )) as unknown as Record<string, string>;
  assert.ok(blobName.startsWith(device.deviceId));
  if (succeeds)
    await new Promise<void>((resolve, reject) => {
      const path = `/${containerName}/${blobName.split('/').map(encodeURIComponent).join('/')}${sasToken}`;
      const put = https.request(
        new URL(`https://${hostName}${path}`),
        { method: 'PUT', ca: CA, agent: agentTo(watched.hub.running.ports.https ?? 0) },
        (response) => {
          response.resume();
          if (response.statusCode === 201) resolve();
          else reject(new Error(`PUT ${path} was answered ${response.statusCode}`));
        },
      );
      put.on('error', reject);
      put.end('measured values');
    });
  await client.notifyBlobUploadStatus(correlationId, succeeds, succeeds ? 200 : 500, succeeds ? 'done' : 'gave up');
}

interface Behaviour {
  /** What is nearest to it and never counts; done twice before. */
  readonly near: (stage: Stage) => Promise<unknown>;
  /** @param time 1 or 2 */
  readonly act: (stage: Stage, time: number) => Promise<unknown>;
  /** Values of a list. */
  readonly allows?: readonly string[];
}

const inQueue = async ({ device }: Stage): Promise<void> => {
  await service.send(device.deviceId, 'waits');
  await watched.hub.hub.commands.purge(OWNER, device.deviceId);
};
const send = async (stage: Stage, transport: Transport): Promise<unknown> =>
  (await stage.client(transport)).sendEvent(new Message('value'));
const wrongKey = Buffer.from('not the key of this device').toString('base64');

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  AmqpC2DMessagesNotInAllowedRange: { near: inQueue, act: (stage) => stage.command('amqp', 'complete') },
  HttpC2DMessagesNotInAllowedRange: { near: inQueue, act: (stage) => stage.command('http', 'complete') },
  MqttC2DMessagesNotInAllowedRange: { near: inQueue, act: (stage) => stage.command('mqtt', 'complete') },
  AmqpC2DRejectedMessagesNotInAllowedRange: {
    near: (stage) => stage.command('amqp', 'complete'),
    act: (stage) => stage.command('amqp', 'reject'),
  },
  HttpC2DRejectedMessagesNotInAllowedRange: {
    near: (stage) => stage.command('http', 'complete'),
    act: (stage) => stage.command('http', 'reject'),
  },
  MqttC2DRejectedMessagesNotInAllowedRange: {
    near: async (stage) => {
      await stage.command('mqtt', 'complete');
      await stage.close();
    },
    act: neverAcknowledge,
  },
  AmqpD2CMessagesNotInAllowedRange: { near: (stage) => send(stage, 'http'), act: (stage) => send(stage, 'amqp') },
  HttpD2CMessagesNotInAllowedRange: { near: (stage) => send(stage, 'amqp'), act: (stage) => send(stage, 'http') },
  MqttD2CMessagesNotInAllowedRange: { near: (stage) => send(stage, 'http'), act: (stage) => send(stage, 'mqtt') },
  DirectMethodInvokesNotInAllowedRange: {
    near: ({ device }) => registryClient(watched.hub).getTwin(device.deviceId),
    act: ({ device }) => assert.rejects(service.invokeDeviceMethod(device.deviceId, { methodName: 'start', payload: null })),
  },
  FileUploadsNotInAllowedRange: {
    near: async (stage) => upload(stage, await stage.client('http'), false),
    act: async (stage) => upload(stage, await stage.client('http'), true),
  },
  QueuePurgesNotInAllowedRange: {
    near: ({ device }) => registryClient(watched.hub).get(device.deviceId),
    act: async ({ device }) => assert.equal(await request('DELETE', `/devices/${device.deviceId}/commands`), 200),
  },
  TwinUpdatesNotInAllowedRange: {
    near: async (stage) => (await stage.client('mqtt')).getTwin(),
    act: ({ device }, time) => registryClient(watched.hub).updateTwin(device.deviceId, { properties: { desired: { time } } }, '*'),
  },
  UnauthorizedOperationsNotInAllowedRange: {
    near: async (stage) => {
      await stage.client('mqtt');
      await stage.close();
    },
    act: async ({ device }) => {
      const authentication = { ...device.authentication, primaryKey: wrongKey };
      const stranger = await deviceClient(watched.hub, { ...device, authentication }, 'mqtt');
      await assert.rejects(stranger.open());
      await stranger.close();
    },
  },
  ActiveConnectionsNotInAllowedRange: {
    near: (stage) => stage.report(connectionCreate(now(), 'Out', '10.0.0.1')),
    act: (stage, time) => stage.report(connectionCreate(now(), 'Out', `10.0.0.${time}`)),
  },
  FailedLocalLoginsNotInAllowedRange: {
    near: (stage) => stage.report(login(now(), 'eve', 'Fail', '10.0.0.9'), login(now(), 'anna', 'Success')),
    act: (stage) => stage.report(login(now(), 'eve', 'Fail')),
  },
  ConnectionToIpNotAllowed: {
    allows: ['10.0.0.0/8'],
    near: (stage) => stage.report(connectionCreate(now(), 'Out', '10.9.9.9'), connectionCreate(now(), 'In', '192.0.2.1')),
    act: (stage) => stage.report(connectionCreate(now(), 'Out', '192.0.2.1')),
  },
  LocalUserNotAllowed: {
    allows: ['anna'],
    near: (stage) => stage.report(login(now(), 'anna', 'Success'), login(now(), 'eve', 'Fail')),
    act: (stage) => stage.report(login(now(), 'eve', 'Success')),
  },
  ProcessNotAllowed: {
    allows: ['sshd', '/opt/plant/collector'],
    near: (stage) => stage.report(processCreate(now(), '/usr/sbin/sshd'), processCreate(now(), '/opt/plant/collector')),
    act: (stage) => stage.report(processCreate(now(), '/tmp/collector')),
  },
  ConnectionFromIpNotAllowed: {
    allows: ['10.0.0.0/8'],
    near: (stage) => stage.report(connectionCreate(now(), 'In', '10.9.9.9'), connectionCreate(now(), 'Out', '192.0.2.1')),
    act: (stage) => stage.report(connectionCreate(now(), 'In', '192.0.2.1')),
  },
};

test('there is a test for each of the 20 custom alerts', () => {
  assert.deepEqual(Object.keys(BEHAVIOURS).sort(), RULE_TYPES.map(({ name }) => name).sort());
});

function foundBy(deviceId: string, ruleType: string): Finding[] {
  return watched.of(deviceId).filter((finding) => finding.ruleType === ruleType);
}

/** Operations of a device that a rule counts. */
function counted(deviceId: string, number: number): number {
  return watched.hub.follower.operations.filter((operation) => operation.deviceId === deviceId && countedBy(operation) === number).length;
}

for (const [ruleType, { near, act, allows }] of Object.entries(BEHAVIOURS))
  test(`${ruleType} is raised by the real thing, and by nothing near it`, async () => {
    const number = ruleNumber(ruleType) ?? -1;
    const isHubs = RULE_TYPES[number].dataSource === 'IoT Hub';
    const device = await watched.device(freshId(), ruleType);
    const base = { ruleType, isEnabled: true, alertName: `Watch ${ruleType}` };
    await watched.rule(
      ruleType,
      allows ? { ...base, allowlistValues: allows } : { ...base, minThreshold: 0, maxThreshold: 1, timeWindowSize: 'P1D' },
    );
    const stage = new Stage(device);
    const before = counted(device.deviceId, number);
    for (let time = 1; time <= 2; time++) await near(stage);
    if (isHubs) assert.equal(counted(device.deviceId, number), before);
    if (!allows) {
      await act(stage, 1);
      if (isHubs) await until(() => counted(device.deviceId, number) === before + 1);
    }
    watched.security.tick();
    assert.deepEqual(foundBy(device.deviceId, ruleType), []);
    await act(stage, 2);
    await until(() => {
      watched.security.tick();
      return foundBy(device.deviceId, ruleType).length > 0;
    });
    const [finding, ...others] = foundBy(device.deviceId, ruleType);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [finding.alertType, finding.alertName, finding.group, finding.bound, finding.count],
      [`IoT_CA_${ruleType}`, `Watch ${ruleType}`, ruleType, allows ? 'list' : 'max', allows ? 1 : 2],
    );
    await stage.close();
  });
