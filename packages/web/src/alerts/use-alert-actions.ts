/**
 * What people do with alerts: the call, the rows, and a notice of what was done and what was refused. One alert is changed at
 * once, several are a job.
 */
import { useQueryClient } from '@tanstack/react-query';
import { type AlertDetails, type AlertDecision, type AlertRow, actOn, patchAlert } from '../api/alerts.ts';
import { Refusal } from '../api/client.ts';
import { type AlertAction, startJob, type Target } from '../api/jobs.ts';
import { changeText, wordsOf } from './action-words.ts';
import { useFollowJob } from '../shell/jobs.tsx';
import { useNotice } from '../shell/notices.tsx';
import { useRowUpdates } from './use-alerts.ts';

export interface AlertActions {
  /** Does one action on one alert, on several, or on everything that a question matches. */
  act(action: AlertAction, target: Target): Promise<void>;
}

export function useAlertActions(): AlertActions {
  const notice = useNotice();
  const follow = useFollowJob();
  const update = useRowUpdates();
  const queries = useQueryClient();

  const show = (details: AlertDetails) => {
    queries.setQueryData<AlertDetails>(['alert', details.id], details);
    update([details]);
  };
  const one = async (action: AlertAction, seen: AlertRow) => {
    try {
      const details = await change(action, seen);
      show(details);
      const back = backOf(action, seen);
      notice({
        intent: 'success',
        text: `1 alert ${wordsOf(action).done}.`,
        ...(back ? { actions: [{ label: 'Undo', run: () => void one(back, details) }] } : {}),
      });
    } catch (error) {
      const conflict = conflictOf(error);
      if (!conflict) throw error;
      show(conflict.alert);
      notice({
        intent: 'warning',
        text: `${conflict.message} ${conflict.changes.map(changeText).join(' ')}`,
        actions: [{ label: `${wordsOf(action).name} anyway`, run: () => void attempt(() => one(action, conflict.alert)) }],
      });
    }
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
  };

  return {
    act: (action, target) =>
      attempt(async () => {
        const [first, ...more] = 'rows' in target ? target.rows : [];
        if (first && more.length === 0) return one(action, first);
        return follow(await startJob(action, target));
      }),
  };
}

function change(action: AlertAction, seen: AlertRow): Promise<AlertDetails> {
  switch (action.kind) {
    case 'status':
      return patchAlert(seen, { status: action.status });
    case 'severity':
      return patchAlert(seen, { severity: action.severity });
    default:
      return actOn(seen, action.kind);
  }
}

/** The action that takes another back; none where nothing was changed. */
function backOf(action: AlertAction, seen: AlertRow): AlertAction | undefined {
  switch (action.kind) {
    case 'status':
      // What silenced the traffic cannot be brought back by a status.
      return seen.disposition === 'none' && seen.status !== action.status ? { kind: 'status', status: seen.status } : undefined;
    case 'severity':
      return { kind: 'severity', severity: seen.severity };
    case 'learn':
      return { kind: 'unlearn' };
    case 'mute':
      return { kind: 'unmute' };
    case 'unlearn':
      return { kind: 'learn' };
    case 'unmute':
      return { kind: 'mute' };
  }
}

interface Conflict {
  readonly message: string;
  readonly changes: readonly AlertDecision[];
  readonly alert: AlertDetails;
}

function conflictOf(error: unknown): Conflict | undefined {
  // The server's answer to If-Match, see `ChangedMeanwhile` of the API.
  return error instanceof Refusal && error.code === 'changed_meanwhile' ? (error.answer as Conflict) : undefined;
}
