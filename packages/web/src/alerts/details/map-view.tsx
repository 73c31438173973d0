/** Source and destination of an alert with the devices that they share other alerts with: as a picture, and as a list. */
import { Link, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQueries } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { type AlertDetails, type Endpoint, fetchGroups } from '../../api/alerts.ts';
import { alerts as alertsText } from '../action-words.ts';
import { deviceLabel } from '../device-name.tsx';
import { Card } from '../../shell/card.tsx';
import { useColumnStyles } from './column-styles.ts';
import { alertsOf, endsOf } from './related.tsx';

/** Neighbours that are drawn for an end. */
const DRAWN = 6;
const HEIGHT = 400;
const MIDDLE = HEIGHT / 2;
/** Where the columns stand: neighbours of the source, source, destination, neighbours of the destination. */
const COLUMNS = { left: 200, source: 400, single: 530, destination: 660, right: 860 };
const WIDTH = 1060;
/** What is cut off at a side without neighbours. */
const EMPTY = 270;

const useStyles = makeStyles({
  frame: { overflowX: 'auto' },
  picture: { width: '100%', minWidth: '640px', maxHeight: '440px', display: 'block' },
  line: { stroke: tokens.colorNeutralStroke1, strokeWidth: '1.5' },
  alertLine: { stroke: tokens.colorStatusDangerForeground1, strokeWidth: '3' },
  node: { cursor: 'pointer', outlineStyle: 'none' },
  circle: { fill: tokens.colorNeutralBackground1, stroke: tokens.colorNeutralStroke1, strokeWidth: '1.5' },
  end: { fill: tokens.colorStatusDangerBackground1, stroke: tokens.colorStatusDangerForeground1, strokeWidth: '2.5' },
  focus: { ':focus-visible > circle': { stroke: tokens.colorStrokeFocus2, strokeWidth: '4' } },
  text: { fill: tokens.colorNeutralForeground1, fontSize: '13px', fontFamily: tokens.fontFamilyBase },
  bold: { fontWeight: tokens.fontWeightSemibold },
  faint: { fill: tokens.colorNeutralForeground3, fontSize: '11.5px', fontFamily: tokens.fontFamilyBase },
  list: { margin: '12px 0 0', paddingLeft: '20px', display: 'grid', gap: '4px' },
});

interface Neighbour {
  readonly name: string;
  readonly alerts: number;
}

export function MapView({ alert }: { alert: AlertDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const ends = endsOf(alert);
  const groups = useQueries({
    queries: ends.map(([, end]) => ({
      queryKey: ['alerts', 'neighbours', end.device],
      queryFn: () => fetchGroups(alertsOf([end.device]), 'device'),
    })),
  });
  const names = new Set(ends.map(([, end]) => deviceLabel(end)));
  const neighbours = groups.map(({ data }) =>
    (data ?? []).filter(({ value }) => !names.has(value)).map(({ value, count }): Neighbour => ({ name: value, alerts: count })),
  );
  if (ends.length === 0) {
    return (
      <Card title="Map view">
        <Text className={columns.text}>No device takes part in this alert, so there is nothing to draw.</Text>
      </Card>
    );
  }
  return (
    <div className={columns.stack}>
      <Card title="Map view">
        {groups.some(({ isPending }) => isPending) ? (
          <Spinner size="tiny" label="Loading" />
        ) : (
          <div className={styles.frame}>
            <Picture alert={alert} ends={ends.map(([, end]) => end)} neighbours={neighbours} />
          </div>
        )}
      </Card>
      <Card title="The same as a list">
        {ends.map(([role, end], at) => (
          <div key={role}>
            <Text weight="semibold">
              {role}: {deviceLabel(end)}
            </Text>
            <Neighbours neighbours={neighbours[at] ?? []} />
          </div>
        ))}
      </Card>
    </div>
  );
}

function Neighbours({ neighbours }: { neighbours: readonly Neighbour[] }) {
  const styles = useStyles();
  const navigate = useNavigate();
  if (neighbours.length === 0) return <p>Has alerts with no other device.</p>;
  return (
    <ul className={styles.list}>
      {neighbours.slice(0, 50).map(({ name, alerts }) => (
        <li key={name}>
          <Link as="button" onClick={() => void navigate(alertsAddress(name))}>
            {name}
          </Link>{' '}
          in {alertsText(alerts)} with it
        </li>
      ))}
    </ul>
  );
}

interface PictureProps {
  readonly alert: AlertDetails;
  readonly ends: readonly Endpoint[];
  readonly neighbours: readonly (readonly Neighbour[])[];
}

function Picture({ alert, ends, neighbours }: PictureProps) {
  const styles = useStyles();
  const [source, destination] = ends;
  const around = ends.length === 1 ? dealt(neighbours[0] ?? []) : neighbours;
  const [left = [], right = []] = around;
  const start = left.length > 0 ? 0 : EMPTY;
  const end = right.length > 0 ? WIDTH : WIDTH - EMPTY;
  const places = destination ? [COLUMNS.source, COLUMNS.destination] : [COLUMNS.single, COLUMNS.single];
  return (
    <svg
      className={styles.picture}
      viewBox={`${start} 0 ${end - start} ${HEIGHT}`}
      role="group"
      aria-label={`${source ? deviceLabel(source) : ''}${destination ? ` and ${deviceLabel(destination)}` : ''} with the devices they share alerts with`}
    >
      <defs>
        <marker id="to" markerWidth="8" markerHeight="8" refX="7" refY="4" orient="auto">
          <path d="M0 0 L8 4 L0 8 Z" fill={tokens.colorStatusDangerForeground1} />
        </marker>
      </defs>
      <Column side="left" from={places[0] ?? 0} neighbours={left} />
      <Column side="right" from={places[1] ?? 0} neighbours={right} />
      {destination && (
        <>
          <line
            className={styles.alertLine}
            x1={COLUMNS.source + 30}
            y1={MIDDLE}
            x2={COLUMNS.destination - 32}
            y2={MIDDLE}
            markerEnd="url(#to)"
          />
          <text className={styles.faint} x={(COLUMNS.source + COLUMNS.destination) / 2} y={MIDDLE - 12} textAnchor="middle">
            {alert.protocol === null ? '' : `${alert.protocol} · `}
            {alert.count === 1 ? 'once' : `${alert.count.toLocaleString('en')} times`}
          </text>
        </>
      )}
      {ends.map((device, at) => (
        <Node key={device.device} name={deviceLabel(device)}>
          <circle className={styles.end} cx={places[at]} cy={MIDDLE} r={26} />
          <text className={`${styles.text} ${styles.bold}`} x={places[at]} y={MIDDLE + 46} textAnchor="middle">
            {short(deviceLabel(device))}
          </text>
          <text className={styles.faint} x={places[at]} y={MIDDLE + 62} textAnchor="middle">
            {deviceLabel(device) === device.ip ? '' : (device.ip ?? device.mac)}
          </text>
        </Node>
      ))}
    </svg>
  );
}

/** The neighbours of one end in a column at its outer side, their names beside them. */
function Column({ side, from, neighbours }: { side: 'left' | 'right'; from: number; neighbours: readonly Neighbour[] }) {
  const styles = useStyles();
  const drawn = neighbours.slice(0, DRAWN);
  const rest = neighbours.length - drawn.length;
  const x = COLUMNS[side];
  const textX = side === 'left' ? x - 22 : x + 22;
  const textAnchor = side === 'left' ? 'end' : 'start';
  const y = (index: number) => (HEIGHT / (drawn.length + (rest > 0 ? 2 : 1))) * (index + 1);
  return (
    <>
      {drawn.map(({ name }, index) => (
        <line key={name} className={styles.line} x1={from} y1={MIDDLE} x2={x} y2={y(index)} />
      ))}
      {drawn.map(({ name, alerts }, index) => (
        <Node key={name} name={name}>
          <circle className={styles.circle} cx={x} cy={y(index)} r={13} />
          <text className={styles.text} x={textX} y={y(index)} textAnchor={textAnchor}>
            {short(name)}
          </text>
          <text className={styles.faint} x={textX} y={y(index) + 15} textAnchor={textAnchor}>
            {alertsText(alerts)}
          </text>
        </Node>
      ))}
      {rest > 0 && (
        <text className={styles.faint} x={textX} y={y(drawn.length)} textAnchor={textAnchor}>
          and {rest.toLocaleString('en')} more, in the list
        </text>
      )}
    </>
  );
}

/** The neighbours of a single end go to both sides. */
function dealt(neighbours: readonly Neighbour[]): readonly (readonly Neighbour[])[] {
  return [neighbours.filter((_, index) => index % 2 === 1), neighbours.filter((_, index) => index % 2 === 0)];
}

/** A device that leads to its alerts. */
function Node({ name, children }: { name: string; children: ReactNode }) {
  const styles = useStyles();
  const navigate = useNavigate();
  const open = () => void navigate(alertsAddress(name));
  return (
    <g
      className={`${styles.node} ${styles.focus}`}
      role="link"
      tabIndex={0}
      onClick={open}
      onKeyDown={(event) => event.key === 'Enter' && open()}
    >
      {children}
    </g>
  );
}

function short(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name;
}

function alertsAddress(name: string): string {
  const query = alertsOf([name]);
  query.set('range', 'all');
  return `/alerts?${query}`;
}
