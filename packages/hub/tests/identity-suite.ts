/** How devices prove who they are, whatever their transport. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import iotDevice from 'azure-iot-device';
import iotCommon from 'azure-iot-common';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { HubOperation } from '@annunciator/rules/hub-operation';
import type { Identity, IdentityAuthentication } from '../src/identity/identity.ts';
import { type Authority, issue, makeAuthority, selfSigned } from './certificates.ts';
import { freshId, plain, type SuiteTarget, until } from './device-suite.ts';
import { OWNER } from './hub-under-test.ts';
import { deviceClient, Message, moduleClient, prepare, registryClient, serviceClient, TRANSPORTS } from './sdk.ts';

const { UnauthorizedError } = iotCommon.errors;

const NO_KEYS = { primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null };

function selfSignedBy(thumbprint: string): IdentityAuthentication {
  return { ...NO_KEYS, type: 'selfSigned', primaryThumbprint: thumbprint };
}

const BY_AUTHORITY: IdentityAuthentication = { ...NO_KEYS, type: 'certificateAuthority' };

/** Seconds since 1970. */
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

export function identityTests(target: SuiteTarget): void {
  const { hub, transport, protocol } = target;
  let made: Promise<Authority> | undefined;
  /** An authority that the hub trusts. */
  const authority = (): Promise<Authority> => {
    made ??= makeAuthority('Maker of devices').then(async (maker) => {
      await hub().hub.certificates.put(OWNER, `maker-${protocol}`, maker.cert, true, null);
      return maker;
    });
    return made;
  };

  const send = async (identity: Identity, options: Parameters<typeof deviceClient>[3] = {}): Promise<void> => {
    const client = await deviceClient(hub(), identity, transport, options);
    try {
      await client.open();
      await client.sendEvent(new Message('hello'));
    } finally {
      await client.close();
    }
  };

  const refusal = (identity: { deviceId: string }): Promise<HubOperation> =>
    hub().follower.seen(({ deviceId, result }) => deviceId === identity.deviceId && result === 'refused', 'refusal');

  const withKey = (device: Identity, key: string): string =>
    hub()
      .connectionString(device, transport === 'mqtt' ? hub().running.ports.mqtt : transport === 'amqp' ? hub().running.ports.amqp : null)
      .replace(/SharedAccessKey=.*/, `SharedAccessKey=${key}`);

  const port = (): string => {
    const { mqtt, amqp } = hub().running.ports;
    return transport === 'mqtt' ? `:${mqtt}` : transport === 'amqp' ? `:${amqp}` : '';
  };

  const withToken = async (identity: Identity, token: string): Promise<void> => {
    const client = iotDevice.Client.fromSharedAccessSignature(token, TRANSPORTS[transport]);
    await prepare(client, hub(), transport, {});
    try {
      await client.open();
      await client.sendEvent(new Message(identity.deviceId));
    } finally {
      await client.close();
    }
  };

  test('both keys of a device work, a wrong one is refused as a wrong signature', async () => {
    const device = await hub().create(freshId());
    await send(device, { connectionString: withKey(device, device.authentication.secondaryKey ?? '') });
    const wrong = withKey(device, Buffer.from('a key that is not the one of the device').toString('base64'));
    await assert.rejects(send(device, { connectionString: wrong }), UnauthorizedError);
    const { statusCode, reason } = await refusal(device);
    assert.deepEqual({ statusCode, reason }, { statusCode: 401003, reason: 'tokenSignature' });
  });

  test('a disabled device is refused', async () => {
    const device = await hub().create(freshId(), { status: 'disabled' });
    await assert.rejects(send(device), UnauthorizedError);
    assert.equal((await refusal(device)).reason, 'identityDisabled');
  });

  test('a device that does not exist is refused and counted for no device', async () => {
    const device = await hub().create(freshId());
    await hub().hub.registry.delete(OWNER, device, null);
    await assert.rejects(send(device), UnauthorizedError);
    const refused = await hub().follower.seen(
      ({ reason, detail, protocol: by }) => by === protocol && reason === 'unknownIdentity' && (detail?.includes(device.deviceId) ?? false),
    );
    assert.equal(refused.deviceId, null);
  });

  test('an expired token is refused as such, although it was signed rightly', async () => {
    const device = await hub().create(freshId());
    const token = createSasToken(`localhost${port()}/devices/${device.deviceId}`, device.authentication.primaryKey ?? '', inSeconds(-60));
    await assert.rejects(withToken(device, token), UnauthorizedError);
    assert.equal((await refusal(device)).reason, 'tokenExpired');
  });

  test('a token of a shared access policy with DeviceConnect works', async () => {
    const device = await hub().create(freshId());
    const policy = hub().hub.policies.get('device');
    await withToken(
      device,
      createSasToken(`localhost${port()}/devices/${device.deviceId}`, policy?.primaryKey ?? '', inSeconds(600), 'device'),
    );
    assert.equal(hub().messagesOf(device)[0].operation.policy, 'device');
  });

  test('a device with a self-signed certificate is known by its thumbprint', async () => {
    const deviceId = freshId();
    const certificate = await selfSigned(deviceId);
    const device = await hub().create(deviceId, { authentication: selfSignedBy(certificate.thumbprint) });
    await send(device, { cert: certificate });
    assert.equal(hub().messagesOf(device)[0].operation.authentication, 'x509SelfSigned');
    await assert.rejects(send(device, { cert: await selfSigned(deviceId) }), UnauthorizedError);
    const { statusCode, reason } = await refusal(device);
    assert.deepEqual({ statusCode, reason }, { statusCode: 401003, reason: 'thumbprintMismatch' });
  });

  test('an expired certificate is refused as such', async () => {
    const deviceId = freshId();
    const certificate = await selfSigned(deviceId, -1);
    const device = await hub().create(deviceId, { authentication: selfSignedBy(certificate.thumbprint) });
    await assert.rejects(send(device, { cert: certificate }), UnauthorizedError);
    assert.equal((await refusal(device)).reason, 'certificateExpired');
  });

  test('a certificate of a verified authority works for the device it names, over an intermediate too', async () => {
    const device = await hub().create(freshId(), { authentication: BY_AUTHORITY });
    await send(device, { cert: await issue(await authority(), device.deviceId) });
    const intermediate = await issue(await authority(), 'Line 4', { ca: true });
    const leaf = await issue(intermediate, device.deviceId);
    await send(device, { cert: { key: leaf.key, cert: `${leaf.cert}\n${intermediate.cert}\n` } });
    assert.deepEqual(
      hub()
        .messagesOf(device)
        .map(({ operation }) => operation.authentication),
      ['x509CertificateAuthority', 'x509CertificateAuthority'],
    );
  });

  test('a certificate of another authority, or for another device, is refused', async () => {
    const device = await hub().create(freshId(), { authentication: BY_AUTHORITY });
    await assert.rejects(send(device, { cert: await issue(await makeAuthority('Stranger'), device.deviceId) }), UnauthorizedError);
    assert.equal((await refusal(device)).reason, 'certificateUntrusted');
    const other = await hub().create(freshId(), { authentication: BY_AUTHORITY });
    await assert.rejects(send(other, { cert: await issue(await authority(), device.deviceId) }), UnauthorizedError);
    assert.equal((await refusal(other)).reason, 'otherIdentity');
  });
}

/** For transports that keep a connection. */
export function sessionTests(target: SuiteTarget): void {
  const { hub, transport } = target;

  test('a second connection of the same device ends the first', async () => {
    const device = await hub().create(freshId());
    const first = await deviceClient(hub(), device, transport);
    await first.open();
    const ended = once(first, 'disconnect');
    const second = await deviceClient(hub(), device, transport);
    await second.open();
    await ended;
    await second.sendEvent(new Message('still here'));
    const record = await hub().follower.seen(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'deviceDisconnect');
    assert.equal(record.statusCode, 400027);
    await second.close();
    await first.close();
  });

  test('a token is renewed before its end, and the device goes on', async () => {
    const device = await hub().create(freshId());
    const client = await deviceClient(hub(), device, transport);
    // Valid for 3 s, renewed after 1 s.
    client.setOptions({ tokenRenewal: { tokenValidTimeInSeconds: 3, tokenRenewalMarginInSeconds: 2 } } as never).catch(() => {});
    await client.open();
    let lost = 0;
    client.on('disconnect', () => lost++);
    const session = () => hub().hub.context.sessions.of(device);
    const before = session()?.caller.expires ?? 0;
    await new Promise<void>((resolve) => {
      const look = setInterval(() => {
        if ((session()?.caller.expires ?? 0) <= before) return;
        clearInterval(look);
        resolve();
      }, 20);
    });
    await client.sendEvent(new Message('after renewal'));
    assert.equal(lost, 0);
    await client.close();
  });

  test('a connection whose token ends without renewal is closed', async () => {
    const device = await hub().create(freshId());
    const port = transport === 'mqtt' ? hub().running.ports.mqtt : hub().running.ports.amqp;
    const token = createSasToken(`localhost:${port}/devices/${device.deviceId}`, device.authentication.primaryKey ?? '', inSeconds(2));
    const client = iotDevice.Client.fromSharedAccessSignature(token, TRANSPORTS[transport]);
    await prepare(client, hub(), transport, {});
    await client.open();
    await once(client, 'disconnect');
    const record = await hub().follower.seen(({ deviceId, operation }) => deviceId === device.deviceId && operation === 'deviceDisconnect');
    assert.equal(record.statusCode, 401003);
    await client.close();
  });

  test('disabling, deleting or giving other keys ends the connection', async () => {
    for (const act of ['disable', 'delete', 'keys'] as const) {
      const device = await hub().create(freshId());
      const client = await deviceClient(hub(), device, transport);
      await client.open();
      const ended = once(client, 'disconnect');
      const { registry } = hub().hub;
      const key = Buffer.from('0123456789abcdef0123').toString('base64');
      const definition = { ...device, authentication: { ...device.authentication, ...(act === 'keys' ? { primaryKey: key } : {}) } };
      if (act === 'delete') await registry.delete(OWNER, device, null);
      else await registry.update(OWNER, { ...definition, status: act === 'disable' ? 'disabled' : 'enabled' }, null);
      await ended;
      await client.close();
    }
  });
}

/** Modules have a name, a twin and methods of their own. */
export function moduleTests(target: SuiteTarget & { transport: 'mqtt' | 'amqp' }): void {
  const { hub, transport } = target;

  test('a module sends, has a twin and answers methods beside its device', async () => {
    const device = await hub().create(freshId());
    const own = await hub().create(device.deviceId, { moduleId: 'azureiotsecurity' });
    const client = await moduleClient(hub(), own, transport);
    await client.open();
    await client.sendOutputEvent('alarms', new Message('from the module'));
    const [{ event }] = hub().messagesOf(own);
    assert.equal(Buffer.from(event?.body ?? []).toString(), 'from the module');
    assert.equal(hub().messagesOf(device).length, 0);
    const twin = await client.getTwin();
    await new Promise<void>((resolve, reject) =>
      twin.properties.reported.update({ version: 7 }, (error?: Error) => (error ? reject(error) : resolve())),
    );
    const seen = (await registryClient(hub()).getModuleTwin(device.deviceId, 'azureiotsecurity')).responseBody;
    assert.deepEqual(plain(seen.properties.reported), { version: 7 });
    client.onMethod('scan', (_request, response) => void response?.send(200, { found: 0 }));
    await until(() => hub().hub.context.sessions.of(own)?.methods === true);
    const { result } = await serviceClient(hub()).invokeDeviceMethod(device.deviceId, 'azureiotsecurity', {
      methodName: 'scan',
      payload: null,
    });
    assert.deepEqual(result, { status: 200, payload: { found: 0 } });
    await client.close();
  });
}
