/** Sign-in with a user name and a password. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, Refusal, rememberCsrfToken, send } from '../api/client.ts';
import { EntryFrame } from './entry-frame.tsx';
import type { SessionFacts } from './session-gate.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '16px' },
  submit: { marginTop: '8px' },
});

/** Why a provider of identities sent somebody back without a session. */
const RETURNED: Readonly<Record<string, string>> = {
  sso_failed: 'The sign-in was not confirmed, or took too long: try again.',
  sso_unreachable: 'Single sign-on cannot be reached at the moment: try again later, or sign in with a password.',
  no_role: 'None of your groups has a role here: ask an administrator.',
  user_disabled: 'Your user is disabled here: ask an administrator.',
  user_exists: 'There is another user of your name here: ask an administrator.',
};

export function SignInPage({ problem }: { problem?: string }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const sso = useQuery({
    queryKey: ['sso'],
    queryFn: () => get<{ name: string | null }>('/api/sign-in/sso'),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const returned = RETURNED[new URLSearchParams(window.location.search).get('problem') ?? ''];
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  /** Null until the server asks for one. */
  const [code, setCode] = useState<string | null>(null);
  const signIn = useMutation({
    mutationFn: () => send<SessionFacts>('POST', '/api/sign-in', { user, password, ...(code === null ? {} : { code }) }),
    onSuccess: (facts) => {
      rememberCsrfToken(facts.csrfToken);
      queries.setQueryData(['session'], facts);
    },
    onError: (error) => {
      const asksForCode = error instanceof Refusal && ['code_required', 'wrong_code'].includes(error.code);
      setCode(asksForCode ? '' : null);
      if (!asksForCode) setPassword('');
    },
  });
  const isFirstAsk = signIn.error instanceof Refusal && signIn.error.code === 'code_required';
  const trouble = isFirstAsk ? undefined : (signIn.error?.message ?? problem ?? returned);
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
        {code === null ? (
          <>
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
          </>
        ) : (
          <Field label="Code" hint="The code that your authenticator app shows, or one of your recovery codes">
            <Input
              value={code}
              onChange={(_, data) => setCode(data.value)}
              autoComplete="one-time-code"
              inputMode="text"
              autoFocus
              size="large"
            />
          </Field>
        )}
        <Button
          type="submit"
          appearance="primary"
          size="large"
          className={styles.submit}
          disabled={user === '' || password === '' || code === '' || signIn.isPending}
        >
          {signIn.isPending ? 'Signing in…' : 'Sign in'}
        </Button>
        {code === null && sso.data?.name && (
          <Button size="large" as="a" href="/api/sign-in/sso/begin">
            Sign in with {sso.data.name}
          </Button>
        )}
        {code !== null && (
          <Button
            appearance="transparent"
            onClick={() => {
              setCode(null);
              setPassword('');
              signIn.reset();
            }}
          >
            Sign in as somebody else
          </Button>
        )}
      </form>
    </EntryFrame>
  );
}
