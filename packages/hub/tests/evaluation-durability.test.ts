/** What custom alerts count outlives restarts, and kill -9 between any two messages: nothing is forgotten, nothing counted twice. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Rule } from '@annunciator/rules/groups/security-group';
import { createSasToken } from '../src/authentication/sas-token.ts';
import type { Identity } from '../src/identity/identity.ts';
import type { HubPorts } from '../src/start.ts';
import { freshId, until } from './device-suite.ts';
import { OWNER, TLS } from './hub-under-test.ts';
import { agentTo } from './sdk.ts';
import { WatchedHub } from './watched-hub.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'annunciator-counted-'));
  context.after(() => rm(path, { recursive: true, force: true, maxRetries: 5 }));
  return path;
}

function range(minThreshold: number, maxThreshold: number, timeWindowSize = 'P1D', ruleType = 'HttpD2CMessagesNotInAllowedRange'): Rule {
  return { ruleType, isEnabled: true, alertName: null, minThreshold, maxThreshold, timeWindowSize };
}

/** Sends one message over HTTPS; resolves when the hub has accepted it. */
function send(device: Identity, agent: https.Agent): Promise<void> {
  const token = createSasToken(
    `localhost/devices/${device.deviceId}`,
    device.authentication.primaryKey ?? '',
    Math.floor(Date.now() / 1000) + 600,
  );
  return new Promise((resolve, reject) => {
    const request = https.request(
      {
        method: 'POST',
        path: `/devices/${device.deviceId}/messages/events?api-version=2021-04-12`,
        headers: { authorization: token },
        agent,
      },
      (response) => {
        response.resume();
        if (response.statusCode === 204) resolve();
        else reject(new Error(`answered ${response.statusCode}`));
      },
    );
    request.on('error', reject);
    request.end('value');
  });
}

test('a hub ended by kill -9 while devices send has counted every message once', async (context) => {
  const directory = await folder(context);
  // It is noon at the hub: the window of a day does not end in the middle of the test.
  const behind = (Date.now() + DAY / 2) % DAY;
  const first = await WatchedHub.start({ directory, clock: () => Date.now() - behind });
  const devices = await Promise.all(Array.from({ length: 3 }, () => first.device(freshId(), 'counted')));
  await first.rule('counted', range(0, 0));
  await first.stop();
  let accepted = 0;
  for (let round = 0; round < 3; round++) {
    const arguments_ = [join(import.meta.dirname, 'watched-child.ts'), directory, JSON.stringify(TLS), String(behind), '200'];
    const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
    context.after(() => child.kill('SIGKILL'));
    const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
    const ports: HubPorts = JSON.parse(String(line));
    const agent = agentTo(ports.https ?? 0);
    let going = true;
    const sending = devices.flatMap((device) =>
      Array.from({ length: 4 }, async () => {
        while (going)
          try {
            await send(device, agent);
            accepted++;
          } catch {
            return;
          }
      }),
    );
    const enough = accepted + 300;
    await until(() => accepted > enough, 30_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    going = false;
    await Promise.all(sending);
    agent.destroy();
  }
  // A day later the windows are over, and the last counts are told.
  const last = await WatchedHub.start({ directory, clock: () => Date.now() - behind + DAY, resumeAt: () => 0 });
  const journal = last.hub.follower.records.filter(({ event }) => event).map(({ operation }) => operation.deviceId);
  for (const { deviceId } of devices) {
    await until(() => {
      last.security.tick();
      return last.of(deviceId).some(({ final }) => final);
    });
    const sent = journal.filter((id) => id === deviceId).length;
    assert.deepEqual(
      last.of(deviceId).map(({ count, final }) => [count, final]),
      [[sent, true]],
    );
  }
  assert.ok(journal.length >= accepted);
  await last.stop();
});

test('counting goes on in the same window after a restart', async (context) => {
  const directory = await folder(context);
  const before = await WatchedHub.start({ directory });
  const device = await before.device(freshId(), 'pumps');
  await before.rule('pumps', range(0, 3));
  const accept = (watched: WatchedHub): Promise<void> =>
    watched.hub.hub.telemetry.accept(
      { side: 'device', identity: device, authentication: 'sas', policy: null, expires: null, protocol: 'HTTPS', ipAddress: null },
      { system: {}, application: {}, body: Buffer.from('value') },
    );
  for (let message = 0; message < 3; message++) await accept(before);
  await before.stop();
  const after = await WatchedHub.start({ directory });
  assert.deepEqual(after.of(device.deviceId), []);
  await accept(after);
  const [{ count }] = await after.seen(device.deviceId);
  assert.equal(count, 4);
  await after.stop();
});

test('windows in which the hub was down for a part are not judged for too few, those before and after are', async (context) => {
  const directory = await folder(context);
  let ahead = 5 * MINUTE - (Date.now() % (5 * MINUTE));
  const clock = (): number => Date.now() + ahead;
  const before = await WatchedHub.start({ directory, clock });
  const device = await before.device(freshId(), 'pumps');
  await before.rule('pumps', range(1, 9, 'PT5M'));
  ahead += 5 * MINUTE;
  before.security.tick();
  // The second window passes whole, and is not judged yet when the hub goes down.
  ahead += 5 * MINUTE;
  before.security.tick();
  const [down] = [clock()];
  await before.stop();
  ahead += 12 * MINUTE;
  const after = await WatchedHub.start({ directory, clock });
  ahead += 9 * MINUTE;
  after.security.tick();
  const found = await after.seen(device.deviceId, 2);
  assert.deepEqual(
    found.map(({ bound, windowStart }) => [bound, Math.round((windowStart - down) / MINUTE)]),
    [
      ['min', -5],
      ['min', 15],
    ],
  );
  await after.stop();
});

test('groups follow twins: a change of the tag, of the module and the end of a device', async () => {
  const watched = await WatchedHub.start();
  const device = await watched.device(freshId(), 'Pumps');
  const sizes = (): string[] =>
    watched.security
      .groupSizes()
      .map(({ name, total, enabled }) => `${name} ${total} ${enabled}`)
      .sort();
  assert.deepEqual(sizes(), ['Pumps 1 1']);
  const module = await watched.hub.create(device.deviceId, { moduleId: 'azureiotsecurity' });
  await watched.hub.hub.twins.change(OWNER, module, { tags: { SecurityGroup: 'Valves' } }, 'patch', null, 0);
  assert.deepEqual(sizes(), ['Valves 1 1']);
  await watched.hub.hub.registry.update(OWNER, { ...device, status: 'disabled' }, null);
  assert.deepEqual(sizes(), ['Valves 1 0']);
  await watched.hub.hub.registry.delete(OWNER, module, null);
  assert.deepEqual(sizes(), ['Pumps 1 0']);
  await watched.hub.hub.registry.delete(OWNER, device, null);
  assert.deepEqual(sizes(), []);
  await watched.stop();
});

test('devices that are older than the evaluation are known, and a damaged snapshot costs the counts and nothing else', async (context) => {
  const directory = await folder(context);
  const before = await WatchedHub.start({ directory });
  const device = await before.device(freshId(), 'Pumps');
  await before.rule('Pumps', range(1, 9, 'PT1M'));
  await before.stop();
  const security = join(directory, 'security');
  for (const name of await readdir(security)) if (name.endsWith('.snapshot')) await truncate(join(security, name), 20);
  await writeFile(join(security, 'alive'), '0');
  const after = await WatchedHub.start({ directory });
  assert.deepEqual(
    after.security.groupSizes().map(({ name, total }) => [name, total]),
    [['Pumps', 1]],
  );
  after.security.tick();
  assert.deepEqual(after.of(device.deviceId), [], 'what it did not see is not judged');
  await after.stop();
});
