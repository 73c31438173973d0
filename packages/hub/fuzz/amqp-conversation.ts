/** A good conversation over AMQP, for the fuzzer to damage: recorded once from a real client of the library. */
import rhea, { type Connection, type Message } from 'rhea';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { Identity } from '../src/identity/identity.ts';
import { MemoryStream } from './memory-stream.ts';

const FAR = 4_102_444_800;

/** Frames that a device sends: protocol headers, SASL, open, begin, proofs, links of every kind, messages, dispositions. */
export async function recordAmqp(device: Identity, accept: (stream: MemoryStream) => void): Promise<Buffer[]> {
  const { deviceId } = device;
  const hubSide = new MemoryStream();
  const clientSide = new MemoryStream();
  const sent: Buffer[] = [];
  let seen = 0;
  clientSide.onWrite = () => {
    const all = clientSide.written;
    const piece = Buffer.from(all.subarray(seen));
    seen = all.length;
    sent.push(piece);
    setImmediate(() => hubSide.give(piece));
  };
  let answered = 0;
  hubSide.onWrite = () => {
    const all = hubSide.written;
    const piece = Buffer.from(all.subarray(answered));
    answered = all.length;
    setImmediate(() => clientSide.give(piece));
  };
  accept(hubSide);
  const container = rhea.create_container({ id: 'recorded' });
  container.on('error', () => {});
  container.on('disconnected', () => {});
  const options = {
    username: 'anonymous',
    reconnect: false,
    connection_details: () => ({
      connect: (_port: number, _host: string, _options: object, connected: () => void) => (setImmediate(connected), clientSide),
    }),
  };
  // The library takes any socket that `connect` gives.
  const connection: Connection = container.connect(options as never);
  await event(connection, 'connection_open');
  const answers = connection.open_receiver('$cbs');
  const cbs = connection.open_sender('$cbs');
  await event(cbs, 'sendable');
  const name = `localhost/devices/${deviceId}`;
  const token = createSasToken(name, device.authentication.primaryKey ?? '', FAR);
  cbs.send({
    message_id: 'proof',
    reply_to: 'cbs',
    application_properties: { operation: 'put-token', type: 'servicebus.windows.net:sastoken', name },
    body: token,
  } as unknown as Message);
  await event(answers, 'message');
  const events = connection.open_sender({ target: `/devices/${deviceId}/messages/events` });
  await event(events, 'sendable');
  events.send({
    message_id: 'one',
    content_type: 'application/json',
    application_properties: { zone: 'a' },
    message_annotations: { 'iothub-interface-id': 'x' },
    body: rhea.message.data_section(Buffer.from('telemetry')),
  } as unknown as Message);
  await event(events, 'accepted');
  connection.open_receiver(`/devices/${deviceId}/messages/devicebound`);
  const link = { 'com.microsoft:channel-correlation-id': 'twin:1' };
  const twin = connection.open_sender({ target: `/devices/${deviceId}/twin`, properties: link, snd_settle_mode: 1 });
  const twinAnswers = connection.open_receiver({ source: `/devices/${deviceId}/twin`, properties: link });
  await event(twin, 'sendable');
  twin.send({
    correlation_id: 'get',
    message_annotations: { operation: 'GET' },
    body: rhea.message.data_section(Buffer.from(' ')),
  } as unknown as Message);
  await event(twinAnswers, 'message');
  twin.send({
    correlation_id: 'patch',
    message_annotations: { operation: 'PATCH', resource: '/properties/reported' },
    body: rhea.message.data_section(Buffer.from('{"a":1}')),
  } as unknown as Message);
  await event(twinAnswers, 'message');
  const methods = connection.open_sender(`/devices/${deviceId}/methods/devicebound`);
  connection.open_receiver(`/devices/${deviceId}/methods/devicebound`);
  await event(methods, 'sendable');
  methods.send({
    correlation_id: 'none',
    application_properties: { 'IoThub-status': 200 },
    body: rhea.message.data_section(Buffer.from('{}')),
  } as unknown as Message);
  await event(methods, 'accepted');
  connection.close();
  await event(connection, 'connection_close');
  hubSide.destroy();
  // The library ends its timers when its socket has ended.
  clientSide.emit('end');
  clientSide.destroy();
  return frames(Buffer.concat(sent));
}

function event(emitter: { once(name: string, act: () => void): unknown }, name: string): Promise<void> {
  return new Promise((resolve) => emitter.once(name, () => resolve()));
}

/** The bytes cut at protocol headers and frames. */
function frames(bytes: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const isHeader = bytes.toString('latin1', at, at + 4) === 'AMQP';
    const length = isHeader ? 8 : bytes.readUInt32BE(at);
    list.push(bytes.subarray(at, at + length));
    at += length;
  }
  return list;
}
