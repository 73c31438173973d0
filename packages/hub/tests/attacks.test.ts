/** Lies and attacks over the real wires: refused with the documented code, counted, and nobody else is disturbed. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { after, before, test } from 'node:test';
import { generate, type Packet, parser } from 'mqtt-packet';
import rhea from 'rhea';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { Identity } from '../src/identity/identity.ts';
import { deep, freshId, until } from './device-suite.ts';
import { CA, TestHub } from './hub-under-test.ts';
import { agentTo, deviceClient, Message } from './sdk.ts';
import https from 'node:https';

let hub: TestHub;
before(async () => {
  hub = await TestHub.start({ limits: { handshakesPerSecond: 200 } });
});
after(() => hub.stop());

const inAnHour = (): number => Math.floor(Date.now() / 1000) + 3600;

function tokenOf(
  device: Identity,
  resource = `localhost/devices/${device.deviceId}`,
  key = device.authentication.primaryKey ?? '',
): string {
  return createSasToken(resource, key, inAnHour());
}

/** A client that says what it likes. */
class RawMqtt {
  readonly socket: tls.TLSSocket;
  readonly packets: Packet[] = [];
  readonly closed: Promise<unknown>;

  constructor() {
    this.socket = tls.connect({ host: '127.0.0.1', port: hub.running.ports.mqtt ?? 0, ca: CA, servername: 'localhost' });
    this.socket.on('error', () => {});
    const incoming = parser({ protocolVersion: 4 });
    incoming.on('packet', (packet) => this.packets.push(packet));
    this.socket.on('data', (bytes: Buffer) => incoming.parse(bytes));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
  }

  send(packet: Packet): void {
    this.socket.write(generate(packet));
  }

  connect(device: Identity, { token = tokenOf(device), host = 'localhost', clientId = device.deviceId, level = 4 as 4 | 5 } = {}): void {
    const username = `${host}/${device.deviceId}/?api-version=2021-04-12`;
    const packet: Packet = {
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: level,
      clean: false,
      clientId,
      keepalive: 60,
      username,
      password: Buffer.from(token),
    };
    this.socket.write(generate(packet, { protocolVersion: level }));
  }

  async connack(): Promise<number> {
    await until(() => this.packets.some(({ cmd }) => cmd === 'connack'));
    const connack = this.packets.find(({ cmd }) => cmd === 'connack');
    return connack?.cmd === 'connack' ? (connack.returnCode ?? -1) : -1;
  }

  async opened(device: Identity): Promise<this> {
    this.connect(device);
    assert.equal(await this.connack(), 0);
    return this;
  }
}

const refusedFor = (device: Identity, reason: string | null) =>
  hub.follower.seen(
    ({ deviceId, result, reason: why }) => deviceId === device.deviceId && result === 'refused' && why === reason,
    `refusal for ${reason}`,
  );

test('a CONNECT that lies is answered with the code of its lie', async () => {
  const device = await hub.create(freshId());
  const answered = async (given: Parameters<RawMqtt['connect']>[1]): Promise<number> => {
    const client = new RawMqtt();
    client.connect(device, given);
    const code = await client.connack();
    await client.closed;
    return code;
  };
  assert.equal(await answered({ token: tokenOf(device, undefined, Buffer.from('wrong key wrong key').toString('base64')) }), 5);
  assert.equal(await answered({ token: 'no token at all' }), 5);
  assert.equal(await answered({ token: tokenOf(device, `another-hub.example/devices/${device.deviceId}`) }), 5);
  assert.equal((await refusedFor(device, 'otherHub')).statusCode, 401003);
  assert.equal(await answered({ host: 'another-hub.example' }), 5);
  assert.equal(await answered({ clientId: 'somebody-else' }), 2);
  assert.equal(await answered({ level: 5 }), 1);
  assert.equal((await refusedFor(device, 'notAToken')).statusCode, 401003);
});

test('a device that publishes or subscribes to a topic of another is cut off and counted', async () => {
  const [device, other] = [await hub.create(freshId()), await hub.create(freshId())];
  const publisher = await new RawMqtt().opened(device);
  publisher.send({
    cmd: 'publish',
    topic: `devices/${other.deviceId}/messages/events/`,
    payload: 'mine',
    qos: 1,
    dup: false,
    retain: false,
    messageId: 1,
  });
  await publisher.closed;
  assert.equal((await refusedFor(device, 'otherIdentity')).statusCode, 401003);
  const listener = await new RawMqtt().opened(other);
  listener.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [{ topic: `devices/${device.deviceId}/messages/devicebound/#`, qos: 1 }],
  });
  await listener.closed;
  await refusedFor(other, 'otherIdentity');
  assert.equal(hub.messagesOf(other).length, 0);
});

test('filters that do not exist are refused one by one, QoS 2 ends the connection', async () => {
  const device = await hub.create(freshId());
  const client = await new RawMqtt().opened(device);
  client.send({
    cmd: 'subscribe',
    messageId: 1,
    subscriptions: [
      { topic: '#', qos: 0 },
      { topic: '$iothub/twin/res/#', qos: 0 },
      { topic: '$SYS/#', qos: 0 },
    ],
  });
  await until(() => client.packets.some(({ cmd }) => cmd === 'suback'));
  const suback = client.packets.find(({ cmd }) => cmd === 'suback');
  assert.deepEqual(suback?.cmd === 'suback' && suback.granted, [0x80, 0, 0x80]);
  client.send({
    cmd: 'publish',
    topic: `devices/${device.deviceId}/messages/events/`,
    payload: 'x',
    qos: 2,
    dup: false,
    retain: false,
    messageId: 2,
  });
  await client.closed;
  await refusedFor(device, 'malformed');
});

test('a message above 256 KB ends an MQTT connection and is recorded as too large', async () => {
  const device = await hub.create(freshId());
  const client = await new RawMqtt().opened(device);
  client.send({
    cmd: 'publish',
    topic: `devices/${device.deviceId}/messages/events/`,
    payload: Buffer.alloc(256 * 1024 + 1),
    qos: 1,
    dup: false,
    retain: false,
    messageId: 1,
  });
  await client.closed;
  assert.equal((await refusedFor(device, null)).statusCode, 413001);
});

test('a packet that announces 256 MB is not waited for', async () => {
  const device = await hub.create(freshId());
  const client = await new RawMqtt().opened(device);
  client.socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]));
  const flood = setInterval(() => client.socket.write(Buffer.alloc(65_536)), 1);
  await client.closed;
  clearInterval(flood);
  await refusedFor(device, 'malformed');
});

test('a twin a thousand levels deep is answered with 400, and the connection goes on', async () => {
  const device = await hub.create(freshId());
  const client = await new RawMqtt().opened(device);
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '$iothub/twin/res/#', qos: 0 }] });
  client.send({
    cmd: 'publish',
    topic: '$iothub/twin/PATCH/properties/reported/?$rid=7',
    payload: JSON.stringify(deep(1000)),
    qos: 0,
    dup: false,
    retain: false,
  });
  await until(() => client.packets.some((packet) => packet.cmd === 'publish' && packet.topic === '$iothub/twin/res/400/?$rid=7'));
  const answer = client.packets.find((packet) => packet.cmd === 'publish');
  assert.equal(JSON.parse(answer?.cmd === 'publish' ? answer.payload.toString() : '{}').errorCode, 400004);
  client.send({ cmd: 'pingreq' });
  await until(() => client.packets.some(({ cmd }) => cmd === 'pingresp'));
  client.socket.destroy();
});

/** Speaks AMQP by the library, without the SDK's good manners. */
function amqpConnection(): ReturnType<typeof rhea.connect> {
  const container = rhea.create_container();
  container.on('error', () => {});
  const connection = container.connect({
    transport: 'tls',
    host: '127.0.0.1',
    port: hub.running.ports.amqp ?? 0,
    ca: CA,
    servername: 'localhost',
    reconnect: false,
    username: 'anonymous',
  });
  for (const event of [
    'connection_error',
    'session_error',
    'sender_error',
    'receiver_error',
    'disconnected',
    'session_close',
    'connection_close',
    'protocol_error',
  ])
    connection.on(event, () => {});
  return connection;
}

test('an AMQP link is refused without a proof, and for another device', async () => {
  const [device, other] = [await hub.create(freshId()), await hub.create(freshId())];
  const connection = amqpConnection();
  const refused = async (address: string): Promise<string> => {
    const sender = connection.open_sender({ target: address });
    const [{ sender: closed }] = await once(sender, 'sender_error');
    return closed.error.condition;
  };
  assert.equal(await refused(`/devices/${device.deviceId}/messages/events`), 'amqp:unauthorized-access');
  assert.equal(await refused('/messages/devicebound'), 'amqp:unauthorized-access');
  const answers = connection.open_receiver('$cbs');
  const cbs = connection.open_sender('$cbs');
  await once(cbs, 'sendable');
  const proved = async (body: unknown): Promise<number> => {
    const application_properties = {
      operation: 'put-token',
      type: 'servicebus.windows.net:sastoken',
      name: `localhost/devices/${device.deviceId}`,
    };
    cbs.send({ message_id: 'one', to: '$cbs', reply_to: 'cbs', application_properties, body });
    const [{ message }] = await once(answers, 'message');
    return message.application_properties['status-code'];
  };
  // A list in place of the token.
  assert.equal(await proved(rhea.message.sequence_section([1, 2])), 400);
  assert.equal(await proved(tokenOf(device)), 200);
  assert.equal(await refused(`/devices/${other.deviceId}/messages/events`), 'amqp:unauthorized-access');
  assert.equal((await refusedFor(device, 'otherIdentity')).statusCode, 401003);
  connection.close();
});

test('AMQP frames that would make a reader loop or allocate end the connection', async () => {
  const header = Buffer.from('AMQP\x00\x01\x00\x00', 'latin1');
  const frame = (body: number[]): Buffer => {
    const bytes = Buffer.from([0, 0, 0, 0, 2, 0, 0, 0, ...body]);
    bytes.writeUInt32BE(bytes.length, 0);
    return bytes;
  };
  const open = frame([0, 0x53, 0x10, 0xc0, 4, 1, 0xa1, 1, 0x61]);
  const hostile = {
    'a frame of 4 GB': Buffer.from([0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0]),
    'a peer that takes frames of one byte': frame([0, 0x53, 0x10, 0xc0, 7, 3, 0xa1, 1, 0x61, 0x40, 0x52, 1]),
    'an array of four billion nulls': Buffer.concat([
      open,
      frame([0, 0x53, 0x11, 0xd0, 0, 0, 0, 14, 0, 0, 0, 1, 0xf0, 0, 0, 0, 5, 0xff, 0xff, 0xff, 0xff, 0x40]),
    ]),
    'a list of four billion values': Buffer.concat([open, frame([0, 0x53, 0x11, 0xd0, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff])]),
    'a disposition of four billion deliveries': Buffer.concat([
      open,
      frame([0, 0x53, 0x15, 0xc0, 8, 3, 0x41, 0x43, 0x70, 0xff, 0xff, 0xff, 0xff]),
    ]),
    'values nested a thousand deep': Buffer.concat([open, frame(Array.from({ length: 1000 }, () => 0))]),
    'no AMQP at all': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    const before = hub.follower.operations.filter(({ reason, protocol }) => reason === 'malformed' && protocol === 'AMQP').length;
    const socket = tls.connect({ host: '127.0.0.1', port: hub.running.ports.amqp ?? 0, ca: CA, servername: 'localhost' });
    socket.on('error', () => {});
    socket.resume();
    socket.write(bytes.subarray(0, 4).toString() === 'GET ' ? bytes : Buffer.concat([header, bytes]));
    await once(socket, 'close');
    await until(
      () => hub.follower.operations.filter(({ reason, protocol }) => reason === 'malformed' && protocol === 'AMQP').length > before,
      5000,
    ).catch(() => assert.fail(what));
  }
});

test('HTTPS refuses a token for another device, a missing one, and a path that leads nowhere', async () => {
  const [device, other] = [await hub.create(freshId()), await hub.create(freshId())];
  const call = (path: string, token?: string): Promise<{ status: number; code: unknown }> =>
    new Promise((resolve, reject) => {
      const request = https.request(
        {
          path,
          method: 'POST',
          agent: agentTo(hub.running.ports.https ?? 0),
          headers: token === undefined ? {} : { authorization: token },
        },
        (response) => {
          response.resume();
          response.on('end', () => resolve({ status: response.statusCode ?? 0, code: response.headers['iothub-errorcode'] }));
        },
      );
      request.on('error', reject);
      request.end('x');
    });
  const events = `/devices/${device.deviceId}/messages/events`;
  assert.deepEqual(await call(`${events}?api-version=2021-04-12`, tokenOf(other)), { status: 401, code: 'IotHubUnauthorized' });
  assert.deepEqual(await call(`${events}?api-version=2021-04-12`), { status: 401, code: 'IotHubUnauthorized' });
  assert.deepEqual(await call(events, tokenOf(device)), { status: 400, code: 'InvalidProtocolVersion' });
  assert.deepEqual(await call('/nothing?api-version=2021-04-12'), { status: 404, code: 'NotFound' });
  assert.deepEqual(await call('/devices/%E0%A4%A?api-version=2021-04-12'), { status: 400, code: 'ArgumentInvalid' });
  await refusedFor(device, 'otherIdentity');
  await refusedFor(device, 'noCredentials');
});

/** A device that sends one message after the other; how long the slowest took, milliseconds. */
async function undisturbed(act: () => Promise<void>): Promise<{ sent: number; slowest: number }> {
  const device = await hub.create(freshId());
  const client = await deviceClient(hub, device, 'mqtt');
  await client.open();
  let going = true;
  let sent = 0;
  let slowest = 0;
  const sending = (async () => {
    while (going) {
      const began = performance.now();
      await client.sendEvent(new Message(String(sent++)));
      slowest = Math.max(slowest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await act();
  going = false;
  await sending;
  assert.equal(hub.messagesOf(device).length, sent);
  await client.close();
  return { sent, slowest };
}

test('ten thousand connections at once are turned away and counted, and a device that is connected goes on', async () => {
  const port = hub.running.ports.mqtt ?? 0;
  const turnedAway = (): number =>
    hub.follower.operations.filter(({ statusCode }) => statusCode === 429002).reduce((sum, { count }) => sum + count, 0);
  let established = 0;
  const { slowest } = await undisturbed(async () => {
    let open = 0;
    let next = 0;
    const one = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = net.connect({ host: '127.0.0.1', port });
        open++;
        const end = (): void => {
          socket.destroy();
          resolve();
        };
        socket.once('connect', () => established++);
        socket.once('error', end);
        socket.once('close', end);
        socket.setTimeout(1000, end);
      });
    await Promise.all(
      Array.from({ length: 500 }, async () => {
        while (next++ < 10_000) await one();
      }),
    );
    assert.ok(open >= 10_000);
  });
  assert.ok(slowest < 3000, `a message took ${slowest} ms`);
  assert.ok(established > 1000, `only ${established} got as far as the hub`);
  await until(() => turnedAway() >= established);
  // Afterwards everybody is welcome again.
  const client = await deviceClient(hub, await hub.create(freshId()), 'mqtt');
  await client.open();
  await client.close();
});

test('clients that dawdle are cut off in time, in the handshake and behind it', async () => {
  const quick = await TestHub.start({ patience: { handshakeMs: 300, introductionMs: 300, bodyMs: 300 } });
  try {
    const { mqtt, amqp, https: web } = quick.running.ports;
    const silent = [mqtt, amqp, web].map((port) => net.connect({ host: '127.0.0.1', port: port ?? 0 }));
    const handshaken = [mqtt, amqp, web].map((port) =>
      tls.connect({ host: '127.0.0.1', port: port ?? 0, ca: CA, servername: 'localhost' }),
    );
    handshaken[2]?.write('POST /devices/a/messages/events?api-version=2021-04-12 HTTP/1.1\r\nhost: localhost\r\n');
    const drip = setInterval(() => handshaken[2]?.write('x: y\r\n'), 100);
    const began = performance.now();
    for (const socket of [...silent, ...handshaken]) socket.on('error', () => {}).resume();
    await Promise.all([...silent, ...handshaken].map((socket) => once(socket, 'close')));
    clearInterval(drip);
    assert.ok(performance.now() - began < 8000);
  } finally {
    await quick.stop();
  }
});
