/** `annunciator hub` as people use it: the real command, and a stock device with what it prints. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:https';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import iotDevice from 'azure-iot-device';
import iotMqtt from 'azure-iot-device-mqtt';
import { annunciator, COMMAND } from '../run-command.ts';
import { createDevice, deleteIdentity, listDevices, listModules, showIdentity } from './identities.ts';
import { listPolicies, showPolicy } from './policies.ts';

let data: string;
before(async () => {
  data = await mkdtemp(join(tmpdir(), 'annunciator-hub-command-'));
});
after(() => rm(data, { recursive: true, force: true }));

async function ok(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await annunciator(['hub', ...args, '--data', data]);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

async function refused(...args: string[]): Promise<string> {
  const { code, stderr } = await annunciator(['hub', ...args, '--data', data]);
  assert.equal(code, 1);
  return stderr.trim();
}

async function lines(of: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of of) all.push(line);
  return all;
}

async function start(): Promise<{ child: ChildProcess; mqtt: number; https: number }> {
  const [program = '', ...first] = COMMAND;
  const ports = ['--mqtt-port', '0', '--amqp-port', '0', '--https-port', '0'];
  const child = spawn(program, [...first, 'hub', '--data', data, '--host', 'localhost', ...ports], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8')) {
    said += String(text);
    if (said.includes('Ctrl-C')) break;
  }
  const match = /MQTT on port (\d+), AMQP on \d+, HTTPS and WebSockets on (\d+)/.exec(said);
  assert.ok(match, said);
  return { child, mqtt: Number(match[1]), https: Number(match[2]) };
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
}

const STRING = /^HostName=localhost;DeviceId=([^;]+);SharedAccessKey=[A-Za-z0-9+/]{43}=$/;

test('devices, modules and policies are looked after while the hub is stopped', async () => {
  const string = await ok('device', 'create', 'pump-1');
  assert.match(string, STRING);
  assert.match(await refused('device', 'create', 'pump-1'), /^annunciator: The device pump-1 exists already\./);
  assert.match(await ok('module', 'create', 'pump-1'), /^HostName=localhost;DeviceId=pump-1;ModuleId=azureiotsecurity;SharedAccessKey=/);

  // The rest within this process, which is faster than a process for each.
  assert.equal(await showIdentity(data, 'pump-1', null, false), string);
  assert.match(await createDevice(data, 'cam-1', { thumbprint: 'AB'.repeat(20) }), /^HostName=localhost;DeviceId=cam-1;x509=true$/);
  assert.match((await listModules(data, 'pump-1')).join('\n'), /azureiotsecurity/);
  assert.match(
    (await lines(listDevices(data, false))).join('\n'),
    /^DEVICE +STATUS +CONNECTION +LAST ACTIVITY +AUTHENTICATION\ncam-1 +enabled +Disconnected +never +selfSigned\npump-1 +enabled +Disconnected +never +sas$/,
  );
  await deleteIdentity(data, 'pump-1', 'azureiotsecurity');
  await assert.rejects(deleteIdentity(data, 'pump-1', 'azureiotsecurity'), /The device pump-1 has no module azureiotsecurity/);
  assert.match(await showPolicy(data, 'iothubowner'), /^HostName=localhost;SharedAccessKeyName=iothubowner;SharedAccessKey=/);
  await assert.rejects(showPolicy(data, 'nothing'), /There is no policy nothing\. The policies are device, iothubowner/);
  assert.match(
    (await listPolicies(data)).join('\n'),
    /^POLICY +RIGHTS\ndevice +DeviceConnect\niothubowner +RegistryRead, RegistryWrite, ServiceConnect, DeviceConnect/,
  );
});

test('a stock device sends with the printed connection string and certificate authority, and commands reach the running hub', async () => {
  const { child, mqtt } = await start();
  try {
    const string = await ok('device', 'create', 'pump-2');
    const ca = await readFile(join(data, 'hub', 'ca.pem'), 'utf8');
    const client = iotDevice.Client.fromConnectionString(string.replace('localhost', `localhost:${mqtt}`), iotMqtt.Mqtt);
    await client.setOptions({ ca });
    await client.open();
    await client.sendEvent(new iotDevice.Message('{"pressure":4}'));
    assert.match(await ok('device', 'list'), /pump-2 +enabled +Connected/);
    await client.close();
    await ok('device', 'delete', 'pump-2');
    assert.match(await refused('device', 'show', 'pump-2'), /There is no device pump-2/);
    const second = await annunciator(['hub', '--data', data, '--mqtt-port', '0', '--amqp-port', '0', '--https-port', '0']);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /Another process uses the data directory/);
  } finally {
    await stop(child);
  }
  const logs = await readdir(join(data, 'hub', 'logs'));
  const text = (await Promise.all(logs.map((name) => readFile(join(data, 'hub', 'logs', name), 'utf8')))).join('');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const connect = lines.find(({ operationName, properties }) => operationName === 'deviceConnect' && properties.includes('"pump-2"'));
  assert.equal(connect.category, 'Connections');
  assert.equal(JSON.parse(connect.properties).maskedIpAddress, '127.0.0.XXX');
  assert.ok(lines.some(({ category, properties }) => category === 'DeviceTelemetry' && properties.includes('"pump-2"')));
  assert.equal((await stat(join(data, 'hub'))).mode & 0o077, 0);
});

test('a hub alone answers the management API to tokens, and keeps what it finds as alerts', async () => {
  const { child, mqtt, https } = await start();
  try {
    const made = await annunciator(['token', 'create', '--role', 'Security Admin', '--data', data]);
    assert.equal(made.code, 0, made.stderr);
    const ca = await readFile(join(data, 'hub', 'ca.pem'), 'utf8');
    interface Answer {
      readonly status: number;
      readonly body: { value: { properties: { compromisedEntity?: string } }[]; alerts: unknown[] };
    }
    const call = (method: string, path: string, body?: object): Promise<Answer> =>
      new Promise((done, fail) => {
        const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json' };
        const asked = request({ host: 'localhost', port: https, method, path, ca, headers, agent: false }, (answer) => {
          let text = '';
          answer.setEncoding('utf8').on('data', (part: string) => (text += part));
          answer.on('end', () => done({ status: answer.statusCode ?? 0, body: JSON.parse(text || 'null') }));
        });
        asked.on('error', fail);
        asked.end(body && JSON.stringify(body));
      });
    const subscription = '/subscriptions/11111111-2222-3333-4444-555555555555';
    const group = `${subscription}/resourceGroups/g/providers/Microsoft.Devices/IotHubs/h/providers/Microsoft.Security/deviceSecurityGroups/default?api-version=2019-08-01`;
    const rule = {
      ruleType: 'MqttD2CMessagesNotInAllowedRange',
      isEnabled: true,
      minThreshold: 0,
      maxThreshold: 2,
      timeWindowSize: 'PT5M',
    };
    assert.equal((await call('PUT', group, { properties: { timeWindowRules: [rule] } })).status, 201);

    const string = await ok('device', 'create', 'pump-3');
    const client = iotDevice.Client.fromConnectionString(string.replace('localhost', `localhost:${mqtt}`), iotMqtt.Mqtt);
    await client.setOptions({ ca });
    await client.open();
    for (let sent = 0; sent < 3; sent++) await client.sendEvent(new iotDevice.Message('{}'));
    await client.close();
    const alerts = `${subscription}/providers/Microsoft.Security/alerts?api-version=2022-01-01`;
    const until = Date.now() + 30_000;
    let found: Answer['body']['value'] = [];
    while (found.length === 0 && Date.now() < until) found = (await call('GET', alerts)).body.value;
    assert.equal(found[0]?.properties.compromisedEntity, 'pump-3');
    // The API is there, too; the pages are not.
    assert.equal((await call('GET', '/api/alerts')).body.alerts.length, 1);
    assert.equal((await call('GET', '/')).status, 404);
  } finally {
    await stop(child);
  }
});

test('bad usage is told with what to give instead', async () => {
  const usage = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await annunciator(['hub', ...args, '--data', data]);
    assert.equal(code, 2);
    return stderr;
  };
  assert.match(await usage('--mqtt-port', '70000'), /Give a whole number from 0 to 65535/);
  assert.match(await usage('--tier', 'F1'), /Allowed choices are S1, S2, S3, none/);
  assert.match(await usage('--tls-key', 'a.pem'), /needs both --tls-key and --tls-cert/);
  assert.match(await usage('device', 'create', 'a', '--thumbprint', 'AB', '--authority'), /either --thumbprint or --authority/);
  assert.match(await usage('certificate', 'add', 'maker', 'no-such-file.pem'), /no-such-file\.pem does not exist/);
});
