/** The device inventory: every device that the sensors have seen, and what people do with them. */
import { Link, Select } from '@fluentui/react-components';
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import {
  changeDeviceGroup,
  type Device,
  type DeviceFacets,
  fetchDeviceFacets,
  fetchDevices,
  fetchDeviceValues,
  makeDeviceGroup,
} from '../api/devices.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useAddress } from '../grid/use-address.ts';
import { useListAddress } from '../grid/use-list-address.ts';
import { useMarks } from '../grid/use-marks.ts';
import { useNotice } from '../shell/notices.tsx';
import { filterText } from '../grid/column-filter.ts';
import { columnLabel, DEFAULT_COLUMNS, DEVICE_COLUMNS } from './device-columns.tsx';
import { DeviceFilters, valueWord } from './device-filters.tsx';
import { DevicePane } from './device-pane.tsx';
import { type DeviceDialog, DeviceToolbar } from './device-toolbar.tsx';
import { useKeptColumns } from './kept-columns.ts';
import { devicesText, useDeviceActions } from './use-device-actions.ts';

// What is opened on a press is loaded on a press.
const EditColumnsPane = lazy(() => import('../grid/edit-columns-pane.tsx'));
const Dialogs = lazy(() => import('./marked-devices-dialog.tsx'));

const FILTERS: readonly (readonly [key: keyof DeviceFacets, label: string])[] = [
  ['type', 'Type'],
  ['vendor', 'Vendor'],
  ['protocol', 'Protocol'],
  ['authorised', 'Authorization'],
];
const GROUPED_BY = [
  'class',
  'dataSource',
  'location',
  'purdueLevel',
  'site',
  'type',
  'vendor',
  'zone',
  'group',
  'subnet',
  'vlan',
  'sensor',
];

const idOf = ({ number }: Device): string => String(number);

export function Page() {
  const address = useListAddress('-lastSeen');
  const [params, setParams] = useAddress();
  const { query } = address;
  const by = params.get('by');
  const queries = useQueryClient();
  const notice = useNotice();
  const actions = useDeviceActions();
  const [kept, keep] = useKeptColumns();
  const [pane, setPane] = useState<'columns' | null>(null);
  const [dialog, setDialog] = useState<DeviceDialog | null>(null);
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
  const groups = useQuery({
    queryKey: ['devices', 'values', query.toString(), by],
    queryFn: () => fetchDeviceValues(query, by ?? 'type'),
    enabled: by !== null,
  });
  const devices = list.data?.pages.flatMap((page) => page.devices) ?? [];
  const { matching = 0, total = 0 } = list.data?.pages[0] ?? {};
  const marks = useMarks(devices, idOf, query.toString(), matching);
  const target = marks.everything ? { query } : { rows: marks.rows };
  const chosen = params.get('columns')?.split(',') ?? kept;
  const columns = chosen.flatMap((id) => DEVICE_COLUMNS.find((column) => column.id === id) ?? []);
  const open = address.open === null ? null : Number(address.open);
  const refresh = () => {
    void list.refetch();
    void facets.refetch();
  };
  /** Runs the work of a dialog that is no change of devices. */
  const groupWork = async (work: Promise<unknown>, done: string) => {
    try {
      await work;
      notice({ intent: 'success', text: done });
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
    for (const key of ['device-groups', 'devices', 'device']) void queries.invalidateQueries({ queryKey: [key] });
  };
  const setBy = (column: string) =>
    setParams((current) => {
      const next = new URLSearchParams(current);
      if (column === '') next.delete('by');
      else next.set('by', column);
      return next;
    });
  return (
    <ListPage
      title="Device inventory"
      updated={list.dataUpdatedAt}
      counts={matching === total ? devicesText(matching) : `${devicesText(matching)} of ${total.toLocaleString('en')}`}
      csv={`/api/devices.csv?${query}`}
      isLoading={list.isLoading}
      isEmpty={devices.length === 0}
      error={list.error}
      emptyText="No devices seen yet"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={refresh}
      actions={
        <DeviceToolbar
          marks={marks}
          hasFilters={address.hasFilters}
          onColumns={() => setPane('columns')}
          onDialog={setDialog}
          onEdit={(changes, done) => void actions.edit(target, changes, done)}
        />
      }
      aside={
        marks.count > 0 && (
          <>
            <span>{`${marks.count.toLocaleString('en')} marked`}</span>
            {!marks.everything && marks.rows.length < matching && (
              <Link as="button" onClick={marks.markEverything}>
                Mark all {matching.toLocaleString('en')} that match
              </Link>
            )}
            <Link as="button" onClick={marks.clear}>
              Clear the marks
            </Link>
          </>
        )
      }
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
              choices={(facets.data?.[key] ?? []).map(({ value, count }) => ({ value, count, label: valueWord('text', key, value) }))}
              chosen={address.chosen(key)}
              onChange={(values) => address.set(key, values)}
            />
          ))}
          <DeviceFilters query={query} filters={address.chosen('filter')} onChange={(filters) => address.set('filter', filters)} />
          <Select aria-label="Group by" value={by ?? ''} onChange={(_, data) => setBy(data.value)}>
            <option value="">Group by: No grouping</option>
            {GROUPED_BY.map((id) => (
              <option key={id} value={id}>
                {`Group by: ${columnLabel(id)}`}
              </option>
            ))}
          </Select>
        </>
      }
      pane={
        <Suspense>
          {pane === 'columns' ? (
            <EditColumnsPane
              all={DEVICE_COLUMNS}
              defaults={DEFAULT_COLUMNS}
              columns={columns.map(({ id }) => id)}
              onClose={() => setPane(null)}
              onSave={(ids) => {
                keep(ids);
                address.set('columns', []);
                setPane(null);
              }}
            />
          ) : (
            open !== null && (
              <DevicePane
                key={open}
                number={open}
                device={devices.find(({ number }) => number === open)}
                actions={actions}
                onClose={() => address.setOpen(null)}
              />
            )
          )}
          {dialog && (
            <Dialogs
              dialog={dialog}
              count={marks.count}
              rows={marks.rows}
              onClose={() => setDialog(null)}
              onEdit={(changes) => void actions.edit(target, changes, 'changed')}
              onMerge={(one, others) => void actions.merge(one, others).then((done) => done && marks.clear())}
              onDelete={(reason) => void actions.remove(marks.rows, reason).then(marks.clear)}
              onDeleteInactive={(days, reason) => void actions.removeInactive(query, days, reason)}
              onImported={() => void Promise.all(['devices', 'device', 'map'].map((key) => queries.invalidateQueries({ queryKey: [key] })))}
              onMakeGroup={(name) =>
                void groupWork(
                  makeDeviceGroup(
                    dialog === 'filter-group'
                      ? { name, filter: withoutSort(query) }
                      : { name, devices: marks.rows.map(({ number }) => number) },
                  ),
                  `The group ${name} was made.`,
                )
              }
              onAddToGroup={(group) =>
                void groupWork(
                  changeDeviceGroup(group.id, { add: marks.rows.map(({ number }) => number) }),
                  `${devicesText(marks.rows.length)} added to ${group.name}.`,
                )
              }
            />
          )}
        </Suspense>
      }
    >
      {by === null ? (
        <RecordGrid
          label="Devices"
          rows={devices}
          columns={columns}
          sort={address.sort}
          isOld={list.isPlaceholderData}
          openId={address.open}
          marks={marks}
          idOf={idOf}
          onSort={address.toggleSort}
          onOpen={address.setOpen}
          onNearEnd={() => {
            if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
          }}
        />
      ) : (
        <RecordGrid
          label={`Devices by ${columnLabel(by)}`}
          rows={groups.data ?? []}
          columns={groupColumns(by)}
          sort={null}
          isOld={groups.isPlaceholderData}
          openId={null}
          idOf={({ value }) => value}
          onSort={() => undefined}
          onOpen={(value) =>
            value !== null &&
            setParams((current) => {
              const next = new URLSearchParams(current);
              next.delete('by');
              next.append('filter', filterText({ column: by, operator: 'equals', values: [value] }));
              return next;
            })
          }
        />
      )}
    </ListPage>
  );
}

function groupColumns(by: string): readonly RecordColumn<{ readonly value: string; readonly count: number }>[] {
  return [
    { id: 'value', label: columnLabel(by), minimum: 240, grows: 1, cell: ({ value }) => valueWord('text', by, value), isTitle: true },
    { id: 'count', label: 'Devices', minimum: 120, cell: ({ count }) => count.toLocaleString('en') },
  ];
}

function withoutSort(query: URLSearchParams): string {
  const kept = new URLSearchParams(query);
  kept.delete('sort');
  return kept.toString();
}

const NO_CURSOR: string | null = null;
