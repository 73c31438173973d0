/** Security messages that fit, and those that are ignored with a reason. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionCreate, login, processCreate, securityMessage } from '@annunciator/testkit/security-message';
import fc from 'fast-check';
import { factsOf } from './agent-fact.ts';
import { readSecurityMessage } from './security-message.ts';

const TIME = Date.UTC(2026, 10, 26, 10);

function facts(body: Uint8Array) {
  const read = readSecurityMessage(body);
  assert.ok('events' in read, 'reason' in read ? read.reason : '');
  return factsOf(read.events);
}

/** A message that fits, changed. */
function changed(change: (event: Record<string, unknown>, message: Record<string, unknown>) => void): Uint8Array {
  const message = JSON.parse(securityMessage(processCreate(TIME, '/bin/sh')).toString());
  change(message.Events[0], message);
  return Buffer.from(JSON.stringify(message));
}

test('reads connections, logins and processes of the classic agent', () => {
  const read = facts(
    securityMessage(
      connectionCreate(TIME, 'Out', '10.0.0.1'),
      login(TIME, 'anna', 'Success'),
      login(TIME, 'eve', 'Fail', '10.0.0.9'),
      processCreate(TIME, '/bin/sh', 7),
      { name: 'ListeningPorts', time: TIME, payload: [] },
    ),
  );
  assert.deepEqual(
    read.map((fact) => [fact.kind, fact.hits]),
    [
      ['connection', 1],
      ['login', 1],
      ['login', 1],
      ['process', 7],
    ],
  );
});

test('reads the names of the micro agent', () => {
  const read = facts(
    securityMessage(
      {
        name: 'Process',
        time: TIME,
        payload: [{ process_id: 7, parent_process_id: 1, Commandline: '"/opt/my app/run" --now', Type: 'exec', hit_count: 3 }],
      },
      {
        name: 'NetworkActivity',
        time: TIME,
        payload: [
          { local_address: '10.0.0.2', local_port: 502, remote_address: '10.0.0.9', remote_port: 50_123, transport_protocol: 'TCP' },
        ],
      },
      {
        name: 'Login',
        time: TIME,
        payload: [
          { operation: 'LoginFailed', user_name: 'eve', executable: 'tty1' },
          { operation: 'Logout', user_name: 'eve' },
        ],
      },
    ),
  );
  assert.deepEqual(
    read.map((fact) =>
      fact.kind === 'process'
        ? fact.executable
        : fact.kind === 'connection'
          ? fact.direction
          : `${fact.user} ${fact.succeeded} ${fact.local}`,
    ),
    ['/opt/my app/run', 'In', 'eve false true'],
  );
});

test('reads times with a blank for the T', () => {
  const body = changed((event) => {
    event['TimestampUTC'] = '2026-11-26 10:00:00.5';
  });
  assert.deepEqual(
    facts(body).map(({ time }) => time),
    [TIME + 500],
  );
});

test('ignores what does not fit, and says why', () => {
  const refused: readonly (readonly [Uint8Array, RegExp])[] = [
    [Buffer.from('hello'), /no JSON/],
    [Buffer.from([0xff, 0xfe]), /no JSON/],
    [Buffer.from('[]'), /expected object/],
    [changed((_, message) => delete message['AgentId']), /^AgentId/],
    [changed((_, message) => Object.assign(message, { Extra: 1 })), /Extra/],
    [changed((_, message) => Object.assign(message, { Events: [] })), /^Events/],
    [changed((event) => Object.assign(event, { TimestampUTC: 'yesterday' })), /"yesterday"/],
    [changed((event) => Object.assign(event, { IsEmpty: true })), /says IsEmpty true and has 1/],
    [changed((event) => Object.assign(event, { IsEmpty: true, Payload: [] })), /is Triggered and empty/],
    [changed((event) => Object.assign(event, { Payload: [{ Executable: '/bin/sh' }] })), /has no processid/],
    [changed((event) => Object.assign(event, { Category: 'Sometimes' })), /Category/],
  ];
  for (const [body, reason] of refused) {
    const read = readSecurityMessage(body);
    assert.ok('reason' in read);
    assert.match(read.reason, reason);
  }
});

test('never throws, whatever the body is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (body) => {
        readSecurityMessage(body);
      },
    ),
  );
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom('ConnectionCreate', 'Login', 'Process', 'NetworkActivity', '__proto__'), (value, name) => {
      const read = readSecurityMessage(
        changed((event) =>
          Object.assign(event, { Name: name, Payload: [{ remoteaddress: value, username: value, result: value, executable: value }] }),
        ),
      );
      if ('events' in read) factsOf(read.events);
    }),
  );
});
