/** One device by itself: attributes, modules, alerts, connections, and what happened to it. */
import { Button, Link, makeStyles, Spinner, Tab, TabList, Text, Title3, tokens } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import { SEVERITY_MEANINGS } from '../words/word-help.ts';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { type AlertRow, fetchPage } from '../api/alerts.ts';
import { type Connection, type DeviceDetails, deviceTitle, fetchConnections, fetchDevice } from '../api/devices.ts';
import { fetchEvents, type TimelineEvent } from '../api/events.ts';
import { EventSeverityMark } from '../events/event-severity-mark.tsx';
import { filterText } from '../grid/column-filter.ts';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { useSession } from '../session/session-gate.tsx';
import { AuthorizationMark } from './authorization-mark.tsx';
import { alertsPath, alertsQuery, idsOf } from './device-alerts.ts';
import { attributeGroups } from './device-attributes.tsx';
import { DeleteDialog, SplitDialog } from './device-dialogs.tsx';
import { type DeviceActions, useDeviceActions } from './use-device-actions.ts';

const useStyles = makeStyles({
  page: { height: '100%', display: 'grid', gridTemplateRows: 'auto auto minmax(0, 1fr)' },
  head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '12px', padding: '14px 20px 6px' },
  grow: { flexGrow: 1 },
  tabs: { padding: '0 12px', borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  content: { minHeight: 0, overflow: 'auto' },
  cards: { columnWidth: '360px', columnGap: '16px', padding: '20px 20px 4px' },
  card: {
    padding: '16px 20px 20px',
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    breakInside: 'avoid',
    marginBottom: '16px',
  },
  heading: { margin: '0 0 12px', fontSize: tokens.fontSizeBase400, fontWeight: tokens.fontWeightSemibold },
  list: { margin: 0, paddingLeft: '18px', display: 'grid', gap: '6px' },
  note: { display: 'block', padding: '24px 20px', color: tokens.colorNeutralForeground2 },
  listed: { height: '100%', display: 'grid', gridTemplateRows: 'auto minmax(0, 1fr)' },
  above: { display: 'flex', alignItems: 'center', gap: '16px', padding: '8px 20px' },
});

const TABS = ['Attributes', 'Modules', 'Alerts', 'Connections', 'Event timeline'] as const;
type TabName = (typeof TABS)[number];

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  const session = useSession();
  const number = Number(useParams()['number']);
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((name) => name === params.get('tab')) ?? 'Attributes';
  const { data: device, error } = useQuery({ queryKey: ['device', number], queryFn: () => fetchDevice(number) });
  const actions = useDeviceActions();
  const [dialog, setDialog] = useState<'split' | 'delete' | null>(null);
  const title = device ? deviceTitle(device) : `Device ${number}`;
  useEffect(() => {
    document.title = `${title} · Annunciator`;
  }, [title]);
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <Button
          appearance="subtle"
          icon={<ArrowLeft20Regular />}
          aria-label="Back to the device inventory"
          onClick={() => void navigate('/devices')}
        />
        <Title3 as="h1">{title}</Title3>
        {device && <AuthorizationMark authorised={device.authorised} />}
        <span className={styles.grow} />
        {device && <Button onClick={() => void navigate(`/map?${neighboursOf(device)}`)}>Show on the map</Button>}
        {device && session.may('devices.authorise') && (
          <Button onClick={() => void actions.editOne(device, { authorised: !device.authorised })}>
            {device.authorised ? 'Unauthorize' : 'Authorize'}
          </Button>
        )}
        {device && session.may('devices.merge') && <Button onClick={() => setDialog('split')}>Split…</Button>}
        {device && session.may('devices.delete') && <Button onClick={() => setDialog('delete')}>Delete…</Button>}
      </div>
      <TabList
        className={styles.tabs}
        selectedValue={tab}
        aria-label="Parts of the page"
        onTabSelect={(_, data) => setParams(data.value === 'Attributes' ? {} : { tab: String(data.value) }, { replace: true })}
      >
        {TABS.map((name) => (
          <Tab key={name} value={name}>
            {device ? tabWord(name, device) : name}
          </Tab>
        ))}
      </TabList>
      <div className={styles.content} role="tabpanel" aria-label={tab} tabIndex={0}>
        {error && <Text className={styles.note}>{error.message}</Text>}
        {!device && !error && <Spinner label="Loading" style={{ height: '100%' }} />}
        {device && <Content tab={tab} device={device} actions={actions} />}
      </div>
      {device && dialog === 'split' && (
        <SplitDialog
          device={device}
          onClose={() => setDialog(null)}
          onSplit={(taken) => {
            setDialog(null);
            void actions.split(device, taken);
          }}
        />
      )}
      {device && dialog === 'delete' && (
        <DeleteDialog
          devices={[device]}
          onClose={() => setDialog(null)}
          onDelete={(reason) => {
            setDialog(null);
            void actions.remove([device], reason).then(() => navigate('/devices'));
          }}
        />
      )}
    </div>
  );
}

/** The map of the device and of those that it talks with. */
function neighboursOf({ number }: DeviceDetails): URLSearchParams {
  return new URLSearchParams({ filter: filterText({ column: 'number', operator: 'equals', values: [String(number)] }), neighbours: 'yes' });
}

function tabWord(tab: TabName, device: DeviceDetails): string {
  if (tab === 'Modules' && device.modules.length > 0) return `Modules (${device.modules.length})`;
  if (tab === 'Alerts' && device.openAlerts > 0) return `Alerts (${device.openAlerts.toLocaleString('en')} open)`;
  return tab;
}

function Content({ tab, device, actions }: { tab: TabName; device: DeviceDetails; actions: DeviceActions }) {
  switch (tab) {
    case 'Attributes':
      return <Attributes device={device} actions={actions} />;
    case 'Modules':
      return <Modules device={device} />;
    case 'Alerts':
      return <Alerts device={device} />;
    case 'Connections':
      return <Connections device={device} />;
    case 'Event timeline':
      return <Events device={device} />;
  }
}

function Attributes({ device, actions }: { device: DeviceDetails; actions: DeviceActions }) {
  const styles = useStyles();
  return (
    <div className={styles.cards}>
      {attributeGroups(device, actions).map(({ title, facts }) => (
        <section key={title} className={styles.card} aria-label={title}>
          <h2 className={styles.heading}>{title}</h2>
          <Facts facts={facts} />
        </section>
      ))}
      {device.reasons.length > 0 && (
        <section className={styles.card} aria-label="Why this type">
          <h2 className={styles.heading}>Why this type</h2>
          <ul className={styles.list}>
            {device.reasons.map(({ rule, type, confidence, says }) => (
              <li key={rule}>{`${says} (${type}, ${confidence} %)`}</li>
            ))}
          </ul>
        </section>
      )}
      {device.parts.length > 0 && (
        <section className={styles.card} aria-label="Parts">
          <h2 className={styles.heading}>Parts</h2>
          <ul className={styles.list}>
            {device.parts.map((part) => (
              <li key={part.number}>
                {`${part.name || part.id} (${[...part.ips, ...part.macs].join(', ')}), joined by ${part.by ?? 'the sensor'}`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function Modules({ device }: { device: DeviceDetails }) {
  const styles = useStyles();
  if (device.modules.length === 0)
    return <Text className={styles.note}>No module has told an identity of its own: no rack, no slot, no unit behind it.</Text>;
  return (
    <div className={styles.cards}>
      {device.modules.map((module) => (
        <section key={module.place} className={styles.card} aria-label={module.place}>
          <h2 className={styles.heading}>{module.place}</h2>
          <Facts
            facts={[
              ['Vendor', module.vendor],
              ['Model', module.model],
              ['Firmware version', module.firmware],
              ['Serial number', module.serial],
            ]}
          />
        </section>
      ))}
    </div>
  );
}

const ALERT_COLUMNS: readonly RecordColumn<AlertRow>[] = [
  {
    id: 'severity',
    label: 'Severity',
    minimum: 110,
    cell: ({ severity }) => <SeverityMark severity={severity} />,
    meanings: SEVERITY_MEANINGS,
  },
  { id: 'title', label: 'Name', minimum: 220, grows: 2, cell: ({ title }) => title, isTitle: true },
  { id: 'status', label: 'Status', minimum: 90, cell: ({ status }) => status },
  { id: 'message', label: 'Description', minimum: 260, grows: 3, cell: ({ message }) => message },
  { id: 'lastDetection', label: 'Last detection', minimum: 160, cell: ({ lastDetection }) => <DetectionTime at={lastDetection} /> },
];

function Alerts({ device }: { device: DeviceDetails }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const query = alertsQuery(device);
  const list = useInfiniteQuery({
    queryKey: ['alerts', 'of-device', 'all', query.toString()],
    queryFn: ({ pageParam }) => fetchPage(query, pageParam, 200),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.alerts) ?? [];
  if (list.error) return <Text className={styles.note}>{list.error.message}</Text>;
  if (list.data && rows.length === 0) return <Text className={styles.note}>No alerts.</Text>;
  return (
    <div className={styles.listed}>
      <div className={styles.above}>
        <Text role="status">{`${(list.data?.pages[0]?.matching ?? 0).toLocaleString('en')} alerts, closed ones too`}</Text>
        <Link as="button" onClick={() => void navigate(alertsPath(device))}>
          Work on them
        </Link>
      </div>
      <RecordGrid
        label="Alerts of the device"
        rows={rows}
        columns={ALERT_COLUMNS}
        sort={null}
        isOld={list.isPlaceholderData}
        openId={null}
        idOf={({ id }) => id}
        onSort={() => undefined}
        onOpen={(id) => id !== null && void navigate(`/alerts/${encodeURIComponent(id)}`)}
        onNearEnd={() => {
          if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
        }}
      />
    </div>
  );
}

/** Seen from one of its ends. */
interface Seen extends Connection {
  readonly key: string;
  readonly peer: Connection['source'];
  readonly opens: boolean;
}

const CONNECTION_COLUMNS: readonly RecordColumn<Seen>[] = [
  { id: 'peer', label: 'Connected with', minimum: 180, grows: 2, cell: ({ peer }) => peer.name, isTitle: true },
  { id: 'opens', label: 'Opened by', minimum: 110, cell: ({ opens }) => (opens ? 'this device' : 'the other') },
  { id: 'protocolName', label: 'Protocol', minimum: 130, grows: 1, cell: ({ protocolName }) => protocolName },
  {
    id: 'port',
    label: 'Port',
    minimum: 96,
    cell: ({ transport, port }) => (port === 0 ? transport : `${transport} ${port}`),
  },
  { id: 'operations', label: 'Operations', minimum: 220, grows: 3, cell: ({ operations }) => operations.join(', ') },
  { id: 'packets', label: 'Packets', minimum: 96, cell: ({ packets }) => packets.toLocaleString('en') },
  { id: 'bytes', label: 'Bytes', minimum: 110, cell: ({ bytes }) => bytes.toLocaleString('en') },
  { id: 'period', label: 'Polls every', minimum: 100, cell: ({ period }) => (period === null ? '' : `${period.toPrecision(3)} s`) },
  { id: 'lastSeen', label: 'Last activity', minimum: 160, cell: ({ lastSeen }) => <DetectionTime at={lastSeen} /> },
];

function Connections({ device }: { device: DeviceDetails }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const query = new URLSearchParams({ device: String(device.number) });
  const list = useInfiniteQuery({
    queryKey: ['device', device.number, 'connections'],
    queryFn: ({ pageParam }) => fetchConnections(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
  });
  const rows = (list.data?.pages ?? [])
    .flatMap((page) => page.connections)
    .map((connection): Seen => {
      const opens = connection.source.number === device.number;
      const { source, destination, protocol, transport, port } = connection;
      return {
        ...connection,
        opens,
        peer: opens ? destination : source,
        key: [source.id, destination.id, protocol, transport, port].join(' '),
      };
    });
  if (list.error) return <Text className={styles.note}>{list.error.message}</Text>;
  if (list.isPending) return <Spinner label="Loading" style={{ height: '100%' }} />;
  if (rows.length === 0) return <Text className={styles.note}>It was not seen talking with anybody.</Text>;
  const matching = list.data.pages[0]?.matching ?? 0;
  return (
    <div className={styles.listed}>
      <div className={styles.above}>
        <Text role="status">{matching === 1 ? '1 connection' : `${matching.toLocaleString('en')} connections`}</Text>
        <Link href={`/api/connections.csv?${query}`}>Export</Link>
      </div>
      <RecordGrid
        label="Connections of the device"
        rows={rows}
        columns={CONNECTION_COLUMNS}
        sort={null}
        isOld={false}
        openId={null}
        idOf={({ key }) => key}
        onSort={() => undefined}
        onOpen={(key) => {
          const peer = rows.find((row) => row.key === key)?.peer.number;
          if (peer !== undefined && peer !== null) void navigate(`/devices/${peer}?tab=Connections`);
        }}
        onNearEnd={() => {
          if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
        }}
      />
    </div>
  );
}

const EVENT_COLUMNS: readonly RecordColumn<TimelineEvent>[] = [
  { id: 'time', label: 'Time', minimum: 160, cell: ({ time }) => <DetectionTime at={time} /> },
  { id: 'severity', label: 'Severity', minimum: 96, cell: ({ severity }) => <EventSeverityMark severity={severity} /> },
  { id: 'title', label: 'Event', minimum: 190, grows: 1, cell: ({ title }) => title, isTitle: true },
  { id: 'content', label: 'Description', minimum: 260, grows: 3, cell: ({ content }) => content },
];

function Events({ device }: { device: DeviceDetails }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const query = new URLSearchParams({ userOperations: 'show', sensor: device.sensor });
  for (const id of idsOf(device)) query.append('device', id);
  const list = useInfiniteQuery({
    queryKey: ['events', 'of-device', query.toString()],
    queryFn: ({ pageParam }) => fetchEvents(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
  });
  const rows = list.data?.pages.flatMap((page) => page.events) ?? [];
  if (list.error) return <Text className={styles.note}>{list.error.message}</Text>;
  if (list.isPending) return <Spinner label="Loading" style={{ height: '100%' }} />;
  if (rows.length === 0) return <Text className={styles.note}>The timeline holds no event of it.</Text>;
  return (
    <RecordGrid
      label="Events of the device"
      rows={rows}
      columns={EVENT_COLUMNS}
      sort={null}
      isOld={false}
      openId={null}
      idOf={({ id }) => id}
      onSort={() => undefined}
      onOpen={(id) => id !== null && void navigate(`/events?${query}&${new URLSearchParams({ open: id })}`)}
      onNearEnd={() => {
        if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
      }}
    />
  );
}

const NO_CURSOR: string | null = null;
