/** How a baseline came to be: each version with who, why and what, and the way back. */
import { Button, makeStyles, Spinner, Subtitle2, Text, ToggleButton } from '@fluentui/react-components';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { baselineTextAddress, type BaselineVersion, fetchDifference, fetchVersions, revertBaseline } from '../api/baseline.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { download } from '../grid/download-text.ts';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { useSession } from '../session/session-gate.tsx';
import { BaselineFrame } from './baseline-frame.tsx';
import { type Change, ChangeDialog } from './change-dialog.tsx';
import { Difference } from './difference.tsx';
import { useTabAddress } from './use-tab-address.ts';

const ACTIONS: Readonly<Record<string, string>> = {
  learned: 'Learned by the sensor',
  'learning-ended': 'Learning ended',
  'alert-learned': 'Alert learned',
  'alert-unlearned': 'Alert unlearned',
  reviewed: 'Review decided',
  edited: 'Edited',
  imported: 'Imported',
  reverted: 'Reverted',
};

const useStyles = makeStyles({ choice: { display: 'flex', flexWrap: 'wrap', gap: '8px' }, part: { display: 'grid', gap: '10px' } });

const actionText = ({ action }: BaselineVersion): string => ACTIONS[action] ?? action;

const COLUMNS: readonly RecordColumn<BaselineVersion>[] = [
  { id: 'number', label: 'Version', minimum: 84, isTitle: true, cell: ({ number }) => String(number) },
  { id: 'at', label: 'When', minimum: 168, cell: ({ at }) => <DetectionTime at={at} /> },
  { id: 'by', label: 'Who', minimum: 140, grows: 1, cell: ({ by }) => by ?? 'The sensor' },
  { id: 'action', label: 'What', minimum: 170, cell: actionText },
  { id: 'reason', label: 'Reason', minimum: 180, grows: 3, cell: ({ reason }) => reason || '–' },
  { id: 'added', label: 'Came', minimum: 80, cell: ({ added }) => (added === 0 ? '–' : `+ ${added.toLocaleString('en')}`) },
  { id: 'removed', label: 'Went', minimum: 80, cell: ({ removed }) => (removed === 0 ? '–' : `− ${removed.toLocaleString('en')}`) },
  { id: 'entries', label: 'Entries', minimum: 90, cell: ({ entries }) => entries.toLocaleString('en') },
];

const PAGE = 100;
const NEWEST: number | null = null;

export function HistoryTab({ sensor }: { sensor: string }) {
  const session = useSession();
  const address = useTabAddress();
  const [change, setChange] = useState<Change | null>(null);
  const list = useInfiniteQuery({
    queryKey: ['baseline', sensor, 'versions'],
    queryFn: ({ pageParam }) => fetchVersions(sensor, pageParam),
    initialPageParam: NEWEST,
    getNextPageParam: (page) => (page.length < PAGE ? undefined : (page.at(-1)?.number ?? undefined)),
  });
  const versions = list.data?.pages.flat() ?? [];
  const open = versions.find(({ number }) => String(number) === address.get('open'));
  const revert = (version: number) =>
    setChange({
      title: `Revert to version ${version}?`,
      verb: 'Revert',
      run: (order) => revertBaseline(sensor, version, order),
    });
  return (
    <BaselineFrame
      title="History"
      isLoading={list.isLoading}
      isEmpty={versions.length === 0}
      error={list.error}
      emptyText="No version yet"
      emptyHint="Each change that people make, the end of learning and each day of learning is a version."
      onRefresh={() => void list.refetch()}
      counts={<Text role="status">{versions.length === 1 ? 'One version' : `${versions.length.toLocaleString('en')} versions`}</Text>}
      pane={
        <>
          {open && (
            <VersionPane
              key={open.number}
              sensor={sensor}
              version={open}
              isNewest={open === versions[0]}
              onRevert={session.may('baseline.edit') ? () => revert(open.number) : null}
              onClose={() => address.set('open', '')}
            />
          )}
          {change && <ChangeDialog change={change} onClose={() => setChange(null)} onDone={() => address.set('open', '')} />}
        </>
      }
    >
      <RecordGrid
        label="Versions of the baseline"
        rows={versions}
        columns={COLUMNS}
        sort={null}
        isOld={false}
        openId={open ? String(open.number) : null}
        idOf={({ number }) => String(number)}
        onSort={() => undefined}
        onOpen={(id) => address.set('open', id ?? '')}
        onNearEnd={() => {
          if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
        }}
      />
    </BaselineFrame>
  );
}

interface VersionPaneProps {
  readonly sensor: string;
  readonly version: BaselineVersion;
  readonly isNewest: boolean;
  readonly onRevert: (() => void) | null;
  onClose(): void;
}

function VersionPane({ sensor, version, isNewest, onRevert, onClose }: VersionPaneProps) {
  const styles = useStyles();
  const { number } = version;
  const [withNow, setWithNow] = useState(false);
  const found = useQuery({
    queryKey: ['baseline', sensor, 'difference', number, withNow],
    queryFn: () => (withNow ? fetchDifference(sensor, number, null) : fetchDifference(sensor, number - 1, number)),
    retry: false,
  });
  return (
    <DetailsPane
      label="Version details"
      contentLabel="Facts of the version"
      title={`Version ${number}`}
      onClose={onClose}
      footer={
        <>
          {onRevert && !isNewest && (
            <Button appearance="primary" onClick={onRevert}>
              Revert to this version
            </Button>
          )}
          <Button onClick={() => download(`${sensor}-baseline-${number}.txt`, baselineTextAddress(sensor, number))}>Export</Button>
        </>
      }
    >
      <Facts
        facts={[
          ['What', actionText(version)],
          ['Who', version.by ?? 'The sensor'],
          ['When', <DetectionTime key="at" at={version.at} />],
          ['Packet time', version.packetTime === null ? '' : <DetectionTime key="packet" at={version.packetTime} />],
          ['Reason', version.reason],
          ['About', version.about ?? ''],
          ['Entries', version.entries.toLocaleString('en')],
        ]}
      />
      <div className={styles.part}>
        <Subtitle2 as="h3">{withNow ? 'What changed since' : 'What it changed'}</Subtitle2>
        {!isNewest && (
          <div className={styles.choice}>
            <ToggleButton size="small" checked={!withNow} onClick={() => setWithNow(false)}>
              What it changed
            </ToggleButton>
            <ToggleButton size="small" checked={withNow} onClick={() => setWithNow(true)}>
              Compare with now
            </ToggleButton>
          </div>
        )}
        {found.isLoading && <Spinner size="tiny" label="Comparing" />}
        {found.error && <Text>{found.error.message}</Text>}
        {found.data && <Difference added={found.data.added} removed={found.data.removed} />}
      </div>
    </DetailsPane>
  );
}
