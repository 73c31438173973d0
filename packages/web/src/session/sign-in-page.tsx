/** Sign-in with a user name and a password. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { rememberCsrfToken, send } from '../api/client.ts';
import { EntryFrame } from './entry-frame.tsx';
import type { SessionFacts } from './session-gate.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '16px' },
  submit: { marginTop: '8px' },
});

export function SignInPage({ problem }: { problem?: string }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: () => send<SessionFacts>('POST', '/api/sign-in', { user, password }),
    onSuccess: (facts) => {
      rememberCsrfToken(facts.csrfToken);
      queries.setQueryData(['session'], facts);
    },
    onError: () => setPassword(''),
  });
  const trouble = signIn.error?.message ?? problem;
  return (
    <EntryFrame title="Sign in" lead="Security alerts of your industrial networks">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        {trouble && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{trouble}</MessageBarBody>
          </MessageBar>
        )}
        <Field label="User name">
          <Input value={user} onChange={(_, data) => setUser(data.value)} autoComplete="username" name="user" autoFocus size="large" />
        </Field>
        <Field label="Password">
          <Input
            type="password"
            value={password}
            onChange={(_, data) => setPassword(data.value)}
            autoComplete="current-password"
            name="password"
            size="large"
          />
        </Field>
        <Button
          type="submit"
          appearance="primary"
          size="large"
          className={styles.submit}
          disabled={user === '' || password === '' || signIn.isPending}
        >
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
      </form>
    </EntryFrame>
  );
}
