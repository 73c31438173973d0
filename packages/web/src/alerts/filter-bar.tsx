/** Search, time range, filter pills, Add filter, grouping: one line above the grid. */
import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, Select, tokens } from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { Dismiss12Regular } from '@fluentui/react-icons/svg/dismiss';
import { useState } from 'react';
import { SearchField } from '../grid/search-field.tsx';
import type { Filter, GridAddress, GridChange } from './address.ts';
import { columnLabel, filterLabel, GROUP_COLUMNS } from './columns.tsx';
import { FilterForm } from './filter-form.tsx';
import { TimeRange } from './time-range.tsx';

/** Where the keys `/` and `f` go. */
export const SEARCH_ID = 'alert-search';
export const ADD_FILTER_ID = 'alert-add-filter';

const useStyles = makeStyles({
  bar: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px', padding: '8px 20px 6px' },
  search: { width: '260px', maxWidth: '100%' },
  pill: {
    display: 'inline-flex',
    alignItems: 'center',
    height: '28px',
    borderRadius: '14px',
    backgroundColor: tokens.colorBrandBackground2,
    color: tokens.colorBrandForeground2,
    overflow: 'hidden',
    maxWidth: '340px',
  },
  pillText: {
    padding: '0 2px 0 12px',
    minWidth: 0,
    height: '28px',
    color: 'inherit',
    fontWeight: tokens.fontWeightRegular,
    justifyContent: 'flex-start',
    ':hover': { color: 'inherit' },
  },
  pillInner: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  pillX: { minWidth: '28px', height: '28px', color: 'inherit', ':hover': { color: 'inherit' } },
  add: { borderRadius: '14px', height: '28px', minWidth: 0 },
  grow: { flexGrow: 1 },
  group: { display: 'inline-flex', alignItems: 'center', gap: '8px', color: tokens.colorNeutralForeground2 },
});

export interface FilterBarProps {
  readonly address: GridAddress;
  readonly range: string;
  readonly query: URLSearchParams;
  onChange(change: GridChange, replace?: boolean): void;
}

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
      {filters.map((filter, index) => (
        <Pill
          key={`${filter.column}/${filter.operator}/${filter.values.join()}`}
          filter={filter}
          query={query}
          onApply={(next) => onChange({ filters: filters.with(index, next) })}
          onRemove={() => onChange({ filters: filters.toSpliced(index, 1) })}
        />
      ))}
      <AddFilter query={query} onApply={(filter) => onChange({ filters: [...filters, filter] })} />
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

function Pill({
  filter,
  query,
  onApply,
  onRemove,
}: {
  filter: Filter;
  query: URLSearchParams;
  onApply: (filter: Filter) => void;
  onRemove: () => void;
}) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const label = columnLabel(filter.column);
  const text = filterLabel(filter);
  return (
    <span className={styles.pill}>
      <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
        <PopoverTrigger disableButtonEnhancement>
          <Button appearance="transparent" size="small" className={styles.pillText} title={text}>
            <span className={styles.pillInner}>{text}</span>
          </Button>
        </PopoverTrigger>
        <PopoverSurface aria-label={`Filter by ${label}`}>
          <FilterForm
            query={query}
            initial={filter}
            onCancel={() => setOpen(false)}
            onApply={(next) => {
              setOpen(false);
              onApply(next);
            }}
          />
        </PopoverSurface>
      </Popover>
      <Button
        appearance="transparent"
        size="small"
        className={styles.pillX}
        icon={<Dismiss12Regular />}
        aria-label={`Remove the filter ${text}`}
        onClick={onRemove}
      />
    </span>
  );
}

function AddFilter({ query, onApply }: { query: URLSearchParams; onApply: (filter: Filter) => void }) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>
        <Button id={ADD_FILTER_ID} size="small" className={styles.add} icon={<Add16Regular />}>
          Add filter
        </Button>
      </PopoverTrigger>
      <PopoverSurface aria-label="Add filter">
        <FilterForm
          query={query}
          onCancel={() => setOpen(false)}
          onApply={(filter) => {
            setOpen(false);
            onApply(filter);
          }}
        />
      </PopoverSurface>
    </Popover>
  );
}
