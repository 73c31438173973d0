/** Recovery codes: shown when they are made, counted afterwards, and made anew. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, MessageBarTitle, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../api/client.ts';
import { Card } from '../shell/card.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  codes: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))',
    gap: '4px 16px',
    margin: '8px 0 0',
    padding: 0,
    listStyleType: 'none',
    fontFamily: tokens.fontFamilyMonospace,
  },
});

export function NewCodes({ codes }: { codes: readonly string[] }) {
  const styles = useStyles();
  return (
    <MessageBar intent="success" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>Keep these recovery codes where you find them without your phone or your passkeys.</MessageBarTitle>
        <br />
        They are shown this once. Each is good for one sign-in, after your password.
        <ul className={styles.codes} aria-label="Recovery codes">
          {codes.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </MessageBarBody>
    </MessageBar>
  );
}

export function RecoveryCodes({ left }: { left: number }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const renew = useMutation({
    mutationFn: () => send<{ recoveryCodes: readonly string[] }>('POST', '/api/account/recovery-codes', { password }),
    onSuccess: () => {
      setPassword('');
      return queries.invalidateQueries({ queryKey: ['account'] });
    },
  });
  const count = left === 1 ? '1 recovery code is left' : `${left} recovery codes are left`;
  return (
    <Card
      title="Recovery codes"
      lead={`${count}. Each stands in once for a passkey or a code of the app. New ones take the place of those that are left.`}
      error={renew.error}
    >
      {renew.data && <NewCodes codes={renew.data.recoveryCodes} />}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          renew.mutate();
        }}
      >
        <Field label="Your password">
          <Input type="password" value={password} onChange={(_, data) => setPassword(data.value)} autoComplete="current-password" />
        </Field>
        <Button type="submit" disabled={password === '' || renew.isPending}>
          Make new codes
        </Button>
      </form>
    </Card>
  );
}
