/** Filters of the inventory: any of its columns. */
import { useQuery } from '@tanstack/react-query';
import { type DeviceColumnFacts, fetchDeviceColumns, fetchDeviceValues } from '../api/devices.ts';
import { type ColumnFilter, filterText, operatorWord, readFilter } from '../grid/column-filter.ts';
import type { Filterable } from '../grid/filter-form.tsx';
import { FilterPills } from '../grid/filter-pills.tsx';
import { formatTime } from '../time/zone-time.ts';

export interface DeviceFiltersProps {
  /** The question as it is, for the numbers beside the values. */
  readonly query: URLSearchParams;
  /** As the address has them. */
  readonly filters: readonly string[];
  onChange(filters: readonly string[]): void;
}

export function DeviceFilters({ query, filters, onChange }: DeviceFiltersProps) {
  const { data: columns = [] } = useQuery({
    queryKey: ['device-columns'],
    queryFn: fetchDeviceColumns,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const filterable: Filterable = {
    columns,
    first: 'type',
    valuesOf: (column) => ({
      queryKey: ['devices', 'values', query.toString(), column],
      queryFn: () => fetchDeviceValues(query, column),
    }),
    word: ({ kind, name }, value) => valueWord(kind, name, value),
  };
  return (
    <FilterPills
      filterable={filterable}
      filters={filters.flatMap((text) => readFilter(text) ?? [])}
      labelOf={(filter) => filterLabel(filter, columns)}
      onChange={(next) => onChange(next.map(filterText))}
    />
  );
}

/** A value as people read it. */
export function valueWord(kind: DeviceColumnFacts['kind'], column: string, value: string): string {
  if (column === 'authorised') return value === 'yes' ? 'Authorized' : 'Unauthorized';
  if (kind === 'flag') return value === 'yes' ? 'Yes' : 'No';
  if (kind === 'time') return formatTime(value);
  return value || (column === 'type' ? 'Unknown' : '(none)');
}

/** Such as "Last activity before 01 Jan 2026". */
function filterLabel({ column, operator, values }: ColumnFilter, columns: readonly DeviceColumnFacts[]): string {
  const facts = columns.find(({ name }) => name === column);
  const kind = facts?.kind ?? 'text';
  return `${facts?.label ?? column} ${operatorWord(operator, kind)} ${values.map((value) => valueWord(kind, column, value)).join(', ')}`;
}
