/** API tokens of the signed-in person. */
import {
  Button,
  Field,
  Input,
  makeStyles,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Select,
  Spinner,
  Text,
  Title3,
  tokens,
} from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { formatTime } from '../time/zone-time.ts';
import { fetchRoles } from '../api/accounts.ts';
import { get, send } from '../api/client.ts';
import { useSession } from '../session/session-gate.tsx';
import { Trouble } from '../shell/trouble.tsx';

interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly created: string;
  readonly expires: string | null;
  readonly lastUsed: string | null;
}

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '900px', padding: '16px 24px 40px', display: 'grid', gap: '16px' },
  lead: { color: tokens.colorNeutralForeground3 },
  form: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  secret: { fontFamily: tokens.fontFamilyMonospace, overflowWrap: 'anywhere', userSelect: 'all' },
  table: { borderCollapse: 'collapse', width: '100%' },
  head: {
    textAlign: 'left',
    padding: '8px 10px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  cell: { padding: '8px 10px', borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
});

export function Page() {
  const styles = useStyles();
  const session = useSession();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const roles = useQuery({ queryKey: ['roles'], queryFn: fetchRoles, staleTime: Number.POSITIVE_INFINITY });
  const names = roles.data?.roles.map((known) => known.name) ?? [];
  const [chosen, setRole] = useState<string | null>(null);
  const role = chosen ?? names[0] ?? '';
  const mayEdit = session.may('tokens.edit');
  const list = useQuery({ queryKey: ['tokens'], queryFn: () => get<readonly Token[]>('/api/tokens'), enabled: mayEdit });
  const reload = () => queries.invalidateQueries({ queryKey: ['tokens'] });
  const create = useMutation({
    mutationFn: () => send<Token & { token: string }>('POST', '/api/tokens', { name, role }),
    onSuccess: () => {
      setName('');
      return reload();
    },
  });
  const revoke = useMutation({ mutationFn: (id: string) => send('DELETE', `/api/tokens/${id}`), onSuccess: reload });
  useEffect(() => {
    document.title = 'API tokens · Annunciator';
  }, []);
  const trouble = list.error ?? create.error ?? revoke.error;
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Title3 as="h1">API tokens</Title3>
        <Text className={styles.lead}>
          For programs: send it as “Authorization: Bearer …”. What there is to call is described at /api/openapi.json.
        </Text>
        {!mayEdit && <Text>Your role is {session.role}, which does not include API tokens.</Text>}
        <Trouble error={trouble} />
        {create.data && (
          <MessageBar intent="success" layout="multiline">
            <MessageBarBody>
              <MessageBarTitle>Copy the token now: it is shown this once.</MessageBarTitle>
              <br />
              <span className={styles.secret}>{create.data.token}</span>
            </MessageBarBody>
          </MessageBar>
        )}
        {mayEdit && (
          <form
            className={styles.form}
            onSubmit={(event) => {
              event.preventDefault();
              create.mutate();
            }}
          >
            <Field label="Name">
              <Input value={name} onChange={(_, data) => setName(data.value)} />
            </Field>
            <Field label="Role">
              <Select value={role} onChange={(_, data) => setRole(data.value)}>
                {names.map((other) => (
                  <option key={other}>{other}</option>
                ))}
              </Select>
            </Field>
            <Button type="submit" appearance="primary" disabled={name.trim() === '' || role === '' || create.isPending}>
              Create token
            </Button>
          </form>
        )}
        {list.isLoading && <Spinner label="Loading" />}
        {list.data && list.data.length > 0 && (
          <table className={styles.table}>
            <thead>
              <tr>
                {['Name', 'Role', 'Created', 'Expires', 'Last used'].map((title) => (
                  <th key={title} scope="col" className={styles.head}>
                    {title}
                  </th>
                ))}
                <th scope="col" className={styles.head}>
                  Action
                </th>
              </tr>
            </thead>
            <tbody>
              {list.data.map((token) => (
                <tr key={token.id}>
                  <td className={styles.cell}>{token.name}</td>
                  <td className={styles.cell}>{token.role}</td>
                  <td className={styles.cell}>{formatTime(token.created)}</td>
                  <td className={styles.cell}>{token.expires ? formatTime(token.expires) : 'never'}</td>
                  <td className={styles.cell}>{token.lastUsed ? formatTime(token.lastUsed) : 'not yet'}</td>
                  <td className={styles.cell}>
                    <Button size="small" onClick={() => revoke.mutate(token.id)} aria-label={`Revoke ${token.name}`}>
                      Revoke
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </div>
  );
}
