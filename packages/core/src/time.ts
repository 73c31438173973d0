/**
 * Instants of packets and events.
 *
 * An instant counts nanoseconds since 1970-01-01T00:00:00Z as a bigint, because capture files carry nanoseconds and a
 * double cannot hold today's date to that precision. Everything that decides takes its instant from a packet or an
 * event, never from the wall clock, so that a replay decides the same.
 */

/** Nanoseconds since 1970-01-01T00:00:00Z, packet or event time. */
export type Instant = bigint;

/** Nanoseconds, as a difference of two instants. */
export type Duration = bigint;

export const SECOND: Duration = 1_000_000_000n;
export const MINUTE: Duration = 60n * SECOND;
export const HOUR: Duration = 60n * MINUTE;
export const DAY: Duration = 24n * HOUR;

/** Builds an instant from the two halves that capture files carry. */
export function instant(seconds: number, nanoseconds: number): Instant {
  return BigInt(seconds) * SECOND + BigInt(nanoseconds);
}

/** The instant of a JavaScript clock value (milliseconds since 1970). */
export function fromMilliseconds(milliseconds: number): Instant {
  return BigInt(Math.round(milliseconds * 1000)) * 1000n;
}

/** Milliseconds since 1970, rounded down; for interfaces that count so. */
export function toMilliseconds(at: Instant): number {
  return Number(floorDivide(at, 1_000_000n));
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

/** Seconds since 1970 that a Date can tell. */
const MOST_SECONDS = 8.64e12;
const DAY_SECONDS = 86_400;

/** ISO 8601 in UTC, with as many decimals (0 to 9) as the source recorded: `2026-11-21T09:34:00.123456Z` with 6. */
export function formatInstant(at: Instant, decimals = 6): string {
  let seconds = Number(at / SECOND);
  let rest = Number(at % SECOND);
  if (rest < 0) {
    seconds--;
    rest += 1e9;
  }
  return Math.abs(seconds) > MOST_SECONDS ? `invalid-time(${at}ns)` : calendarText(seconds, rest, decimals);
}

/** As {@link formatInstant} with 6 decimals. @param at microseconds since 1970 */
export function formatMicroseconds(at: number): string {
  const seconds = Math.floor(at / 1e6);
  return Math.abs(seconds) > MOST_SECONDS ? `invalid-time(${at}000ns)` : calendarText(seconds, (at - seconds * 1e6) * 1000, 6);
}

function calendarText(seconds: number, nanoseconds: number, decimals: number): string {
  const day = Math.floor(seconds / DAY_SECONDS);
  const second = seconds - day * DAY_SECONDS;
  const minute = Math.floor(second / 60);
  const time = `${TWO_DIGITS[Math.floor(minute / 60)]}:${TWO_DIGITS[minute % 60]}:${TWO_DIGITS[second % 60]}`;
  return `${dateText(day)}T${time}${decimals === 0 ? '' : `.${String(nanoseconds + 1e9).slice(1, 1 + decimals)}`}Z`;
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** Dates told last, by the last bits of their day: exports tell millions of times of a few days. */
const told = Array.from({ length: 64 }, () => ({ day: Number.NaN, text: '' }));

/** @param day since 1970 */
function dateText(day: number): string {
  const kept = told[day & 63];
  if (kept.day !== day) {
    kept.day = day;
    kept.text = new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, -14);
  }
  return kept.text;
}

/** Reads what {@link formatInstant} writes, and any ISO 8601 instant with an offset. Returns undefined when it is none. */
export function parseInstant(text: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:?\d\d)$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole, fraction, offset] = match;
  const milliseconds = Date.parse(`${whole}${offset}`);
  if (Number.isNaN(milliseconds)) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt((fraction ?? '').padEnd(9, '0'));
}
