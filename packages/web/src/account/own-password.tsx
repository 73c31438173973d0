/** A new password; other sessions end with the old one. */
import { Button, Field, Input, makeStyles } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../api/client.ts';
import { useNotice } from '../shell/notices.tsx';
import { Card } from '../shell/card.tsx';

const MIN_LENGTH = 12;
const useStyles = makeStyles({
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'start' },
  submit: { marginTop: '26px' },
});

export function OwnPassword({ user }: { user: string }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: () => send('POST', '/api/password', { current, next }),
    onSuccess: async () => {
      for (const clear of [setCurrent, setNext, setAgain]) clear('');
      notice({ text: 'Your password is changed; your other sessions have ended.', intent: 'success' });
      await queries.invalidateQueries({ queryKey: ['own-sessions'] });
    },
  });
  const differs = again !== '' && again !== next;
  return (
    <Card title="Password" lead="Several words that have nothing to do with each other make a good one." error={change.error}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        <input type="hidden" autoComplete="username" value={user} />
        <Field label="Current password">
          <Input type="password" value={current} onChange={(_, data) => setCurrent(data.value)} autoComplete="current-password" />
        </Field>
        <Field label="New password" hint={`At least ${MIN_LENGTH} characters`}>
          <Input type="password" value={next} onChange={(_, data) => setNext(data.value)} autoComplete="new-password" />
        </Field>
        <Field label="New password again" {...(differs ? { validationMessage: 'The two differ.' } : {})}>
          <Input type="password" value={again} onChange={(_, data) => setAgain(data.value)} autoComplete="new-password" />
        </Field>
        <Button
          type="submit"
          className={styles.submit}
          disabled={current === '' || next.length < MIN_LENGTH || again !== next || change.isPending}
        >
          Change password
        </Button>
      </form>
    </Card>
  );
}
