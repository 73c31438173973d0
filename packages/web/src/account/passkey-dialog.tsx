/** Renames a passkey, or removes it with the password. */
import { Field, Input, Text } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Passkey } from '../api/accounts.ts';
import { send } from '../api/client.ts';
import { FormDialog } from '../shell/form-dialog.tsx';

export interface PasskeyDialogProps {
  readonly what: 'rename' | 'remove';
  readonly passkey: Passkey;
  /** Nothing else is asked for beside the password. */
  readonly isLast: boolean;
  readonly onClose: () => void;
}

export function PasskeyDialog({ what, passkey, isLast, onClose }: PasskeyDialogProps) {
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
    <FormDialog
      title={what === 'rename' ? `Rename ${passkey.name}` : `Remove ${passkey.name}?`}
      submit={what === 'rename' ? 'Save' : 'Remove'}
      isReady={!act.isPending && (what === 'rename' ? name.trim() !== '' : password !== '')}
      error={act.error}
      onSubmit={() => act.mutate()}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
