/** Sites and sensors: how each sensor is, by site, and onboarding. */
import { Button, Link, makeStyles, Text, tokens, ToolbarButton } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { BuildingFactory20Regular } from '@fluentui/react-icons/svg/building-factory';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { canOnboard, fetchSites, type Sensor, type Site } from '../api/sites.ts';
import { Tiles } from '../charts/tiles.tsx';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { useSession } from '../session/session-gate.tsx';
import { HealthMark } from './health-mark.tsx';
import { HealthSentence } from './health-sentence.tsx';
import { learningText } from './learning-text.ts';
import { SitePane } from './site-pane.tsx';

const OnboardDialog = lazy(() => import('./onboard-dialog.tsx'));
const AddSiteDialog = lazy(() => import('./add-site-dialog.tsx'));
const REFRESH_MILLISECONDS = 20_000;

const useStyles = makeStyles({
  content: {
    height: '100%',
    overflowY: 'auto',
    padding: '14px 20px 32px',
    boxSizing: 'border-box',
    display: 'grid',
    gap: '16px',
    alignContent: 'start',
  },
  site: { border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusLarge, minWidth: 0 },
  top: { display: 'flex', flexWrap: 'wrap', alignItems: 'baseline', gap: '4px 16px', padding: '14px 16px 10px' },
  title: { margin: 0, fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  faint: { color: tokens.colorNeutralForeground3 },
  scroller: { overflowX: 'auto' },
  table: { width: '100%', borderCollapse: 'collapse', minWidth: '860px' },
  head: {
    textAlign: 'left',
    padding: '6px 16px',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    whiteSpace: 'nowrap',
  },
  cell: { padding: '9px 16px', borderTop: `1px solid ${tokens.colorNeutralStroke2}`, verticalAlign: 'top' },
  right: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
  name: { whiteSpace: 'nowrap' },
  why: { display: 'block', maxWidth: '360px', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const COLUMNS = ['Sensor name', 'Sensor type', 'Zone', 'Sensor health', 'Learning', 'Last connected', 'Version', 'Devices', 'Open alerts'];
const STATES: Readonly<Record<Sensor['health']['state'], string>> = {
  healthy: 'Healthy',
  warning: 'Warning',
  critical: 'Critical',
  pending: 'Pending activation',
};

export function Page() {
  const styles = useStyles();
  const session = useSession();
  const address = useListAddress('name');
  const [dialog, setDialog] = useState<'sensor' | 'site' | null>(null);
  const query = useQuery({ queryKey: ['sites'], queryFn: fetchSites, refetchInterval: REFRESH_MILLISECONDS });
  const sites = query.data ?? [];
  const all = sites.flatMap(({ sensors }) => sensors);
  const search = address.search.toLowerCase();
  const states = address.chosen('health');
  const fits = (sensor: Sensor, site: Site) =>
    (states.length === 0 || states.includes(sensor.health.state)) &&
    [sensor.name, sensor.type, sensor.zone, sensor.health.word, site.name, site.displayName].some((text) =>
      text.toLowerCase().includes(search),
    );
  const shown = sites
    .map((site) => ({ site, sensors: site.sensors.filter((sensor) => fits(sensor, site)) }))
    .filter(({ site, sensors }) => sensors.length > 0 || (!address.hasFilters && site.sensors.length === 0));
  const count = (...of: readonly Sensor['health']['state'][]) => all.filter(({ health }) => of.includes(health.state)).length;
  const open = sites.find((site) => site.name === address.open);
  const mayAdd = session.mayEverywhere('sites.edit');
  // Also who may add sites does so without any.
  const mayOnboard = mayAdd || sites.some(canOnboard);
  return (
    <>
      <ListPage
        title="Sites and sensors"
        updated={query.dataUpdatedAt}
        counts={`${number(sites.length, 'site')}, ${number(all.length, 'sensor')}`}
        csv="/api/sensors.csv"
        isLoading={query.isLoading}
        isEmpty={shown.length === 0}
        error={query.error}
        emptyText="No sensor is registered"
        onClear={address.hasFilters ? address.clear : null}
        onRefresh={() => void query.refetch()}
        actions={
          mayOnboard && (
            <>
              <ToolbarButton icon={<Add20Regular />} onClick={() => setDialog('sensor')}>
                Onboard OT sensor
              </ToolbarButton>
              {mayAdd && (
                <ToolbarButton icon={<BuildingFactory20Regular />} onClick={() => setDialog('site')}>
                  Add site
                </ToolbarButton>
              )}
            </>
          )
        }
        filters={
          <>
            <SearchField
              label="Search sites and sensors"
              value={address.search}
              onSearch={(text) => address.set('search', text === '' ? [] : [text])}
            />
            <ChoiceFilter
              label="Health"
              choices={Object.entries(STATES).map(([value, label]) => ({
                value,
                label,
                count: all.filter(({ health }) => health.state === value).length,
              }))}
              chosen={states}
              onChange={(chosen) => address.set('health', chosen)}
            />
          </>
        }
        pane={open && <SitePane key={open.name} site={open} onClose={() => address.setOpen(null)} />}
      >
        <div className={styles.content}>
          <Tiles
            label="Health of all sensors"
            tiles={[
              { label: 'Healthy sensors', value: `${count('healthy')} of ${all.length}` },
              {
                label: 'Unhealthy',
                value: count('warning', 'critical'),
                onOpen: () => address.set('health', ['warning', 'critical']),
              },
              { label: 'Pending activation', value: count('pending'), onOpen: () => address.set('health', ['pending']) },
            ]}
          />
          {shown.map(({ site, sensors }) => (
            <SiteCard key={site.name} site={site} sensors={sensors} onEdit={() => address.setOpen(site.name)} />
          ))}
        </div>
      </ListPage>
      <Suspense>
        {dialog === 'sensor' && <OnboardDialog sites={sites.filter(canOnboard)} onClose={() => setDialog(null)} />}
        {dialog === 'site' && <AddSiteDialog onClose={() => setDialog(null)} />}
      </Suspense>
    </>
  );
}

function SiteCard({ site, sensors, onEdit }: { site: Site; sensors: readonly Sensor[]; onEdit: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const alertsOf = (column: string, value: string) =>
    void navigate(
      `/alerts?${new URLSearchParams([
        ['range', 'all'],
        ['filter', `${column}:equals:${encodeURIComponent(value)}`],
        ['filter', 'status:equals:New,Active'],
      ])}`,
    );
  return (
    <section className={styles.site} aria-label={site.displayName}>
      <div className={styles.top}>
        <h2 className={styles.title}>
          <Link as="button" onClick={onEdit}>
            {site.displayName}
          </Link>
        </h2>
        {site.displayName !== site.name && <Text className={styles.faint}>{site.name}</Text>}
        <Text className={styles.faint}>
          {number(site.zones.length, 'zone')} · {number(site.devices, 'device')} · {number(site.openAlerts, 'open alert')}
        </Text>
        {site.owners.length > 0 && <Text className={styles.faint}>{site.owners.join(', ')}</Text>}
      </div>
      {sensors.length === 0 ? (
        <Text className={styles.faint} style={{ display: 'block', padding: '0 16px 14px' }}>
          No sensor stands here yet.
        </Text>
      ) : (
        <div className={styles.scroller} tabIndex={0} role="region" aria-label={`Sensors of ${site.displayName}`}>
          <table className={styles.table}>
            <thead>
              <tr>
                {COLUMNS.map((label, at) => (
                  <th key={label} scope="col" className={`${styles.head} ${at >= COLUMNS.length - 2 ? styles.right : ''}`}>
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {sensors.map((sensor) => (
                <tr key={sensor.name}>
                  <td className={`${styles.cell} ${styles.name}`}>
                    <Link as="button" onClick={() => void navigate(`/sites/sensors/${encodeURIComponent(sensor.name)}`)}>
                      {sensor.name}
                    </Link>
                  </td>
                  <td className={styles.cell}>{sensor.type}</td>
                  <td className={styles.cell}>{sensor.zone}</td>
                  <td className={styles.cell}>
                    <HealthMark health={sensor.health} />
                    {sensor.health.sentence !== '' && (
                      <span className={styles.why}>
                        <HealthSentence {...sensor.health} />
                      </span>
                    )}
                  </td>
                  <td className={styles.cell}>{learningText(sensor)}</td>
                  <td className={styles.cell}>{sensor.lastConnected ? <DetectionTime at={sensor.lastConnected} /> : '–'}</td>
                  <td className={styles.cell}>{sensor.version ?? '–'}</td>
                  <td className={`${styles.cell} ${styles.right}`}>
                    <Button
                      size="small"
                      appearance="transparent"
                      disabled={sensor.devices === 0}
                      aria-label={`${number(sensor.devices, 'device')} of ${sensor.name}`}
                      onClick={() =>
                        void navigate(`/devices?${new URLSearchParams({ filter: `sensor:equals:${encodeURIComponent(sensor.name)}` })}`)
                      }
                    >
                      {sensor.devices.toLocaleString('en')}
                    </Button>
                  </td>
                  <td className={`${styles.cell} ${styles.right}`}>
                    <Button
                      size="small"
                      appearance="transparent"
                      disabled={sensor.openAlerts === 0}
                      aria-label={`${number(sensor.openAlerts, 'open alert')} of ${sensor.name}`}
                      onClick={() => alertsOf('sensor', sensor.name)}
                    >
                      {sensor.openAlerts.toLocaleString('en')}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function number(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
