/** The baseline of a sensor: what it holds to be normal, who brought it in, what waits for a person, and how it came to be. */
import { makeStyles, Select, Spinner, Tab, TabList, Text, Title3, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSearchParams } from 'react-router';
import { fetchStatus } from '../api/alerts.ts';
import { fetchAspects, fetchReview } from '../api/baseline.ts';
import { EntriesTab } from './entries-tab.tsx';
import { HistoryTab } from './history-tab.tsx';
import { ReviewTab } from './review-tab.tsx';

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateRows: 'auto auto minmax(0, 1fr)', minHeight: 0 },
  heading: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 16px', padding: '14px 20px 4px' },
  about: { color: tokens.colorNeutralForeground3 },
  tabs: { padding: '0 10px' },
  empty: { padding: '20px' },
});

const TABS = ['entries', 'review', 'history'] as const;
type TabName = (typeof TABS)[number];

export function Page() {
  const styles = useStyles();
  const [params, setParams] = useSearchParams();
  const status = useQuery({ queryKey: ['status'], queryFn: fetchStatus });
  const sensors = status.data?.sensors ?? [];
  const sensor = params.get('sensor') ?? sensors[0]?.name ?? '';
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'entries';
  const isKnown = sensor !== '';
  const review = useQuery({ queryKey: ['baseline', sensor, 'review'], queryFn: () => fetchReview(sensor), enabled: isKnown });
  const aspects = useQuery({ queryKey: ['baseline', sensor, 'aspects'], queryFn: () => fetchAspects(sensor), enabled: isKnown });
  useEffect(() => {
    document.title = 'Baseline · Annunciator';
  }, []);
  // What is open and filtered belongs to the tab.
  const go = (next: { sensor?: string; tab?: TabName }) => setParams({ ...(params.has('sensor') ? { sensor } : {}), tab, ...next });
  const waiting = review.data?.waiting ?? 0;
  const total = aspects.data?.total;
  return (
    <div className={styles.page}>
      <div className={styles.heading}>
        <Title3 as="h1">Baseline</Title3>
        {sensors.length > 1 && (
          <Select aria-label="Sensor" value={sensor} onChange={(_, data) => go({ sensor: data.value })}>
            {sensors.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        )}
        {total !== undefined && (
          <Text className={styles.about}>
            {`${sensors.length > 1 ? '' : `${sensor}: `}${total === 1 ? 'one entry' : `${total.toLocaleString('en')} entries`}`}
          </Text>
        )}
      </div>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        onTabSelect={(_, data) => {
          // The values below are the names.
          go({ tab: data.value as TabName });
        }}
      >
        <Tab value="entries">Entries</Tab>
        <Tab value="review">{waiting > 0 ? `Review list (${waiting})` : 'Review list'}</Tab>
        <Tab value="history">History</Tab>
      </TabList>
      {status.isLoading ? (
        <Spinner label="Loading" />
      ) : status.error || !isKnown ? (
        <Text className={styles.empty}>{status.error?.message ?? 'No sensor is registered, so there is no baseline yet.'}</Text>
      ) : tab === 'review' ? (
        <ReviewTab key={sensor} sensor={sensor} />
      ) : tab === 'history' ? (
        <HistoryTab key={sensor} sensor={sensor} />
      ) : (
        <EntriesTab key={sensor} sensor={sensor} aspects={aspects.data?.aspects ?? []} />
      )}
    </div>
  );
}
