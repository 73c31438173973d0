/** The file with the settings of single sign-on: what is taken, and one sentence for each way to get it wrong. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { UsageError } from '../exit-codes.ts';
import { readSingleSignOn } from './sso-file.ts';

const GOOD = {
  name: 'Plant sign-in',
  issuer: 'https://login.example/realms/plant',
  clientId: 'annunciator',
  clientSecret: 'a-secret-between-the-two',
  groups: [
    { group: 'soc', role: 'Security Reader' },
    { group: 'ot-north', role: 'Security Admin', site: 'North Station', packets: false },
  ],
};

async function fileFor(t: TestContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'annunciator-sso-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'sso.json');
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** What is said of a file that is refused; the path is left out. */
async function said(path: string): Promise<string> {
  try {
    await readSingleSignOn(path, 'portal');
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    assert.ok(error.message.startsWith(path), error.message);
    return error.message.slice(path.length);
  }
  return 'nothing: it was taken';
}

test('a good file gives single sign-on by its name, and what may be left out has a value', async (t) => {
  assert.equal((await readSingleSignOn(await fileFor(t, JSON.stringify(GOOD)), 'portal')).name, 'Plant sign-in');
  const { name: _name, ...unnamed } = GOOD;
  assert.equal((await readSingleSignOn(await fileFor(t, JSON.stringify(unnamed)), 'portal')).name, 'single sign-on');
});

test('what is wrong in a file is one sentence that names the field and what belongs there', async (t) => {
  const group = (change: object) => ({ groups: [GOOD.groups[0], { group: 'soc', role: 'Security Reader', ...change }] });
  const table: readonly (readonly [change: object, sentence: string])[] = [
    [{ clientId: undefined }, ': clientId is missing.'],
    [{ clientSecret: '' }, ': clientSecret is empty.'],
    [{ clientSecret: 7 }, ': clientSecret is not text.'],
    [{ name: 'x'.repeat(101) }, ': name has more than 100 characters.'],
    [{ issuer: 'login.example' }, ': issuer is not an address such as https://login.example.'],
    [{ clientID: 'annunciator' }, ': it has a field that there is not: clientID.'],
    [{ groups: 'soc' }, ': groups is not a list.'],
    [{ groups: ['soc'] }, ': groups[0] is not an object with group and role.'],
    [group({ sites: 'North' }), ': groups[1] has a field that there is not: sites.'],
    [group({ group: undefined }), ': groups[1].group is missing.'],
    [group({ role: 'Viewer' }), ': groups[1].role is not one of Security Reader, Security Admin, Contributor, Owner.'],
    [group({ packets: 'no' }), ': groups[1].packets is not true or false.'],
    [group({ zone: 'Boilers' }), ': The grant of Security Reader names the zone Boilers without its site: name both.'],
    [{ clientId: undefined, clientSecret: undefined }, ': clientId is missing; clientSecret is missing.'],
  ];
  for (const [change, sentence] of table) assert.equal(await said(await fileFor(t, JSON.stringify({ ...GOOD, ...change }))), sentence);
});

test('the roles are those of what people sign in to', async (t) => {
  const path = await fileFor(t, JSON.stringify({ ...GOOD, groups: [{ group: 'soc', role: 'Viewer' }] }));
  assert.equal((await readSingleSignOn(path, 'sensor')).name, 'Plant sign-in');
});

test('a file that cannot be read, or is no JSON, is told as such, and its secret is not', async (t) => {
  assert.equal(await said(join(tmpdir(), 'annunciator-no-such-file.json')), ' cannot be read: there is no such file.');
  assert.equal(await said(tmpdir()), ' cannot be read: it is a directory.');
  const mend = 'mend it, or begin with the example of the guide on users and sign-in.';
  assert.equal(await said(await fileFor(t, '{ "name": ')), ` is no JSON: ${mend}`);
  const secret = await said(await fileFor(t, '{\n"clientSecret": "s3cret"s3cret }'));
  assert.equal(secret, ` is no JSON at line 2, column 25: ${mend}`);
  assert.equal(await said(await fileFor(t, '"s3cret" s3cret')), ` is no JSON at line 1, column 10: ${mend}`);
  assert.equal(await said(await fileFor(t, '[]')), ': it is not an object.');
});
