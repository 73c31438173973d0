/** What people do with alerts: the call, the rows, and a notice of what was done and what was refused. */
import { useQueryClient } from '@tanstack/react-query';
import {
  type AlertDetails,
  actOn,
  learn,
  type Outcome,
  setSeverity,
  setStatus,
  type Severity,
  type Status,
  unlearn,
} from '../api/alerts.ts';
import { useNotice } from '../shell/notices.tsx';
import { useRowUpdates } from './use-alerts.ts';

export interface AlertActions {
  setStatus(ids: readonly string[], status: Status): Promise<void>;
  setSeverity(ids: readonly string[], severity: Severity): Promise<void>;
  learn(ids: readonly string[]): Promise<void>;
  /** Unlearn, mute, unmute: one alert at a time. */
  act(id: string, verb: 'unlearn' | 'mute' | 'unmute'): Promise<void>;
}

const DONE = {
  unlearn: 'Unlearned: the same traffic raises alerts again.',
  mute: 'Muted: the same traffic stays silent.',
  unmute: 'Unmuted: the same traffic raises alerts again.',
} as const;

export function useAlertActions(): AlertActions {
  const notice = useNotice();
  const update = useRowUpdates();
  const queries = useQueryClient();

  const finish = (outcome: Outcome, done: string, undo?: () => void) => {
    update(outcome.changed);
    const [first] = outcome.refused;
    if (outcome.changed.length > 0)
      notice({ intent: 'success', text: `${alerts(outcome.changed.length)} ${done}.`, ...(undo ? { undo } : {}) });
    if (first)
      notice({
        intent: 'warning',
        text: outcome.refused.length === 1 ? first.message : `${alerts(outcome.refused.length)} left as they are. ${first.message}`,
      });
  };
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      notice({ intent: 'error', text: error instanceof Error ? error.message : String(error) });
    }
  };

  return {
    setStatus: (ids, status) => attempt(async () => finish(await setStatus(ids, status), `set to ${status}`)),
    setSeverity: (ids, severity) => attempt(async () => finish(await setSeverity(ids, severity), `set to ${severity}`)),
    learn: (ids) =>
      attempt(async () => {
        const outcome = await learn(ids);
        const learned = outcome.changed.map((alert) => alert.id);
        finish(outcome, 'learned and closed', () => void attempt(async () => finish(await unlearn(learned), 'unlearned')));
      }),
    act: (id, verb) =>
      attempt(async () => {
        const details = await actOn(id, verb);
        queries.setQueryData<AlertDetails>(['alert', id], details);
        update([details]);
        notice({ intent: 'success', text: DONE[verb] });
      }),
  };
}

export function alerts(count: number): string {
  return count === 1 ? '1 alert' : `${count.toLocaleString('en')} alerts`;
}
