/** What the grid says when there is nothing in it, and what to do then. */
import { Button, makeStyles, Subtitle1, Text, tokens } from '@fluentui/react-components';
import { CheckmarkCircle48Regular } from '@fluentui/react-icons/svg/checkmark-circle';
import { Search48Regular } from '@fluentui/react-icons/svg/search';
import { Warning48Regular } from '@fluentui/react-icons/svg/warning';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { fetchStatus, type SensorStatus } from '../api/alerts.ts';
import { formatDate } from '../time/zone-time.ts';

const useStyles = makeStyles({
  empty: {
    display: 'grid',
    justifyItems: 'center',
    alignContent: 'center',
    gap: '10px',
    height: '100%',
    padding: '24px',
    textAlign: 'center',
    color: tokens.colorNeutralForeground2,
  },
  icon: { color: tokens.colorNeutralForeground4 },
  actions: { display: 'flex', gap: '8px', marginTop: '8px' },
  line: { display: 'block' },
});

export interface EmptyGridProps {
  readonly error: Error | null;
  readonly total: number;
  readonly range: string;
  readonly hasFilters: boolean;
  onClear(): void;
  onAllTime(): void;
  onRetry(): void;
}

export function EmptyGrid({ error, total, range, hasFilters, onClear, onAllTime, onRetry }: EmptyGridProps) {
  if (error) {
    return (
      <Empty icon={<Warning48Regular />} title="The alerts cannot be shown" actions={<Button onClick={onRetry}>Try again</Button>}>
        {error.message}
      </Empty>
    );
  }
  if (total === 0) return <NothingEver />;
  const actions = (
    <>
      {hasFilters && (
        <Button appearance="primary" onClick={onClear}>
          Clear filters
        </Button>
      )}
      {range !== 'All time' && <Button onClick={onAllTime}>Show all time</Button>}
    </>
  );
  return (
    <Empty icon={<Search48Regular />} title="No alerts match these filters" actions={actions}>
      {total === 1 ? '1 alert exists' : `${total.toLocaleString('en')} exist`}
      {range === 'All time' ? '.' : `; the time range is ${range.toLowerCase()}.`}
    </Empty>
  );
}

function NothingEver() {
  const styles = useStyles();
  const { data } = useQuery({ queryKey: ['status'], queryFn: fetchStatus, refetchInterval: 30_000 });
  const sensors = data?.sensors ?? [];
  return (
    <Empty icon={<CheckmarkCircle48Regular />} title="No alerts yet">
      {data && sensors.length === 0 ? 'No sensor is registered.' : null}
      {sensors.map((sensor) => (
        <span key={sensor.name} className={styles.line}>
          {sensorLine(sensor)}
        </span>
      ))}
    </Empty>
  );
}

function sensorLine({ name, state, learningUntil, devices }: SensorStatus): string {
  const until = learningUntil === null ? '' : ` until about ${formatDate(learningUntil)}`;
  const seen = `${devices.toLocaleString('en')} ${devices === 1 ? 'device' : 'devices'} seen`;
  switch (state) {
    case 'learning':
      return `Sensor ${name} is learning${until}; ${seen}.`;
    case 'dynamic':
      return `Sensor ${name} watches, and still learns some scenarios; ${seen}.`;
    case 'operational':
      return `Sensor ${name} watches; ${seen}.`;
    case 'disconnected':
      return `Sensor ${name} is disconnected.`;
  }
}

function Empty({ icon, title, actions, children }: { icon: ReactNode; title: string; actions?: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.empty}>
      <span className={styles.icon} aria-hidden>
        {icon}
      </span>
      <Subtitle1 as="h2">{title}</Subtitle1>
      <Text>{children}</Text>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
