/** Adds a user, or changes the name and the grants of one. A new user gets a password for the first sign-in, shown once. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { changeUser, createUser, fetchRoles, type Grant, type User } from '../api/accounts.ts';
import { GrantsField } from './grants-field.tsx';
import { OneTimePassword } from './one-time-password.tsx';

const useStyles = makeStyles({ form: { display: 'grid', gap: '16px' }, surface: { maxWidth: '640px' } });

export function UserDialog({ user, onClose }: { user?: User; onClose: () => void }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const roles = useQuery({ queryKey: ['roles'], queryFn: fetchRoles, staleTime: Number.POSITIVE_INFINITY });
  const [name, setName] = useState(user?.name ?? '');
  const [grants, setGrants] = useState<readonly Grant[]>(user?.grants ?? []);
  const lowest = roles.data?.roles[0]?.name;
  useEffect(() => {
    if (grants.length === 0 && lowest !== undefined) setGrants([{ role: lowest, site: null, zone: null, packets: null }]);
  }, [grants.length, lowest]);
  const save = useMutation({
    mutationFn: async () => {
      if (user) await changeUser(user.id, { name, grants });
      return user ? null : createUser(name, grants);
    },
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      if (!made) onClose();
    },
  });
  const made = save.data;
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        {made ? (
          <DialogBody>
            <DialogTitle>{made.name} is added</DialogTitle>
            <DialogContent>
              <OneTimePassword password={made.password} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" onClick={onClose}>
                Done
              </Button>
            </DialogActions>
          </DialogBody>
        ) : (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              save.mutate();
            }}
          >
            <DialogBody>
              <DialogTitle>{user ? `Change ${user.name}` : 'Add user'}</DialogTitle>
              <DialogContent className={styles.form}>
                {save.error && (
                  <MessageBar intent="error" layout="multiline">
                    <MessageBarBody>{save.error.message}</MessageBarBody>
                  </MessageBar>
                )}
                <Field label="Name" required>
                  <Input value={name} maxLength={100} onChange={(_, data) => setName(data.value)} autoComplete="off" autoFocus />
                </Field>
                <GrantsField grants={grants} onChange={setGrants} />
              </DialogContent>
              <DialogActions>
                <Button onClick={onClose}>Cancel</Button>
                <Button type="submit" appearance="primary" disabled={name.trim() === '' || grants.length === 0 || save.isPending}>
                  {user ? 'Save' : 'Add user'}
                </Button>
              </DialogActions>
            </DialogBody>
          </form>
        )}
      </DialogSurface>
    </Dialog>
  );
}
