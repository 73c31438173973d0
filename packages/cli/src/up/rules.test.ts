/** Custom rules of a system: brought in as text, in force at once, tried on its own packets, and there when it stands still. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { annunciator } from '../run-command.ts';
import { ask, command, folder, start, stop, until } from './started-system.ts';

const RULES = `time zone "Europe/Berlin"
working hours mon-fri 07:00 - 17:00
group "plant" 10.20.0.0/16

rule "Registers are written"
  protocol modbus
  when operation contains "Write" and role == request and value >= 0
  from group "plant" to controllers
  alert Critical
  message "{source} wrote {value} to {address} of {destination}"
end

rule "Registers are read"
  disabled
  protocol modbus
  when function in 3, 4 and role == request
  event Minor
  message "{source} reads {destination}"
end

rule "Reads are written down"
  protocol modbus
  when function == 3 and role == request
  event Warning with packets
  message "{source} read {destination}"
end
`;

interface Alert {
  readonly id: string;
  readonly type: string;
  readonly message: string;
  readonly severity: string;
}

interface Event {
  readonly id: string;
  readonly content: string;
  readonly packets: boolean;
}

test('rules come in as text, raise alerts with packets, are counted, tried on history, and stay', async () => {
  const data = join(folder, 'data');
  const rules = (...args: string[]): string => command('rules', ...args, '--data', data);
  const up = await start(data);
  const token = command('token', 'create', '--role', 'Owner', '--data', data).trim();
  // The running sensor takes what is set about types of alerts.
  const set = async (type: string, body: object) => {
    const answer = await fetch(new URL(`/api/alert-types/${type}`, up.url), {
      method: 'PATCH',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.deepEqual([answer.status, await answer.json()], [200, body]);
  };
  await set('controller-stop', { on: false, severity: 'Minor' });
  // The laptop of the demo plant tries seventy ports of a controller: far under the threshold of the catalogue.
  await set('suspicion-of-denial-of-service-attack', { threshold: { count: 40, windowSeconds: 60 } });

  assert.match(rules('list'), /There are no rules/);

  const file = join(folder, 'plant.rules');
  writeFileSync(file, RULES.replace('value >= 0', 'vale >= 0'));
  const refused = await annunciator(['rules', 'import', file, '--data', data]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /plant\.rules:5:6: when\.all\.2\.field: "Registers are written": Modbus\/TCP has no field "vale"/);
  writeFileSync(file, RULES);
  assert.match(rules('import', file, '--dry-run'), /3 would be new, 0 changed, 0 deleted; nothing was changed/);
  assert.match(rules('import', file), /\+ Registers are written\n[^]*3 new, 0 changed, 0 deleted/);
  assert.match(rules('import', file), /Nothing is different/);

  const alert = await until('the alert of a rule', async () => {
    const { alerts } = await ask<{ alerts: Alert[] }>(up, token, '/api/alerts?from=1970-01-01T00:00:00Z');
    return alerts.find(({ type }) => type === 'unauthorized-operation-was-detected-by-a-user-defined-rule');
  });
  await until('the packets of the alert', async () => {
    const { pcap } = await ask<{ pcap: { state: string } }>(up, token, `/api/alerts/${alert.id}`);
    return pcap.state === 'available' ? true : undefined;
  });
  assert.equal(alert.severity, 'High', 'as the portal calls it');
  assert.match(alert.message, /^\S+.* wrote \d+ to \d+ of /);

  const kept = await until('the packets of an event', async () => {
    const { events } = await ask<{ events: Event[] }>(up, token, '/api/events?from=1970-01-01T00:00:00Z&type=USER_DEFINED_RULE_OPERATION');
    return events.find(({ packets }) => packets);
  });
  assert.match(kept.content, / read /);
  const packets = await fetch(new URL(`/api/events/${kept.id}/pcap`, up.url), { headers: { authorization: `Bearer ${token}` } });
  assert.equal(packets.status, 200);
  assert.equal(Buffer.from(await packets.arrayBuffer()).readUInt32LE(0), 0x0a0d0d0a, 'a section header of pcapng');

  const list = await until('the count of a rule', async () => {
    const text = rules('list');
    return /Registers are written\s+modbus\s+enabled\s+20\d\d-\S+Z\s+[1-9]/.test(text) ? text : undefined;
  });
  assert.match(list, /Registers are read\s+modbus\s+disabled\s+never\s+0/);

  // What a rule that is switched off would do is known before it is switched on.
  const trial = rules('test', file, '--limit', '2');
  const count = (text: string, name: string): number => Number(new RegExp(`^${name}\\s+([\\d,]+)`, 'm').exec(text)?.[1].replace(',', ''));
  assert.ok(count(trial, 'Registers are read') > count(trial, 'Registers are written'), trial);
  assert.ok(count(trial, 'Registers are written') > 0, trial);
  const flood = await until('the alert that is over the new threshold', async () => {
    const { alerts } = await ask<{ alerts: Alert[] }>(up, token, '/api/alerts?from=1970-01-01T00:00:00Z');
    return alerts.find(({ type }) => type === 'suspicion-of-denial-of-service-attack');
  });
  assert.match(flood.message, /made 40 connection attempts to .* within 60 seconds/);
  await stop(up);

  // The system stands still; its packets and its rules are there.
  assert.match(rules('export'), /^time zone "Europe\/Berlin"\n[^]*rule "Registers are read"\n {2}disabled\n/);
  assert.match(rules('list'), /Registers are written\s+modbus\s+enabled\s+20\d\d-/);
  const still = rules('test', file, '--limit', '0');
  assert.ok(count(still, 'Registers are read') >= count(trial, 'Registers are read'), still);
  writeFileSync(file, RULES.split('\nrule "Registers are read"')[0]);
  assert.match(rules('import', file), /- Registers are read\n[^]*0 new, 0 changed, 2 deleted/);
  assert.doesNotMatch(rules('list'), /Registers are read/);
});
