import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { EVENT_TYPES } from './event-types.ts';
import { timelineEvent } from './events.ts';
import { SECOND } from './time.ts';

const SPEC = process.env['ANNUNCIATOR_SPEC'] ?? new URL('../../../../shared/spec', import.meta.url).pathname;
const SPEC_FILE = `${SPEC}/event-types.json`;
const skip = existsSync(SPEC_FILE) ? false : 'the specification of event types is not here (ANNUNCIATOR_SPEC)';

test('the timeline has the event types of the specification', { skip }, () => {
  const spec: { type: string; title: string; severity: string; userOperation: boolean }[] = JSON.parse(readFileSync(SPEC_FILE, 'utf8'));
  assert.deepEqual(
    Object.entries(EVENT_TYPES).map(([type, { title, severity, ...rest }]) => [type, title, severity, 'user' in rest]),
    spec.map((row) => [row.type, row.title, row.severity === 'user-chosen' ? 'chosen' : row.severity, row.userOperation]),
  );
});

test('an event takes the severity of its type, unless its maker has to choose', () => {
  const at = 1_700_000_000n * SECOND;
  assert.equal(timelineEvent('PLC_START', at, 'x', { severity: 'ALERT' }).severity, 'NOTICE');
  assert.equal(timelineEvent('CUSTOM_EVENT', at, 'x', { severity: 'ALERT', owner: 'ann' }).severity, 'ALERT');
  assert.equal(timelineEvent('CUSTOM_EVENT', at, 'x').severity, 'INFO');
  assert.equal(timelineEvent('USER_LOGIN', at, 'x').userOperation, true);
});

test('the same event has the same id, another one has another', () => {
  const make = (content: string, device: string): string => timelineEvent('SCAN', 5n, content, { devices: [device] }).id;
  assert.equal(make('x', 'a'), make('x', 'a'));
  assert.notEqual(make('x', 'a'), make('x', 'b'));
  assert.notEqual(make('x', 'a'), make('y', 'a'));
});
