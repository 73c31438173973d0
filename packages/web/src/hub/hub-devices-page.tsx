/** The devices of the IoT hub: find one, open it, make one. */
import { Button, Spinner, ToolbarButton } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { AUTHENTICATION_WORDS, fetchHub, fetchHubDevices, type HubDevice, pageOf } from '../api/hub.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { useSession } from '../session/session-gate.tsx';
import { HubOff } from './hub-off.tsx';
import { ConnectionMark, StatusMark } from './marks.tsx';
import { NewDeviceDialog } from './new-device-dialog.tsx';

/** Milliseconds between two looks at who is connected. */
const LOOK_AGAIN = 15_000;

const COLUMNS: readonly RecordColumn<HubDevice>[] = [
  { id: 'deviceId', label: 'Device ID', minimum: 220, grows: 3, cell: (device) => device.deviceId, isTitle: true },
  { id: 'connected', label: 'Connection', minimum: 140, cell: (device) => <ConnectionMark connected={device.connected} /> },
  { id: 'status', label: 'Status', minimum: 120, cell: (device) => <StatusMark status={device.status} /> },
  {
    id: 'lastActivity',
    label: 'Last activity',
    minimum: 170,
    cell: (device) => (device.lastActivity === null ? 'Never' : <DetectionTime at={device.lastActivity} />),
  },
  { id: 'securityGroup', label: 'Security group', minimum: 140, grows: 1, cell: (device) => device.securityGroup },
  { id: 'authentication', label: 'Authentication', minimum: 150, grows: 1, cell: (device) => AUTHENTICATION_WORDS[device.authentication] },
  { id: 'modules', label: 'Modules', minimum: 90, cell: (device) => String(device.modules) },
  { id: 'waiting', label: 'Waiting messages', minimum: 140, cell: (device) => String(device.waitingMessages) },
];

const STATUS = [
  { value: 'enabled', label: 'Enabled' },
  { value: 'disabled', label: 'Disabled' },
];
const CONNECTION = [
  { value: 'connected', label: 'Connected' },
  { value: 'disconnected', label: 'Disconnected' },
];

export function Page() {
  const address = useListAddress('deviceId');
  const { query } = address;
  query.delete('sort');
  const navigate = useNavigate();
  const session = useSession();
  const [creating, setCreating] = useState(false);
  const hub = useQuery({ queryKey: ['hub', 'facts'], queryFn: fetchHub });
  const list = useInfiniteQuery({
    queryKey: ['hub', 'devices', query.toString()],
    queryFn: ({ pageParam }) => fetchHubDevices(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_AGAIN,
    enabled: hub.data?.running === true,
  });
  if (hub.isPending) return <Spinner style={{ height: '100%' }} label="Loading" />;
  if (hub.data && !hub.data.running) return <HubOff title="IoT hub devices" why={hub.data.why} />;
  const devices = list.data?.pages.flatMap((page) => page.devices) ?? [];
  const [first] = list.data?.pages ?? [];
  const total = first?.total ?? 0;
  const matching = first?.matching ?? devices.length;
  const number = matching === 1 ? '1 device' : `${matching.toLocaleString('en')} devices`;
  const connected = hub.data ? ` · ${hub.data.devices.connected.toLocaleString('en')} connected` : '';
  const group = address.chosen('group');
  return (
    <>
      <ListPage
        title="IoT hub devices"
        updated={list.dataUpdatedAt}
        counts={`${matching === total ? number : `${number} of ${total.toLocaleString('en')}`}${connected}`}
        isLoading={list.isLoading}
        isEmpty={devices.length === 0}
        error={hub.error ?? list.error}
        emptyText="No devices yet"
        onClear={address.hasFilters ? address.clear : null}
        onRefresh={() => {
          void list.refetch();
          void hub.refetch();
        }}
        actions={
          session.may('hub.edit') && (
            <ToolbarButton icon={<Add20Regular />} onClick={() => setCreating(true)}>
              Add device
            </ToolbarButton>
          )
        }
        filters={
          <>
            <SearchField
              label="Search devices of the hub"
              value={address.search}
              onSearch={(text) => address.set('search', text === '' ? [] : [text])}
            />
            <ChoiceFilter
              label="Connection"
              choices={CONNECTION}
              chosen={address.chosen('connection')}
              onChange={(chosen) => address.set('connection', chosen.slice(-1))}
            />
            <ChoiceFilter
              label="Status"
              choices={STATUS}
              chosen={address.chosen('status')}
              onChange={(chosen) => address.set('status', chosen.slice(-1))}
            />
            {group.length > 0 && (
              <Button
                size="small"
                shape="circular"
                onClick={() => address.set('group', [])}
                aria-label={`Take away the filter ${group[0]}`}
              >
                Security group: {group[0]} ✕
              </Button>
            )}
          </>
        }
        pane={null}
      >
        <RecordGrid
          label="Devices of the hub"
          rows={devices}
          columns={COLUMNS}
          sort={null}
          isOld={list.isPlaceholderData}
          openId={null}
          idOf={(device) => device.deviceId}
          onSort={() => undefined}
          onOpen={(id) => id !== null && void navigate(pageOf({ device: id, module: null }), { state: { grid: window.location.search } })}
          onNearEnd={() => {
            if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
          }}
        />
      </ListPage>
      {creating && <NewDeviceDialog onClose={() => setCreating(false)} />}
    </>
  );
}

const NO_CURSOR: string | null = null;
