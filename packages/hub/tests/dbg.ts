import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TestHub, TLS } from './hub-under-test.ts';
import { deviceConnectionString } from '../src/authentication/connection-string.ts';
import { deviceClient, Message } from './sdk.ts';
const directory = '/tmp/dbghub';
const first = await TestHub.start({ directory });
const d = await first.create('x' + Date.now());
await first.stop();
console.log('stopped');
const child = spawn(process.execPath, ['packages/hub/tests/hub-child.ts', directory, JSON.stringify(TLS)], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
console.log(line);
const ports = JSON.parse(String(line));
const client = await deviceClient(first, d, 'mqtt', { connectionString: deviceConnectionString(`localhost:${ports.mqtt}`, d) });
await client.open();
console.log('open');
await client.sendEvent(new Message('a'));
console.log('sent');
child.kill('SIGKILL');
await once(child, 'exit');
console.log('killed');
await client.close();
console.log('closed');
