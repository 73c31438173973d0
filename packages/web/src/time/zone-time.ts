/**
 * How times are shown and typed: in which time zone, and how dates are written. One choice holds for all
 * pages; it is put in force before the first of them is shown (shell/preferred.tsx).
 */

export interface TimeChoice {
  /** IANA name such as Europe/Zurich, or UTC; null for the zone of this computer. */
  readonly zone: string | null;
  /** Which part a date begins with: 21 Nov 2026, or 2026-11-21. */
  readonly date: 'day' | 'year';
}

export const USUAL_TIME: TimeChoice = { zone: null, date: 'day' };

interface Formats {
  readonly date: Intl.DateTimeFormat;
  readonly clock: Intl.DateTimeFormat;
  readonly minute: Intl.DateTimeFormat;
  /** 2026-11-21 09:34:00, whatever is chosen. */
  readonly plain: Intl.DateTimeFormat;
}

let inForce = USUAL_TIME;
let formats = formatsOf(USUAL_TIME);

/** Shows and reads all times in this way from now on. */
export function showTimesBy(choice: TimeChoice): void {
  if (choice === inForce) return;
  formats = formatsOf(choice);
  inForce = choice;
}

/** The choice that a kept value stands for; the usual one in place of what cannot be understood. */
export function timeChoiceOf(value: unknown): TimeChoice {
  if (typeof value !== 'object' || value === null) return USUAL_TIME;
  const { zone, date } = value as Partial<Record<keyof TimeChoice, unknown>>;
  return {
    zone: typeof zone === 'string' && isZone(zone) ? zone : null,
    date: date === 'year' ? 'year' : 'day',
  };
}

/** Whether this browser knows a time zone of this name. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The zone of this computer, such as Europe/Zurich. */
export function ownZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone in force, for people. */
export function zoneName(): string {
  return inForce.zone ?? ownZone();
}

/** How far the zone in force is from UTC at a time, such as UTC+01:00. */
export function offsetText(at: number): string {
  const minutes = Math.round((Date.parse(`${wallClock(at)}Z`) - at) / 60_000);
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0');
  return `UTC${minutes < 0 ? '−' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
}

/** Date and time to the second. @param at ISO 8601 or milliseconds since 1970 */
export function formatTime(at: string | number): string {
  return `${formatDate(at)} ${formatClock(at)}`;
}

/** Date and time to the minute. */
export function formatMinute(at: string | number): string {
  return `${formatDate(at)} ${formats.minute.format(new Date(at))}`;
}

export function formatDate(at: string | number): string {
  return formats.date.format(new Date(at));
}

/** The time of day to the second. */
export function formatClock(at: string | number): string {
  return formats.clock.format(new Date(at));
}

/**
 * A time as fields of the type datetime-local hold it: as the clock of the zone in force shows it. Empty when it is none.
 * @param to the smallest part that is written
 */
export function fieldText(iso: string, to: 'minute' | 'second' = 'minute'): string {
  const at = Date.parse(iso);
  return Number.isNaN(at) ? '' : wallClock(at).slice(0, to === 'minute' ? 16 : 19);
}

/**
 * What such a field holds, as ISO 8601 in UTC; null when it is no time. A time that the clock shows twice is the first of
 * them; one that it leaves out counts from before the change.
 */
export function fieldInstant(text: string): string | null {
  const shown = Date.parse(`${text}Z`);
  if (Number.isNaN(shown)) return null;
  const offset = (at: number): number => Date.parse(`${wallClock(at)}Z`) - at;
  // The offset a day before: what was in force before a change of the clock.
  const before = shown - offset(shown - DAY);
  const after = shown - offset(shown + DAY);
  const found = [before, after].find((at) => at + offset(at) === shown) ?? before;
  return new Date(found).toISOString();
}

const DAY = 86_400_000;

function wallClock(at: number): string {
  return formats.plain.format(new Date(at)).replace(' ', 'T');
}

function formatsOf({ zone, date }: TimeChoice): Formats {
  const timeZone = zone ?? undefined;
  const minute = { hour: '2-digit', minute: '2-digit', timeZone } as const;
  const day = { year: 'numeric', month: '2-digit', day: '2-digit', timeZone } as const;
  return {
    date: date === 'year' ? new Intl.DateTimeFormat('sv-SE', day) : new Intl.DateTimeFormat('en-GB', { ...day, month: 'short' }),
    minute: new Intl.DateTimeFormat('en-GB', minute),
    clock: new Intl.DateTimeFormat('en-GB', { ...minute, second: '2-digit' }),
    plain: new Intl.DateTimeFormat('sv-SE', { ...day, ...minute, second: '2-digit', hourCycle: 'h23' }),
  };
}
