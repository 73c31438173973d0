/** What a stock device does, whatever its transport: the same sentences for each of them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { Client, Twin } from 'azure-iot-device';
import type { HubProtocol } from '@annunciator/rules/hub-operation';
import { SECURITY_INTERFACE } from '@annunciator/rules/hub-operation';
import { OWNER, type TestHub } from './hub-under-test.ts';
import { deviceClient, Message, registryClient, serviceClient, type Transport } from './sdk.ts';

export interface SuiteTarget {
  readonly hub: () => TestHub;
  readonly transport: Transport;
  readonly protocol: HubProtocol;
}

let counted = 0;
/** An id that no other test has. */
export function freshId(): string {
  return `device-${process.pid}-${++counted}`;
}

/** Runs `act` with a device that is connected, and disconnects it. */
export async function withDevice(
  { hub, transport }: SuiteTarget,
  act: (client: Client, device: Awaited<ReturnType<TestHub['create']>>) => Promise<void>,
): Promise<void> {
  const device = await hub().create(freshId());
  const client = await deviceClient(hub(), device, transport);
  await client.open();
  try {
    await act(client, device);
  } finally {
    await client.close();
  }
}

export function messageTests(target: SuiteTarget): void {
  const { hub, protocol } = target;

  test('a message arrives with its body and all its properties', () =>
    withDevice(target, async (client, device) => {
      const message = new Message(Buffer.from([0, 1, 254, 255]));
      message.messageId = 'm-1';
      message.correlationId = 'c-1';
      message.contentType = 'application/json';
      message.contentEncoding = 'utf-8';
      message.properties.add('zone', 'a & b = c');
      message.properties.add('Empty', '');
      await client.sendEvent(message);
      const [{ event, operation }] = hub().messagesOf(device);
      assert.deepEqual([...(event?.body ?? [])], [0, 1, 254, 255]);
      assert.deepEqual(event?.application, { zone: 'a & b = c', Empty: '' });
      const { to: _to, ...system } = { to: '', ...event?.system } as Record<string, string>;
      assert.deepEqual(system, {
        messageId: 'm-1',
        correlationId: 'c-1',
        contentType: 'application/json',
        contentEncoding: 'utf-8',
      });
      assert.equal(operation.protocol, protocol);
      assert.equal(operation.authentication, 'sas');
      assert.equal(operation.ipAddress, '127.0.0.1');
    }));

  test('a security message carries the mark of the security agent', () =>
    withDevice(target, async (client, device) => {
      const message = new Message('{}');
      message.setAsSecurityMessage();
      await client.sendEvent(message);
      assert.equal(hub().messagesOf(device)[0].event?.system.interfaceId, SECURITY_INTERFACE);
    }));

  test('messages sent together arrive in order', () =>
    withDevice(target, async (client, device) => {
      await Promise.all(Array.from({ length: 20 }, (_, at) => client.sendEvent(new Message(String(at)))));
      const bodies = hub()
        .messagesOf(device)
        .map(({ event }) => Buffer.from(event?.body ?? []).toString());
      if (protocol === 'HTTPS') bodies.sort((a, b) => Number(a) - Number(b));
      assert.deepEqual(
        bodies,
        Array.from({ length: 20 }, (_, at) => String(at)),
      );
    }));
}

export function oversizeTests(target: SuiteTarget): void {
  const { hub } = target;

  test('a message above 256 KB is refused and recorded as too large', () =>
    withDevice(target, async (client, device) => {
      await assert.rejects(client.sendEvent(new Message(Buffer.alloc(256 * 1024 + 1))));
      const refused = await hub().follower.seen(({ deviceId, result }) => deviceId === device.deviceId && result === 'refused');
      assert.equal(refused.statusCode, 413001);
      assert.equal(hub().messagesOf(device).length, 0);
    }));
}

/** Collects what a device receives. */
export function received(client: Client): { next(): Promise<Parameters<typeof client.complete>[0]> } {
  const waiting: InstanceType<typeof Message>[] = [];
  const takers: ((message: InstanceType<typeof Message>) => void)[] = [];
  client.on('message', (message: InstanceType<typeof Message>) => {
    const taker = takers.shift();
    if (taker) taker(message);
    else waiting.push(message);
  });
  return {
    next: () => {
      const message = waiting.shift();
      return message ? Promise.resolve(message) : new Promise((resolve) => takers.push(resolve));
    },
  };
}

export function commandTests(target: SuiteTarget): void {
  const { hub, protocol } = target;

  test('a message to the device arrives with its properties and is completed', () =>
    withDevice(target, async (client, device) => {
      const inbox = received(client);
      const service = serviceClient(hub());
      await service.open();
      const message = new Message('{"valve":"open"}');
      message.messageId = 'command-1';
      message.properties.add('urgency', 'high/now');
      await service.send(device.deviceId, message);
      const got = await inbox.next();
      assert.equal(got.getData().toString(), '{"valve":"open"}');
      assert.equal(got.messageId, 'command-1');
      const property = protocol === 'HTTPS' ? 'iothub-app-urgency' : 'urgency';
      assert.equal(got.properties.getValue(property), 'high/now');
      await client.complete(got);
      const done = await hub().follower.seen(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'complete');
      assert.equal(done.protocol, protocol);
      assert.equal((await hub().hub.registry.get(OWNER, device)).cloudToDeviceMessageCount, 0);
      await service.close();
    }));

  test('messages sent while the device was away wait for it', async () => {
    const device = await hub().create(freshId());
    const service = serviceClient(hub());
    await service.open();
    for (const text of ['one', 'two', 'three']) await service.send(device.deviceId, text);
    await service.close();
    const client = await deviceClient(hub(), device, target.transport);
    await client.open();
    const inbox = received(client);
    for (const text of ['one', 'two', 'three']) {
      const got = await inbox.next();
      assert.equal(got.getData().toString(), text);
      await client.complete(got);
    }
    await client.close();
  });
}

export function settlementTests(target: SuiteTarget): void {
  const { hub, protocol } = target;

  test('a rejected message is dead-lettered and told to the sender', () =>
    withDevice(target, async (client, device) => {
      const inbox = received(client);
      const service = serviceClient(hub());
      await service.open();
      const feedback = (await service.getFeedbackReceiver()).result;
      const told = once(feedback, 'message');
      const message = new Message('no thanks');
      message.messageId = `rejected-${device.deviceId}`;
      message.ack = 'full';
      await service.send(device.deviceId, message);
      await client.reject(await inbox.next());
      const record = await hub().follower.seen(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'reject');
      assert.equal(record.protocol, protocol);
      const [records] = await told;
      const [{ originalMessageId, statusCode, deviceId }] = JSON.parse(records.data.toString());
      assert.deepEqual(
        { originalMessageId, statusCode, deviceId },
        { originalMessageId: message.messageId, statusCode: 'Rejected', deviceId: device.deviceId },
      );
      await Promise.resolve(feedback.complete(records));
      await service.close();
    }));

  test('an abandoned message comes again, and is dead-lettered after the last try', () =>
    withDevice(target, async (client, device) => {
      const inbox = received(client);
      const service = serviceClient(hub());
      await service.open();
      await service.send(device.deviceId, 'again');
      for (let time = 0; time < hub().hub.context.limits.maxDeliveryCount; time++) await client.abandon(await inbox.next());
      const dead = await hub().follower.seen(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'deadLetter');
      assert.equal(dead.reason, 'DeliveryCountExceeded');
      const times = hub().follower.operations.filter(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'deliver');
      assert.equal(times.length, hub().hub.context.limits.maxDeliveryCount);
      await service.close();
    }));
}

export function methodTests(target: SuiteTarget): void {
  const { hub } = target;

  test('a direct method reaches the device, and its answer the caller', () =>
    withDevice(target, async (client, device) => {
      await new Promise<void>((resolve) => {
        client.onDeviceMethod('start', (request, response) => {
          void response.send(202, { echoed: request.payload });
        });
        // The SDK subscribes by itself and does not tell when: the hub does.
        const look = setInterval(() => {
          if (!hub().hub.context.sessions.of(device)?.methods) return;
          clearInterval(look);
          resolve();
        }, 5);
      });
      const { result } = await serviceClient(hub()).invokeDeviceMethod(device.deviceId, {
        methodName: 'start',
        payload: { speed: 3, text: 'ä' },
        responseTimeoutInSeconds: 10,
      });
      assert.deepEqual(result, { status: 202, payload: { echoed: { speed: 3, text: 'ä' } } });
      const record = await hub().follower.seen(({ deviceId, category }) => deviceId === device.deviceId && category === 'DirectMethods');
      assert.equal(record.result, 'accepted');
    }));

  test('a method nobody listens to is answered as not on line', async () => {
    const device = await hub().create(freshId());
    const failed = serviceClient(hub()).invokeDeviceMethod(device.deviceId, { methodName: 'start', payload: null });
    await assert.rejects(failed, (error: Error & { responseBody?: string }) => /DeviceNotOnline/.test(error.responseBody ?? ''));
  });

  test('a caller may wait for the device to connect', async () => {
    const device = await hub().create(freshId());
    const answer = serviceClient(hub()).invokeDeviceMethod(device.deviceId, {
      methodName: 'late',
      payload: 1,
      connectTimeoutInSeconds: 20,
    });
    const client = await deviceClient(hub(), device, target.transport);
    await client.open();
    client.onDeviceMethod('late', (_request, response) => void response.send(200, 'here'));
    assert.deepEqual((await answer).result, { status: 200, payload: 'here' });
    await client.close();
  });
}

export function twinTests(target: SuiteTarget): void {
  const { hub } = target;
  const twinOf = (client: Client): Promise<Twin> => client.getTwin();

  test('a device reads its twin, reports, and null removes', () =>
    withDevice(target, async (client, device) => {
      const twin = await twinOf(client);
      assert.equal(twin.properties.desired.$version, 1);
      await report(twin, { pump: { speed: 3, mode: 'auto' }, level: 0.5 });
      await report(twin, { pump: { mode: null } });
      const seen = (await registryClient(hub()).getTwin(device.deviceId)).responseBody;
      assert.deepEqual(plain(seen.properties.reported), { pump: { speed: 3 }, level: 0.5 });
      assert.equal(seen.properties.reported.$version, 3);
    }));

  test('the device hears of desired properties while it is connected, and reads them when it was not', () =>
    withDevice(target, async (client, device) => {
      const twin = await twinOf(client);
      const changes: object[] = [];
      let heard: (() => void) | undefined;
      twin.on('properties.desired', (change: object) => {
        changes.push(change);
        heard?.();
      });
      await until(() => hub().hub.context.sessions.of(device)?.desired === true);
      const told = new Promise<void>((resolve) => {
        heard = () => changes.length >= 2 && resolve();
      });
      await registryClient(hub()).updateTwin(device.deviceId, { properties: { desired: { interval: 5, nested: { a: 1 } } } }, '*');
      await told;
      assert.deepEqual(changes.at(-1), { interval: 5, nested: { a: 1 }, $version: 2 });
      assert.equal(twin.properties.desired.interval, 5);
    }));

  test('a twin section deeper than ten levels is refused', () =>
    withDevice(target, async (client, device) => {
      const twin = await twinOf(client);
      await assert.rejects(report(twin, deep(1000)));
      const refused = await hub().follower.seen(({ deviceId, result }) => deviceId === device.deviceId && result === 'refused');
      assert.equal(refused.statusCode, 400004);
    }));
}

function report(twin: Twin, patch: object): Promise<void> {
  return new Promise((resolve, reject) => twin.properties.reported.update(patch, (error?: Error) => (error ? reject(error) : resolve())));
}

export function deep(levels: number): object {
  return JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);
}

export function plain(section: object): object {
  return Object.fromEntries(Object.entries(section).filter(([key, value]) => !key.startsWith('$') && typeof value !== 'function'));
}

/** Waits for what nobody tells of. */
export async function until(holds: () => boolean | Promise<boolean>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    assert.ok(Date.now() < end, `did not come about within ${ms} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
