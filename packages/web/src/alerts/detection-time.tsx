/** A time in the zone that the reader chose; hovering tells it in UTC, how long ago it is, and the zone. */
import { formatTime, zoneName } from '../time/zone-time.ts';

const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

export function DetectionTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace(/\.?0*Z$/, ' UTC')} (${ago(at)}), shown in the time of ${zoneName()}`}>
      {formatTime(at)}
    </time>
  );
}
