/** Dangerous operations that were seen while learning: each waits for a person. */
import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { decideReview, fetchReview, type ReviewItem } from '../api/baseline.ts';
import { ChoiceFilter } from '../grid/choice-filter.tsx';
import { DetailsPane } from '../grid/details-pane.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { BaselineFrame } from './baseline-frame.tsx';
import { Difference } from './difference.tsx';
import { useTabAddress } from './use-tab-address.ts';

const STATES = { pending: 'Waiting', accepted: 'Accepted', rejected: 'Rejected' } as const;
const FRAMES_SHOWN = 12;

const useStyles = makeStyles({
  text: { margin: 0, overflowWrap: 'anywhere' },
  faint: { color: tokens.colorNeutralForeground3 },
});

const endName = (end: ReviewItem['source']): string => (end === null ? '–' : (end.name ?? end.ip ?? end.mac ?? end.device));

const COLUMNS: readonly RecordColumn<ReviewItem>[] = [
  { id: 'title', label: 'Operation', minimum: 190, isTitle: true, cell: ({ title }) => title },
  { id: 'message', label: 'What was seen', minimum: 260, grows: 3, cell: ({ message }) => message },
  { id: 'source', label: 'Source', minimum: 130, grows: 1, cell: ({ source }) => endName(source) },
  { id: 'destination', label: 'Destination', minimum: 130, grows: 1, cell: ({ destination }) => endName(destination) },
  { id: 'count', label: 'Times', minimum: 72, cell: ({ count }) => count.toLocaleString('en') },
  { id: 'lastSeen', label: 'Last seen', minimum: 168, cell: ({ lastSeen }) => <DetectionTime at={lastSeen} /> },
  { id: 'state', label: 'State', minimum: 100, cell: ({ state }) => STATES[state] },
];

export function ReviewTab({ sensor }: { sensor: string }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const session = useSession();
  const notice = useNotice();
  const queries = useQueryClient();
  const address = useTabAddress();
  const list = useQuery({ queryKey: ['baseline', sensor, 'review'], queryFn: () => fetchReview(sensor) });
  const all = list.data?.items ?? [];
  const state = address.get('state') || 'pending';
  const items = all.filter((item) => state === 'all' || item.state === state);
  const open = all.find(({ id }) => id === address.get('open'));
  const decide = useMutation({
    mutationFn: ({ id, decision }: { id: string; decision: 'accept' | 'reject' }) => decideReview(sensor, id, decision),
    onSuccess: async ({ item, alert }) => {
      await queries.invalidateQueries({ queryKey: ['baseline'] });
      address.set('open', '');
      notice(
        item.state === 'accepted'
          ? { intent: 'success', text: `“${item.title}” is normal from now on.` }
          : { intent: 'success', text: `“${item.title}” is rejected${alert === null ? '' : ', its alert is raised'}.` },
      );
      if (alert !== null) void queries.invalidateQueries({ queryKey: ['alerts'] });
    },
    onError: (error) => notice({ intent: 'error', text: error.message }),
  });
  const mayDecide = session.may('alerts.learn');
  return (
    <BaselineFrame
      title="Review list"
      isLoading={list.isLoading}
      isEmpty={items.length === 0}
      error={list.error}
      emptyText={state === 'pending' ? 'Nothing waits for you' : 'Nothing here'}
      emptyHint="What is dangerous and seen while the sensor learns (programs, stops, firmware, scans) waits here instead of being learned."
      onRefresh={() => void list.refetch()}
      filters={
        <ChoiceFilter
          label="State"
          choices={[
            ...(['pending', 'accepted', 'rejected'] as const).map((value) => ({
              value,
              label: STATES[value],
              count: all.filter((item) => item.state === value).length,
            })),
            { value: 'all', label: 'All', count: all.length },
          ]}
          chosen={[state]}
          onChange={(chosen) => address.set('state', chosen.at(-1) ?? '')}
        />
      }
      counts={<Text role="status">{items.length === 1 ? 'One operation' : `${items.length.toLocaleString('en')} operations`}</Text>}
      pane={
        open && (
          <DetailsPane
            label="Operation details"
            contentLabel="Facts of the operation"
            title={open.title}
            onClose={() => address.set('open', '')}
            footer={
              open.state === 'pending' && mayDecide ? (
                <>
                  <Button
                    appearance="primary"
                    disabled={decide.isPending}
                    onClick={() => decide.mutate({ id: open.id, decision: 'accept' })}
                  >
                    Accept
                  </Button>
                  <Button disabled={decide.isPending} onClick={() => decide.mutate({ id: open.id, decision: 'reject' })}>
                    Reject
                  </Button>
                </>
              ) : (
                <Button onClick={() => void navigate(`/alert-types?${new URLSearchParams({ open: open.type })}`)}>
                  Show the alert type
                </Button>
              )
            }
          >
            <p className={styles.text}>{open.message}</p>
            <Text className={styles.faint}>
              {`Accept: it is normal${open.learns.length > 0 ? ', and what stands below comes into the baseline' : ''}. Reject: its alert is raised, now and whenever it comes again.`}
            </Text>
            {open.learns.length > 0 && <Difference added={open.learns} removed={[]} />}
            <Facts
              facts={[
                ['State', STATES[open.state]],
                ['Source', endName(open.source)],
                ['Destination', endName(open.destination)],
                ['Protocol', open.protocol ?? '–'],
                ['Times', open.count.toLocaleString('en')],
                ['First seen', <DetectionTime key="first" at={open.firstSeen} />],
                ['Last seen', <DetectionTime key="last" at={open.lastSeen} />],
                [
                  'Frames',
                  open.frames.length === 0
                    ? '–'
                    : `${open.frames.slice(0, FRAMES_SHOWN).join(', ')}${open.frames.length > FRAMES_SHOWN ? ' ...' : ''}`,
                ],
                ['Decided by', open.by ?? ''],
                ['Decided', open.at === null ? '' : <DetectionTime key="at" at={open.at} />],
              ]}
            />
          </DetailsPane>
        )
      }
    >
      <RecordGrid
        label="Operations to review"
        rows={items}
        columns={COLUMNS}
        sort={null}
        isOld={false}
        openId={open?.id ?? null}
        idOf={({ id }) => id}
        onSort={() => undefined}
        onOpen={(id) => address.set('open', id ?? '')}
      />
    </BaselineFrame>
  );
}
