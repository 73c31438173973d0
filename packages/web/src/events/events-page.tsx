/** The event timeline: alerts and their management, network events and what people did, newest first. */
import { Select, Switch } from '@fluentui/react-components';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { RANGES } from '../alerts/address.ts';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { EVENT_SEVERITIES, fetchEvents, fetchEventTypes, type TimelineEvent } from '../api/events.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { EventPane } from './event-pane.tsx';
import { EVENT_SEVERITY_WORDS, EventSeverityMark } from './event-severity-mark.tsx';

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
  const [now, setNow] = useState(Date.now);
  const [range = 'all'] = address.chosen('range');
  const query = new URLSearchParams(address.query);
  query.delete('sort');
  query.delete('range');
  if (range !== 'all') query.set('from', new Date(now - Number(range) * 3_600_000).toISOString());
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
  const devices = address.chosen('device');
  const names = new Map(events.flatMap((event) => event.devices.map(({ id, name }) => [id, name] as const)));
  const number = `${events.length.toLocaleString('en')}${pages.hasNextPage ? '+' : ''}`;
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
      onRefresh={() => {
        setNow(Date.now());
        void pages.refetch();
      }}
      filters={
        <>
          <SearchField label="Search events" value={address.search} onSearch={(text) => address.set('search', text === '' ? [] : [text])} />
          <Select
            aria-label="Time range"
            value={range}
            onChange={(_, data) => address.set('range', data.value === 'all' ? [] : [data.value])}
          >
            {RANGES.map(([hours, label]) => (
              <option key={hours} value={hours}>
                {`Time range: ${label}`}
              </option>
            ))}
          </Select>
          <ChoiceFilter
            label="Severity"
            choices={EVENT_SEVERITIES.map((value) => ({ value, label: EVENT_SEVERITY_WORDS[value] }))}
            chosen={address.chosen('severity')}
            onChange={(chosen) => address.set('severity', chosen)}
          />
          <ChoiceFilter
            label="Event type"
            choices={(types.data ?? []).map(({ id, title }) => ({ value: id, label: title }))}
            chosen={address.chosen('type')}
            onChange={(chosen) => address.set('type', chosen)}
          />
          {devices.length > 0 && (
            <ChoiceFilter
              label="Device"
              choices={devices.map((id) => ({ value: id, label: names.get(id) ?? id }))}
              chosen={devices}
              onChange={(chosen) => address.set('device', chosen)}
            />
          )}
          <Switch
            label="User operations"
            checked={address.chosen('userOperations')[0] === 'show'}
            onChange={(_, data) => address.set('userOperations', data.checked ? ['show'] : [])}
          />
        </>
      }
      pane={open && <EventPane event={open} onClose={() => address.setOpen(null)} onDevices={(ids) => address.set('device', ids)} />}
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
