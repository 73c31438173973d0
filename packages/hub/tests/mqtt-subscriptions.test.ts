/** Subscriptions that a device asks for before the first is answered, as the stock SDK does. */
import assert from 'node:assert/strict';
import tls from 'node:tls';
import { test } from 'node:test';
import { generate, type Packet, parser } from 'mqtt-packet';
import { createSasToken } from '../src/authentication/sas-token.ts';
import { CA, TestHub } from './hub-under-test.ts';

test('subscriptions that come in one breath all hold, also in a session that outlives its connection', async (context) => {
  const hub = await TestHub.start();
  context.after(() => hub.stop());
  const { deviceId, authentication } = await hub.create('breathless');
  const socket = tls.connect({ host: '127.0.0.1', port: hub.running.ports.mqtt ?? 0, ca: CA, servername: 'localhost' });
  context.after(() => socket.destroy());
  const packets = new Map<Packet['cmd'], number>();
  const received = new Promise<void>((resolve, reject) => {
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', ({ cmd }) => {
      packets.set(cmd, (packets.get(cmd) ?? 0) + 1);
      if (cmd === 'connack') socket.write(Buffer.concat(subscriptions));
      if (packets.get('suback') === subscriptions.length) resolve();
    });
    socket.on('data', (bytes: Buffer) => incoming.parse(bytes));
    socket.once('close', () => reject(new Error(`closed after ${JSON.stringify([...packets])}`)));
  });
  const topics = ['$iothub/methods/POST/#', `devices/${deviceId}/messages/devicebound/#`, '$iothub/twin/PATCH/properties/desired/#'];
  const subscriptions = topics.map((topic, at) => generate({ cmd: 'subscribe', messageId: at + 1, subscriptions: [{ topic, qos: 1 }] }));
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  socket.write(
    generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: false,
      clientId: deviceId,
      keepalive: 60,
      username: `localhost/${deviceId}/?api-version=2021-04-12`,
      password: Buffer.from(createSasToken(`localhost/devices/${deviceId}`, authentication.primaryKey ?? '', expiry)),
    }),
  );
  await received;
  const session = hub.hub.context.sessions.of({ deviceId, moduleId: null });
  assert.deepEqual([session?.methods, session?.desired, (session?.credit ?? 0) > 0], [true, true, true]);
});
