/** The audit log: who did what, when and from where, newest first. */
import { Select } from '@fluentui/react-components';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { RANGES } from '../alerts/address.ts';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type AuditEntry, fetchAudit, fetchAuditValues } from '../api/accounts.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { ListPage } from '../grid/list-page.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useListAddress } from '../grid/use-list-address.ts';
import { actionWords } from './action-words.ts';
import { AuditPane } from './audit-pane.tsx';
import { shortly } from './changes.ts';

const COLUMNS: readonly RecordColumn<AuditEntry>[] = [
  { id: 'at', label: 'Time', minimum: 170, cell: ({ at }) => <DetectionTime at={at} /> },
  { id: 'who', label: 'Who', minimum: 150, grows: 1, cell: ({ who }) => who },
  { id: 'action', label: 'Action', minimum: 190, grows: 1, cell: ({ action }) => actionWords(action), isTitle: true },
  { id: 'what', label: 'What', minimum: 260, grows: 3, cell: shortly },
  { id: 'address', label: 'From', minimum: 130, cell: ({ address }) => address ?? '' },
];

export function Page() {
  const address = useListAddress('-at');
  const [now, setNow] = useState(Date.now);
  const [range = 'all'] = address.chosen('range');
  const query = new URLSearchParams(address.query);
  query.delete('sort');
  query.delete('range');
  if (range !== 'all') query.set('from', new Date(now - Number(range) * 3_600_000).toISOString());
  const pages = useInfiniteQuery({
    queryKey: ['audit', query.toString()],
    queryFn: ({ pageParam }) => fetchAudit(query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const values = useQuery({ queryKey: ['audit-values'], queryFn: fetchAuditValues });
  const entries = pages.data?.pages.flatMap((page) => page.entries) ?? [];
  const open = entries.find(({ number }) => String(number) === address.open);
  const number = `${entries.length.toLocaleString('en')}${pages.hasNextPage ? '+' : ''}`;
  return (
    <ListPage
      title="Audit"
      updated={pages.dataUpdatedAt}
      counts={`${number} ${number === '1' ? 'entry' : 'entries'}`}
      csv={`/api/audit.csv?${query}`}
      isLoading={pages.isLoading}
      isEmpty={entries.length === 0}
      error={pages.error}
      emptyText="Nobody has done anything yet"
      onClear={address.hasFilters ? address.clear : null}
      onRefresh={() => {
        setNow(Date.now());
        void pages.refetch();
        void values.refetch();
      }}
      filters={
        <>
          <SearchField
            label="Search the log"
            value={address.search}
            onSearch={(text) => address.set('search', text === '' ? [] : [text])}
          />
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
            label="Who"
            choices={values.data?.who ?? []}
            chosen={address.chosen('who')}
            onChange={(chosen) => address.set('who', chosen)}
          />
          <ChoiceFilter
            label="Action"
            choices={(values.data?.action ?? []).map((choice) => ({ ...choice, label: actionWords(choice.value) }))}
            chosen={address.chosen('action')}
            onChange={(chosen) => address.set('action', chosen)}
          />
        </>
      }
      pane={open && <AuditPane entry={open} onClose={() => address.setOpen(null)} />}
    >
      <RecordGrid
        label="Audit log"
        rows={entries}
        columns={COLUMNS}
        sort={null}
        isOld={pages.isPlaceholderData}
        openId={address.open}
        idOf={({ number: id }) => String(id)}
        onSort={address.toggleSort}
        onOpen={address.setOpen}
        onNearEnd={() => {
          if (pages.hasNextPage && !pages.isFetching) void pages.fetchNextPage();
        }}
      />
    </ListPage>
  );
}

const NO_CURSOR: number | null = null;
