/** What is known of a device or module, how it connects, and its connection strings for who may see them. */
import { Button, Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type Fact, Facts, Mono } from '../alerts/facts.tsx';
import { AUTHENTICATION_WORDS, fetchHub, type Hub, type HubIdentity, type HubName, purgeMessages } from '../api/hub.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';
import { Card } from '../shell/card.tsx';
import { ConnectionStrings } from './connection-strings.tsx';

const useStyles = makeStyles({
  columns: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 400px), 1fr))', gap: '16px', alignItems: 'start' },
  stack: { display: 'grid', gap: '16px', minWidth: 0 },
  faint: { color: tokens.colorNeutralForeground3 },
  inline: { display: 'inline-flex', gap: '10px', alignItems: 'center' },
});

const never = (at: string | null) => (at === null ? 'Never' : <DetectionTime at={at} />);

export function DeviceOverview({ name, identity }: { name: HubName; identity: HubIdentity }) {
  const styles = useStyles();
  const session = useSession();
  const hub = useQuery({ queryKey: ['hub', 'facts'], queryFn: fetchHub });
  const isDevice = name.module === null;
  return (
    <div className={styles.columns}>
      <Card title="Facts">
        <Facts
          facts={[
            ['Status reason', identity.statusReason ?? ''],
            ['Last activity', never(identity.lastActivity)],
            [identity.connected ? 'Connected since' : 'Disconnected since', never(identity.connectionUpdated)],
            ['Authentication', AUTHENTICATION_WORDS[identity.authentication]],
            ...identity.thumbprints.map((print): Fact => ['Thumbprint', <Mono key={print}>{print}</Mono>]),
            ...(isDevice ? [['Waiting messages', <Waiting key="waiting" identity={identity} />] as const] : []),
            ['Managed by', identity.managedBy ?? ''],
            ['Created', <DetectionTime key="created" at={identity.created} />],
            ['ETag', <Mono key="etag">{identity.etag}</Mono>],
          ]}
        />
      </Card>
      <div className={styles.stack}>
        <Card title="Connection strings">
          {session.may('hub.keys') ? (
            <ConnectionStrings name={name} kind={identity.authentication} />
          ) : (
            <Text className={styles.faint}>Your role is {session.role}, which does not include keys of devices.</Text>
          )}
        </Card>
        {hub.data?.running && <HowToConnect hub={hub.data} />}
      </div>
    </div>
  );
}

function Waiting({ identity }: { identity: HubIdentity }) {
  const styles = useStyles();
  const session = useSession();
  const notice = useNotice();
  const queries = useQueryClient();
  const purge = useMutation({
    mutationFn: () => purgeMessages(identity.deviceId),
    onSuccess: ({ purged }) => {
      notice({ intent: 'success', text: purged === 1 ? '1 message was taken away.' : `${purged} messages were taken away.` });
      return queries.invalidateQueries({ queryKey: ['hub'] });
    },
    onError: (error) => notice({ intent: 'error', text: error.message }),
  });
  return (
    <span className={styles.inline}>
      {identity.waitingMessages}
      {identity.waitingMessages > 0 && session.may('hub.edit') && (
        <Button size="small" disabled={purge.isPending} onClick={() => purge.mutate()}>
          Take them away
        </Button>
      )}
    </span>
  );
}

function HowToConnect({ hub }: { hub: Hub }) {
  const styles = useStyles();
  const { mqtt, amqp, https } = hub.ports;
  const port = (value: number | null) => (value === null ? 'not open' : String(value));
  return (
    <Card title="How devices reach the hub">
      <Facts
        facts={[
          ['Host name', <Mono key="host">{hub.host}</Mono>],
          ['MQTT over TLS', port(mqtt)],
          ['AMQP over TLS', port(amqp)],
          ['HTTPS, WebSockets', port(https)],
        ]}
      />
      {hub.authority !== null && (
        <Text className={styles.faint}>
          Devices must trust{' '}
          <Link href={`data:application/x-pem-file,${encodeURIComponent(hub.authority)}`} download="ca.pem">
            the hub’s certificate authority (ca.pem)
          </Link>
          .
        </Text>
      )}
    </Card>
  );
}
