/** Renames a passkey, or removes it with the password. */
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
  Text,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Passkey } from '../api/accounts.ts';
import { send } from '../api/client.ts';

const useStyles = makeStyles({ form: { display: 'grid', gap: '16px' } });

export interface PasskeyDialogProps {
  readonly what: 'rename' | 'remove';
  readonly passkey: Passkey;
  /** Nothing else is asked for beside the password. */
  readonly isLast: boolean;
  readonly onClose: () => void;
}

export function PasskeyDialog({ what, passkey, isLast, onClose }: PasskeyDialogProps) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [name, setName] = useState(passkey.name);
  const [password, setPassword] = useState('');
  const path = `/api/account/passkeys/${passkey.id}`;
  const act = useMutation({
    mutationFn: () => (what === 'rename' ? send('PATCH', path, { name }) : send('POST', `${path}/remove`, { password })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['account'] });
      onClose();
    },
  });
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            act.mutate();
          }}
        >
          <DialogBody>
            <DialogTitle>{what === 'rename' ? `Rename ${passkey.name}` : `Remove ${passkey.name}?`}</DialogTitle>
            <DialogContent className={styles.form}>
              {act.error && (
                <MessageBar intent="error" layout="multiline">
                  <MessageBarBody>{act.error.message}</MessageBarBody>
                </MessageBar>
              )}
              {what === 'rename' ? (
                <Field label="Name">
                  <Input value={name} maxLength={100} onChange={(_, data) => setName(data.value)} autoComplete="off" autoFocus />
                </Field>
              ) : (
                <>
                  <Text>
                    It does not sign in any more; delete it on your device or security key, too.
                    {isLast && ' It is your last: your password alone signs you in from then on, and your recovery codes end.'}
                  </Text>
                  <Field label="Your password">
                    <Input
                      type="password"
                      value={password}
                      onChange={(_, data) => setPassword(data.value)}
                      autoComplete="current-password"
                      autoFocus
                    />
                  </Field>
                </>
              )}
            </DialogContent>
            <DialogActions>
              <Button onClick={onClose}>Cancel</Button>
              <Button
                type="submit"
                appearance="primary"
                disabled={act.isPending || (what === 'rename' ? name.trim() === '' : password === '')}
              >
                {what === 'rename' ? 'Save' : 'Remove'}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}
