/** The columns of the grid: which there are, how wide, what a cell shows. */
import type { ReactNode } from 'react';
import type { AlertRow, Endpoint } from '../api/alerts.ts';
import { isSensorConsole } from '../shell/console.ts';
import { type ColumnFilter, OPERATORS } from '../grid/column-filter.ts';
import { DeviceName } from './device-name.tsx';
import { SeverityMark } from './severity-mark.tsx';
import { StatusMark } from './status-mark.tsx';
import { DetectionTime } from './detection-time.tsx';

export interface Column {
  /** The server's name of the column: what the address sorts and filters by. */
  readonly id: string;
  readonly label: string;
  /** A track of CSS grid. */
  readonly width: string;
  /** Pixels a column takes at least, for deciding which fit. */
  readonly minimum: number;
  readonly cell: (alert: AlertRow) => ReactNode;
  readonly isDefault?: true;
  readonly canGroup?: true;
  readonly canFilter?: true;
}

const address = (endpoint: Endpoint | null) => endpoint?.ip ?? endpoint?.mac ?? '';

/** In the order of the grid; the default ones first. Earlier columns stay when the window is narrow. */
const ALL_COLUMNS: readonly Column[] = [
  {
    id: 'severity',
    label: 'Severity',
    width: '108px',
    minimum: 108,
    cell: (alert) => <SeverityMark severity={alert.severity} />,
    isDefault: true,
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'title',
    label: 'Name',
    width: 'minmax(240px, 3.3fr)',
    minimum: 240,
    cell: (alert) => alert.title,
    isDefault: true,
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'site',
    label: 'Site',
    width: 'minmax(110px, 1.35fr)',
    minimum: 110,
    cell: (alert) => alert.site,
    isDefault: true,
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'engine',
    label: 'Engine',
    width: '128px',
    minimum: 128,
    cell: (alert) => alert.engineName,
    isDefault: true,
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'lastDetection',
    label: 'Last detection',
    width: '154px',
    minimum: 154,
    cell: (alert) => <DetectionTime at={alert.lastDetection} />,
    isDefault: true,
  },
  {
    id: 'status',
    label: 'Status',
    width: '94px',
    minimum: 94,
    cell: (alert) => <StatusMark alert={alert} />,
    isDefault: true,
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'sourceDevice',
    label: 'Source device',
    width: 'minmax(124px, 1.1fr)',
    minimum: 124,
    cell: (alert) => <DeviceName endpoint={alert.source} multiple={alert.multipleViolations} />,
    isDefault: true,
    canFilter: true,
  },
  {
    id: 'tactics',
    label: 'Tactics',
    width: 'minmax(130px, 1.3fr)',
    minimum: 130,
    cell: (alert) => alert.tactics.map((tactic) => tactic.name).join(', '),
    isDefault: true,
    canFilter: true,
  },
  {
    id: 'sourceAddress',
    label: 'Source device address',
    width: '150px',
    minimum: 150,
    cell: (alert) => address(alert.source),
    canFilter: true,
  },
  {
    id: 'destinationAddress',
    label: 'Destination device address',
    width: '180px',
    minimum: 180,
    cell: (alert) => address(alert.destination),
    canFilter: true,
  },
  {
    id: 'destinationDevice',
    label: 'Destination device',
    width: 'minmax(150px, 1fr)',
    minimum: 150,
    cell: (alert) => <DeviceName endpoint={alert.destination} />,
    canFilter: true,
  },
  {
    id: 'firstDetection',
    label: 'First detection',
    width: '154px',
    minimum: 154,
    cell: (alert) => <DetectionTime at={alert.firstDetection} />,
  },
  { id: 'id', label: 'ID', width: '160px', minimum: 160, cell: (alert) => alert.id, canFilter: true },
  { id: 'lastActivity', label: 'Last activity', width: '154px', minimum: 154, cell: (alert) => <DetectionTime at={alert.lastActivity} /> },
  { id: 'protocol', label: 'Protocol', width: '110px', minimum: 110, cell: (alert) => alert.protocol ?? '', canFilter: true },
  {
    id: 'sensor',
    label: 'Sensor',
    width: 'minmax(120px, 0.8fr)',
    minimum: 120,
    cell: (alert) => alert.sensor,
    canGroup: true,
    canFilter: true,
  },
  { id: 'zone', label: 'Zone', width: 'minmax(120px, 0.8fr)', minimum: 120, cell: (alert) => alert.zone, canFilter: true },
  {
    id: 'dataSource',
    label: 'Data source',
    width: '110px',
    minimum: 110,
    cell: (alert) => alert.dataSource ?? '',
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'securityGroup',
    label: 'Security group',
    width: 'minmax(120px, 0.8fr)',
    minimum: 120,
    cell: (alert) => alert.securityGroup ?? '',
    canGroup: true,
    canFilter: true,
  },
  {
    id: 'category',
    label: 'Category',
    width: 'minmax(160px, 1fr)',
    minimum: 160,
    cell: (alert) => alert.category,
    canGroup: true,
    canFilter: true,
  },
  { id: 'type', label: 'Type', width: 'minmax(160px, 1fr)', minimum: 160, cell: (alert) => alert.type, canFilter: true },
];

/** A sensor has one place, and none of these columns on its own console. */
const OF_THE_PORTAL: ReadonlySet<string> = new Set(['site', 'zone', 'sensor']);
export const COLUMNS: readonly Column[] = ALL_COLUMNS.filter(({ id }) => !isSensorConsole || !OF_THE_PORTAL.has(id));

export const DEFAULT_COLUMNS: readonly string[] = COLUMNS.filter((column) => column.isDefault).map((column) => column.id);
/** Either end of the traffic: to filter and to group by. */
const DEVICE = { id: 'device', label: 'Device' } as const;

interface Choice {
  readonly id: string;
  readonly label: string;
}
const byLabel = (a: Choice, b: Choice) => a.label.localeCompare(b.label);

/** What Group by offers: an alert stands under both of its devices. */
export const GROUP_COLUMNS: readonly Choice[] = [...COLUMNS.filter((column) => column.canGroup), DEVICE].sort(byLabel);
export const FILTER_COLUMNS: readonly Choice[] = [
  ...COLUMNS.filter((column) => column.canFilter),
  DEVICE,
  { id: 'disposition', label: 'Learned or muted' },
].sort(byLabel);

export function columnLabel(id: string): string {
  return [...COLUMNS, ...FILTER_COLUMNS].find((column) => column.id === id)?.label ?? id;
}

/** The columns by their ids, in that order; unknown ones are left out, and none means the default. */
export function columnsOf(ids: readonly string[]): readonly Column[] {
  const found = ids.flatMap((id) => COLUMNS.find((column) => column.id === id) ?? []);
  return found.length > 0 ? found : COLUMNS.filter((column) => column.isDefault);
}

/** A list of column ids that somebody stored. */
export function storedColumns(value: unknown): readonly string[] | undefined {
  const ids = Array.isArray(value) ? value.filter((id) => COLUMNS.some((column) => column.id === id)) : [];
  return ids.length > 0 ? ids : undefined;
}

const ENGINE_WORDS: Readonly<Record<string, string>> = {
  PolicyViolation: 'Policy Violation',
  ProtocolViolation: 'Protocol Violation',
  MicroAgent: 'Micro-agent',
};

const DISPOSITION_WORDS: Readonly<Record<string, string>> = { none: 'Neither', learned: 'Learned', muted: 'Muted' };

/** A column's value in the words of the grid. */
export function valueLabel(column: string, value: string): string {
  if (value === '') return '(none)';
  if (column === 'disposition') return DISPOSITION_WORDS[value] ?? value;
  return column === 'engine' ? (ENGINE_WORDS[value] ?? value) : value;
}

/** A filter in the words of the grid. */
export function filterLabel({ column, operator, values }: ColumnFilter): string {
  const between = operator === 'equals' ? ': ' : ` ${OPERATORS[operator]} `;
  return `${columnLabel(column)}${between}${values.map((value) => valueLabel(column, value)).join(', ')}`;
}

/** What is left out first when the window is narrow: the column that helps least to decide what to open. */
const LEAST = ['tactics', 'site', 'engine', 'sourceDevice', 'lastDetection', 'status'];

/** Of the default columns those that fit a width. Columns that somebody chose are all shown; the grid scrolls sideways. */
export function fittingColumns(chosen: readonly string[], width: number): readonly Column[] {
  let kept = columnsOf(chosen);
  if (width === 0 || chosen.join() !== DEFAULT_COLUMNS.join()) return kept;
  for (const id of LEAST) {
    if (kept.reduce((sum, column) => sum + column.minimum, 0) <= width) break;
    kept = kept.filter((column) => column.id !== id);
  }
  return kept;
}
