/** Custom rules over HTTP: who may, what is refused and why, what sensors are told, and rules as text. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';

type Answer = { status: number; body: any }; // oxlint-disable-line typescript/no-explicit-any

interface Asked {
  readonly server: SampleServer;
  readonly ask: (method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE', url: string, payload?: object, role?: string) => Promise<Answer>;
}

async function asker(t: TestContext): Promise<Asked> {
  const server = await sampleServer();
  const { app } = server;
  t.after(() => app.close());
  const signedIn = await app.inject({ method: 'POST', url: '/api/sign-in', payload: { user: 'admin', password: PASSWORD } });
  const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  const { csrfToken } = (await app.inject({ method: 'GET', url: '/api/session', headers: { cookie } })).json();
  const tokens = new Map<string, string>();
  for (const role of ['Security Reader', 'Security Admin', 'Owner']) {
    const headers = { cookie, 'x-csrf-token': csrfToken };
    const made = await app.inject({ method: 'POST', url: '/api/tokens', headers, payload: { name: role, role, days: null } });
    tokens.set(role, made.json().token);
  }
  return {
    server,
    ask: async (method, url, payload, role = 'Owner') => {
      const headers = { authorization: `Bearer ${tokens.get(role)}` };
      const { statusCode, payload: text } = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
      return { status: statusCode, body: text === '' ? null : JSON.parse(text) };
    },
  };
}

const DRAFT = {
  name: 'Setpoint out of its limits',
  protocol: 'modbus',
  when: 'function in 6, 16 and address in 400-499 and (value > 900 or value < 10)',
  from: [{ addresses: '10.20.10.0/24' }],
  to: [{ group: 'controllers' }],
  schedule: { working: 'outside' },
  action: { kind: 'alert', severity: 'Critical' },
  message: '{source} wrote {value} to register {address}',
};

test('a rule is made, changed, switched and deleted, and the sensor is told each time', async (t) => {
  const { ask, server } = await asker(t);
  const made = await ask('POST', '/api/rules', DRAFT);
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const { id, when, condition, text, lastTriggered, countInWeek, modifiedBy } = made.body;
  assert.deepEqual(when.all[0], { field: 'function', operator: 'in', values: [6, 16] });
  assert.equal(condition, DRAFT.when.replace('400-499', '400 - 499'));
  assert.match(text, /^rule "Setpoint out of its limits"\n {2}protocol modbus\n/);
  assert.deepEqual([lastTriggered, countInWeek, modifiedBy], [null, 0, 'admin (token Owner)']);
  assert.deepEqual(
    server.ruleSets.at(-1)?.rules.map((rule) => rule.action),
    [{ kind: 'alert', severity: 'Critical', packets: true }],
  );

  const changed = await ask('PATCH', `/api/rules/${id}`, { name: 'Limits', when: { field: 'value', operator: '>', value: 500 } });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  assert.deepEqual([changed.body.name, changed.body.condition, changed.body.message], ['Limits', 'value > 500', DRAFT.message]);
  assert.deepEqual((await ask('POST', '/api/rules/actions', { action: 'disable', ids: [id] })).body, { changed: 1 });
  assert.deepEqual((await ask('POST', '/api/rules/actions', { action: 'disable', ids: [id] })).body, { changed: 0 });
  assert.equal(server.ruleSets.at(-1)?.rules[0].enabled, false);
  assert.equal((await ask('GET', `/api/rules/${id}`)).body.enabled, false);

  assert.equal((await ask('DELETE', `/api/rules/${id}`)).status, 204);
  assert.deepEqual((await ask('GET', '/api/rules')).body, { rules: [] });
  assert.deepEqual(server.ruleSets.at(-1)?.rules, []);
  assert.equal((await ask('GET', `/api/rules/${id}`)).status, 404);
  assert.deepEqual(
    server.audit.filter(({ action }) => action.startsWith('rule.')).map(({ action }) => action),
    ['rule.create', 'rule.edit', 'rule.edit', 'rule.delete'],
  );
  const events = (await ask('GET', '/api/events?userOperations=show&type=USER_DEFINED_RULE_CREATED&type=USER_DEFINED_RULE_DELETED')).body
    .events;
  assert.deepEqual(events.map((event: { content: string; owner: string }) => `${event.owner}: ${event.content}`).sort(), [
    'admin (token Owner): The rule "Limits" was deleted.',
    'admin (token Owner): The rule "Setpoint out of its limits" was created.',
  ]);
});

test('whoever reads may look and try, and not change', async (t) => {
  const { ask } = await asker(t);
  assert.equal((await ask('GET', '/api/rules', undefined, 'Security Reader')).status, 200);
  assert.equal((await ask('POST', '/api/rules', DRAFT, 'Security Reader')).status, 403);
  assert.equal((await ask('POST', '/api/rules', DRAFT, 'Security Admin')).status, 201);
});

test('each fault of a rule is named with its part and what is allowed there', async (t) => {
  const { ask } = await asker(t);
  for (const [change, part, sentence] of [
    [{ protocol: 'modbux' }, 'protocol', /There is no protocol "modbux"/],
    [{ when: 'vale > 1' }, 'when.field', /no field "vale"/],
    [{ when: 'value >' }, 'when', /Line 1, column 8: Expected a number/],
    [{ when: { any: [{ field: 'value', operator: '=', value: 1 }] } }, 'when.any.0.operator', /one of ==, !=/],
    [{ when: { all: [{ field: 'value', operator: 'in', values: [{}] }] } }, 'when.all.0.values.0', /a number, a text, or/],
    [{ when: {} }, 'when', /Give a text such as/],
    [{ from: [{ addresses: '10.0.0' }] }, 'from.0', /no address/],
    [{ to: [{ group: 'pumps' }] }, 'to.0', /no group "pumps"/],
    [{ message: '{vale}' }, 'message', /no variable/],
    [{ when: null, from: [], to: [] }, 'when', /Give a condition/],
  ] as const) {
    const { status, body } = await ask('POST', '/api/rules', { ...DRAFT, ...change });
    assert.equal(status, 400);
    assert.equal(body.code, 'bad_rule');
    assert.equal(body.problems.length, 1, JSON.stringify(body));
    assert.equal(body.problems[0].part, part);
    assert.match(body.problems[0].message, sentence);
  }
  assert.match((await ask('POST', '/api/rules', { ...DRAFT, from: [{}] })).body.message, /Give "addresses" or "group"/);
  assert.match((await ask('POST', '/api/rules', { ...DRAFT, action: { kind: 'shout' } })).body.message, /action\.kind/);
  await ask('POST', '/api/rules', DRAFT);
  assert.match((await ask('POST', '/api/rules', DRAFT)).body.message, /There is a rule with the name/);
});

test('what rules share is set as one, and no group goes that a rule uses', async (t) => {
  const { ask, server } = await asker(t);
  const settings = {
    timeZone: 'Europe/Berlin',
    workingHours: { days: ['mon', 'fri'], from: '06:00', to: '14:00' },
    groups: { pumps: ['10.1.0.0/16'] },
  };
  assert.deepEqual((await ask('PUT', '/api/rules/settings', settings)).body, settings);
  assert.deepEqual(server.ruleSets.at(-1)?.settings, settings);
  assert.equal((await ask('POST', '/api/rules', { ...DRAFT, to: [{ group: 'pumps' }] })).status, 201);
  const refused = await ask('PUT', '/api/rules/settings', { ...settings, groups: {} });
  assert.equal(refused.body.problems[0].part, 'groups.pumps');
  assert.match((await ask('PUT', '/api/rules/settings', { ...settings, timeZone: 'Berlin' })).body.message, /no time zone "Berlin"/);
  assert.deepEqual((await ask('GET', '/api/rules/settings')).body, settings);
});

test('rules go out and come in as text', async (t) => {
  const { ask } = await asker(t);
  await ask('POST', '/api/rules', DRAFT);
  await ask('POST', '/api/rules', { ...DRAFT, name: 'Second' });
  const { text } = (await ask('GET', '/api/rules/text')).body;
  assert.match(text, /^time zone "UTC"\nworking hours mon, tue, wed, thu, fri 07:00 - 18:00\n/);
  assert.deepEqual((await ask('POST', '/api/rules/import', { text })).body, { created: [], edited: [], removed: [], settings: false });
  const edited = text.replaceAll('value > 900', 'value > 950').replace('rule "Second"', 'rule "Third"').replace('"UTC"', '"Europe/Berlin"');
  const outcome = { created: ['Third'], edited: [DRAFT.name], removed: ['Second'], settings: true };
  assert.deepEqual((await ask('POST', '/api/rules/import', { text: edited, dryRun: true })).body, outcome);
  assert.equal((await ask('GET', '/api/rules/text')).body.text, text, 'a dry run changes nothing');
  assert.deepEqual((await ask('POST', '/api/rules/import', { text: edited })).body, outcome);
  assert.deepEqual((await ask('POST', '/api/rules/import', { text })).body, { ...outcome, created: ['Second'], removed: ['Third'] });
  assert.equal((await ask('GET', '/api/rules/text')).body.text, text);

  const broken = await ask('POST', '/api/rules/import', { text: 'rule "x"\n  protocol modbus\n  when value >> 1' });
  assert.deepEqual([broken.body.problems[0].line, broken.body.problems[0].column], [3, 15]);
  const { problems } = (await ask('POST', '/api/rules/check', { text: 'rule "x" protocol modbus when vale > 1 message "{a}" end' })).body;
  assert.deepEqual(
    problems.map((problem: { part: string; line: number }) => [problem.part, problem.line]),
    [
      ['when.field', 1],
      ['message', 1],
    ],
  );
});

test('a page can offer the fields of a protocol', async (t) => {
  const { ask } = await asker(t);
  const { protocols, groups } = (await ask('GET', '/api/rules/fields?protocol=modbus')).body;
  const field = protocols[0].fields.find(({ name }: { name: string }) => name === 'role');
  assert.deepEqual(field.words, { 1: 'request', 2: 'response', 3: 'notification' });
  assert.ok(field.operators.includes('same as'));
  assert.ok(groups.some(({ name }: { name: string }) => name === 'internet'));
  assert.ok((await ask('GET', '/api/rules/fields')).body.protocols.length > 40);
  assert.equal((await ask('GET', '/api/rules/fields?protocol=none')).status, 404);
});

test('a sensor without packets says so when rules are to be tried', async (t) => {
  const { ask } = await asker(t);
  const refused = await ask('POST', '/api/rules/test', { sensor: 'sensor-north', rule: DRAFT });
  assert.equal(refused.status, 409);
  assert.match(refused.body.message, /keeps no packets.*annunciator rules test/);
  assert.equal((await ask('POST', '/api/rules/test', { sensor: 'none' })).status, 404);
});
