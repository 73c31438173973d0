/** What all devices of the hub send, as it comes. */
import { makeStyles, Spinner, Title3 } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fetchHub } from '../api/hub.ts';
import { HubOff } from './hub-off.tsx';
import { LiveMessages } from './live-messages.tsx';

const TITLE = 'Live messages';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { padding: '14px 20px 40px', display: 'grid', gap: '12px' },
});

export function Page() {
  const styles = useStyles();
  const { data, isPending } = useQuery({ queryKey: ['hub', 'facts'], queryFn: fetchHub });
  useEffect(() => {
    document.title = `${TITLE} · IoT hub · Annunciator`;
  }, []);
  if (isPending) return <Spinner style={{ height: '100%' }} label="Loading" />;
  if (data && !data.running) return <HubOff title={TITLE} why={data.why} />;
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Title3 as="h1">{TITLE}</Title3>
        <LiveMessages device={null} module={null} />
      </div>
    </div>
  );
}
