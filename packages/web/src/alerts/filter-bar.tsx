/** Search, time range, filter pills, Add filter, grouping: one line above the grid. */
import { Button, makeStyles, Select, tokens } from '@fluentui/react-components';
import { fetchFacets } from '../api/alerts.ts';
import type { Filterable } from '../grid/filter-form.tsx';
import { FilterPills } from '../grid/filter-pills.tsx';
import { SearchField } from '../grid/search-field.tsx';
import type { GridAddress, GridChange } from './address.ts';
import { FILTER_COLUMNS, filterLabel, GROUP_COLUMNS, valueLabel } from './columns.tsx';
import { TimeRange } from './time-range.tsx';

/** Where the keys `/` and `f` go. */
export const SEARCH_ID = 'alert-search';
export const ADD_FILTER_ID = 'alert-add-filter';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px', padding: '8px 20px 6px' },
  search: { width: '260px', maxWidth: '100%' },
  grow: { flexGrow: 1 },
  group: { display: 'inline-flex', alignItems: 'center', gap: '8px', color: tokens.colorNeutralForeground2 },
});

export interface FilterBarProps {
  readonly address: GridAddress;
  readonly range: string;
  readonly query: URLSearchParams;
  onChange(change: GridChange, replace?: boolean): void;
}

const COLUMNS = FILTER_COLUMNS.map(({ id, label }) => ({ name: id, label, kind: 'text' as const }));

const filterableBy = (query: URLSearchParams): Filterable => ({
  columns: COLUMNS,
  first: 'severity',
  valuesOf: (column) => ({ queryKey: ['alerts', 'facets', query.toString(), column], queryFn: () => fetchFacets(query, column) }),
  word: ({ name }, value) => valueLabel(name, value),
});

export function FilterBar({ address, range, query, onChange }: FilterBarProps) {
  const styles = useStyles();
  const { filters } = address;
  return (
    <div className={styles.bar} role="search" aria-label="Find alerts">
      <SearchField
        id={SEARCH_ID}
        label="Search alerts"
        value={address.search}
        className={styles.search}
        onSearch={(search) => onChange({ search }, true)}
      />
      <TimeRange address={address} range={range} onChange={onChange} />
      <FilterPills
        filterable={filterableBy(query)}
        filters={filters}
        addId={ADD_FILTER_ID}
        labelOf={filterLabel}
        onChange={(next) => onChange({ filters: next })}
      />
      {(filters.length > 0 || address.search !== '') && (
        <Button size="small" appearance="transparent" onClick={() => onChange({ filters: [], search: '' })}>
          Clear filters
        </Button>
      )}
      <div className={styles.grow} />
      <Select aria-label="Group by" value={address.group ?? ''} onChange={(_, data) => onChange({ group: data.value || null })}>
        <option value="">Group by: No grouping</option>
        {GROUP_COLUMNS.map(({ id, label }) => (
          <option key={id} value={id}>
            {`Group by: ${label}`}
          </option>
        ))}
      </Select>
    </div>
  );
}
