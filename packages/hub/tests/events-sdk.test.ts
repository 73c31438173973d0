/** The unmodified @azure/event-hubs reads messages of devices from the hub's built-in endpoint. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  EventHubConsumerClient,
  earliestEventPosition,
  type EventPosition,
  latestEventPosition,
  type ReceivedEventData,
} from '@azure/event-hubs';
import { eventHubConnectionString } from '../src/authentication/connection-string.ts';
import { partitionOf } from '../src/identity/partition.ts';
import { freshId, until } from './device-suite.ts';
import { TestHub } from './hub-under-test.ts';
import { deviceClient, Message } from './sdk.ts';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ partitions: 2 });
});
after(() => hub.stop());

function consumer(policy = 'service'): EventHubConsumerClient {
  const found = hub.hub.policies.get(policy);
  if (!found) throw new Error(`no policy ${policy}`);
  return new EventHubConsumerClient('$Default', eventHubConnectionString('localhost', found), {
    customEndpointAddress: `sb://localhost:${hub.running.ports.amqp}`,
    retryOptions: { maxRetries: 0, timeoutInMs: 5000 },
  });
}

/** Reads a partition from a place until `enough` events have come. */
async function read(
  client: EventHubConsumerClient,
  partition: string,
  startPosition: EventPosition,
  enough: number,
): Promise<ReceivedEventData[]> {
  const events: ReceivedEventData[] = [];
  const errors: Error[] = [];
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (some) => void events.push(...some),
      processError: async (error) => void errors.push(error),
    },
    { startPosition, maxWaitTimeInSeconds: 1 },
  );
  await until(() => events.length >= enough || errors.length > 0, 15_000);
  await subscription.close();
  assert.deepEqual(errors, []);
  return events;
}

test('messages of a device are read in order with what the hub knows of it, and on from any place', async () => {
  const device = await hub.create(freshId());
  const partition = String(partitionOf(device.deviceId, 2));
  const sender = await deviceClient(hub, device, 'mqtt');
  await sender.open();
  const began = Date.now();
  for (let at = 0; at < 5; at++) {
    const message = new Message(JSON.stringify({ at }));
    message.contentType = 'application/json';
    message.messageId = `m-${at}`;
    message.properties.add('line', '4');
    await sender.sendEvent(message);
  }
  const client = consumer();
  const { partitionIds } = await client.getEventHubProperties();
  assert.deepEqual(partitionIds, ['0', '1']);
  const events = await read(client, partition, earliestEventPosition, 5);
  assert.deepEqual(
    events.map(({ body }) => body.at),
    [0, 1, 2, 3, 4],
  );
  const [first] = events;
  assert.deepEqual({ ...first.properties }, { line: '4' });
  assert.equal(first.messageId, 'm-0');
  assert.equal(first.systemProperties?.['iothub-connection-device-id'], device.deviceId);
  assert.equal(first.systemProperties?.['iothub-message-source'], 'Telemetry');
  assert.equal(JSON.parse(first.systemProperties?.['iothub-connection-auth-method']).scope, 'device');
  assert.ok(first.enqueuedTimeUtc.getTime() >= began - 1000);
  assert.deepEqual(
    events.map(({ sequenceNumber }) => sequenceNumber),
    [1, 2, 3, 4, 5],
  );
  const bodies = async (start: EventPosition, enough: number): Promise<number[]> =>
    (await read(client, partition, start, enough)).map(({ body }) => body.at);
  assert.deepEqual(await bodies({ offset: String(events[1].offset) }, 3), [2, 3, 4]);
  assert.deepEqual(await bodies({ sequenceNumber: events[3].sequenceNumber, isInclusive: true }, 2), [3, 4]);
  assert.deepEqual(await bodies({ enqueuedOn: began - 10_000 }, 5), [0, 1, 2, 3, 4]);
  const info = await client.getPartitionProperties(partition);
  assert.equal(info.lastEnqueuedSequenceNumber, 5);
  assert.equal(info.beginningSequenceNumber, 1);
  assert.equal(info.isEmpty, false);
  assert.equal((await client.getPartitionProperties(partition === '0' ? '1' : '0')).isEmpty, true);
  await client.close();
  await sender.close();
});

test('a reader at the end hears of new messages as they come', async () => {
  const device = await hub.create(freshId());
  const partition = String(partitionOf(device.deviceId, 2));
  const sender = await deviceClient(hub, device, 'amqp');
  await sender.open();
  await sender.sendEvent(new Message('before'));
  const client = consumer();
  const heard: string[] = [];
  const subscription = client.subscribe(
    partition,
    {
      processEvents: async (events) => void heard.push(...events.map(({ body }) => String(body))),
      processError: async (error) => assert.fail(error),
    },
    { startPosition: latestEventPosition, maxWaitTimeInSeconds: 1 },
  );
  await hub.follower.seen(
    ({ category, operation, time }) => category === 'DeviceTelemetry' && operation === 'read' && time > Date.now() - 2000,
  );
  let sent = 0;
  await until(async () => {
    if (heard.length === 0) await sender.sendEvent(new Message(`after ${sent++}`));
    return heard.length > 0;
  });
  assert.ok(!heard.includes('before'));
  assert.match(heard[0], /^after \d+$/);
  await subscription.close();
  await client.close();
  await sender.close();
});

test('who has no right to read is refused', async () => {
  const client = consumer('registryRead');
  const errors: Error[] = [];
  const subscription = client.subscribe('0', { processEvents: async () => {}, processError: async (error) => void errors.push(error) });
  await until(() => errors.length > 0, 15_000);
  assert.match(errors[0].message, /lacks the right ServiceConnect/);
  await subscription.close();
  await client.close();
});
