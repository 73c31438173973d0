/** Jobs on many alerts: how far they have come, at the foot of every page, and a notice when they have ended. */
import { Button, makeStyles, ProgressBar, Text, tokens } from '@fluentui/react-components';
import { useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, use, useCallback, useRef, useState } from 'react';
import { alerts, wordsOf } from '../alerts/action-words.ts';
import { type AlertJob, cancelJob, undoJob } from '../api/jobs.ts';
import { useLive } from '../api/live.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from './notices.tsx';

const FollowContext = createContext<(job: AlertJob) => void>(() => undefined);

/** Shows a job that was just started until it has ended. */
export function useFollowJob(): (job: AlertJob) => void {
  return use(FollowContext);
}

const useStyles = makeStyles({
  jobs: {
    position: 'fixed',
    right: '16px',
    bottom: '16px',
    zIndex: 5,
    display: 'grid',
    gap: '8px',
    width: '380px',
    maxWidth: 'calc(100vw - 32px)',
  },
  job: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    alignItems: 'center',
    gap: '8px 12px',
    padding: '12px 16px',
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    boxShadow: tokens.shadow16,
  },
  wide: { gridColumn: '1 / -1' },
  faint: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums' },
});

export function Jobs({ children }: { children: ReactNode }) {
  const styles = useStyles();
  const session = useSession();
  const notice = useNotice();
  const queries = useQueryClient();
  const [running, setRunning] = useState<ReadonlyMap<string, AlertJob>>(new Map());
  // The end of a job is told by the answer and by the live stream.
  const ended = useRef(new Set<string>());

  const follow = useCallback(
    (job: AlertJob) => {
      setRunning((jobs) => {
        const next = new Map(jobs);
        if (job.state === 'running') next.set(job.id, job);
        else next.delete(job.id);
        return next;
      });
      if (job.state === 'running' || ended.current.has(job.id)) return;
      ended.current.add(job.id);
      void queries.invalidateQueries({ queryKey: ['alerts'] });
      void queries.invalidateQueries({ queryKey: ['alert'] });
      if (job.by !== session.user) return;
      const undo = () =>
        void undoJob(job.id).then(follow, (error: unknown) =>
          notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) }),
        );
      const canUndo = job.changed > 0 && job.undoes === null;
      notice({
        intent: job.state === 'failed' ? 'error' : job.changed > 0 ? 'success' : 'warning',
        text: resultText(job),
        ...(canUndo ? { actions: [{ label: 'Undo', run: undo }] } : {}),
      });
    },
    [notice, queries, session.user],
  );
  useLive({ onJob: follow });

  return (
    <FollowContext value={follow}>
      {children}
      {running.size > 0 && (
        <div className={styles.jobs} role="region" aria-label="Jobs">
          {[...running.values()].map((job) => (
            <Running key={job.id} job={job} onCancel={() => void cancelJob(job.id).then(follow, () => undefined)} />
          ))}
        </div>
      )}
    </FollowContext>
  );
}

function Running({ job, onCancel }: { job: AlertJob; onCancel: () => void }) {
  const styles = useStyles();
  const session = useSession();
  const label = wordsOf(job.action).doing(alerts(job.total));
  return (
    <div className={styles.job}>
      <Text weight="semibold" role="status">
        {label}
      </Text>
      {session.may('alerts.status') && (
        <Button size="small" onClick={onCancel}>
          Cancel
        </Button>
      )}
      <ProgressBar
        className={styles.wide}
        aria-label={label}
        {...(job.total > 0 ? { value: Math.min(1, job.done / job.total), max: 1 } : {})}
      />
      <Text size={200} className={`${styles.wide} ${styles.faint}`}>
        {job.done.toLocaleString('en')} of {job.total.toLocaleString('en')} · {job.about} · {job.by}
      </Text>
    </div>
  );
}

/** What a job did, and why it left some as they are. */
function resultText(job: AlertJob): string {
  const left = job.refused.map(({ count, message }) => (count === 1 ? message : `${alerts(count)} stayed as they are. ${message}`));
  const cut =
    job.state === 'cancelled' ? ['Cancelled.'] : job.state === 'failed' ? [`It stopped: ${job.problem ?? 'no reason is known'}.`] : [];
  return [`${alerts(job.changed)} ${wordsOf(job.action).done}.`, ...cut, ...left].join(' ');
}
