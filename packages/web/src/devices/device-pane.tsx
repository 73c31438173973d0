/** What is known of a device, to change where it stands, and its latest open alerts. */
import { Button, Link, makeStyles, Spinner, Subtitle2, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { fetchPage } from '../api/alerts.ts';
import { type Device, type DeviceDetails, deviceTitle, fetchDevice } from '../api/devices.ts';
import { DetailsPane } from '../grid/details-pane.tsx';
import { alertsPath, alertsQuery } from './device-alerts.ts';
import { DeviceAttributes } from './device-attributes.tsx';
import type { DeviceActions } from './use-device-actions.ts';

const SHOWN_ALERTS = 5;

const useStyles = makeStyles({
  alerts: { display: 'grid', gap: '10px' },
  alert: { display: 'grid', gap: '2px' },
  under: { display: 'flex', gap: '12px', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export interface DevicePaneProps {
  readonly number: number;
  /** What the title says until the details are there. */
  readonly device: Device | undefined;
  readonly actions: DeviceActions;
  onClose(): void;
}

export function DevicePane({ number, device, actions, onClose }: DevicePaneProps) {
  const navigate = useNavigate();
  const { data, error } = useQuery({ queryKey: ['device', number], queryFn: () => fetchDevice(number) });
  const known = data ?? device;
  return (
    <DetailsPane
      label="Device details"
      contentLabel="Facts of the device"
      title={known ? deviceTitle(known) : `Device ${number}`}
      onClose={onClose}
      footer={
        <>
          <Button appearance="primary" onClick={() => void navigate(`/devices/${number}`)}>
            View full details
          </Button>
          {data && <ShowAlerts device={data} />}
        </>
      }
    >
      {error && <Text>{error.message}</Text>}
      {!data && !error && <Spinner label="Loading" />}
      {data && (
        <>
          <DeviceAttributes device={data} actions={actions} />
          <LatestAlerts device={data} />
        </>
      )}
    </DetailsPane>
  );
}

function useLatestAlerts(device: DeviceDetails) {
  const asked = alertsQuery(device);
  return useQuery({
    queryKey: ['alerts', 'of-device', asked.toString()],
    queryFn: () => fetchPage(asked, null, SHOWN_ALERTS),
  });
}

function ShowAlerts({ device }: { device: DeviceDetails }) {
  const navigate = useNavigate();
  const { data } = useLatestAlerts(device);
  return (
    <Button onClick={() => void navigate(alertsPath(device))}>
      {data ? `Show its alerts (${data.matching.toLocaleString('en')})` : 'Show its alerts'}
    </Button>
  );
}

function LatestAlerts({ device }: { device: DeviceDetails }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const { data, error } = useLatestAlerts(device);
  return (
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
  );
}
