/** Every built-in alert of a hub, raised by the real thing over the real wire. */
import assert from 'node:assert/strict';
import https from 'node:https';
import { after, before, test } from 'node:test';
import { HUB_ALERTS } from '@annunciator/rules/hub-alerts/catalogue';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { IdentityAuthentication } from '../src/identity/identity.ts';
import { makeAuthority, selfSigned } from './certificates.ts';
import { freshId, until } from './device-suite.ts';
import { agentTo, deviceClient } from './sdk.ts';
import { WatchedHub } from './watched-hub.ts';

let watched: WatchedHub;
before(async () => {
  watched = await WatchedHub.start();
});
after(() => watched.stop());

/** A request of a back end with the rights of a policy; resolves with the status. */
function request(method: string, path: string, body?: object, policy = 'iothubowner'): Promise<number> {
  const key = watched.hub.hub.policies.get(policy)?.primaryKey ?? '';
  const token = createSasToken('localhost', key, Math.floor(Date.now() / 1000) + 600, policy);
  return new Promise((resolve, reject) => {
    const sent = https.request(
      {
        method,
        path: `${path}?api-version=2021-04-12`,
        headers: { authorization: token, 'content-type': 'application/json' },
        agent: agentTo(watched.hub.running.ports.https ?? 0),
      },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** How often an alert was told so far. */
function told(alertType: string, deviceId: string | null): number {
  watched.security.tick();
  return [...watched.found.values()].filter((finding) => finding.alertType === alertType && finding.deviceId === deviceId).length;
}

async function raises(alertType: string, deviceId: string | null, act: () => Promise<unknown>): Promise<void> {
  assert.equal(told(alertType, deviceId), 0);
  await act();
  await until(() => told(alertType, deviceId) === 1);
  seen.add(alertType);
}

const seen = new Set<string>();
const NO_KEYS = { primaryKey: null, secondaryKey: null, primaryThumbprint: null, secondaryThumbprint: null };

test('certificates of authorities: added, deleted, and refused', async () => {
  const authority = await makeAuthority('Maker');
  await raises('IoT_CertificateSuccessfullyAddedToHub', null, () => request('PUT', '/certificates/maker', { certificate: authority.cert }));
  await raises('Hub_CertificateFailedToBeAddedToHub', null, async () =>
    assert.equal(await request('PUT', '/certificates/broken', { certificate: 'no certificate' }), 400),
  );
  await raises('IoT.Hub_CertificateFailedToBeDeletedFromHub', null, async () =>
    assert.equal(await request('DELETE', '/certificates/maker', undefined, 'service'), 401),
  );
  await raises('IoT_CertificateSuccessfullyDeletedFromHub', null, () => request('DELETE', '/certificates/maker'));
});

test('diagnostic settings: changed and deleted', async () => {
  await raises('IoT_DiagnosticSettingAddedOrEditedOnHub', null, async () =>
    assert.equal(await request('PUT', '/diagnosticSettings/mine', { categories: ['Connections'] }), 200),
  );
  await raises('IoT_DiagnosticSettingDeletedFromHub', null, () => request('DELETE', '/diagnosticSettings/mine'));
});

test('devices whose proof is wrong: another certificate, an old one, an old token, a wrong signature', async () => {
  const withCertificate = async (days: number) => {
    const deviceId = freshId();
    const certificate = await selfSigned(deviceId, days);
    const authentication: IdentityAuthentication = { ...NO_KEYS, type: 'selfSigned', primaryThumbprint: certificate.thumbprint };
    return { device: await watched.hub.create(deviceId, { authentication }), certificate };
  };
  const connects = async (client: Awaited<ReturnType<typeof deviceClient>>): Promise<void> => {
    await assert.rejects(client.open());
    await client.close();
  };
  const good = await withCertificate(30);
  const other = await selfSigned(good.device.deviceId);
  await raises('IoT_Cert_Print_Mismatch', good.device.deviceId, async () =>
    connects(await deviceClient(watched.hub, good.device, 'mqtt', { cert: other })),
  );
  const old = await withCertificate(-1);
  await raises('IoT_Cert_Expired', old.device.deviceId, async () =>
    connects(await deviceClient(watched.hub, old.device, 'mqtt', { cert: old.certificate })),
  );
  const device = await watched.hub.create(freshId());
  const resource = `localhost:${watched.hub.running.ports.mqtt}/devices/${device.deviceId}`;
  const withToken = async (key: string, seconds: number): Promise<void> => {
    const token = createSasToken(resource, key, Math.floor(Date.now() / 1000) + seconds);
    const connectionString = `HostName=localhost:${watched.hub.running.ports.mqtt};DeviceId=${device.deviceId};SharedAccessSignature=${token}`;
    await connects(await deviceClient(watched.hub, device, 'mqtt', { connectionString }));
  };
  const key = device.authentication.primaryKey ?? '';
  await raises('IoT_Expired_SAS_Token', device.deviceId, () => withToken(key, -600));
  await raises('IoT_Invalid_SAS_Token', device.deviceId, () => withToken(Buffer.from('another key').toString('base64'), 600));
});

test('none of the ten is left out', () => {
  assert.deepEqual([...seen].sort(), HUB_ALERTS.map(({ alertType }) => alertType).sort());
});
