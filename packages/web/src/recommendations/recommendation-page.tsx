/** One recommendation: why, what to do, and the devices where it is still to do and where it is done. */
import {
  Button,
  Link,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  Tab,
  TabList,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Card } from '../shell/card.tsx';
import { useColumnStyles } from '../alerts/details/column-styles.ts';
import { Facts } from '../alerts/facts.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { deviceTitle, fetchDevices } from '../api/devices.ts';
import { fetchRecommendations, type Recommendation } from '../api/recommendations.ts';
import { SmallTable } from '../shell/small-table.tsx';

/** Devices that a tab lists; the inventory shows all. */
const LISTED = 50;

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1240px', padding: '12px 24px 40px', boxSizing: 'border-box' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular },
  title: { padding: '6px 0 16px' },
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 360px), 1fr))', gap: '16px', alignItems: 'start' },
  steps: { margin: 0, paddingLeft: '20px', display: 'grid', gap: '6px' },
  scroller: { overflowX: 'auto' },
  all: { display: 'block', marginTop: '12px' },
});

export function Page() {
  const styles = useStyles();
  const columns = useColumnStyles();
  const { id = '' } = useParams();
  const navigate = useNavigate();
  const [tab, setTab] = useState<'unhealthy' | 'healthy'>('unhealthy');
  const { data, error } = useQuery({ queryKey: ['recommendations'], queryFn: fetchRecommendations });
  const one = data?.find((known) => known.id === id);
  useEffect(() => {
    document.title = `${one?.name ?? 'Recommendation'} · Annunciator`;
  }, [one?.name]);
  const problem = error?.message ?? (data && !one ? `There is no recommendation ${id}.` : null);
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Button
          appearance="transparent"
          size="small"
          icon={<ArrowLeft20Regular />}
          className={styles.back}
          onClick={() => void navigate('/recommendations')}
        >
          Recommendations
        </Button>
        {problem !== null && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{problem}</MessageBarBody>
          </MessageBar>
        )}
        {!data && !error && <Spinner label="Loading" />}
        {one && (
          <>
            <Title3 as="h1" block className={styles.title}>
              {one.name}
            </Title3>
            <div className={styles.columns}>
              <div className={columns.stack}>
                <Card title="Why">
                  <Text className={columns.text}>{one.description}</Text>
                </Card>
                <Card title="Remediation steps">
                  <ol className={styles.steps}>
                    {one.remediation.map((step) => (
                      <li key={step}>{step}</li>
                    ))}
                  </ol>
                </Card>
                <Card title="Overview">
                  <Facts
                    facts={[
                      ['Severity', <SeverityMark key="severity" severity={one.severity} />],
                      ['Unhealthy devices', one.unhealthyDevices.toLocaleString('en')],
                      ['Healthy devices', one.healthyDevices.toLocaleString('en')],
                      ['Last update', one.lastUpdate ? <DetectionTime key="last" at={one.lastUpdate} /> : '–'],
                    ]}
                  />
                </Card>
              </div>
              <Card
                title={
                  <TabList selectedValue={tab} onTabSelect={(_, chosen) => setTab(chosen.value === 'healthy' ? 'healthy' : 'unhealthy')}>
                    <Tab value="unhealthy">Unhealthy devices ({one.unhealthyDevices.toLocaleString('en')})</Tab>
                    <Tab value="healthy">Healthy devices ({one.healthyDevices.toLocaleString('en')})</Tab>
                  </TabList>
                }
              >
                <Devices key={tab} recommendation={one} which={tab} />
              </Card>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function Devices({ recommendation, which }: { recommendation: Recommendation; which: 'unhealthy' | 'healthy' }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const navigate = useNavigate();
  const asked = new URLSearchParams(recommendation[which]);
  asked.set('sort', '-lastSeen');
  const { data, error } = useQuery({ queryKey: ['devices', 'recommended', asked.toString()], queryFn: () => fetchDevices(asked, null) });
  if (error) return <Text>{error.message}</Text>;
  if (!data) return <Spinner size="tiny" label="Loading" />;
  if (data.matching === 0)
    return <Text className={columns.text}>{which === 'unhealthy' ? 'None: this is in order everywhere.' : 'None yet.'}</Text>;
  return (
    <>
      <div className={styles.scroller} tabIndex={0} role="region" aria-label={`The ${which} devices`}>
        <SmallTable
          heads={['Name', 'Type', 'Address', 'PLC mode', 'Site', 'Last activity']}
          rows={data.devices.slice(0, LISTED).map((device) => ({
            key: device.number,
            cells: [
              <Link as="button" onClick={() => void navigate(`/devices/${device.number}`)}>
                {deviceTitle(device)}
              </Link>,
              device.type ?? 'Unknown',
              device.ips[0] ?? device.macs[0] ?? '–',
              device.plcMode ?? '–',
              device.site,
              <DetectionTime at={device.lastSeen} />,
            ],
          }))}
        />
      </div>
      <Link as="button" className={styles.all} onClick={() => void navigate(`/devices?${recommendation[which]}`)}>
        Show {data.matching === 1 ? 'it' : `all ${data.matching.toLocaleString('en')}`} in the device inventory
      </Link>
    </>
  );
}
