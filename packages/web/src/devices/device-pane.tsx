/** What is known of a device, and its latest alerts. */
import { Button, Link, makeStyles, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Facts } from '../alerts/facts.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { fetchPage } from '../api/alerts.ts';
import { type Device, deviceTitle } from '../api/devices.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { AuthorizationMark } from './authorization-mark.tsx';

const SHOWN_ALERTS = 5;

const useStyles = makeStyles({
  alerts: { display: 'grid', gap: '10px' },
  alert: { display: 'grid', gap: '2px' },
  under: { display: 'flex', gap: '12px', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  list: { display: 'block', overflowWrap: 'anywhere' },
});

export function DevicePane({ device, onClose }: { device: Device; onClose: () => void }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const asked = alertsOf(device);
  const { data, error } = useQuery({
    queryKey: ['alerts', 'of-device', asked.toString()],
    queryFn: () => fetchPage(asked, null, SHOWN_ALERTS),
  });
  const lines = (values: readonly string[]) =>
    values.map((value) => (
      <span key={value} className={styles.list}>
        {value}
      </span>
    ));
  const showAll = () => void navigate(`/alerts?${new URLSearchParams({ range: 'all', search: asked.get('search') ?? '' })}`);
  return (
    <DetailsPane
      label="Device details"
      contentLabel="Facts of the device"
      title={deviceTitle(device)}
      onClose={onClose}
      footer={
        <Button appearance="primary" onClick={showAll}>
          {data ? `Show its alerts (${data.matching.toLocaleString('en')})` : 'Show its alerts'}
        </Button>
      }
    >
      <Facts
        facts={[
          ['Authorization', <AuthorizationMark key="authorised" authorised={device.authorised} />],
          ['Type', device.type ?? 'Unknown'],
          ['IPv4 Address', device.ips.length > 0 ? lines(device.ips) : '–'],
          ['MAC Address', device.macs.length > 0 ? lines(device.macs) : '–'],
          ['Vendor', device.vendor ?? '–'],
          ['Model', device.model ?? '–'],
          ['Firmware version', device.firmware ?? '–'],
          ['Protocols', device.protocols.join(', ') || '–'],
          ['Roles', device.roles.join(', ') || '–'],
          ['First seen', <DetectionTime key="first" at={device.firstSeen} />],
          ['Last activity', <DetectionTime key="last" at={device.lastSeen} />],
          ['Sensor', device.sensor],
          ['Site', device.site],
          ['Zone', device.zone],
          ['Id', device.id],
        ]}
      />
      <div className={styles.alerts}>
        <Subtitle2 as="h3">Latest alerts</Subtitle2>
        {error && <Text>{error.message}</Text>}
        {data?.alerts.length === 0 && <Text>No alerts.</Text>}
        {data?.alerts.map((alert) => (
          <div key={alert.id} className={styles.alert}>
            <Link as="button" onClick={() => void navigate(`/alerts/${encodeURIComponent(alert.id)}`)}>
              {alert.title}
            </Link>
            <span className={styles.under}>
              <SeverityMark severity={alert.severity} />
              <span>{alert.status}</span>
              <DetectionTime at={alert.lastDetection} />
            </span>
          </div>
        ))}
      </div>
    </DetailsPane>
  );
}

/** Alerts in whose text an address or the name of the device stands. */
function alertsOf({ ips, macs, name, id }: Device): URLSearchParams {
  return new URLSearchParams({ search: ips[0] ?? macs[0] ?? name ?? id, sort: '-lastDetection' });
}
