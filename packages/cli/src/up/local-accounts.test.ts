/** What the command line does about accounts, on a stopped system and on one that runs. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Passkey } from '@annunciator/store/accounts';
import { openStore } from '@annunciator/store/store';
import { System } from '../../tests/system.ts';

const MAIN = join(import.meta.dirname, '../main.ts');
const PASSKEY: Passkey = {
  id: 'k1',
  name: 'Phone',
  credential: 'Y3JlZC0x',
  publicKey: 'pQECAyYgASFYIA',
  counter: 7,
  transports: ['internal'],
  host: 'localhost',
  synced: false,
  created: 1,
  lastUsed: null,
};

test('passkeys and the app of a user who lost them are taken away, whether the system runs or not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'annunciator-accounts-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const data = join(folder, 'data');
  const remove = (user: string) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, 'user', 'remove-second-factor', user, '--data', data], {
      encoding: 'utf8',
    });
    return { status, out: stdout.trim(), err: stderr.trim() };
  };
  /** Gives the first user what is to be taken away; a system that stopped has let go of its data. */
  const giveFactors = async (passkeys: readonly Passkey[]) => {
    const store = await openStore(data);
    const [admin] = await store.accounts.users();
    assert.ok(admin);
    await store.accounts.putUser({ ...admin, passkeys, secondFactor: { since: 1, lastStep: 1 }, recovery: ['a'] });
    await store.close();
  };
  assert.equal(remove('admin').out, 'There was no passkey and no authenticator app.', 'of a new system');
  assert.match(remove('eve').err, /There is no user "eve"\. The users are admin\./);
  await giveFactors([PASSKEY, { ...PASSKEY, id: 'k2', credential: 'Y3JlZC0y' }]);
  assert.deepEqual(remove('admin'), { status: 0, out: 'Removed: 2 passkeys and the authenticator app.', err: '' });
  const store = await openStore(data);
  const [admin] = await store.accounts.users();
  assert.deepEqual([admin?.passkeys, admin?.secondFactor, admin?.recovery], [[], null, []]);
  await store.close();

  await giveFactors([PASSKEY]);
  const system = await System.start(data, '--no-demo');
  const factors = async (): Promise<unknown> =>
    (await system.get('/api/users')).body.map(({ passkeys, secondFactor }: { passkeys: number; secondFactor: boolean }) => [
      passkeys,
      secondFactor,
    ]);
  assert.deepEqual(await factors(), [[1, true]], 'are there after a start');
  assert.equal(remove('admin').out, 'Removed: 1 passkey and the authenticator app.');
  assert.deepEqual(await factors(), [[0, false]]);
  const { entries } = (await system.get('/api/audit?action=passkey.remove')).body as { entries: { before: unknown }[] };
  assert.equal(entries.length, 1, 'and the log of the running system says so');
  await system.stop();
});
