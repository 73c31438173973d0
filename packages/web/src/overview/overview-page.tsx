/** The overview: how many alerts of which weight, what came last, how the sensors are and which devices there are. */
import { Link, makeStyles, Spinner, Subtitle2, Text, Title3, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { formatTime } from '../time/zone-time.ts';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { StatusMark } from '../alerts/status-mark.tsx';
import { fetchGroups, fetchPage, fetchStatus, type SensorStatus, SEVERITIES, STATUSES, type ValueCount } from '../api/alerts.ts';
import { fetchDeviceFacets } from '../api/devices.ts';

const LATEST = 8;
const TYPES_SHOWN = 8;
const REFRESH_MILLISECONDS = 30_000;
const EVERYTHING = new URLSearchParams({ sort: '-lastDetection' });

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1280px', padding: '14px 20px 40px', display: 'grid', gap: '16px' },
  cards: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(420px, 100%), 1fr))', gap: '16px', alignItems: 'start' },
  card: {
    display: 'grid',
    gap: '12px',
    padding: '16px 20px 18px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground1,
    minWidth: 0,
  },
  wide: { gridColumn: '1 / -1' },
  rows: { display: 'grid', gap: '2px', listStyleType: 'none', margin: 0, padding: 0 },
  row: { display: 'grid', gridTemplateColumns: '150px minmax(0, 1fr) 64px', alignItems: 'center', gap: '12px', minHeight: '32px' },
  track: { height: '8px', borderRadius: '4px', backgroundColor: tokens.colorNeutralStroke2, overflow: 'hidden' },
  bar: { height: '100%', borderRadius: '4px', backgroundColor: tokens.colorCompoundBrandBackground },
  number: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  alert: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: '16px', minHeight: '36px' },
  severity: { width: '120px' },
  title: { flex: '1 1 260px', minWidth: 0, textAlign: 'left' },
  faint: { color: tokens.colorNeutralForeground3 },
  sensor: { display: 'grid', gap: '2px', padding: '4px 0' },
  word: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap', textAlign: 'left' },
});

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  useEffect(() => {
    document.title = 'Overview · Annunciator';
  }, []);
  const again = { refetchInterval: REFRESH_MILLISECONDS };
  const severities = useQuery({
    queryKey: ['alerts', 'groups', 'overview', 'severity'],
    queryFn: () => fetchGroups(EVERYTHING, 'severity'),
    ...again,
  });
  const statuses = useQuery({
    queryKey: ['alerts', 'groups', 'overview', 'status'],
    queryFn: () => fetchGroups(EVERYTHING, 'status'),
    ...again,
  });
  const latest = useQuery({ queryKey: ['alerts', 'latest'], queryFn: () => fetchPage(EVERYTHING, null, LATEST), ...again });
  const status = useQuery({ queryKey: ['status'], queryFn: fetchStatus, ...again });
  const devices = useQuery({
    queryKey: ['devices', 'facets', ''],
    queryFn: () => fetchDeviceFacets(new URLSearchParams()),
    ...again,
  });
  const alertsWith = (column: string, value: string) =>
    void navigate(`/alerts?${new URLSearchParams({ range: 'all', filter: `${column}:equals:${encodeURIComponent(value)}` })}`);
  const types = devices.data?.type ?? [];
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Title3 as="h1">Overview</Title3>
        <div className={styles.cards}>
          <Card title="Alerts by severity" query={severities}>
            <Bars
              rows={complete(severities.data, SEVERITIES)}
              word={(severity) => <SeverityMark severity={severity} />}
              onOpen={(value) => alertsWith('severity', value)}
            />
          </Card>
          <Card title="Alerts by status" query={statuses}>
            <Bars
              rows={complete(statuses.data, STATUSES)}
              word={(value) => <StatusMark alert={{ status: value, disposition: 'none' }} />}
              onOpen={(value) => alertsWith('status', value)}
            />
          </Card>
          <Card title="Latest alerts" query={latest} wide>
            {latest.data?.alerts.length === 0 && <Text>No alerts yet.</Text>}
            <ul className={styles.rows}>
              {latest.data?.alerts.map((alert) => (
                <li key={alert.id} className={styles.alert}>
                  <span className={styles.severity}>
                    <SeverityMark severity={alert.severity} />
                  </span>
                  <Link as="button" className={styles.title} onClick={() => void navigate(`/alerts/${encodeURIComponent(alert.id)}`)}>
                    {alert.title}
                  </Link>
                  <Text className={styles.faint}>{alert.site}</Text>
                  <Text className={styles.faint}>
                    <DetectionTime at={alert.lastDetection} />
                  </Text>
                </li>
              ))}
            </ul>
          </Card>
          <Card title="Sensors" query={status}>
            {status.data?.sensors.length === 0 && <Text>No sensor is registered.</Text>}
            <ul className={styles.rows}>
              {status.data?.sensors.map((sensor) => (
                <li key={sensor.name} className={styles.sensor}>
                  <Text weight="semibold">{sensor.name}</Text>
                  <Text>{stateText(sensor)}</Text>
                  <Text size={200} className={styles.faint}>
                    {sensor.devices.toLocaleString('en')} devices · {sensor.packets.toLocaleString('en')} packets
                  </Text>
                </li>
              ))}
            </ul>
          </Card>
          <Card title="Devices by type" query={devices}>
            {types.length === 0 && <Text>No devices seen yet.</Text>}
            <Bars
              rows={types.slice(0, TYPES_SHOWN)}
              word={(type) => type || 'Unknown'}
              onOpen={(type) => void navigate(`/devices?${new URLSearchParams({ type })}`)}
            />
            {types.length > TYPES_SHOWN && (
              <Link as="button" onClick={() => void navigate('/devices')}>
                All {types.length} types
              </Link>
            )}
          </Card>
        </div>
      </div>
    </div>
  );
}

/** Every value, also those that nothing has. */
function complete<Value extends string>(counts: readonly ValueCount[] | undefined, values: readonly Value[]) {
  return values.map((value) => ({ value, count: counts?.find((entry) => entry.value === value)?.count ?? 0 }));
}

function stateText({ state, learningUntil }: SensorStatus): string {
  switch (state) {
    case 'learning':
      return learningUntil === null ? 'Learning' : `Learning until about ${formatTime(learningUntil)}`;
    case 'dynamic':
      return 'Watching, and still learning some scenarios';
    case 'operational':
      return 'Watching';
    case 'disconnected':
      return 'Disconnected';
  }
}

function Card({
  title,
  query,
  wide,
  children,
}: {
  title: string;
  query: { readonly isLoading: boolean; readonly error: Error | null };
  wide?: boolean;
  children: ReactNode;
}) {
  const styles = useStyles();
  return (
    <section className={`${styles.card} ${wide ? styles.wide : ''}`} aria-label={title}>
      <Subtitle2 as="h2">{title}</Subtitle2>
      {query.isLoading ? <Spinner size="tiny" label="Loading" /> : query.error ? <Text>{query.error.message}</Text> : children}
    </section>
  );
}

function Bars<Value extends string>({
  rows,
  word,
  onOpen,
}: {
  rows: readonly { readonly value: Value; readonly count: number }[];
  word: (value: Value) => ReactNode;
  onOpen: (value: Value) => void;
}) {
  const styles = useStyles();
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <ul className={styles.rows}>
      {rows.map(({ value, count }) => (
        <li key={value} className={styles.row}>
          <Link as="button" appearance="subtle" className={styles.word} onClick={() => onOpen(value)}>
            {word(value)}
          </Link>
          <span className={styles.track} aria-hidden>
            <span className={styles.bar} style={{ display: 'block', width: `${(100 * count) / most}%` }} />
          </span>
          <span className={styles.number}>{count.toLocaleString('en')}</span>
        </li>
      ))}
    </ul>
  );
}
