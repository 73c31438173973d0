/** The device inventory: every device that the sensors have seen. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type DeviceFacets, fetchDeviceFacets, fetchDevices } from '../api/devices.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { DEVICE_COLUMNS } from './device-columns.tsx';
import { DevicePane } from './device-pane.tsx';

const FILTERS: readonly (readonly [key: keyof DeviceFacets, label: string])[] = [
  ['type', 'Type'],
  ['vendor', 'Vendor'],
  ['protocol', 'Protocol'],
  ['authorised', 'Authorization'],
];

function valueWord(key: keyof DeviceFacets, value: string): string {
  if (key === 'authorised') return value === 'yes' ? 'Authorized' : 'Unauthorized';
  return value || 'Unknown';
}

export function Page() {
  const address = useListAddress('-lastSeen');
  const { query } = address;
  const list = useInfiniteQuery({
    queryKey: ['devices', 'list', query.toString()],
    queryFn: ({ pageParam }) => fetchDevices(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const facets = useQuery({
    queryKey: ['devices', 'facets', query.toString()],
    queryFn: () => fetchDeviceFacets(query),
    placeholderData: keepPreviousData,
  });
  const devices = list.data?.pages.flatMap((page) => page.devices) ?? [];
  const { matching = 0, total = 0 } = list.data?.pages[0] ?? {};
  const open = devices.find((device) => device.id === address.open);
  const number = matching === 1 ? '1 device' : `${matching.toLocaleString('en')} devices`;
  return (
    <ListPage
      title="Device inventory"
      updated={list.dataUpdatedAt}
      counts={matching === total ? number : `${number} of ${total.toLocaleString('en')}`}
      csv={`/api/devices.csv?${query}`}
      isLoading={list.isLoading}
      isEmpty={devices.length === 0}
      error={list.error}
      emptyText="No devices seen yet"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={() => {
        void list.refetch();
        void facets.refetch();
      }}
      filters={
        <>
          <SearchField
            label="Search devices"
            value={address.search}
            onSearch={(text) => address.set('search', text === '' ? [] : [text])}
          />
          {FILTERS.map(([key, label]) => (
            <ChoiceFilter
              key={key}
              label={label}
              choices={(facets.data?.[key] ?? []).map(({ value, count }) => ({ value, count, label: valueWord(key, value) }))}
              chosen={address.chosen(key)}
              onChange={(chosen) => address.set(key, chosen)}
            />
          ))}
        </>
      }
      pane={open && <DevicePane device={open} onClose={() => address.setOpen(null)} />}
    >
      <RecordGrid
        label="Devices"
        rows={devices}
        columns={DEVICE_COLUMNS}
        sort={address.sort}
        isOld={list.isPlaceholderData}
        openId={address.open}
        idOf={(device) => device.id}
        onSort={address.toggleSort}
        onOpen={address.setOpen}
        onNearEnd={() => {
          if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
        }}
      />
    </ListPage>
  );
}

const NO_CURSOR: string | null = null;
