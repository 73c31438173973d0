/** Asks before something is done with many alerts. */
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import type { AlertAction } from '../api/jobs.ts';
import { alerts, wordsOf } from './action-words.ts';

export interface Asked {
  readonly action: AlertAction;
  readonly count: number;
  /** What they have in common, where everything that matches is meant. */
  readonly about: string | null;
}

const SAYS: Readonly<Record<AlertAction['kind'], string>> = {
  status: 'Setting an alert to New or Active ends what it silenced. A closed one is raised anew when its traffic comes again.',
  severity: "The portal shows the new severity; the sensors' own words stay.",
  learn: 'Their traffic becomes part of the baseline and raises no alert from now on.',
  unlearn: 'Their traffic leaves the baseline, and they open again.',
  mute: 'They close, and the same traffic between the same devices stays silent, without being called normal.',
  unmute: 'They open again, and their traffic raises alerts.',
};

export default function ConfirmDialog({ asked, onClose, onConfirm }: { asked: Asked; onClose: () => void; onConfirm: () => void }) {
  const { name, request } = wordsOf(asked.action);
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{request(alerts(asked.count))}?</DialogTitle>
          <DialogContent>
            <p>{SAYS[asked.action.kind]}</p>
            {asked.about !== null && (
              <p>Meant is everything that matches now: {asked.about}. Alerts that come in later stay as they are.</p>
            )}
            <p>It runs as a job: you can go on working, cancel it, and undo it afterwards.</p>
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" onClick={onConfirm}>
              {name}
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
