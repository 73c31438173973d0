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
  tokens,
} from '@fluentui/react-components';
import type { AlertRow } from '../api/alerts.ts';
import { deviceLabel } from './device-name.tsx';
import { alerts } from './use-alert-actions.ts';

const SHOWN = 6;
const useStyles = makeStyles({
  list: { margin: '12px 0', paddingLeft: '20px' },
  note: { color: tokens.colorNeutralForeground3 },
});

/** `selected` are the alerts to learn; those that cannot be learned stay as they are. Closed when it is empty. */
export function LearnDialog({
  selected,
  onLearn,
  onClose,
}: {
  selected: readonly AlertRow[];
  onLearn: (ids: readonly string[]) => void;
  onClose: () => void;
}) {
  const styles = useStyles();
  const learnable = selected.filter((alert) => alert.learnable && alert.disposition !== 'learned');
  const rest = selected.length - learnable.length;
  return (
    <Dialog open={selected.length > 0} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Learn {alerts(learnable.length)}?</DialogTitle>
          <DialogContent>
            The traffic becomes part of the baseline and raises no alert from now on;{' '}
            {learnable.length === 1 ? 'the alert closes' : `${alerts(learnable.length)} close`}.
            <ul className={styles.list}>
              {learnable.slice(0, SHOWN).map((alert) => (
                <li key={alert.id}>
                  {alert.title}:{' '}
                  {[deviceLabel(alert.source), deviceLabel(alert.destination)].filter((name) => name !== '').join(' to ') || alert.sensor}
                </li>
              ))}
              {learnable.length > SHOWN && <li>and {learnable.length - SHOWN} more</li>}
            </ul>
            {rest > 0 && <div className={styles.note}>{alerts(rest)} of the selected cannot be learned and stay as they are.</div>}
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              appearance="primary"
              disabled={learnable.length === 0}
              onClick={() => {
                onLearn(learnable.map((alert) => alert.id));
                onClose();
              }}
            >
              Learn
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
