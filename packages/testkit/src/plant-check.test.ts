import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantIncidents } from './plant.ts';
import { checkPlant } from './plant-check.ts';

const asAlert = (type: string, seconds: number) => ({ type, firstDetection: new Date(seconds * 1000).toISOString() });
const deserved = plantIncidents().flatMap(({ seconds, expectedAlertTypes }) =>
  expectedAlertTypes.map((type) => asAlert(type, seconds + 1)),
);

test('a sensor that raises all that is deserved misses nothing', () => {
  const verdict = checkPlant(deserved);
  assert.deepEqual(
    verdict.incidents.flatMap((incident) => incident.missing),
    [],
  );
  assert.deepEqual(verdict.early, []);
});

test('a missing alert is told with its incident, an early one as false', () => {
  const [first] = plantIncidents();
  const early = asAlert('arp-spoofing', first.seconds - 30);
  const verdict = checkPlant([early, ...deserved.filter((alert) => alert.type !== 'new-asset-detected')]);
  assert.deepEqual(verdict.incidents.find((incident) => incident.title === first.title)?.missing, ['new-asset-detected']);
  assert.deepEqual(verdict.early, [early]);
});
