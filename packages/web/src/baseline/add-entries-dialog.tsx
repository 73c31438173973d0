/** Takes in lines of the baseline, one a line, in the words of its grammar. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  makeStyles,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';

const useStyles = makeStyles({
  text: { '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 } },
});

export function AddEntriesDialog({ onAdd, onClose }: { onAdd: (lines: readonly string[]) => void; onClose: () => void }) {
  const styles = useStyles();
  const [text, setText] = useState('');
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <DialogBody>
          <DialogTitle>Add entries</DialogTitle>
          <DialogContent>
            <Field
              label="Entries, one a line"
              hint="Subnets, ranges and * are allowed: modbus.function 10.20.10.0/24 -> * unit=1 function=1-4"
            >
              <Textarea
                className={styles.text}
                rows={8}
                resize="vertical"
                value={text}
                placeholder="modbus.function 10.20.10.21 -> 10.20.10.41 unit=1 function=3"
                onChange={(_, data) => setText(data.value)}
              />
            </Field>
          </DialogContent>
          <DialogActions>
            <Button onClick={onClose}>Cancel</Button>
            <Button appearance="primary" disabled={lines.length === 0} onClick={() => onAdd(lines)}>
              Continue
            </Button>
          </DialogActions>
        </DialogBody>
      </DialogSurface>
    </Dialog>
  );
}
