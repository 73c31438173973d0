/** A time in the reader's zone; hovering tells it in UTC and how long ago. */
const SHORT = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function formatTime(iso: string): string {
  return SHORT.format(new Date(iso)).replace(',', '');
}

export function ago(iso: string, now = Date.now()): string {
  const seconds = (new Date(iso).getTime() - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ['second', 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

export function DetectionTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={`${at.replace('T', ' ').replace(/\.?0*Z$/, ' UTC')} (${ago(at)})`}>
      {formatTime(at)}
    </time>
  );
}
