/** When a rule holds: days and hours in the time zone of the site, from packet time. */
import { DAYS, type RuleSettings, type Schedule } from './rule.ts';

/** Seconds for which an offset is kept: zones change theirs at most on quarters of an hour. */
const OFFSET_KEPT = 900;
const DAY_SECONDS = 86_400;
/** 1970-01-01 was a Thursday. */
const FIRST_DAY = 3;

/** The wall clock of a time zone, from packet time. */
export class SiteClock {
  readonly #format: Intl.DateTimeFormat;
  #quarter = Number.NaN;
  #offset = 0;

  constructor(timeZone: string) {
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** Seconds since 1970 as the clocks of the site count them. */
  local(seconds: number): number {
    const quarter = Math.floor(seconds / OFFSET_KEPT);
    if (quarter !== this.#quarter) {
      this.#quarter = quarter;
      this.#offset = this.#offsetAt(quarter * OFFSET_KEPT);
    }
    return seconds + this.#offset;
  }

  #offsetAt(seconds: number): number {
    const parts = Object.fromEntries(this.#format.formatToParts(seconds * 1000).map(({ type, value }) => [type, Number(value)]));
    return Date.UTC(parts['year'], parts['month'] - 1, parts['day'], parts['hour'], parts['minute'], parts['second']) / 1000 - seconds;
  }
}

/** True at packet times at which the rule holds; null when it always does. */
export function compileSchedule(
  schedule: Schedule | null,
  { workingHours }: RuleSettings,
  clock: SiteClock,
): ((seconds: number) => boolean) | null {
  if (!schedule || (!schedule.days && !schedule.hours && !schedule.working)) return null;
  const days = schedule.days && daysMask(schedule.days);
  const hours = schedule.hours && span(schedule.hours.from, schedule.hours.to);
  const working = { days: daysMask(workingHours.days), hours: span(workingHours.from, workingHours.to) };
  return (seconds) => {
    const local = clock.local(seconds);
    if (days !== undefined && !onDay(days, hours, local)) return false;
    if (hours && !within(hours, local)) return false;
    if (!schedule.working) return true;
    return (onDay(working.days, working.hours, local) && within(working.hours, local)) === (schedule.working === 'inside');
  };
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Seconds of the day. */
function span(from: string, to: string): Span {
  const of = (text: string): number => {
    const [hour, minute] = text.split(':').map(Number);
    return hour * 3600 + minute * 60;
  };
  return { from: of(from), to: of(to) };
}

function within({ from, to }: Span, local: number): boolean {
  const second = ((local % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  return from < to ? second >= from && second < to : second >= from || second < to;
}

function daysMask(days: readonly string[]): number {
  return days.reduce((mask, day) => mask | (1 << DAYS.findIndex((one) => one === day)), 0);
}

/** Hours over midnight belong to the day on which they began. */
function onDay(mask: number, hours: Span | undefined, local: number): boolean {
  const second = ((local % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
  const early = hours && hours.from >= hours.to && second < hours.to ? 1 : 0;
  const day = (((Math.floor(local / DAY_SECONDS) + FIRST_DAY - early) % 7) + 7) % 7;
  return (mask & (1 << day)) !== 0;
}
