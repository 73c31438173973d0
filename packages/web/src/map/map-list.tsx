/** The map as a list: the same devices, marks and highlights, for those who do not see a picture or would rather read. */
import { type ReactNode, useMemo } from 'react';
import { AuthorizationMark } from '../devices/authorization-mark.tsx';
import type { DeviceGraph, MapNode } from '../api/map.ts';
import type { Sort } from '../grid/column-header.tsx';
import { type RecordColumn, RecordGrid } from '../grid/record-grid.tsx';
import type { Marks } from '../grid/use-marks.ts';
import { NO_LAYER } from './layout.ts';

interface Listed extends MapNode {
  readonly peers: number;
  readonly isHighlighted: boolean;
}

type Key = 'name' | 'ip' | 'type' | 'layer' | 'subnet' | 'openAlerts' | 'peers' | 'importance' | 'authorised' | 'isHighlighted';

const column = (id: Key, label: string, minimum: number, cell: (row: Listed) => ReactNode, grows = 0): RecordColumn<Listed> => ({
  id,
  label,
  minimum,
  cell,
  ...(grows > 0 ? { grows } : {}),
});

const COLUMNS: readonly RecordColumn<Listed>[] = [
  { ...column('name', 'Name', 180, ({ name }) => name, 2), isTitle: true },
  column('ip', 'IP Address', 130, ({ ip }) => ip),
  column('type', 'Type', 140, ({ type }) => type ?? 'Unknown', 1),
  column('layer', 'Layer', 140, ({ layer }) => layer ?? NO_LAYER),
  column('subnet', 'Subnet', 140, ({ subnet }) => subnet),
  column('openAlerts', 'Open alerts', 110, ({ openAlerts }) => openAlerts.toLocaleString('en')),
  column('peers', 'Connected with', 130, ({ peers }) => (peers === 1 ? '1 device' : `${peers.toLocaleString('en')} devices`)),
  column('importance', 'Importance', 110, ({ importance }) => importance),
  column('authorised', 'Authorization', 130, ({ authorised }) => <AuthorizationMark authorised={authorised} />),
];
const HIGHLIGHT = column('isHighlighted', 'Highlighted', 110, ({ isHighlighted }) => (isHighlighted ? 'Yes' : ''));

export interface MapListProps {
  readonly graph: DeviceGraph;
  /** Numbers of devices. */
  readonly selected: ReadonlySet<number>;
  readonly highlighted: ReadonlySet<number> | null;
  readonly sort: Sort;
  readonly openId: string | null;
  onSort(column: string): void;
  onSelect(numbers: ReadonlySet<number>): void;
  onOpen(id: string | null): void;
}

export function MapList({ graph, selected, highlighted, sort, openId, onSort, onSelect, onOpen }: MapListProps) {
  const rows = useMemo(() => listed(graph, highlighted, sort), [graph, highlighted, sort.column, sort.descending]);
  const marks: Marks<Listed> = {
    rows: rows.filter(({ number }) => selected.has(number)),
    everything: false,
    count: selected.size,
    has: ({ number }) => selected.has(number),
    toggle: ({ number }) => {
      const next = new Set(selected);
      if (!next.delete(number)) next.add(number);
      onSelect(next);
    },
    toggleAll: () => onSelect(new Set(selected.size >= rows.length ? [] : rows.map(({ number }) => number))),
    markEverything: () => undefined,
    clear: () => onSelect(new Set()),
  };
  return (
    <RecordGrid
      label="Devices of the map"
      rows={rows}
      columns={highlighted ? [...COLUMNS, HIGHLIGHT] : COLUMNS}
      sort={sort}
      isOld={false}
      openId={openId}
      marks={marks}
      idOf={({ number }) => String(number)}
      onSort={onSort}
      onOpen={onOpen}
    />
  );
}

const compareTexts = new Intl.Collator('en', { numeric: true }).compare;

function listed(
  { nodes, links }: DeviceGraph,
  highlighted: ReadonlySet<number> | null,
  { column: by, descending }: Sort,
): readonly Listed[] {
  const peers = new Map<number, number>();
  for (const { a, b } of links.values()) for (const end of [a, b]) peers.set(end, (peers.get(end) ?? 0) + 1);
  const rows = [...nodes.values()].map(
    (node): Listed => ({ ...node, peers: peers.get(node.number) ?? 0, isHighlighted: highlighted?.has(node.number) ?? false }),
  );
  // An address that names no column of ours sorts by name.
  const key = COLUMNS.some(({ id }) => id === by) || by === HIGHLIGHT.id ? (by as Key) : 'name';
  const sorted = rows.sort((one, other) => compareTexts(String(one[key] ?? ''), String(other[key] ?? '')) || one.number - other.number);
  return descending ? sorted.reverse() : sorted;
}
