/** The unmodified azure-iot-device-mqtt against a whole hub over TLS. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import iotCommon from 'azure-iot-common';
import iotDevice from 'azure-iot-device';
import iotMqtt from 'azure-iot-device-mqtt';
import { CA, TestHub } from './hub-under-test.ts';

const { NoRetry } = iotCommon;
const { Client, Message } = iotDevice;
const { Mqtt } = iotMqtt;

let hub: TestHub;
before(async () => {
  hub = await TestHub.start();
});
after(() => hub.stop());

test('a device sends a message, and it is durable with its properties', async () => {
  const device = await hub.create('pump-1');
  const client = Client.fromConnectionString(hub.connectionString(device), Mqtt);
  client.setRetryPolicy(new NoRetry());
  await client.setOptions({ ca: CA });
  await client.open();
  const message = new Message('{"pressure":4}');
  message.messageId = 'm-1';
  message.contentType = 'application/json';
  message.properties.add('zone', 'a & b');
  await client.sendEvent(message);
  const [record] = hub.messagesOf(device);
  assert.equal(Buffer.from(record.event?.body ?? []).toString(), '{"pressure":4}');
  assert.deepEqual(record.event?.application, { zone: 'a & b' });
  assert.deepEqual(record.event?.system, { messageId: 'm-1', contentType: 'application/json' });
  assert.equal(record.operation.protocol, 'MQTT');
  await client.close();
});
