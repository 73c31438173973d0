/** The event timeline: alerts and their management, network events and what people did, newest first. */
import { Select, Switch, ToolbarButton } from '@fluentui/react-components';
import { CalendarAdd20Regular } from '@fluentui/react-icons/svg/calendar-add';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { fetchEvents, fetchEventTypes, type TimelineEvent } from '../api/events.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useAddress } from '../grid/use-address.ts';
import { useListAddress } from '../grid/use-list-address.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { DeviceFilter } from './device-filter.tsx';
import { EventPane } from './event-pane.tsx';
import { EventSeverityMark } from './event-severity-mark.tsx';
import { GroupFilter } from './group-filter.tsx';
import { boundsOf, PeriodFilter, periodOf } from './period-filter.tsx';

const CreateEventDialog = lazy(() => import('./create-event-dialog.tsx'));

/** What may be shown, by the severities of the address. */
const SEVERITIES: readonly (readonly [severities: string, label: string])[] = [
  ['', 'All Events'],
  ['ALERT,NOTICE', 'Alerts and Notices'],
  ['ALERT', 'Alerts Only'],
];

const COLUMNS: readonly RecordColumn<TimelineEvent>[] = [
  { id: 'time', label: 'Time', minimum: 160, cell: (event) => <DetectionTime at={event.time} /> },
  { id: 'severity', label: 'Severity', minimum: 96, cell: (event) => <EventSeverityMark severity={event.severity} /> },
  { id: 'title', label: 'Event', minimum: 190, grows: 1, cell: (event) => event.title, isTitle: true },
  { id: 'content', label: 'Description', minimum: 260, grows: 3, cell: (event) => event.content },
  {
    id: 'devices',
    label: 'Devices',
    minimum: 180,
    grows: 1,
    cell: (event) => event.devices.map(({ name }) => name).join(', '),
  },
  { id: 'owner', label: 'User', minimum: 90, cell: (event) => event.owner ?? '' },
];

export function Page() {
  const address = useListAddress('-time');
  const session = useSession();
  const notice = useNotice();
  const [params, setParams] = useAddress();
  const [now, setNow] = useState(Date.now);
  const [isCreating, setIsCreating] = useState(false);
  /** Names of devices that were picked: they may take part in no event that is shown. */
  const [picked, setPicked] = useState<ReadonlyMap<string, string>>(new Map());
  const period = periodOf(params);
  const query = new URLSearchParams(address.query);
  for (const key of ['sort', 'range', 'from', 'to']) query.delete(key);
  for (const [name, value] of boundsOf(period, now)) query.set(name, value);
  const pages = useInfiniteQuery({
    queryKey: ['events', query.toString()],
    queryFn: ({ pageParam }) => fetchEvents(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const types = useQuery({ queryKey: ['event-types'], queryFn: fetchEventTypes, staleTime: Number.POSITIVE_INFINITY });
  const events = pages.data?.pages.flatMap((page) => page.events) ?? [];
  const open = events.find((event) => event.id === address.open);
  // Of several sensors with a device of the same id, one may know its name and another not.
  const known = events.flatMap((event) => event.devices.filter(({ id, name }) => name !== id));
  const names = new Map([...known.map(({ id, name }) => [id, name] as const), ...picked]);
  const nameOf = (id: string): string => names.get(id) ?? id;
  const choices = (types.data ?? []).map(({ id, title }) => ({ value: id, label: title }));
  const number = `${events.length.toLocaleString('en')}${pages.hasNextPage ? '+' : ''}`;
  const refresh = () => {
    setNow(Date.now());
    void pages.refetch();
  };
  const set = (changes: Readonly<Record<string, string>>) =>
    setParams(
      (current) => {
        const next = new URLSearchParams(current);
        for (const [key, value] of Object.entries(changes)) {
          if (value === '') next.delete(key);
          else next.set(key, value);
        }
        return next;
      },
      { replace: true },
    );
  return (
    <ListPage
      title="Event timeline"
      updated={pages.dataUpdatedAt}
      counts={`${number} ${number === '1' ? 'event' : 'events'}`}
      csv={`/api/events.csv?${query}`}
      isLoading={pages.isLoading}
      isEmpty={events.length === 0}
      error={pages.error}
      emptyText="No events in this period"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={refresh}
      actions={
        session.may('timeline.write') && (
          <ToolbarButton icon={<CalendarAdd20Regular />} onClick={() => setIsCreating(true)}>
            Create event
          </ToolbarButton>
        )
      }
      filters={
        <>
          <SearchField
            label="Search events: words with commas between all have to occur"
            value={address.chosen('search').join(', ')}
            onSearch={(text) =>
              address.set(
                'search',
                text
                  .split(',')
                  .map((word) => word.trim())
                  .filter(Boolean),
              )
            }
          />
          <PeriodFilter
            period={period}
            now={now}
            onChange={({ range, from, to }) => set({ range: range === 'all' || from !== '' || to !== '' ? '' : range, from, to })}
          />
          <Select
            aria-label="Event severity"
            value={address.chosen('severity').toSorted().join()}
            onChange={(_, { value }) => address.set('severity', value === '' ? [] : value.split(','))}
          >
            {SEVERITIES.map(([severities, label]) => (
              <option key={severities} value={severities}>
                {label}
              </option>
            ))}
          </Select>
          <GroupFilter
            chosen={{ group: params.get('group'), devices: params.get('devices') }}
            onChange={({ group, devices }) => set({ group: group ?? '', devices: devices ?? '' })}
          />
          {(
            [
              ['device', 'Include devices'],
              ['excludedDevice', 'Exclude devices'],
            ] as const
          ).map(([key, label]) => (
            <DeviceFilter
              key={key}
              label={label}
              ids={address.chosen(key)}
              nameOf={nameOf}
              onChange={(ids, devices) => {
                setPicked(new Map([...picked, ...devices.map(({ id, title }) => [id, title] as const)]));
                address.set(key, ids);
              }}
            />
          ))}
          <ChoiceFilter
            label="Include event types"
            choices={choices}
            chosen={address.chosen('type')}
            onChange={(chosen) => address.set('type', chosen)}
          />
          <ChoiceFilter
            label="Exclude event types"
            choices={choices}
            chosen={address.chosen('excludedType')}
            onChange={(chosen) => address.set('excludedType', chosen)}
          />
          <Switch
            label="User operations"
            checked={address.chosen('userOperations')[0] === 'show'}
            onChange={(_, data) => address.set('userOperations', data.checked ? ['show'] : [])}
          />
        </>
      }
      pane={
        <>
          {open && <EventPane event={open} onClose={() => address.setOpen(null)} onDevices={(ids) => address.set('device', ids)} />}
          <Suspense>
            {isCreating && (
              <CreateEventDialog
                onClose={() => setIsCreating(false)}
                onCreated={() => {
                  setIsCreating(false);
                  // What people enter is a user operation.
                  address.set('userOperations', ['show']);
                  refresh();
                  notice({ intent: 'success', text: 'The event was entered.' });
                }}
              />
            )}
          </Suspense>
        </>
      }
    >
      <RecordGrid
        label="Events"
        rows={events}
        columns={COLUMNS}
        sort={null}
        isOld={pages.isPlaceholderData}
        openId={address.open}
        idOf={(event) => event.id}
        onSort={address.toggleSort}
        onOpen={address.setOpen}
        onNearEnd={() => {
          if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
        }}
      />
    </ListPage>
  );
}

const NO_CURSOR: string | null = null;
