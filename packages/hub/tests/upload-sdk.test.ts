/** File upload by the unmodified azure-iot-device, with the blob client it brings along, against our own blob store. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import https from 'node:https';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { freshId } from './device-suite.ts';
import { CA, OWNER, TestHub } from './hub-under-test.ts';
import { deviceClient, serviceClient } from './sdk.ts';

// The SDK's blob client leaves a timer of half an hour behind, which would keep this process alive.
const { setTimeout: start } = globalThis;
globalThis.setTimeout = Object.assign(
  (act: () => void, ms?: number) => {
    const timer = start(act, ms);
    return (ms ?? 0) > 600_000 ? timer.unref() : timer;
  },
  { __promisify__: start.__promisify__ },
) as typeof start;

let hub: TestHub;
before(async () => {
  hub = await TestHub.start();
});
after(() => hub.stop());

function get(address: string, headers: Record<string, string> = {}): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    https
      .get(address, { ca: CA, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts) }));
      })
      .on('error', reject);
  });
}

test('a file of several blocks arrives whole, and a back end is told', async () => {
  const device = await hub.create(freshId());
  const client = await deviceClient(hub, device, 'mqtt');
  const service = serviceClient(hub);
  await service.open();
  const receiver = (await service.getFileNotificationReceiver()).result;
  const told = once(receiver, 'message');
  const content = randomBytes(9 * 2 ** 20 + 17);
  await client.uploadToBlob('logs/today 1.bin', Readable.from([content]), content.length);
  const [message] = await told;
  const notification = JSON.parse(message.data.toString());
  assert.equal(notification.deviceId, device.deviceId);
  assert.equal(notification.blobName, `${device.deviceId}/logs/today 1.bin`);
  assert.equal(notification.blobSizeInBytes, content.length);
  receiver.complete(message);
  await service.close();
  await client.close();
  const { properties, content: read } = await hub.hub.uploads.open(notification.blobName);
  assert.equal(properties.size, content.length);
  const parts = [];
  for await (const part of read()) parts.push(part);
  assert.ok(Buffer.concat(parts).equals(content));
  // Without a token nobody gets at it.
  assert.equal((await get(notification.blobUri)).status, 401);
  const record = await hub.follower.seen(
    ({ deviceId, operation, category }) => deviceId === device.deviceId && category === 'FileUploadOperations' && operation === 'complete',
  );
  assert.equal(record.result, 'accepted');
});

test('a token for one file does not open another, and a name cannot leave the store', async () => {
  const device = await hub.create(freshId());
  const caller = { ...(await callerOf(device.deviceId)) };
  const first = await hub.hub.uploads.start(caller, 'a.txt');
  const second = await hub.hub.uploads.start(caller, '../../hub.sqlite');
  const put = (blob: string, token: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const path = `/device-files/${blob.split('/').map(encodeURIComponent).join('/')}${token}`;
      const request = https.request(
        { port: hub.running.ports.https, path, method: 'PUT', ca: CA, agent: false, servername: 'localhost' },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
      request.end('x');
    });
  assert.equal(await put(first.blobName, second.token), 401);
  assert.equal(await put(second.blobName, second.token), 201);
  assert.equal((await hub.hub.uploads.list(OWNER, device.deviceId)).length, 1);
  assert.equal(hub.hub.uploads.used > 0, true);
});

test('a device may have ten uploads under way, not eleven', async () => {
  const device = await hub.create(freshId());
  const caller = await callerOf(device.deviceId);
  for (let upload = 0; upload < 10; upload++) await hub.hub.uploads.start(caller, `${upload}.bin`);
  await assert.rejects(hub.hub.uploads.start(caller, 'eleven.bin'), { code: 'DeviceMaximumActiveFileUploadLimitExceeded', number: 403006 });
});

async function callerOf(deviceId: string) {
  const identity = await hub.hub.registry.get(OWNER, { deviceId, moduleId: null });
  return { side: 'device', identity, authentication: 'sas', policy: null, expires: null, protocol: 'HTTPS', ipAddress: null } as const;
}
