/** Lengths of time windows as the management API writes them: ISO 8601 durations of whole minutes. */

export const SHORTEST_MINUTES = 1;
export const LONGEST_MINUTES = 1440;
/** What the portal offers. */
export const OFFERED_MINUTES: readonly number[] = [5, 10, 15, 30, 60, 360, 720, 1440];

/**
 * Minutes of a duration such as `PT15M`, `PT05M`, `PT1H30M`, `P1D`; undefined when it is none, no whole number of minutes,
 * or not within a minute and a day.
 */
export function parseTimeWindow(text: string): number | undefined {
  const total = durationMinutes(text);
  return total !== undefined && Number.isInteger(total) && total >= SHORTEST_MINUTES && total <= LONGEST_MINUTES ? total : undefined;
}

/** Minutes of an ISO 8601 duration of days and less, with fractions; undefined when it is none. */
export function durationMinutes(text: string): number | undefined {
  const match = /^P(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?$/.exec(text);
  if (!match || text.endsWith('T') || text === 'P') return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return days * 1440 + hours * 60 + minutes + seconds / 60;
}

/** The shortest usual spelling: `PT15M`, `PT1H`, `P1D`. */
export function formatTimeWindow(minutes: number): string {
  if (minutes % 1440 === 0) return `P${minutes / 1440}D`;
  return minutes % 60 === 0 ? `PT${minutes / 60}H` : `PT${minutes}M`;
}
