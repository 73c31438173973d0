/** Times in a chosen zone, as they are shown and as they are typed. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import {
  fieldInstant,
  fieldText,
  formatMinute,
  formatTime,
  offsetText,
  showTimesBy,
  timeChoiceOf,
  USUAL_TIME,
  zoneName,
} from './zone-time.ts';

afterEach(() => showTimesBy(USUAL_TIME));

const AT = '2026-01-05T23:04:05.678Z';

test('a time is shown in the chosen zone, as dates are chosen to be written', () => {
  showTimesBy({ zone: 'Europe/Zurich', date: 'day' });
  assert.equal(formatTime(AT), '06 Jan 2026 00:04:05');
  assert.equal(zoneName(), 'Europe/Zurich');
  showTimesBy({ zone: 'UTC', date: 'year' });
  assert.equal(formatTime(AT), '2026-01-05 23:04:05');
  showTimesBy({ zone: 'America/New_York', date: 'year' });
  assert.equal(formatMinute(AT), '2026-01-05 18:04');
});

test('what a field shows is read back as the same minute, in every zone and on both sides of a change of the clock', () => {
  for (const zone of ['UTC', 'Europe/Zurich', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Chatham', 'Australia/Lord_Howe']) {
    showTimesBy({ zone, date: 'day' });
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 3_600_000 * 7 + 60_000) {
      const iso = new Date(at).toISOString();
      const read = fieldInstant(fieldText(iso));
      // An hour that the clock shows twice is read as the first of the two.
      assert.ok(read === iso || (read !== null && fieldText(read) === fieldText(iso) && read < iso), `${zone} ${iso} ${read}`);
    }
  }
});

test('an hour that the clock leaves out, or shows twice, is read as it was before the change', () => {
  showTimesBy({ zone: 'Europe/Zurich', date: 'day' });
  assert.equal(fieldInstant('2026-03-29T02:30'), '2026-03-29T01:30:00.000Z');
  assert.equal(fieldInstant('2026-10-25T02:30'), '2026-10-25T00:30:00.000Z');
  assert.equal(fieldInstant('2026-07-01T12:00:30'), '2026-07-01T10:00:30.000Z');
  assert.equal(fieldInstant(''), null);
  assert.equal(fieldText('no time'), '');
});

test('the distance from UTC is told with its minutes', () => {
  showTimesBy({ zone: 'Asia/Kathmandu', date: 'day' });
  assert.equal(offsetText(Date.parse(AT)), 'UTC+05:45');
  showTimesBy({ zone: 'America/St_Johns', date: 'day' });
  assert.equal(offsetText(Date.parse(AT)), 'UTC−03:30');
});

test('a kept choice that cannot be understood is the usual one', () => {
  assert.deepEqual(timeChoiceOf(undefined), USUAL_TIME);
  assert.deepEqual(timeChoiceOf({ zone: 'Mars/Olympus', date: 'never' }), USUAL_TIME);
  assert.deepEqual(timeChoiceOf({ zone: 'UTC', date: 'year' }), { zone: 'UTC', date: 'year' });
});
