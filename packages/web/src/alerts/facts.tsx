/** Facts of an alert as a list of names and values. */
import { Link, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Fragment, type ReactNode } from 'react';
import type { AlertRow, Endpoint, Named } from '../api/alerts.ts';
import { MeaningButton } from '../words/meanings.tsx';
import { engineMeaning } from '../words/word-help.ts';
import { DetectionTime } from './detection-time.tsx';

const useStyles = makeStyles({
  facts: { display: 'grid', gridTemplateColumns: 'minmax(96px, max-content) minmax(0, 1fr)', columnGap: '20px', rowGap: '10px', margin: 0 },
  name: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: 'anywhere' },
  mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  line: { display: 'block' },
  faint: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
});

export type Fact = readonly [name: string, value: ReactNode];

export function Facts({ facts }: { facts: readonly Fact[] }) {
  const styles = useStyles();
  return (
    <dl className={styles.facts}>
      {facts
        .filter(([, value]) => value !== '' && value !== null)
        .map(([name, value]) => (
          <Fragment key={name}>
            <dt className={styles.name}>{name}</dt>
            <dd className={styles.value}>{value}</dd>
          </Fragment>
        ))}
    </dl>
  );
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className={mergeClasses(useStyles().mono)}>{children}</span>;
}

export function DeviceFact({ endpoint }: { endpoint: Endpoint | null }) {
  const styles = useStyles();
  if (!endpoint) return '–';
  const [first, ...rest] = [endpoint.name, endpoint.ip, endpoint.mac].filter((part) => part !== null);
  const port = endpoint.port === null ? [] : [`port ${endpoint.port}`];
  return (
    <>
      <span className={styles.line}>{first ?? endpoint.device}</span>
      <span className={styles.faint}>{[...rest, ...port].join(' · ')}</span>
    </>
  );
}

/** The facts that the pane and the details page share. */
export function alertFacts(alert: AlertRow): Fact[] {
  return [
    ['Source device', <DeviceFact key="source" endpoint={alert.source} />],
    ['Destination device', <DeviceFact key="destination" endpoint={alert.destination} />],
    ['Protocol', alert.protocol ?? '–'],
    [
      'Engine',
      <Fragment key="engine">
        {alert.engineName} <MeaningButton label="What this engine judges" meanings={engineMeaning(alert.engineName)} />
      </Fragment>,
    ],
    ['Category', alert.category],
    ['Sensor', alert.sensor],
    ['Site', alert.site],
    ['Zone', alert.zone],
    ...(alert.dataSource === null ? [] : [['Data source', alert.dataSource] as const]),
    ...(alert.securityGroup === null ? [] : [['Security group', alert.securityGroup] as const]),
    ['First detection', <DetectionTime key="first" at={alert.firstDetection} />],
    ['Last detection', <DetectionTime key="last" at={alert.lastDetection} />],
    ['Detections', alert.count.toLocaleString('en')],
  ];
}

/** Tactics and techniques, each linked to its page at MITRE. Nothing is fetched from there. */
export function AttackLinks({ entries, kind }: { entries: readonly Named[]; kind: 'tactics' | 'techniques' }) {
  const styles = useStyles();
  if (entries.length === 0) return '–';
  return entries.map(({ id, name }) => (
    <span key={id} className={styles.line}>
      <Link href={`https://attack.mitre.org/${kind}/${id}/`} target="_blank" rel="noreferrer">
        {name}
      </Link>{' '}
      <Mono>{id}</Mono>
    </span>
  ));
}
