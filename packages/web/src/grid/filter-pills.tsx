/** The filters that are on, each a pill that opens to be changed, and Add filter. */
import { Button, makeStyles, Popover, PopoverSurface, PopoverTrigger, tokens } from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { Dismiss12Regular } from '@fluentui/react-icons/svg/dismiss';
import { type ReactElement, useState } from 'react';
import type { ColumnFilter } from './column-filter.ts';
import { type Filterable, FilterForm } from './filter-form.tsx';

const useStyles = makeStyles({
  add: { borderRadius: '14px', height: '28px', minWidth: 0 },
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
  text: {
    padding: '0 2px 0 12px',
    minWidth: 0,
    height: '28px',
    color: 'inherit',
    fontWeight: tokens.fontWeightRegular,
    justifyContent: 'flex-start',
    ':hover': { color: 'inherit' },
  },
  inner: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  x: { minWidth: '28px', height: '28px', color: 'inherit', ':hover': { color: 'inherit' } },
});

export interface FilterPillsProps {
  readonly filterable: Filterable;
  readonly filters: readonly ColumnFilter[];
  /** Id of Add filter, for a key that goes there. */
  readonly addId?: string;
  /** A filter in words. */
  labelOf(filter: ColumnFilter): string;
  onChange(filters: readonly ColumnFilter[]): void;
}

export function FilterPills({ filterable, filters, addId, labelOf, onChange }: FilterPillsProps) {
  const styles = useStyles();
  return (
    <>
      {filters.map((filter, index) => {
        const label = labelOf(filter);
        return (
          <span key={`${filter.column}/${filter.operator}/${filter.values.join()}`} className={styles.pill}>
            <FilterPopover
              filterable={filterable}
              filter={filter}
              name={`Filter by ${label}`}
              trigger={
                <Button appearance="transparent" size="small" className={styles.text} title={label}>
                  <span className={styles.inner}>{label}</span>
                </Button>
              }
              onApply={(next) => onChange(filters.with(index, next))}
            />
            <Button
              appearance="transparent"
              size="small"
              className={styles.x}
              icon={<Dismiss12Regular />}
              aria-label={`Remove the filter ${label}`}
              onClick={() => onChange(filters.toSpliced(index, 1))}
            />
          </span>
        );
      })}
      <FilterPopover
        filterable={filterable}
        filter={null}
        name="Add filter"
        trigger={
          <Button {...(addId === undefined ? {} : { id: addId })} size="small" className={styles.add} icon={<Add16Regular />}>
            Add filter
          </Button>
        }
        onApply={(filter) => onChange([...filters, filter])}
      />
    </>
  );
}

interface FilterPopoverProps {
  readonly filterable: Filterable;
  readonly filter: ColumnFilter | null;
  readonly name: string;
  readonly trigger: ReactElement;
  onApply(filter: ColumnFilter): void;
}

function FilterPopover({ filterable, filter, name, trigger, onApply }: FilterPopoverProps) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>{trigger}</PopoverTrigger>
      <PopoverSurface aria-label={name}>
        {open && (
          <FilterForm
            filterable={filterable}
            initial={filter}
            onCancel={() => setOpen(false)}
            onApply={(next) => {
              setOpen(false);
              onApply(next);
            }}
          />
        )}
      </PopoverSurface>
    </Popover>
  );
}
