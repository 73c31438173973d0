/** The catalogue says of a type that it is detected exactly when the engines name it and a test raises it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CATALOGUE } from '@annunciator/core/catalogue';
import { DETECTED_TYPES } from '@annunciator/core/detected';

const SOURCE = join(import.meta.dirname, '..');

/** Ids of alert types that stand as texts of their own in the files that `wanted` picks. */
function idsIn(wanted: (file: string) => boolean): Set<string> {
  const known = new Set(CATALOGUE.map((type) => type.id));
  const found = new Set<string>();
  for (const folder of ['engines', 'baseline', 'path', 'rules'])
    for (const file of readdirSync(join(SOURCE, folder)).filter((name) => name.endsWith('.ts') && wanted(name)))
      for (const [, id] of readFileSync(join(SOURCE, folder, file), 'utf8').matchAll(/'([a-z0-9-]+)'/g)) if (known.has(id)) found.add(id);
  return found;
}

const named = idsIn((file) => !file.endsWith('.test.ts'));
const tested = idsIn((file) => file.endsWith('.test.ts') && file !== 'detected.test.ts');

test('every detected type is named by an engine and raised by a test', () => {
  assert.deepEqual(
    DETECTED_TYPES.filter((id) => !named.has(id)),
    [],
    'no engine names these',
  );
  assert.deepEqual(
    DETECTED_TYPES.filter((id) => !tested.has(id)),
    [],
    'no test raises these',
  );
});

test('every type that an engine names and a test raises is listed as detected', (t) => {
  const detected = new Set(DETECTED_TYPES);
  assert.deepEqual(
    [...named].filter((id) => tested.has(id) && !detected.has(id)),
    [],
  );
  const untested = [...named].filter((id) => !tested.has(id));
  if (untested.length > 0) t.diagnostic(`named by engines, raised by no test yet: ${untested.join(', ')}`);
});

test('the list is sorted and names each type once', () => {
  assert.deepEqual(DETECTED_TYPES, [...new Set(DETECTED_TYPES)].sort());
});
