/** Asks before rules are deleted. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
} from '@fluentui/react-components';
import type { Rule } from '../api/rules.ts';

const SHOWN = 8;
const useStyles = makeStyles({ list: { margin: '12px 0 0', paddingLeft: '20px' } });

export function DeleteRulesDialog({ rules, onDelete, onClose }: { rules: readonly Rule[]; onDelete: () => void; onClose: () => void }) {
  const styles = useStyles();
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>{rules.length === 1 ? 'Delete this rule?' : `Delete ${rules.length} rules?`}</DialogTitle>
          <DialogContent>
            Their alerts and events stay. A rule that is only switched off can be switched on again.
            <ul className={styles.list}>
              {rules.slice(0, SHOWN).map(({ id, name }) => (
                <li key={id}>{name}</li>
              ))}
              {rules.length > SHOWN && <li>and {rules.length - SHOWN} more</li>}
            </ul>
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" onClick={onDelete}>
              Delete
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
