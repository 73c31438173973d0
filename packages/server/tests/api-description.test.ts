/** The description of the API says everything about every route, and every refusal is in the table of errors. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ACTIONS } from '@annunciator/core/roles';
import { ERRORS, isErrorCode } from '../src/http/errors.ts';
import { apiDescription } from './api-page.ts';

const SOURCES = join(import.meta.dirname, '../src');

test('every operation has a summary, a permission, and a described answer', async () => {
  const { paths } = await apiDescription();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
  assert.ok(operations.length > 25);
  for (const [name, operation] of operations) {
    assert.ok(operation.summary && operation.tags?.length === 1, name);
    assert.ok(['anyone', 'signed-in', ...ACTIONS].includes(operation['x-permission'] ?? ''), `${name}: ${operation['x-permission']}`);
    const good = Object.entries(operation.responses).find(([status]) => status.startsWith('2') || status === '302');
    assert.ok(good && (['204', '302'].includes(good[0]) || good[1].content), `${name} describes no answer`);
  }
});

test('every refusal in the code has the status that the table gives its code', () => {
  let found = 0;
  for (const file of globSync('**/*.ts', { cwd: SOURCES })) {
    const text = readFileSync(join(SOURCES, file), 'utf8');
    for (const [, status, code = ''] of text.matchAll(/new RequestError\(\s*(\d+),\s*'([a-z_]+)'/g)) {
      found++;
      assert.ok(isErrorCode(code), `${file}: ${code}`);
      assert.equal(Number(status), ERRORS[code][0], `${file}: ${code}`);
    }
  }
  assert.ok(found > 25, String(found));
});

test('what the life cycle and the store refuse is in the table', () => {
  const core = readFileSync(join(SOURCES, '../../core/src/life-cycle-error.ts'), 'utf8');
  const codes = [...core.matchAll(/\| '([a-z-]+)'/g)].map(([, code = '']) => code.replaceAll('-', '_'));
  assert.ok(codes.length > 8);
  for (const code of codes) assert.ok(isErrorCode(code), code);
});
