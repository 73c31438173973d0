/** The inventory's tables, groups and networks for somebody who has a role at one site: done, refused, or not seen. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { everywhere } from '@annunciator/core/access';
import { callerWith } from '../../tests/api-walk.ts';
import { at, NORTH, PLANT, SECRETS, serve } from '../../tests/two-sites.ts';

type Call = Awaited<ReturnType<typeof callerWith>>;

// Answers have the shapes of the document; these tests read single members.
async function ask(call: Call, method: string, path: string, body?: object | string): Promise<ReturnType<typeof JSON.parse>> {
  const { text } = await call(method, path, body);
  return text === '' ? null : JSON.parse(text);
}

const outcomes = (report: { lines: { line: number; outcome: string; message: string }[] }) =>
  report.lines.map(({ line, outcome, message }) => `${line} ${outcome}: ${message}`);

test(`a table changes the devices of one's own site, refuses by name what may only be seen, and knows nothing of the rest`, async (t) => {
  const { server, base } = await serve(t, { secondSensor: true });
  const all = await callerWith(server, base, 'all', [everywhere('Owner')]);
  const table = ['IP Address,Location,Authorization', '10.20.2.11,Hall 3,', '10.99.0.1,Hall 4,', '10.77.0.1,Hall 5,'].join('\n');

  const north = await callerWith(server, base, 'north', [at('Security Admin', NORTH.site)]);
  const own = await call(north, '?create=true&dryRun=true');
  assert.deepEqual(outcomes(JSON.parse(own)), [
    '2 changed: location to Hall 3',
    '3 entered: Entered by hand.',
    '4 entered: Entered by hand.',
  ]);
  const done = await call(north, '');
  const absent = 'There is no such device. Import with create=true to enter it.';
  assert.deepEqual(outcomes(JSON.parse(done)), ['2 changed: location to Hall 3', `3 refused: ${absent}`, `4 refused: ${absent}`]);
  assert.doesNotMatch(own + done, /Treatment Plant|sensor-plant|HIDDEN/);
  assert.equal((await ask(all, 'GET', '/api/devices?search=HIDDEN-0')).devices[0].location, '');

  // The address of a device of another site is entered here beside it, as a device of this sensor.
  await call(north, '?create=true');
  const twins = (await ask(all, 'GET', '/api/devices?search=10.99.0.1')).devices.map((row: { site: string; location: string }) => [
    row.site,
    row.location,
  ]);
  assert.deepEqual(twins.toSorted(), [
    [NORTH.site, 'Hall 4'],
    [PLANT.site, ''],
  ]);

  const looks = await callerWith(server, base, 'looks', [everywhere('Security Reader'), at('Security Admin', NORTH.site)]);
  const refused = JSON.parse(await call(looks, '', 'Number,Location\n' + (await numberOf(all, 'HIDDEN-1')) + ',Roof'));
  assert.deepEqual(refused.counts, { changed: 0, unchanged: 0, entered: 0, refused: 1 });
  assert.match(
    refused.lines[0].message,
    /^HIDDEN-1 \(10\.99\.0\.2\): You are .* does not include this at Treatment Plant, zone Filtration\./,
  );
  assert.equal((await looks('POST', `/api/devices/import?create=true&sensor=${PLANT.sensor}`, table)).code, 'not_permitted');
  const unknown = await north('POST', `/api/devices/import?create=true&sensor=${PLANT.sensor}`, table);
  assert.equal(unknown.code, 'unknown_sensor');
  assert.doesNotMatch(unknown.text, SECRETS);

  async function call(who: Call, query: string, content = table): Promise<string> {
    const { text, status } = await who('POST', `/api/devices/import${query}`, content);
    assert.equal(status, 200, text);
    return text;
  }
});

async function numberOf(call: Call, search: string): Promise<number> {
  return (await ask(call, 'GET', `/api/devices?search=${search}`)).devices[0].number;
}
