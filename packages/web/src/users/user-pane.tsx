/** One user: what they may do, how they sign in, and what an administrator does about it. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Link,
  makeStyles,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { changeUser, grantText, type User } from '../api/accounts.ts';
import { send } from '../api/client.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { OneTimePassword } from './one-time-password.tsx';
import { UserDialog } from './user-dialog.tsx';
import { stateOf } from './user-state.ts';

const useStyles = makeStyles({
  line: { display: 'block' },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

export function UserPane({ user, onClose }: { user: User; onClose: () => void }) {
  const styles = useStyles();
  const session = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const notice = useNotice();
  const [asked, setAsked] = useState<'change' | 'remove' | null>(null);
  const [password, setPassword] = useState<string | null>(null);
  const act = useMutation({
    mutationFn: async ({ work }: { work: () => Promise<unknown>; done: string }) => work(),
    onSuccess: async (_, { done }) => {
      notice({ text: done, intent: 'success' });
      await queries.invalidateQueries({ queryKey: ['users'] });
    },
    onError: (error) => notice({ text: error.message, intent: 'error' }),
  });
  const reset = useMutation({
    mutationFn: () => send<{ password: string }>('POST', `/api/users/${user.id}/reset-password`),
    onSuccess: async (made) => {
      setPassword(made.password);
      await queries.invalidateQueries({ queryKey: ['users'] });
    },
    onError: (error) => notice({ text: error.message, intent: 'error' }),
  });
  const mayEdit = session.may('users.edit');
  const remove = () => {
    setAsked(null);
    act.mutate({ work: () => send('DELETE', `/api/users/${user.id}`).then(onClose), done: `${user.name} is removed.` });
  };
  return (
    <DetailsPane
      label="User details"
      contentLabel="Facts of the user"
      title={user.name}
      onClose={onClose}
      footer={
        mayEdit && (
          <>
            <Button appearance="primary" onClick={() => setAsked('change')}>
              Change
            </Button>
            <Button
              onClick={() =>
                act.mutate({
                  work: () => changeUser(user.id, { disabled: !user.disabled }),
                  done: `${user.name} is ${user.disabled ? 'enabled' : 'disabled'}.`,
                })
              }
            >
              {user.disabled ? 'Enable' : 'Disable'}
            </Button>
            <Button onClick={() => setAsked('remove')}>Remove</Button>
          </>
        )
      }
    >
      <Facts
        facts={[
          ['State', stateOf(user)],
          [
            'Roles',
            user.grants.map((grant) => (
              <span key={grantText(grant)} className={styles.line}>
                {grantText(grant)}
              </span>
            )),
          ],
          ['Authenticator app', user.secondFactor ? 'On' : 'Off'],
          ['Passkeys', user.passkeys.toLocaleString('en')],
          ['Sessions', user.sessions.toLocaleString('en')],
          ['Last sign-in', user.lastSignIn ? <DetectionTime key="last" at={user.lastSignIn} /> : 'Never'],
          ['Added', <DetectionTime key="created" at={user.created} />],
        ]}
      />
      {session.may('audit.view') && (
        <Link as="button" onClick={() => void navigate(`/audit?${new URLSearchParams({ who: user.name })}`)}>
          What {user.name} did
        </Link>
      )}
      {mayEdit && (
        <div className={styles.actions}>
          <Button size="small" onClick={() => reset.mutate()}>
            Reset password
          </Button>
          <Button
            size="small"
            disabled={user.sessions === 0}
            onClick={() =>
              act.mutate({ work: () => send('DELETE', `/api/users/${user.id}/sessions`), done: `The sessions of ${user.name} have ended.` })
            }
          >
            End sessions
          </Button>
          <Button
            size="small"
            disabled={!user.secondFactor}
            onClick={() =>
              act.mutate({
                work: () => send('DELETE', `/api/users/${user.id}/second-factor`),
                done: `No code of an app is asked of ${user.name} any more.`,
              })
            }
          >
            Remove authenticator app
          </Button>
          <Button
            size="small"
            disabled={user.passkeys === 0}
            onClick={() =>
              act.mutate({
                work: () => send('DELETE', `/api/users/${user.id}/passkeys`),
                done: `The passkeys of ${user.name} are removed.`,
              })
            }
          >
            Remove passkeys
          </Button>
        </div>
      )}
      {asked === 'change' && <UserDialog user={user} onClose={() => setAsked(null)} />}
      <Dialog open={asked === 'remove'} onOpenChange={(_, data) => !data.open && setAsked(null)}>
        <DialogSurface>
          <DialogBody>
            <DialogTitle>Remove {user.name}?</DialogTitle>
            <DialogContent>
              Sessions and API tokens of {user.name} end at once. What {user.name} did stays in the audit log. To keep the user and only
              shut the door, disable it.
            </DialogContent>
            <DialogActions>
              <Button onClick={() => setAsked(null)}>Cancel</Button>
              <Button appearance="primary" onClick={remove}>
                Remove
              </Button>
            </DialogActions>
          </DialogBody>
        </DialogSurface>
      </Dialog>
      <Dialog open={password !== null} onOpenChange={(_, data) => !data.open && setPassword(null)}>
        <DialogSurface>
          <DialogBody>
            <DialogTitle>The password of {user.name} is reset</DialogTitle>
            <DialogContent>
              <OneTimePassword password={password ?? ''} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" onClick={() => setPassword(null)}>
                Done
              </Button>
            </DialogActions>
          </DialogBody>
        </DialogSurface>
      </Dialog>
    </DetailsPane>
  );
}
