/** The entries of a baseline, with who learned what and when. */
import { Link, Text, ToolbarButton, ToolbarDivider } from '@fluentui/react-components';
import { Add20Regular } from '@fluentui/react-icons/svg/add';
import { ArrowDownload20Regular } from '@fluentui/react-icons/svg/arrow-download';
import { ArrowUndo20Regular } from '@fluentui/react-icons/svg/arrow-undo';
import { ArrowUpload20Regular } from '@fluentui/react-icons/svg/arrow-upload';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type AspectCounts, type BaselineEntry, baselineTextAddress, editBaseline, fetchEntries, importBaseline } from '../api/baseline.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { download } from '../grid/download-text.ts';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { SearchField } from '../grid/search-field.tsx';
import { useMarks } from '../grid/use-marks.ts';
import { useSession } from '../session/session-gate.tsx';
import { AddEntriesDialog } from './add-entries-dialog.tsx';
import { BaselineFrame } from './baseline-frame.tsx';
import { type Change, ChangeDialog, entries as entriesText } from './change-dialog.tsx';
import { EntryPane, learnedBy } from './entry-pane.tsx';
import { useTabAddress } from './use-tab-address.ts';

const COLUMNS: readonly RecordColumn<BaselineEntry>[] = [
  { id: 'aspect', label: 'Aspect', minimum: 190, isTitle: true, cell: ({ aspect }) => aspect },
  { id: 'source', label: 'Source', minimum: 140, grows: 1, cell: ({ source }) => source },
  { id: 'destination', label: 'Destination', minimum: 140, grows: 1, cell: ({ destination }) => destination || '–' },
  { id: 'value', label: 'What is normal', minimum: 220, grows: 3, cell: ({ value }) => value || '–' },
  {
    id: 'learned',
    label: 'Learned',
    minimum: 168,
    cell: ({ learned, at }) => (learned === null && at === null ? '–' : <DetectionTime at={learned ?? at ?? ''} />),
  },
  { id: 'by', label: 'By', minimum: 160, grows: 1, cell: learnedBy },
];

const BY = [
  { value: 'people', label: 'People' },
  { value: 'sensor', label: 'The sensor' },
];
const idOf = ({ line }: BaselineEntry): string => line;
const NO_CURSOR: string | null = null;

export function EntriesTab({ sensor, aspects }: { sensor: string; aspects: AspectCounts['aspects'] }) {
  const session = useSession();
  const mayEdit = session.may('baseline.edit');
  const address = useTabAddress();
  const file = useRef<HTMLInputElement>(null);
  const [change, setChange] = useState<Change | null>(null);
  const [adding, setAdding] = useState(false);
  const query = new URLSearchParams();
  for (const key of ['search', 'aspect', 'by', 'alert']) {
    const value = address.get(key);
    if (value !== '') query.set(key, value);
  }
  const list = useInfiniteQuery({
    queryKey: ['baseline', sensor, 'entries', query.toString()],
    queryFn: ({ pageParam }) => fetchEntries(sensor, query, pageParam),
    initialPageParam: NO_CURSOR,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const marks = useMarks(entries, idOf, query.toString(), entries.length);
  const open = entries.find(({ line }) => line === address.get('open'));
  const unlearn = (lines: readonly string[]) =>
    setChange({
      title: lines.length === 1 ? 'Unlearn this entry?' : `Unlearn ${lines.length.toLocaleString('en')} entries?`,
      verb: 'Unlearn',
      run: (order) => editBaseline(sensor, { unlearn: lines }, order),
    });
  return (
    <BaselineFrame
      title="Entries"
      isLoading={list.isLoading}
      isEmpty={entries.length === 0}
      error={list.error}
      emptyText={address.hasFilters ? 'Nothing matches these filters' : 'Nothing is learned yet'}
      {...(address.hasFilters ? {} : { emptyHint: 'While the sensor learns, what is ordinary comes in by itself.' })}
      onRefresh={() => void list.refetch()}
      actions={
        <>
          {mayEdit && (
            <>
              <ToolbarButton
                icon={<ArrowUndo20Regular />}
                disabled={marks.count === 0}
                onClick={() => unlearn(marks.rows.map(({ line }) => line))}
              >
                Unlearn
              </ToolbarButton>
              <ToolbarButton icon={<Add20Regular />} onClick={() => setAdding(true)}>
                Add entries
              </ToolbarButton>
              <ToolbarDivider />
              <ToolbarButton icon={<ArrowUpload20Regular />} onClick={() => file.current?.click()}>
                Import
              </ToolbarButton>
            </>
          )}
          <ToolbarButton icon={<ArrowDownload20Regular />} onClick={() => download(`${sensor}-baseline.txt`, baselineTextAddress(sensor))}>
            Export
          </ToolbarButton>
          <input
            ref={file}
            type="file"
            accept=".txt,text/plain"
            aria-label="Baseline to import"
            hidden
            onChange={(event) => {
              const chosen = event.currentTarget.files?.[0];
              event.currentTarget.value = '';
              if (!chosen) return;
              void chosen.text().then((text) =>
                setChange({
                  title: `Import ${chosen.name}?`,
                  verb: 'Import',
                  run: (order) => importBaseline(sensor, text, order),
                }),
              );
            }}
          />
        </>
      }
      filters={
        <>
          <SearchField label="Search entries" value={address.get('search')} onSearch={(text) => address.set('search', text)} />
          <ChoiceFilter
            label="Aspect"
            choices={aspects.map(({ aspect, count }) => ({ value: aspect, label: aspect, count }))}
            chosen={address.get('aspect') === '' ? [] : [address.get('aspect')]}
            onChange={(chosen) => address.set('aspect', chosen.at(-1) ?? '')}
          />
          <ChoiceFilter
            label="Learned by"
            choices={BY}
            chosen={address.get('by') === '' ? [] : [address.get('by')]}
            onChange={(chosen) => address.set('by', chosen.at(-1) ?? '')}
          />
        </>
      }
      counts={
        <>
          <Text role="status">{`${entriesText(entries.length)}${list.hasNextPage ? ' so far' : ''}`}</Text>
          {marks.count > 0 && (
            <>
              <span>{`${marks.count} marked`}</span>
              <Link as="button" onClick={marks.clear}>
                Clear the marks
              </Link>
            </>
          )}
          {address.hasFilters && (
            <Link as="button" onClick={address.clear}>
              Clear filters
            </Link>
          )}
        </>
      }
      pane={
        <>
          {open && (
            <EntryPane entry={open} onUnlearn={mayEdit ? () => unlearn([open.line]) : null} onClose={() => address.set('open', '')} />
          )}
          {change && <ChangeDialog change={change} onClose={() => setChange(null)} onDone={marks.clear} />}
          {adding && (
            <AddEntriesDialog
              onClose={() => setAdding(false)}
              onAdd={(lines) => {
                setAdding(false);
                setChange({ title: 'Add to the baseline?', verb: 'Add', run: (order) => editBaseline(sensor, { learn: lines }, order) });
              }}
            />
          )}
        </>
      }
    >
      <RecordGrid
        label="Baseline entries"
        rows={entries}
        columns={COLUMNS}
        sort={null}
        isOld={list.isPlaceholderData}
        openId={open?.line ?? null}
        {...(mayEdit ? { marks } : {})}
        idOf={idOf}
        onSort={() => undefined}
        onOpen={(id) => address.set('open', id ?? '')}
        onNearEnd={() => {
          if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
        }}
      />
    </BaselineFrame>
  );
}
