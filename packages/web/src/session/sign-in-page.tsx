/** Sign-in with a user name and a password and what is asked for beside it, with a passkey, or at a provider of identities. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody, Text } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { get, Refusal, rememberCsrfToken, send } from '../api/client.ts';
import { EntryFrame } from './entry-frame.tsx';
import type { SessionFacts } from './session-gate.tsx';
import { offerPasskeys, signWithPasskey, whyNoPasskeys } from './web-authn.ts';

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

/** What the server asks for after the password, in its words; null at first. */
type Asked = { readonly for: 'code' | 'passkey'; readonly words: string; readonly passkey: boolean } | null;

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
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState<Asked>(null);
  const endOffer = useRef<() => void>(() => undefined);
  const signIn = useMutation({
    mutationFn: async (by: 'form' | 'passkey' | PasskeyAnswer) => {
      endOffer.current();
      const passkey = by === 'form' ? undefined : by === 'passkey' ? await signWithPasskey(await beginWithPasskey()) : by;
      if (passkey && !asked) return send<SessionFacts>('POST', '/api/sign-in/passkey', passkey);
      return send<SessionFacts>('POST', '/api/sign-in', { user, password, ...(passkey ? { passkey } : asked ? { code } : {}) });
    },
    onSuccess: (facts) => {
      rememberCsrfToken(facts.csrfToken);
      queries.setQueryData(['session'], facts);
    },
    onError: (error, by) => {
      const next = askedBy(error);
      if (next) setAsked(next);
      // Another code, or the passkey once more; anything else begins from the start.
      else if (by === 'form' && !(error instanceof Refusal && error.code === 'wrong_code')) startAgain();
      setCode('');
    },
  });
  const startAgain = (): void => {
    setAsked(null);
    setPassword('');
    setCode('');
  };
  const trouble = signIn.error && askedBy(signIn.error) ? undefined : (signIn.error?.message ?? problem ?? returned);
  const canUsePasskey = asked ? asked.passkey && whyNoPasskeys() === null : window.PublicKeyCredential !== undefined;
  const isWaiting = signIn.isPending;
  // One that was chosen and refused would be chosen again.
  const isOffering = asked === null && !isWaiting && (signIn.error === null || typeof signIn.variables !== 'object');
  const chosen = useEffectEvent((answer: PasskeyAnswer) => signIn.mutate(answer));
  useEffect(() => {
    if (!isOffering || whyNoPasskeys() !== null) return undefined;
    const end = offerPasskeys(beginWithPasskey, (answer) => chosen(answer));
    endOffer.current = end;
    return end;
  }, [isOffering]);
  return (
    <EntryFrame title="Sign in" lead="Security alerts of your industrial networks">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate(asked?.for === 'passkey' ? 'passkey' : 'form');
        }}
      >
        {trouble && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{trouble}</MessageBarBody>
          </MessageBar>
        )}
        {!asked && (
          <>
            <Field label="User name">
              <Input
                value={user}
                onChange={(_, data) => setUser(data.value)}
                autoComplete="username webauthn"
                name="user"
                autoFocus
                size="large"
              />
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
        )}
        {asked?.for === 'code' && (
          <Field label="Code" hint={asked.words}>
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
        {asked?.for === 'passkey' ? (
          <>
            <Text>{asked.words}</Text>
            <Button type="submit" appearance="primary" size="large" disabled={isWaiting} autoFocus>
              {isWaiting ? 'Waiting for the passkey…' : 'Continue with a passkey'}
            </Button>
            <Button size="large" onClick={() => setAsked({ ...asked, for: 'code', words: 'One of your recovery codes' })}>
              Enter a recovery code
            </Button>
          </>
        ) : (
          <>
            <Button
              type="submit"
              appearance="primary"
              size="large"
              className={styles.submit}
              disabled={user === '' || password === '' || (asked !== null && code === '') || isWaiting}
            >
              {isWaiting ? 'Signing in…' : 'Sign in'}
            </Button>
            {canUsePasskey && (
              <Button size="large" disabled={isWaiting} onClick={() => signIn.mutate('passkey')}>
                {asked ? 'Use a passkey instead' : 'Sign in with a passkey'}
              </Button>
            )}
          </>
        )}
        {!asked && sso.data?.name && (
          <Button size="large" as="a" href="/api/sign-in/sso/begin">
            Sign in with {sso.data.name}
          </Button>
        )}
        {asked && (
          <Button
            appearance="transparent"
            onClick={() => {
              startAgain();
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

type PasskeyAnswer = Awaited<ReturnType<typeof signWithPasskey>>;

const beginWithPasskey = (): Promise<Parameters<typeof signWithPasskey>[0]> => send('POST', '/api/sign-in/passkey/options');

/** The second step that a refusal asks for. */
function askedBy(error: unknown): Asked {
  if (!(error instanceof Refusal) || !['code_required', 'passkey_required'].includes(error.code)) return null;
  const { answer } = error;
  const passkey = typeof answer === 'object' && answer !== null && 'passkey' in answer && answer.passkey === true;
  return { for: error.code === 'passkey_required' && passkey ? 'passkey' : 'code', words: error.message, passkey };
}
