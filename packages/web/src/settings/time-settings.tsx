/** How times are written, for oneself: zone and dates. */
import { Field, makeStyles, Radio, RadioGroup, Select, Text, tokens } from '@fluentui/react-components';
import { useEffect, useMemo, useState } from 'react';
import { Card } from '../shell/card.tsx';
import { usePreference } from '../shell/preferences.ts';
import { TIME } from '../shell/preferred.tsx';
import { formatTime, offsetText, ownZone, type TimeChoice, timeChoiceOf, zoneName } from '../time/zone-time.ts';

const useStyles = makeStyles({
  fields: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(240px, 100%), 1fr))',
    gap: '14px 24px',
    alignItems: 'start',
  },
  now: { color: tokens.colorNeutralForeground2 },
});

export function TimeSettings() {
  const styles = useStyles();
  const [kept, keep] = usePreference(TIME);
  const choice = timeChoiceOf(kept);
  const change = (part: Partial<TimeChoice>) => keep({ ...choice, ...part });
  const regions = useMemo(zonesByRegion, []);
  return (
    <Card title="Time" lead="How all pages write times, and read those that you type." error={null}>
      <div className={styles.fields}>
        <Field label="Time zone">
          <Select value={choice.zone ?? ''} onChange={(_, { value }) => change({ zone: value === '' ? null : value })}>
            <option value="">{`That of this computer (${ownZone()})`}</option>
            <option value="UTC">UTC</option>
            {regions.map(([region, zones]) => (
              <optgroup key={region} label={region}>
                {zones.map((zone) => (
                  <option key={zone}>{zone}</option>
                ))}
              </optgroup>
            ))}
          </Select>
        </Field>
        <Field label="Dates">
          <RadioGroup value={choice.date} onChange={(_, { value }) => change({ date: value === 'year' ? 'year' : 'day' })}>
            <Radio value="day" label="21 Nov 2026" />
            <Radio value="year" label="2026-11-21" />
          </RadioGroup>
        </Field>
      </div>
      <Now />
    </Card>
  );
}

/** What the choice makes of this moment. */
function Now() {
  const styles = useStyles();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticking = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticking);
  }, []);
  return (
    <Text className={styles.now}>
      Now it is <time dateTime={new Date(now).toISOString()}>{formatTime(now)}</time> in {zoneName()} ({offsetText(now)}).
    </Text>
  );
}

/** Time zones that this browser knows, by the part of the world that their names begin with. */
function zonesByRegion(): readonly (readonly [region: string, zones: readonly string[]])[] {
  const zones = Intl.supportedValuesOf('timeZone').filter((zone) => zone.includes('/'));
  return [...Map.groupBy(zones, (zone) => zone.slice(0, zone.indexOf('/')))].map(([region, inside]) => [region, inside]);
}
