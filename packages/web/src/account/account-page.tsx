/** Your account: the password, passkeys, the second factor and where you are signed in. */
import { makeStyles, MessageBar, MessageBarBody, Spinner, Text, Title3, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { fetchAccount } from '../api/accounts.ts';
import { OwnPassword } from './own-password.tsx';
import { OwnSessions } from './own-sessions.tsx';
import { Passkeys } from './passkeys.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { SecondFactor } from './second-factor.tsx';

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '900px', padding: '16px 24px 40px', display: 'grid', gap: '20px' },
  heading: { display: 'grid', gap: '2px' },
  faint: { color: tokens.colorNeutralForeground3 },
});

export function Page() {
  const styles = useStyles();
  const account = useQuery({ queryKey: ['account'], queryFn: fetchAccount });
  useEffect(() => {
    document.title = 'Your account · Annunciator';
  }, []);
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <div className={styles.heading}>
          <Title3 as="h1">Your account</Title3>
          {account.data && (
            <Text className={styles.faint}>
              {account.data.name} · {account.data.role}
            </Text>
          )}
        </div>
        {account.error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{account.error.message}</MessageBarBody>
          </MessageBar>
        )}
        {account.isLoading && <Spinner label="Loading" />}
        {account.data && (
          <>
            {account.data.external ? (
              <MessageBar intent="info" layout="multiline">
                <MessageBarBody>
                  You sign in by single sign-on: your provider keeps your password, second factor and passkeys.
                </MessageBarBody>
              </MessageBar>
            ) : (
              <>
                <OwnPassword user={account.data.name} />
                <Passkeys account={account.data} />
                <SecondFactor account={account.data} />
                {(account.data.passkeys.length > 0 || account.data.secondFactor) && <RecoveryCodes left={account.data.recoveryCodes} />}
              </>
            )}
            <OwnSessions />
          </>
        )}
      </div>
    </div>
  );
}
