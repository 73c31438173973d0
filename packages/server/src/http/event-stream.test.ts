/** Open streams follow what their callers may do: a change of grants, a user that is disabled, a session or a token that is revoked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { accessOf, everywhere } from '@annunciator/core/access';
import { fromMilliseconds } from '@annunciator/core/time';
import { sampleDetection } from '../../tests/sample-detections.ts';
import { PASSWORD, type SampleServer } from '../../tests/serve-samples.ts';
import { at, NORTH, NOW, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';
import { sessionId } from '../accounts/sessions.ts';

/** Reads a stream until it ends: what it told, null while it is open after a moment. */
async function opened(base: string, path: string, headers: Record<string, string>) {
  const response = await fetch(`${base}${path}`, { headers });
  assert.equal(response.status, 200);
  let text = '';
  const ended = (async () => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
  })();
  return {
    told: () => text,
    isOpen: async () => (await Promise.race([ended.then(() => false), wait(50, true)])) === true,
    ended,
  };
}

async function somebody(server: SampleServer, name: string) {
  const user = await server.accounts.createUser({ name, grants: [everywhere('Security Reader')], password: PASSWORD, temporary: false });
  const { secret, session } = await server.accounts.signIn(name, PASSWORD, '192.0.2.1');
  return { user, session, headers: { cookie: `annunciator=${secret}` } };
}

const ENDED_BY: Readonly<Record<string, (server: SampleServer, who: Awaited<ReturnType<typeof somebody>>) => Promise<unknown>>> = {
  'other grants': ({ accounts }, { user }) => accounts.changeUser(user.id, { grants: [at('Security Reader', NORTH.site)] }),
  'a user that is disabled': ({ accounts }, { user }) => accounts.changeUser(user.id, { disabled: true }),
  'a password that an administrator has set': ({ accounts }, { user }) => accounts.resetPassword(user.id),
  'a session that is revoked': ({ accounts }, { user, session }) => accounts.sessions.end(user.id, sessionId(session)),
  'a session that ends': ({ accounts }, { session }) => accounts.signOut(session),
};

test('a stream ends at once with what let it begin, and with nothing else', async (t) => {
  const { server, base } = await serve(t, { alerts: 0 });
  const other = await somebody(server, 'other');
  const stays = await opened(base, '/api/live', other.headers);
  for (const [index, [what, end]] of Object.entries(ENDED_BY).entries()) {
    const who = await somebody(server, `user ${index}`);
    const streams = [await opened(base, '/api/live', who.headers), await opened(base, '/api/alerts/stream', who.headers)];
    for (const stream of streams) assert.equal(await stream.isOpen(), true, `before ${what}`);
    await end(server, who);
    await Promise.all(streams.map(({ ended }) => ended));
  }
  assert.equal(await stays.isOpen(), true);
});

test('a stream that comes back after a change of grants tells what is within them, from where it was', async (t) => {
  const { server, base } = await serve(t, { alerts: 0 });
  const { user, headers } = await somebody(server, 'mira');
  const before = await opened(base, '/api/live', headers);
  await server.detect(sampleDetection(0, fromMilliseconds(NOW)), PLANT);
  while (!before.told().includes(PLANT.site)) await wait(5);
  await server.accounts.changeUser(user.id, { grants: [at('Security Reader', NORTH.site)] });
  await before.ended;
  const lastEventId = /id: (\d+)\n(?![^]*id: )/.exec(before.told())?.[1] ?? '';
  await server.detect(sampleDetection(1, fromMilliseconds(NOW)), PLANT);
  await server.detect(sampleDetection(2, fromMilliseconds(NOW)), NORTH);
  const after = await opened(base, '/api/live', { ...headers, 'last-event-id': lastEventId });
  while (!after.told().includes(NORTH.site)) await wait(5);
  assert.doesNotMatch(after.told(), SECRETS);
});

test('a stream of a program ends when its token is revoked', async (t) => {
  const { server, base } = await serve(t, { alerts: 0 });
  const { user } = await somebody(server, 'mira');
  const { secret, token } = await server.accounts.tokens.create(
    { userId: user.id, access: accessOf(user.grants) },
    { name: 'SIEM', role: 'Security Reader', expires: null },
  );
  const stream = await opened(base, '/api/alerts/stream', { authorization: `Bearer ${secret}` });
  assert.equal(await stream.isOpen(), true);
  await server.accounts.tokens.revoke(user.id, token.id);
  await stream.ended;
});
