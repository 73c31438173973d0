/** Add filter: any column of the inventory, with its operator and values; and a pill for each filter that is on. */
import {
  Button,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Popover,
  PopoverSurface,
  PopoverTrigger,
  Select,
  Spinner,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { Dismiss12Regular } from '@fluentui/react-icons/svg/dismiss';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldInstant, fieldText, formatTime } from '../time/zone-time.ts';
import { type DeviceColumnFacts, fetchDeviceColumns, fetchDeviceValues } from '../api/devices.ts';
import { type ColumnFilter, filterText, OPERATORS, type Operator, readFilter } from '../grid/column-filter.ts';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '12px', width: '300px' },
  values: {
    maxHeight: '230px',
    overflowY: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    padding: '2px 0',
  },
  value: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', paddingRight: '12px', gap: '8px' },
  count: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums' },
  note: { padding: '8px 12px', display: 'block', color: tokens.colorNeutralForeground3 },
  actions: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
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
  pillText: {
    padding: '0 2px 0 12px',
    minWidth: 0,
    height: '28px',
    color: 'inherit',
    fontWeight: tokens.fontWeightRegular,
    ':hover': { color: 'inherit' },
  },
  pillInner: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  pillX: { minWidth: '28px', height: '28px', color: 'inherit', ':hover': { color: 'inherit' } },
});

/** Operators that make sense for a kind of column. */
const BY_KIND: Readonly<Record<DeviceColumnFacts['kind'], readonly Operator[]>> = {
  text: ['equals', 'notEquals', 'contains', 'notContains', 'startsWith'],
  list: ['equals', 'notEquals', 'contains', 'notContains', 'startsWith'],
  number: ['equals', 'notEquals', 'greater', 'less'],
  flag: ['equals'],
  time: ['less', 'greater'],
};
const WRITTEN: ReadonlySet<Operator> = new Set(['contains', 'notContains', 'startsWith', 'greater', 'less']);
const AGO: readonly (readonly [days: number, label: string])[] = [
  [1, '1 day ago'],
  [7, '7 days ago'],
  [14, '14 days ago'],
  [30, '30 days ago'],
  [90, '90 days ago'],
];
const DAY = 86_400_000;
/** Values that are shown at once. */
const MOST_LISTED = 100;

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
  return (
    <>
      {filters.map((text, index) => (
        <FilterPopover
          key={text}
          columns={columns}
          query={query}
          text={text}
          onApply={(next) => onChange(filters.with(index, next))}
          onRemove={() => onChange(filters.toSpliced(index, 1))}
        />
      ))}
      <FilterPopover columns={columns} query={query} text={null} onApply={(next) => onChange([...filters, next])} />
    </>
  );
}

interface FilterPopoverProps {
  readonly columns: readonly DeviceColumnFacts[];
  readonly query: URLSearchParams;
  /** Null adds one. */
  readonly text: string | null;
  onApply(text: string): void;
  onRemove?(): void;
}

function FilterPopover({ columns, query, text, onApply, onRemove }: FilterPopoverProps) {
  const styles = useStyles();
  const [open, setOpen] = useState(false);
  const filter = text === null ? null : readFilter(text);
  const label = filter ? filterLabel(filter, columns) : (text ?? 'Add filter');
  const trigger =
    text === null ? (
      <Button size="small" className={styles.add} icon={<Add16Regular />}>
        Add filter
      </Button>
    ) : (
      <Button appearance="transparent" size="small" className={styles.pillText} title={label}>
        <span className={styles.pillInner}>{label}</span>
      </Button>
    );
  const popover = (
    <Popover open={open} onOpenChange={(_, data) => setOpen(data.open)} trapFocus positioning="below-start">
      <PopoverTrigger disableButtonEnhancement>{trigger}</PopoverTrigger>
      <PopoverSurface aria-label={text === null ? 'Add filter' : `Filter ${label}`}>
        {open && columns.length > 0 && (
          <FilterForm
            columns={columns}
            query={query}
            initial={filter}
            onCancel={() => setOpen(false)}
            onApply={(next) => {
              setOpen(false);
              onApply(filterText(next));
            }}
          />
        )}
      </PopoverSurface>
    </Popover>
  );
  if (onRemove === undefined) return popover;
  return (
    <span className={styles.pill}>
      {popover}
      <Button
        appearance="transparent"
        size="small"
        className={styles.pillX}
        icon={<Dismiss12Regular />}
        aria-label={`Remove the filter ${label}`}
        onClick={onRemove}
      />
    </span>
  );
}

interface FilterFormProps {
  readonly columns: readonly DeviceColumnFacts[];
  readonly query: URLSearchParams;
  readonly initial: ColumnFilter | null;
  onApply(filter: ColumnFilter): void;
  onCancel(): void;
}

function FilterForm({ columns, query, initial, onApply, onCancel }: FilterFormProps) {
  const styles = useStyles();
  const [name, setName] = useState(initial?.column ?? 'type');
  const column = columns.find((other) => other.name === name) ?? columns[0];
  const kind = column?.kind ?? 'text';
  const operators = BY_KIND[kind];
  const [wanted, setOperator] = useState<Operator>(initial?.operator ?? 'equals');
  const operator = operators.includes(wanted) ? wanted : (operators[0] ?? 'equals');
  const [values, setValues] = useState<readonly string[]>(initial?.values ?? []);
  const isWritten = WRITTEN.has(operator);
  const [first = ''] = values;
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onApply({ column: name, operator, values });
      }}
    >
      <Field label="Column">
        <Select
          value={name}
          onChange={(_, data) => {
            setName(data.value);
            setValues([]);
          }}
        >
          {columns.map((other) => (
            <option key={other.name} value={other.name}>
              {other.label}
            </option>
          ))}
        </Select>
      </Field>
      <Field label="Operator">
        <Select
          value={operator}
          onChange={(_, data) => {
            // The options below are the operators.
            const next = data.value as Operator;
            if (WRITTEN.has(next) !== isWritten) setValues([]);
            setOperator(next);
          }}
        >
          {operators.map((id) => (
            <option key={id} value={id}>
              {kind === 'time' ? TIME_OPERATORS[id] : OPERATORS[id]}
            </option>
          ))}
        </Select>
      </Field>
      {kind === 'time' ? (
        <>
          <Field label="Time">
            <Input
              type="datetime-local"
              value={fieldText(first)}
              onChange={(_, data) => setValues([fieldInstant(data.value) ?? []].flat())}
            />
          </Field>
          <Select aria-label="Time from now" value="" onChange={(_, data) => setValues(daysAgo(Number(data.value)))}>
            <option value="">Or choose…</option>
            {AGO.map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
          </Select>
        </>
      ) : isWritten ? (
        <Field label="Value">
          <Input
            value={first}
            inputMode={kind === 'number' ? 'numeric' : 'text'}
            onChange={(_, data) => setValues(data.value === '' ? [] : [data.value])}
          />
        </Field>
      ) : (
        <ValueList name={name} kind={kind} query={query} values={values} onChange={setValues} />
      )}
      <div className={styles.actions}>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" appearance="primary" disabled={values.length === 0}>
          Apply
        </Button>
      </div>
    </form>
  );
}

interface ValueListProps {
  readonly name: string;
  readonly kind: DeviceColumnFacts['kind'];
  readonly query: URLSearchParams;
  readonly values: readonly string[];
  onChange(values: readonly string[]): void;
}

function ValueList({ name, kind, query, values, onChange }: ValueListProps) {
  const styles = useStyles();
  const [find, setFind] = useState('');
  const known = useQuery({
    queryKey: ['devices', 'values', query.toString(), name],
    queryFn: () => fetchDeviceValues(query, name),
  });
  const gone = values.filter((value) => !known.data?.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
  const listed = [...(known.data ?? []), ...gone].map((one) => ({ ...one, word: valueWord(kind, name, one.value) }));
  const found = listed.filter(({ word }) => word.toLowerCase().includes(find.toLowerCase()));
  return (
    <div role="group" aria-label="Value">
      <Field label="Value">
        <Input size="small" placeholder="Find a value" value={find} onChange={(_, data) => setFind(data.value)} />
      </Field>
      <div className={styles.values}>
        {known.isPending && <Spinner size="tiny" label="Loading" className={styles.note} />}
        {known.error && <Text className={styles.note}>{known.error.message}</Text>}
        {found.slice(0, MOST_LISTED).map(({ value, count, word }) => (
          <div key={value} className={styles.value}>
            <Checkbox
              label={word}
              checked={values.includes(value)}
              onChange={(_, data) => onChange(data.checked ? [...values, value] : values.filter((other) => other !== value))}
            />
            <span className={styles.count}>{count.toLocaleString('en')}</span>
          </div>
        ))}
        {found.length > MOST_LISTED && (
          <Text className={styles.note}>{(found.length - MOST_LISTED).toLocaleString('en')} more: find one by its name.</Text>
        )}
        {known.data && found.length === 0 && <Text className={styles.note}>No value fits.</Text>}
      </div>
    </div>
  );
}

const TIME_OPERATORS: Readonly<Partial<Record<Operator, string>>> = { less: 'before', greater: 'after' };

/** A value as people read it. */
export function valueWord(kind: DeviceColumnFacts['kind'], column: string, value: string): string {
  if (column === 'authorised') return value === 'yes' ? 'Authorized' : 'Unauthorized';
  if (kind === 'flag') return value === 'yes' ? 'Yes' : 'No';
  if (kind === 'time') return formatTime(value);
  return value || (column === 'type' ? 'Unknown' : '(none)');
}

/** Such as "Last activity before 01 Jan 2026". */
export function filterLabel({ column, operator, values }: ColumnFilter, columns: readonly DeviceColumnFacts[]): string {
  const facts = columns.find(({ name }) => name === column);
  const kind = facts?.kind ?? 'text';
  const word = (kind === 'time' ? TIME_OPERATORS[operator] : undefined) ?? OPERATORS[operator];
  return `${facts?.label ?? column} ${word} ${values.map((value) => valueWord(kind, column, value)).join(', ')}`;
}

const daysAgo = (days: number): readonly string[] => (days > 0 ? [new Date(Date.now() - days * DAY).toISOString()] : []);
