import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DEVICE_TYPES, deviceClass, IMPORTANCES, NETWORK_LOCATIONS, purdueLayer, purdueLevelOf } from './device-types.ts';
import { isPlcSecured, PLC_KEY_STATES, PLC_RUN_STATES, plcMode, plcModeText } from './plc-mode.ts';

const SPEC = process.env['ANNUNCIATOR_SPEC'] ?? new URL('../../../../shared/spec', import.meta.url).pathname;
const SPEC_FILE = `${SPEC}/enums.json`;
const skip = existsSync(SPEC_FILE) ? false : 'the specification of words is not here (ANNUNCIATOR_SPEC)';

test('types, importances, places and states are spelled as the product spells them', { skip }, () => {
  const { device } = JSON.parse(readFileSync(SPEC_FILE, 'utf8'));
  const { apiOnly, ...classes } = device.types;
  assert.deepEqual(DEVICE_TYPES, { ...classes, Unclassified: apiOnly });
  assert.deepEqual(IMPORTANCES, device.importance);
  assert.deepEqual(NETWORK_LOCATIONS, device.networkLocation);
  assert.deepEqual(PLC_KEY_STATES, device.plcKeyStates);
  assert.deepEqual(PLC_RUN_STATES, device.plcRunStates);
});

test('a type has a class and stands on a level of the Purdue model, whose layers the map shows', () => {
  const cells = ['PLC', 'HMI', 'Historian', 'Router', 'Printer', 'HVAC', 'Unknown', 'Toaster'].map((type) => {
    const level = purdueLevelOf(type);
    return [type, deviceClass(type), level, purdueLayer(level)];
  });
  assert.deepEqual(cells, [
    ['PLC', 'ICS', 1, 'Process Control'],
    ['HMI', 'ICS', 2, 'Supervisory'],
    ['Historian', 'ICS', 3, 'Supervisory'],
    ['Router', 'Network', 3, 'Supervisory'],
    ['Printer', 'IoT', 4, 'Enterprise'],
    ['HVAC', 'IoT', 1, 'Process Control'],
    ['Unknown', 'Unclassified', null, null],
    ['Toaster', 'Unclassified', null, null],
  ]);
});

const MODES: readonly (readonly [mode: string, key: string, logix: boolean, text: string, secured: boolean | null])[] = [
  ['RUN', '', false, 'Run', null],
  ['RUN', 'RUN', false, 'Run', true],
  ['RUN', 'RUN-P', false, 'Remote, Run', false],
  ['STOP', 'STOP', false, 'Stop', true],
  ['REMOTE PROGRAM', '', true, 'Remote, Program', false],
  ['PROGRAM', '', true, 'Program', false],
  ['REMOTE FAULTED', '', true, 'Remote, Exception', false],
  ['running', '', false, 'Run', null],
  ['HOLD', '', false, 'Paused', null],
  ['', '', false, '', null],
  ['whatever', '', false, '', null],
];
for (const [mode, key, logix, text, secured] of MODES) {
  test(`a controller that tells mode "${mode}" and key switch "${key}"${logix ? ' as Logix does' : ''} shows "${text}"`, () => {
    const told = plcMode(mode, key, logix);
    assert.equal(plcModeText(told), text);
    assert.equal(isPlcSecured(told), secured);
  });
}
