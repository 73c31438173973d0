/** A good conversation over MQTT, for the fuzzer to damage: everything a device can say. */
import { generate, type Packet } from 'mqtt-packet';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { Identity } from '../src/identity/identity.ts';
import type { Random } from '@annunciator/testkit/random';

const FAR = 4_102_444_800;

export function mqttConversation(device: Identity, victim: Identity, random: Random): Buffer[] {
  const { deviceId } = device;
  const token = createSasToken(`localhost/devices/${deviceId}`, device.authentication.primaryKey ?? '', FAR);
  const connect: Packet = {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: random.chance(0.5),
    clientId: deviceId,
    keepalive: 60,
    username: `localhost/${deviceId}/?api-version=2021-04-12`,
    password: Buffer.from(token),
    ...(random.chance(0.3)
      ? { will: { topic: `devices/${deviceId}/messages/events/a=b`, payload: Buffer.from('gone'), qos: 1 as const, retain: false } }
      : {}),
  };
  const publish = (topic: string, payload: string, qos: 0 | 1 = 1): Packet => ({
    cmd: 'publish',
    topic,
    payload,
    qos,
    dup: random.chance(0.2),
    retain: random.chance(0.2),
    messageId: 1 + random.below(5),
  });
  const kinds: (() => Packet)[] = [
    () => publish(`devices/${deviceId}/messages/events/%24.mid=1&zone=a%20b`, 'telemetry'),
    () => publish(`devices/${deviceId}/messages/events/`, 'x'.repeat(random.below(3000)), 0),
    () => publish(`devices/${victim.deviceId}/messages/events/`, 'as somebody else'),
    () => ({
      cmd: 'subscribe',
      messageId: 2,
      subscriptions: [{ topic: `devices/${deviceId}/messages/devicebound/#`, qos: random.pick([0, 1, 2] as const) }],
    }),
    () => ({
      cmd: 'subscribe',
      messageId: 3,
      subscriptions: [
        { topic: '$iothub/twin/res/#', qos: 0 },
        { topic: '$iothub/methods/POST/#', qos: 0 },
        { topic: '#', qos: 1 },
      ],
    }),
    () => ({ cmd: 'subscribe', messageId: 4, subscriptions: [{ topic: `devices/${victim.deviceId}/messages/devicebound/#`, qos: 1 }] }),
    () => ({ cmd: 'unsubscribe', messageId: 5, unsubscriptions: ['$iothub/twin/res/#'] }),
    () => publish('$iothub/twin/GET/?$rid=1', ' ', 0),
    () => publish('$iothub/twin/PATCH/properties/reported/?$rid=2', JSON.stringify({ a: { b: random.below(100) } }), 0),
    () => publish('$iothub/methods/res/200/?$rid=3', '{}', 0),
    () => ({ cmd: 'puback', messageId: 1 + random.below(3) }),
    () => ({ cmd: 'pingreq' }),
    () => ({ cmd: 'disconnect' }),
  ];
  const rest = Array.from({ length: 1 + random.below(8) }, () => random.pick(kinds)());
  return [connect, ...rest].map((packet) => generate(packet));
}
