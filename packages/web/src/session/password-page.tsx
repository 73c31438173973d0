/** A password of one's own instead of the printed one. */
import { Button, Field, Input, makeStyles, MessageBar, MessageBarBody } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../api/client.ts';
import { EntryFrame } from './entry-frame.tsx';

const MIN_LENGTH = 12;
const useStyles = makeStyles({ form: { display: 'grid', gap: '16px' }, submit: { marginTop: '8px' } });

export function PasswordPage({ user }: { user: string }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: () => send('POST', '/api/password', { current, next }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['session'] }),
  });
  const differs = again !== '' && again !== next;
  return (
    <EntryFrame title="Set your password" lead="The password you signed in with is for the first time only.">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {change.error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{change.error.message}</MessageBarBody>
          </MessageBar>
        )}
        <input type="hidden" name="user" autoComplete="username" value={user} />
        <Field label="Current password">
          <Input type="password" value={current} onChange={(_, data) => setCurrent(data.value)} autoComplete="current-password" autoFocus />
        </Field>
        <Field label="New password" hint={`At least ${MIN_LENGTH} characters`}>
          <Input type="password" value={next} onChange={(_, data) => setNext(data.value)} autoComplete="new-password" />
        </Field>
        <Field label="New password again" {...(differs ? { validationMessage: 'The two differ.' } : {})}>
          <Input type="password" value={again} onChange={(_, data) => setAgain(data.value)} autoComplete="new-password" />
        </Field>
        <Button
          type="submit"
          appearance="primary"
          size="large"
          className={styles.submit}
          disabled={next.length < MIN_LENGTH || again !== next || change.isPending}
        >
          Set password
        </Button>
      </form>
    </EntryFrame>
  );
}
