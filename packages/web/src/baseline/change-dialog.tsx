/** Says what a change of the baseline would do before it does it, and asks for the reason. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { BaselineOutcome, Order } from '../api/baseline.ts';
import { useNotice } from '../shell/notices.tsx';
import { Difference } from './difference.tsx';

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  content: { display: 'grid', gap: '14px' },
  lines: {
    maxHeight: '40vh',
    overflowY: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    padding: '8px',
    display: 'grid',
    gap: '6px',
  },
});

export interface Change {
  readonly title: string;
  /** The word on the button. */
  readonly verb: string;
  run(order: Order): Promise<BaselineOutcome>;
}

export function ChangeDialog({ change, onClose, onDone }: { change: Change; onClose: () => void; onDone?: () => void }) {
  const styles = useStyles();
  const notice = useNotice();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const preview = useQuery({
    queryKey: ['baseline-preview', useId()],
    queryFn: () => change.run({ reason: '', dryRun: true }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  const work = useMutation({
    mutationFn: () => change.run({ reason, dryRun: false }),
    onSuccess: async (outcome) => {
      await queries.invalidateQueries({ queryKey: ['baseline'] });
      void queries.invalidateQueries({ queryKey: ['alerts'] });
      notice(
        outcome.refused.length > 0
          ? {
              intent: 'warning',
              text: `${entries(outcome.refused.length)} found no place in the sensor; the rest is version ${outcome.version}.`,
            }
          : { intent: 'success', text: `The baseline is version ${outcome.version} now.` },
      );
      onDone?.();
      onClose();
    },
  });
  const error = work.error ?? preview.error;
  const told = preview.data;
  const isNothing = told !== undefined && told.added.length + told.removed.length === 0;
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <DialogBody>
          <DialogTitle>{change.title}</DialogTitle>
          <DialogContent className={styles.content}>
            {preview.isLoading && <Spinner label="Looking what it would do" />}
            {told && (
              <>
                <Text role="status">{outcomeText(told)}</Text>
                {!isNothing && (
                  <div className={styles.lines} tabIndex={0} role="region" aria-label="What would change">
                    <Difference added={told.added} removed={told.removed} />
                  </div>
                )}
                {!isNothing && (
                  <Field label="Reason" hint="Stands in the history, beside your name">
                    <Input value={reason} maxLength={1000} onChange={(_, data) => setReason(data.value)} />
                  </Field>
                )}
              </>
            )}
            {error && (
              <MessageBar intent="error" layout="multiline">
                <MessageBarBody>{error.message}</MessageBarBody>
              </MessageBar>
            )}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" disabled={told === undefined || isNothing || work.isPending} onClick={() => work.mutate()}>
              {change.verb}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}

export const entries = (count: number): string => (count === 1 ? 'One entry' : `${count.toLocaleString('en')} entries`);

function outcomeText({ added, removed, closes }: BaselineOutcome): string {
  if (added.length + removed.length === 0) return 'This is what the baseline says already: nothing would change.';
  const parts = [
    ...(removed.length > 0 ? [`${entries(removed.length)} would go: the same traffic raises alerts again.`] : []),
    ...(added.length > 0 ? [`${entries(added.length)} would come: the traffic raises no alert from then on.`] : []),
    ...(closes.length > 0
      ? [closes.length === 1 ? 'One open alert would close.' : `${closes.length.toLocaleString('en')} open alerts would close.`]
      : []),
  ];
  return parts.join(' ');
}
