/** Why the alert fired: what happened, what was expected and what was seen, and the packet that says so. */
import { Button, makeStyles, MessageBar, MessageBarBody, mergeClasses, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { AlertDetails } from '../../api/alerts.ts';
import { fetchPacket } from '../../api/portal.ts';
import { useSession } from '../../session/session-gate.tsx';
import { Facts, Mono } from '../facts.tsx';
import { Card } from '../../shell/card.tsx';

const PacketView = lazy(() => import('./packet-view.tsx'));
const SHOWN_FRAMES = 20;

const useStyles = makeStyles({
  message: { margin: '0 0 8px', fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400, overflowWrap: 'anywhere' },
  description: { margin: 0, color: tokens.colorNeutralForeground3 },
  compare: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(160px, 1fr))', gap: '12px', margin: '16px 0' },
  side: {
    padding: '12px 14px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: 'grid',
    gap: '4px',
    alignContent: 'start',
    overflowWrap: 'anywhere',
  },
  seen: { backgroundColor: tokens.colorStatusWarningBackground1 },
  label: { fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold, color: tokens.colorNeutralForeground2 },
  packet: { marginTop: '14px' },
});

export function WhatHappened({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  return (
    <Card title="What happened">
      <p className={styles.message}>{alert.message}</p>
      {alert.description !== `${alert.title}.` && <p className={styles.description}>{alert.description}</p>}
      <div className={styles.compare}>
        <div className={styles.side}>
          <span className={styles.label}>Expected</span>
          <span>{alert.expected || '–'}</span>
        </div>
        <div className={mergeClasses(styles.side, styles.seen)}>
          <span className={styles.label}>Seen</span>
          <span>{alert.seen || '–'}</span>
        </div>
      </div>
    </Card>
  );
}

/** The packets of the alert: whether they are there, which frames they are, and the one that fired it, decoded. */
export function Evidence({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const session = useSession();
  const [shown, setShown] = useState(false);
  const frames = alert.frames.slice(0, SHOWN_FRAMES).join(', ');
  const parameters = alert.violations.length > 1 ? [] : Object.entries(alert.parameters);
  const canShow = alert.pcap.state === 'available' && session.may('alerts.pcap');
  return (
    <Card
      title="Evidence"
      aside={
        canShow && (
          <Button size="small" aria-expanded={shown} onClick={() => setShown(!shown)}>
            {shown ? 'Hide the packet' : 'Show the packet'}
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['Packets', PACKET_WORDS[alert.pcap.state](alert.pcap.reason)],
          [
            'Frames',
            frames === '' ? (
              ''
            ) : (
              <Mono key="frames">{alert.frames.length > SHOWN_FRAMES ? `${frames}, … (${alert.frames.length} in all)` : frames}</Mono>
            ),
          ],
          ...parameters.map(([name, value]) => [name, <Mono key={name}>{String(value)}</Mono>] as const),
        ]}
      />
      {shown && canShow && (
        <div className={styles.packet}>
          <Packet id={alert.id} />
        </div>
      )}
    </Card>
  );
}

const PACKET_WORDS: Readonly<Record<AlertDetails['pcap']['state'], (reason: string | null) => string>> = {
  available: () => 'Available: the frames that fired it, and their connections ten seconds before and twenty after',
  requested: (reason) => `Requested from the sensor. ${reason ?? ''}`,
  missing: (reason) => `Not captured. ${reason ?? 'No reason is known.'}`,
  expired: (reason) => `Expired. ${reason ?? 'Those of newer alerts needed the room.'}`,
};

function Packet({ id }: { id: string }) {
  const { data, error } = useQuery({ queryKey: ['packet', id], queryFn: () => fetchPacket(id), staleTime: Number.POSITIVE_INFINITY });
  if (error) {
    return (
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>{error.message}</MessageBarBody>
      </MessageBar>
    );
  }
  if (!data) return <Spinner size="tiny" label="Reading the packet" />;
  return (
    <Suspense fallback={<Text>Loading</Text>}>
      <PacketView packet={data} />
    </Suspense>
  );
}
