/** Says what Learn will do before it does it. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  tokens,
} from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { jobAlerts, type Target } from '../api/jobs.ts';
import { fetchLearnPreview, type LearnPreview } from '../api/portal.ts';
import { alerts } from './action-words.ts';

const useStyles = makeStyles({
  entries: {
    margin: '8px 0 12px',
    padding: '8px 12px 8px 28px',
    maxHeight: '240px',
    overflowY: 'auto',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: tokens.lineHeightBase300,
    overflowWrap: 'anywhere',
  },
  effects: { margin: '8px 0', paddingLeft: '20px', display: 'grid', gap: '6px' },
});

export default function LearnDialog({ target, onLearn, onClose }: { target: Target; onLearn: () => void; onClose: () => void }) {
  const body = jobAlerts(target);
  const preview = useQuery({
    queryKey: ['learn-preview', JSON.stringify(body)],
    queryFn: () => fetchLearnPreview('rows' in target ? { ids: target.rows.map((alert) => alert.id) } : body),
    staleTime: 0,
    gcTime: 0,
  });
  const { data } = preview;
  return (
    <Dialog open onOpenChange={(_, state) => !state.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{data ? `Learn ${alerts(data.learnable)}?` : 'Learn?'}</DialogTitle>
          <DialogContent>
            {preview.isPending && <Spinner size="tiny" label="Looking at what would be learned" />}
            {preview.error && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{preview.error.message}</MessageBarBody>
              </MessageBar>
            )}
            {data && <Effects preview={data} />}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" disabled={!data || data.learnable === 0} onClick={onLearn}>
              Learn
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

function Effects({ preview }: { preview: LearnPreview }) {
  const styles = useStyles();
  const { learnable, closes, entries, entriesInAll, refused } = preview;
  const others = preview.others?.count ?? null;
  const silenced = preview.silenced;
  const more = entriesInAll === null ? null : entriesInAll - entries.length;
  return (
    <>
      {learnable > 0 && (
        <>
          {entries.length > 0
            ? 'This becomes part of the baseline, and raises no alert from now on:'
            : 'Their traffic stays silent from now on.'}
          {entries.length > 0 && (
            <ul className={styles.entries} aria-label="What learning covers" tabIndex={0}>
              {entries.map(({ line, words, known }) => (
                <li key={line} title={line}>
                  {words}
                  {known && ' (there already)'}
                </li>
              ))}
              {more === null && <li>and what the other alerts hold</li>}
              {more !== null && more > 0 && <li>and {more.toLocaleString('en')} more</li>}
            </ul>
          )}
        </>
      )}
      <ul className={styles.effects}>
        {learnable > 0 && <li>{closes === 1 ? '1 open alert closes.' : `${alerts(closes)} that are open close.`}</li>}
        {others !== null && others > 0 && (
          <li>
            {alerts(others)} beside {others === 1 ? 'reports' : 'report'} nothing else and {others === 1 ? 'closes' : 'close'}, too.
          </li>
        )}
        {others === null && learnable > 0 && <li>Open alerts beside that report nothing else close, too.</li>}
        {silenced && silenced.count > 0 && (
          <li>
            {silenced.complete ? '' : 'At least '}
            {alerts(silenced.count)} of the same traffic before would not have been raised.
          </li>
        )}
        {refused.map(({ code, message, count }) => (
          <li key={code}>
            {alerts(count)} cannot be learned and {count === 1 ? 'stays' : 'stay'} as {count === 1 ? 'it is' : 'they are'}. {message}
          </li>
        ))}
        {learnable > 0 && <li>You can undo it, now or later.</li>}
      </ul>
    </>
  );
}
