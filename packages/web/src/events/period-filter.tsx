/** The time that events are of: a range up to now, or two dates. */
import { Input, makeStyles, Select } from '@fluentui/react-components';
import { RANGES } from '../alerts/address.ts';
import { fieldInstant, fieldText } from '../time/zone-time.ts';

const useStyles = makeStyles({ dates: { display: 'inline-flex', flexWrap: 'wrap', alignItems: 'center', gap: '6px' } });
const CUSTOM = 'custom';
const HOUR = 3_600_000;

/** What the address says of the time; `from` and `to` are ISO 8601. */
export interface Period {
  readonly range: string;
  readonly from: string;
  readonly to: string;
}

export function periodOf(params: URLSearchParams): Period {
  const from = params.get('from') ?? '';
  const to = params.get('to') ?? '';
  return { range: from !== '' || to !== '' ? CUSTOM : (params.get('range') ?? 'all'), from, to };
}

/** Bounds of the period for the server. @param now milliseconds since 1970 */
export function boundsOf({ range, from, to }: Period, now: number): readonly (readonly [name: 'from' | 'to', value: string])[] {
  if (range === 'all') return [];
  if (range !== CUSTOM) return [['from', new Date(now - Number(range) * HOUR).toISOString()]];
  return [...(from === '' ? [] : [['from', from] as const]), ...(to === '' ? [] : [['to', to] as const])];
}

export function PeriodFilter({ period, now, onChange }: { period: Period; now: number; onChange: (period: Period) => void }) {
  const styles = useStyles();
  const { range, from, to } = period;
  return (
    <>
      <Select
        aria-label="Time range"
        value={range}
        onChange={(_, { value }) =>
          onChange(
            value === CUSTOM
              ? { range: value, from: new Date(now - 24 * HOUR).toISOString(), to: new Date(now).toISOString() }
              : { range: value, from: '', to: '' },
          )
        }
      >
        {RANGES.map(([hours, label]) => (
          <option key={hours} value={hours}>
            {`Time range: ${label}`}
          </option>
        ))}
        <option value={CUSTOM}>Time range: Custom…</option>
      </Select>
      {range === CUSTOM && (
        <span className={styles.dates}>
          <Input
            type="datetime-local"
            aria-label="From"
            value={fieldText(from)}
            onChange={(_, { value }) => onChange({ ...period, from: fieldInstant(value) ?? '' })}
          />
          <Input
            type="datetime-local"
            aria-label="To"
            value={fieldText(to)}
            onChange={(_, { value }) => onChange({ ...period, to: fieldInstant(value) ?? '' })}
          />
        </span>
      )}
    </>
  );
}
