/** One event: what happened, who takes part, and the ways on from there. */
import { Button, Link, makeStyles } from '@fluentui/react-components';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import type { TimelineEvent } from '../api/events.ts';
import { filterText } from '../grid/column-filter.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { EventSeverityMark } from './event-severity-mark.tsx';

const useStyles = makeStyles({
  content: { margin: 0, overflowWrap: 'anywhere' },
  device: { display: 'block' },
});

export function EventPane({
  event,
  onClose,
  onDevices,
}: {
  event: TimelineEvent;
  onClose: () => void;
  /** Shows the events of the devices that take part. */
  onDevices: (ids: readonly string[]) => void;
}) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { alert, devices } = event;
  return (
    <DetailsPane
      label="Event details"
      contentLabel="Facts of the event"
      title={event.title}
      onClose={onClose}
      footer={
        <>
          {alert !== null && (
            <Button appearance="primary" onClick={() => void navigate(`/alerts/${encodeURIComponent(alert)}`)}>
              Show the alert
            </Button>
          )}
          {devices.length > 0 && <Button onClick={() => onDevices(devices.map(({ id }) => id))}>Events of these devices</Button>}
          {event.packets && (
            <Button as="a" href={`/api/events/${encodeURIComponent(event.id)}/pcap`} download={`event-${event.id}.pcapng`}>
              Download PCAP
            </Button>
          )}
        </>
      }
    >
      <p className={styles.content}>{event.content}</p>
      <Facts
        facts={[
          ['Severity', <EventSeverityMark key="severity" severity={event.severity} />],
          ['Time', <DetectionTime key="time" at={event.time} />],
          [
            'Devices',
            devices.length === 0
              ? '–'
              : devices.map(({ id, name }) => (
                  <span key={id} className={styles.device}>
                    <Link
                      as="button"
                      onClick={() =>
                        void navigate(
                          `/devices?${new URLSearchParams({ filter: filterText({ column: 'id', operator: 'equals', values: [id] }) })}`,
                        )
                      }
                    >
                      {name}
                    </Link>
                  </span>
                )),
          ],
          ['User', event.owner ?? ''],
          ['Sensor', event.sensor],
          ['Type', event.type],
        ]}
      />
    </DetailsPane>
  );
}
