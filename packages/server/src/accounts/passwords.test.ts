import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, oneTimePassword, passwordProblem, verifyPassword } from './passwords.ts';

test('a password verifies against its own hash only, and two hashes of it differ', async () => {
  const [first, second] = await Promise.all([hashPassword('grüne Pumpe 12'), hashPassword('grüne Pumpe 12')]);
  assert.notEqual(first, second);
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await verifyPassword('grüne Pumpe 12', first), true);
  assert.equal(await verifyPassword('grüne Pumpe 12'.normalize('NFD'), first), true, 'however the keyboard composes letters');
  assert.equal(await verifyPassword('grüne Pumpe 13', first), false);
});

test('a damaged hash belongs to no password, and cannot ask for all memory', async () => {
  for (const stored of ['', 'plain', '$argon2id$v=19$m=19456,t=2,p=1$$', '$argon2id$v=19$m=999999999,t=2,p=1$c2FsdHNhbHQ$dGFndGFn']) {
    assert.equal(await verifyPassword('anything at all', stored), false, stored);
  }
});

test('weak passwords are refused with what to do', () => {
  const table: readonly (readonly [string, RegExp | undefined])[] = [
    ['short', /at least 12/],
    ['x'.repeat(300), /at most 256/],
    ['ababababababab', /same few characters/],
    ['My-Admin-Password', /user name/],
    ['four quiet green pumps', undefined],
  ];
  for (const [password, expected] of table) {
    const problem = passwordProblem(password, 'admin');
    if (expected) assert.match(problem ?? '', expected, password);
    else assert.equal(problem, undefined, password);
  }
});

test('one-time passwords are strong enough to be accepted, and differ', () => {
  const made = Array.from({ length: 50 }, oneTimePassword);
  assert.equal(new Set(made).size, made.length);
  for (const password of made) assert.equal(passwordProblem(password, 'admin'), undefined);
});

test('a password that was made is never refused because of a short name', () => {
  for (const name of 'abcdefghijklmnopqrstuvwxyz') assert.equal(passwordProblem(oneTimePassword(), name), undefined, name);
});
