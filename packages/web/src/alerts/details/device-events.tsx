/** The event timeline of the devices of an alert. */
import { Link, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link as RouterLink } from 'react-router';
import type { AlertDetails } from '../../api/alerts.ts';
import { EVENT_SEVERITIES, fetchEvents } from '../../api/events.ts';
import { EVENT_SEVERITY_WORDS, EventSeverityMark } from '../../events/event-severity-mark.tsx';
import { ChoiceFilter } from '../../grid/choice-filter.tsx';
import { SearchField } from '../../grid/search-field.tsx';
import { DetectionTime } from '../detection-time.tsx';
import { Card } from '../../shell/card.tsx';
import { useColumnStyles } from './column-styles.ts';
import { endsOf } from './related.tsx';

const useStyles = makeStyles({
  filters: { display: 'flex', flexWrap: 'wrap', gap: '8px', marginBottom: '12px' },
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  event: {
    display: 'grid',
    gridTemplateColumns: '160px 96px minmax(0, 1fr)',
    gap: '2px 16px',
    alignItems: 'baseline',
    padding: '9px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    '@media (max-width: 640px)': { gridTemplateColumns: 'minmax(0, 1fr) auto' },
  },
  what: { overflowWrap: 'anywhere', '@media (max-width: 640px)': { gridColumn: '1 / -1' } },
  own: { fontWeight: tokens.fontWeightSemibold },
  more: { marginTop: '12px' },
});

export function DeviceEvents({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const [search, setSearch] = useState('');
  const [severities, setSeverities] = useState<readonly string[]>([]);
  const devices = endsOf(alert).map(([, end]) => end.device);
  const query = new URLSearchParams(devices.map((device) => ['device', device]));
  query.set('sensor', alert.sensor);
  query.set('userOperations', 'show');
  const all = new URLSearchParams(query);
  if (search !== '') query.set('search', search);
  for (const severity of severities) query.append('severity', severity);
  const pages = useInfiniteQuery({
    queryKey: ['events', 'of-alert', query.toString()],
    queryFn: ({ pageParam }) => fetchEvents(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    enabled: devices.length > 0,
  });
  const events = pages.data?.pages.flatMap((page) => page.events) ?? [];
  return (
    <Card
      title="Event timeline of its devices"
      aside={
        <RouterLink to={`/events?${all}`}>
          <Link as="span">Open the Event timeline</Link>
        </RouterLink>
      }
    >
      <div className={styles.filters}>
        <SearchField label="Search events" value={search} onSearch={setSearch} />
        <ChoiceFilter
          label="Severity"
          choices={EVENT_SEVERITIES.map((value) => ({ value, label: EVENT_SEVERITY_WORDS[value] }))}
          chosen={severities}
          onChange={setSeverities}
        />
      </div>
      {pages.isLoading && <Spinner size="tiny" label="Loading" />}
      {pages.error && <Text className={columns.text}>{pages.error.message}</Text>}
      {!pages.isLoading && !pages.error && events.length === 0 && <Text className={columns.text}>No events in this period.</Text>}
      <ul className={styles.list} aria-label="Events">
        {events.map((event) => (
          <li key={event.id} className={styles.event}>
            <DetectionTime at={event.time} />
            <EventSeverityMark severity={event.severity} />
            <span className={`${styles.what} ${event.alert === alert.id ? styles.own : ''}`}>
              {event.title}: {event.content}
              {event.owner === null ? '' : ` (${event.owner})`}
            </span>
          </li>
        ))}
      </ul>
      {pages.hasNextPage && (
        <Link as="button" className={styles.more} onClick={() => void pages.fetchNextPage()}>
          Show older events
        </Link>
      )}
    </Card>
  );
}

const NO_CURSOR: string | null = null;
