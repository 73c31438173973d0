/** Single sign-on against a real provider: the whole way, and every way to go astray. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { CLIENT, identityProvider, type People, Wanderer } from '../../tests/identity-provider.ts';
import { PASSWORD, type SampleServer, sampleServer } from '../../tests/serve-samples.ts';
import { SingleSignOn, type SingleSignOnSettings } from './single-sign-on.ts';

const PATH = '/api/sign-in/sso';
const NORTH = { role: 'Security Admin', site: 'North Pumping Station', zone: null, packets: null } as const;

interface Place {
  readonly server: SampleServer;
  readonly base: string;
  readonly host: string;
  /** Goes all the way as somebody; tells where it ended. */
  signIn(user: string, wanderer?: Wanderer): Promise<{ at: string; cookie: string | undefined }>;
  session(cookie: string | undefined): Promise<{ status: number; role: string; user: string }>;
}

async function place(t: TestContext, people: People): Promise<Place> {
  // The provider has to know where it sends people back to, and the server who the provider is: a free port first.
  const settings = {
    name: 'Plant sign-in',
    ...CLIENT,
    issuer: '',
    groups: [
      { group: 'ot-north', ...NORTH },
      { group: 'auditors', ...everywhere('Security Reader') },
    ],
  };
  const sso = new SingleSignOn(settings satisfies SingleSignOnSettings);
  const server = await sampleServer({ devices: 0, alerts: 3, sso });
  const base = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const provider = await identityProvider(people, `${base}${PATH}/callback`);
  settings.issuer = provider.issuer;
  t.after(async () => {
    provider.close();
    await server.app.close();
  });
  const { host } = new URL(base);
  return {
    server,
    base,
    host,
    signIn: async (user, wanderer = new Wanderer(user)) => {
      const callback = await wanderer.goUntil(`${base}${PATH}/begin`, /\/callback\?/);
      const at = await wanderer.go(callback);
      return { at, cookie: wanderer.cookie(host, 'annunciator') };
    },
    session: async (cookie) => {
      const answer = await fetch(`${base}/api/session`, { headers: { cookie: `annunciator=${cookie ?? ''}` } });
      return { status: answer.status, ...((await answer.json()) as { role: string; user: string }) };
    },
  };
}

test('somebody signs in at the provider, is made a user, and has what the groups grant, anew each time', async (t) => {
  const people: Record<string, readonly string[]> = { mira: ['ot-north', 'canteen'] };
  const { server, base, signIn, session } = await place(t, people);
  assert.deepEqual(await (await fetch(`${base}${PATH}`)).json(), { name: 'Plant sign-in' });
  const first = await signIn('mira');
  assert.equal(first.at, `${base}/`);
  const { status, role, user } = await session(first.cookie);
  assert.deepEqual([status, user, role], [200, 'mira', 'Security Admin at North Pumping Station']);

  people['mira'] = ['auditors'];
  await signIn('mira');
  assert.equal((await session(first.cookie)).role, 'Security Reader', 'holds for the session that is open, too');
  assert.deepEqual(
    server.audit.filter(({ who }) => who === 'mira').map(({ action, before, after }) => [action, before?.['role'], after?.['role']]),
    [
      ['user.create', undefined, 'Security Admin at North Pumping Station'],
      ['session.start', undefined, undefined],
      ['user.change', 'Security Admin at North Pumping Station', 'Security Reader'],
      ['session.start', undefined, undefined],
    ],
  );
  const [mira] = server.accounts.users().filter(({ name }) => name === 'mira');
  assert.ok(mira);
  await assert.rejects(server.accounts.signIn('mira', '', '192.0.2.1'), /wrong/, 'no password opens the account');
  await server.accounts.changeUser(mira.id, { disabled: true });
  assert.equal((await signIn('mira')).at, `${base}/?problem=user_disabled`);
});

test('who has no group with a role, or the name of somebody else here, is turned away', async (t) => {
  const { server, base, signIn } = await place(t, { otto: ['canteen'], admin: ['auditors'] });
  const { at, cookie } = await signIn('otto');
  assert.deepEqual([at, cookie], [`${base}/?problem=no_role`, undefined]);
  assert.equal((await signIn('admin')).at, `${base}/?problem=user_exists`, 'the local administrator is another person');
  assert.deepEqual(
    server.accounts.users().map(({ name }) => name),
    ['admin'],
  );
  assert.ok((await server.accounts.signIn('admin', PASSWORD, '192.0.2.1')).secret);
  const reasons = server.audit.filter(({ action }) => action === 'session.refused').map(({ who, details }) => [who, details?.['reason']]);
  assert.deepEqual(reasons, [
    ['otto', 'no_role'],
    ['admin', 'user_exists'],
  ]);
});

test('an answer that another browser began, was used before or was changed on the way opens nothing', async (t) => {
  const { base, host } = await place(t, { mira: ['auditors'] });
  const mira = new Wanderer('mira');
  const callback = await mira.goUntil(`${base}${PATH}/begin`, /\/callback\?/);
  const failed = `${base}/?problem=sso_failed`;
  // Somebody is led to an answer that is not theirs: their browser kept no state.
  assert.equal(await new Wanderer('eve').go(callback), failed);
  const eve = new Wanderer('eve');
  await eve.go(`${base}${PATH}/begin`);
  assert.equal(await eve.go(callback), failed, 'nor does another state of their own do');
  const forged = new URL(callback);
  forged.searchParams.set('code', 'forged');
  assert.equal(await mira.go(forged.href), failed);
  assert.equal(await mira.go(callback), failed, 'a state is good once');
  assert.equal(mira.cookie(host, 'annunciator'), undefined);
});

test('a provider that cannot be reached is told as such, and passwords work on', async (t) => {
  const sso = new SingleSignOn({ name: 'Plant sign-in', ...CLIENT, issuer: 'http://127.0.0.1:9', groups: [] });
  const server = await sampleServer({ devices: 0, sso });
  t.after(() => server.app.close());
  const { statusCode, payload } = await server.app.inject({ url: `${PATH}/begin` });
  assert.equal(statusCode, 503);
  assert.match(payload, /Plant sign-in cannot be asked at http:\/\/127\.0\.0\.1:9/);
  assert.ok((await server.accounts.signIn('admin', PASSWORD, '192.0.2.1')).secret);
});
