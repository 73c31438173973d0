/** Where you are signed in, and the way to end it. */
import { Badge, Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { fetchOwnSessions } from '../api/accounts.ts';
import { send } from '../api/client.ts';
import { browserOf } from './browser-name.ts';
import { Card } from '../shell/card.tsx';
import { SmallTable } from '../shell/small-table.tsx';

const useStyles = makeStyles({
  head: {
    textAlign: 'left',
    padding: '6px 10px 6px 0',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  all: { justifySelf: 'start' },
});

const HEADS = ['Browser', 'From', 'Signed in', 'Last seen', 'By', ''];

export function OwnSessions() {
  const styles = useStyles();
  const queries = useQueryClient();
  const list = useQuery({ queryKey: ['own-sessions'], queryFn: fetchOwnSessions });
  const end = useMutation({
    mutationFn: (id: string | null) => send('DELETE', id === null ? '/api/account/sessions' : `/api/account/sessions/${id}`),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['own-sessions'] }),
  });
  const sessions = list.data ?? [];
  return (
    <Card
      title="Sessions"
      lead="A session ends eight hours after its last request, and a day after its sign-in at the latest."
      error={list.error ?? end.error}
    >
      {list.isLoading && <Spinner label="Loading" />}
      {sessions.length > 0 && (
        <SmallTable
          heads={HEADS}
          rows={sessions.map((session) => ({
            key: session.id,
            cells: [
              <span title={session.agent}>{browserOf(session.agent)}</span>,
              session.address,
              <DetectionTime at={session.created} />,
              <DetectionTime at={session.lastSeen} />,
              session.method,
              session.current ? (
                <Badge appearance="tint">This session</Badge>
              ) : (
                <Button size="small" onClick={() => end.mutate(session.id)} aria-label={`End the session from ${session.address}`}>
                  End
                </Button>
              ),
            ],
          }))}
        />
      )}
      {sessions.length > 1 && (
        <Button className={styles.all} onClick={() => end.mutate(null)}>
          End all other sessions
        </Button>
      )}
    </Card>
  );
}
