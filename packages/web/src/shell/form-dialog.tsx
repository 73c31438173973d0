/** A dialog that asks for something and does it: what is wrong stands above the fields. */
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
import type { ReactNode } from 'react';
import { Trouble } from './trouble.tsx';

const useStyles = makeStyles({ form: { display: 'grid', gap: '14px' } });

export interface FormDialogProps {
  readonly title: string;
  /** The word on the button that does it. */
  readonly submit: string;
  /** It can be done: all that is needed is there, and it is not being done. */
  readonly isReady: boolean;
  readonly error?: Error | null;
  /** The fields. */
  readonly children: ReactNode;
  onSubmit(): void;
  onClose(): void;
}

export function FormDialog({ title, submit, isReady, error, children, onSubmit, onClose }: FormDialogProps) {
  const styles = useStyles();
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isReady) onSubmit();
          }}
        >
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.form}>
              <Trouble error={error} />
              {children}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={!isReady}>
                {submit}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
