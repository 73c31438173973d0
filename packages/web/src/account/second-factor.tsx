/** The second factor: set up with an authenticator app, confirmed with a code of it, with recovery codes for the day it is lost. */
import { Button, Field, Input, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatTime } from '../time/zone-time.ts';
import type { Account } from '../api/accounts.ts';
import { send } from '../api/client.ts';
import { useNotice } from '../shell/notices.tsx';
import { Card } from '../shell/card.tsx';
import { QrCode } from './qr-code.tsx';
import { NewCodes } from './recovery-codes.tsx';

const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  setUp: { display: 'flex', flexWrap: 'wrap', gap: '24px', alignItems: 'start' },
  steps: { display: 'grid', gap: '14px', flex: '1 1 300px' },
  mono: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere', userSelect: 'all' },
});

export function SecondFactor({ account }: { account: Account }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const reload = () => queries.invalidateQueries({ queryKey: ['account'] });
  const begin = useMutation({
    mutationFn: () => send<{ secret: string; uri: string }>('POST', '/api/account/second-factor', { password }),
    onSuccess: () => setPassword(''),
  });
  const confirm = useMutation({
    mutationFn: () => send<{ recoveryCodes: readonly string[] }>('POST', '/api/account/second-factor/confirm', { code }),
    onSuccess: () => {
      setCode('');
      begin.reset();
      return reload();
    },
  });
  const remove = useMutation({
    mutationFn: () => send('POST', '/api/account/second-factor/remove', { password }),
    onSuccess: () => {
      setPassword('');
      confirm.reset();
      notice({ text: 'No code of the app is asked for any more.', intent: 'success' });
      return reload();
    },
  });
  const begun = begin.data;
  const codes = confirm.data?.recoveryCodes;
  const { secondFactor } = account;
  const lead = secondFactor
    ? `On since ${formatTime(secondFactor.since)}.`
    : 'Off. With it, a stolen password alone opens nothing: sign-in also asks for a code of an app on your phone.';
  return (
    <Card title="Authenticator app" lead={lead} error={begin.error ?? confirm.error ?? remove.error}>
      {codes && codes.length > 0 && secondFactor && <NewCodes codes={codes} />}
      {begun ? (
        <div className={styles.setUp}>
          <QrCode text={begun.uri} label="QR code for the authenticator app" />
          <form
            className={styles.steps}
            onSubmit={(event) => {
              event.preventDefault();
              confirm.mutate();
            }}
          >
            <Text>Scan the code with an authenticator app, or type this secret into it:</Text>
            <output className={styles.mono} aria-label="Secret">
              {begun.secret}
            </output>
            <Field label="Code that the app shows">
              <Input
                value={code}
                onChange={(_, data) => setCode(data.value)}
                autoComplete="one-time-code"
                inputMode="numeric"
                maxLength={10}
                autoFocus
              />
            </Field>
            <div className={styles.form}>
              <Button type="submit" appearance="primary" disabled={code.trim() === '' || confirm.isPending}>
                Turn on
              </Button>
              <Button
                onClick={() => {
                  begin.reset();
                  confirm.reset();
                }}
              >
                Cancel
              </Button>
            </div>
          </form>
        </div>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (secondFactor) remove.mutate();
            else begin.mutate();
          }}
        >
          <Field label="Your password">
            <Input type="password" value={password} onChange={(_, data) => setPassword(data.value)} autoComplete="current-password" />
          </Field>
          <Button type="submit" disabled={password === '' || begin.isPending || remove.isPending}>
            {secondFactor ? 'Turn off' : 'Set up'}
          </Button>
        </form>
      )}
    </Card>
  );
}
