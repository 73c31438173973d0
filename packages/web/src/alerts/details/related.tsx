/** Devices that take part in an alert, and their other alerts. */
import { Link, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { filterText } from '../../grid/column-filter.ts';
import { useQueries, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link as RouterLink } from 'react-router';
import { type AlertDetails, type Endpoint, fetchPage } from '../../api/alerts.ts';
import { type Device, fetchDevices } from '../../api/devices.ts';
import { useSession } from '../../session/session-gate.tsx';
import { DetectionTime } from '../detection-time.tsx';
import { deviceLabel } from '../device-name.tsx';
import { Facts } from '../facts.tsx';
import { SeverityMark } from '../severity-mark.tsx';
import { StatusMark } from '../status-mark.tsx';
import { Card } from '../../shell/card.tsx';
import { useColumnStyles } from './column-styles.ts';

const SHOWN = 8;

const useStyles = makeStyles({
  alerts: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '2px' },
  alert: {
    display: 'grid',
    gridTemplateColumns: '104px minmax(0, 1fr) auto',
    alignItems: 'baseline',
    gap: '4px 12px',
    padding: '6px 0',
    borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
    ':last-child': { borderBottomWidth: 0 },
  },
  under: {
    gridColumn: '2 / -1',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
    display: 'flex',
    gap: '12px',
    flexWrap: 'wrap',
  },
  devices: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(220px, 1fr))', gap: '20px' },
  role: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, display: 'block', marginBottom: '6px' },
});

/** The ends of an alert that are devices, each once. */
export function endsOf(alert: AlertDetails): (readonly [role: string, end: Endpoint])[] {
  const { source, destination } = alert;
  const ends = [source && (['Source device', source] as const), destination && (['Destination device', destination] as const)];
  return ends.flatMap((end, at) => (end && (at === 0 || end[1].device !== source?.device) ? [end] : []));
}

/** What the list of alerts is asked for those of some devices. */
export function alertsOf(devices: readonly string[]): URLSearchParams {
  const query = new URLSearchParams({ sort: '-lastDetection' });
  query.append('filter', filterText({ column: 'device', operator: 'equals', values: devices }));
  return query;
}

export function RelatedAlerts({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const devices = endsOf(alert).map(([, end]) => end.device);
  const query = alertsOf(devices);
  const { data, isPending } = useQuery({
    queryKey: ['alerts', 'related', query.toString()],
    queryFn: () => fetchPage(query, null, SHOWN + 1),
    enabled: devices.length > 0,
  });
  const others = (data?.alerts ?? []).filter((other) => other.id !== alert.id).slice(0, SHOWN);
  const all = new URLSearchParams(query);
  all.set('range', 'all');
  return (
    <Card
      title="Related alerts"
      aside={
        data && data.matching > 1 ? (
          <RouterLink to={`/alerts?${all}`}>
            <Link as="span">Show all {(data.matching - 1).toLocaleString('en')}</Link>
          </RouterLink>
        ) : null
      }
    >
      {devices.length === 0 ? (
        <Text className={columns.text}>No device takes part in this alert.</Text>
      ) : isPending ? (
        <Spinner size="tiny" label="Loading" />
      ) : others.length === 0 ? (
        <Text className={columns.text}>These devices have no other alerts.</Text>
      ) : (
        <ul className={styles.alerts}>
          {others.map((other) => (
            <li key={other.id} className={styles.alert}>
              <SeverityMark severity={other.severity} />
              <RouterLink to={`/alerts/${encodeURIComponent(other.id)}`}>
                <Link as="span">{other.title}</Link>
              </RouterLink>
              <StatusMark alert={other} />
              <span className={styles.under}>
                <DetectionTime at={other.lastDetection} />
                <span>{[deviceLabel(other.source), deviceLabel(other.destination)].filter((name) => name !== '').join(' to ')}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

export function RelatedDevices({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const session = useSession();
  const ends = endsOf(alert);
  const found = useQueries({
    queries: ends.map(([, end]) => ({
      queryKey: ['device', end.device],
      queryFn: () => fetchDevices(new URLSearchParams({ search: end.device }), null),
      enabled: session.may('devices.view'),
    })),
  });
  return (
    <Card title="Related devices">
      {ends.length === 0 && <Text className={columns.text}>No device takes part in this alert.</Text>}
      <div className={styles.devices}>
        {ends.map(([role, end], at) => {
          const device = found[at]?.data?.devices.find((other) => other.id === end.device || other.ips.includes(end.ip ?? '-'));
          return (
            <div key={role}>
              <Text className={styles.role}>{role}</Text>
              <Facts facts={factsOf(end, device)} />
            </div>
          );
        })}
      </div>
    </Card>
  );
}

function factsOf(end: Endpoint, device: Device | undefined): (readonly [string, ReactNode])[] {
  const name = deviceLabel(end);
  return [
    [
      'Name',
      device ? (
        <RouterLink key="name" to={`/devices?${new URLSearchParams({ search: end.device, open: device.id })}`}>
          <Link as="span">{name}</Link>
        </RouterLink>
      ) : (
        name
      ),
    ],
    ['Address', [end.ip, end.mac].filter((part) => part !== null && part !== name).join(' · ')],
    ['Port', end.port === null ? '' : String(end.port)],
    ['Type', device?.type ?? ''],
    ['Vendor', [device?.vendor, device?.model].filter((part) => part).join(', ')],
    ['Firmware', device?.firmware ?? ''],
    ['Protocols', device?.protocols.slice(0, 8).join(', ') ?? ''],
    ['Authorization', device ? (device.authorised ? 'Authorized' : 'Not authorized') : ''],
  ];
}
