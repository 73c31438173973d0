/** Tests the marked rules, or all of them, against history. */
import { Button, Dialog, DialogActions, DialogBody, DialogContent, DialogSurface, DialogTitle } from '@fluentui/react-components';
import type { Rule } from '../api/rules.ts';
import { TrialPanel } from './trial-panel.tsx';

export function TrialDialog({ rules, onClose }: { rules: readonly Rule[]; onClose: () => void }) {
  const title =
    rules.length === 0 ? 'Test all rules' : rules.length === 1 ? `Test “${rules[0]?.name ?? ''}”` : `Test ${rules.length} rules`;
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent>
            <TrialPanel what={() => (rules.length === 0 ? {} : { ids: rules.map(({ id }) => id) })} />
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Close</Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
