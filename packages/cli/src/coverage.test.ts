import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CATALOGUE } from '@annunciator/core/catalogue';
import { TECHNIQUES } from '@annunciator/core/attack';
import type { NavigatorLayer } from '@annunciator/core/navigator';
import type { CoverageRow } from './coverage-formats.ts';
import { annunciator } from './run-command.ts';

const detected = CATALOGUE.filter((type) => type.detected).length;

test('the text counts and names every type', async () => {
  const { code, stdout } = await annunciator(['coverage']);
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`${detected} of ${CATALOGUE.length} types of alert are detected.\n`));
  for (const { title } of CATALOGUE) assert.ok(stdout.includes(title), title);
  assert.match(stdout, /Not detected:\n {2}\S.*: \S/);
});

test('JSON and CSV hold a row for each type', async () => {
  const [json, csv] = await Promise.all([annunciator(['coverage', '--format', 'json']), annunciator(['coverage', '--format', 'csv'])]);
  const { types }: { types: CoverageRow[] } = JSON.parse(json.stdout);
  assert.deepEqual(
    types.map(({ id }) => id),
    CATALOGUE.map(({ id }) => id),
  );
  const scan = types.find(({ id }) => id === 'port-scan-detected');
  assert.deepEqual(scan?.techniques, ['T0842']);
  assert.match(scan?.threshold ?? '', /^25 in 120 s/);
  assert.equal(scan?.also.length, 1);
  const lines = csv.stdout.trimEnd().split('\r\n');
  assert.equal(lines[0], 'id,title,engine,severity,detected,tier,trigger,threshold,also,tactics,techniques,protocols,captures');
  assert.equal(lines.length, CATALOGUE.length + 1);
});

test('the layer colours the techniques of the ICS matrix by the types that show them', async () => {
  const { stdout } = await annunciator(['coverage', '--format', 'navigator']);
  const layer: NavigatorLayer = JSON.parse(stdout);
  assert.equal(layer.domain, 'ics-attack');
  assert.equal(layer.versions.layer, '4.5');
  assert.ok(layer.techniques.length > 40);
  for (const { techniqueID, score, comment } of layer.techniques) {
    assert.ok(techniqueID in TECHNIQUES, techniqueID);
    const shown = CATALOGUE.filter((type) => type.techniques.some(({ id }) => id === techniqueID));
    assert.equal(score, shown.filter((type) => type.detected).length, techniqueID);
    assert.notEqual(comment, '');
  }
  assert.ok(!layer.techniques.some(({ techniqueID }) => techniqueID === 'T0818'), 'the matrix has dropped it');
});

test('another format is refused with what there is', async () => {
  const { code, stderr } = await annunciator(['coverage', '--format', 'xml']);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are text, json, csv, navigator/);
});
