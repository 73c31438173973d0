/** The box of a filter: column, operator, and values with the number of rows that each would leave. */
import { Button, Checkbox, Field, Input, makeStyles, Select, Spinner, Text, tokens } from '@fluentui/react-components';
import { type QueryKey, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldInstant, fieldText } from '../time/zone-time.ts';
import { type ColumnFilter, type Operator, operatorWord } from './column-filter.ts';

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
  find: { width: '100%', margin: '4px 0' },
  note: { padding: '8px 12px', display: 'block', color: tokens.colorNeutralForeground3 },
  actions: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
});

export type ColumnKind = 'text' | 'number' | 'time' | 'flag' | 'list';

export interface FilterColumn {
  readonly name: string;
  readonly label: string;
  readonly kind: ColumnKind;
}

/** What can be filtered, and what its values are called. */
export interface Filterable {
  readonly columns: readonly FilterColumn[];
  /** Names the column that is offered first. */
  readonly first: string;
  /** The values of a column, and what their answer is known by. */
  valuesOf(column: string): { readonly queryKey: QueryKey; readonly queryFn: () => Promise<readonly ValueCount[]> };
  /** A value as people read it. */
  word(column: FilterColumn, value: string): string;
}

export interface ValueCount {
  readonly value: string;
  readonly count: number;
}

/** Operators that make sense for a kind of column. */
const BY_KIND: Readonly<Record<ColumnKind, readonly Operator[]>> = {
  text: ['equals', 'notEquals', 'contains', 'notContains', 'startsWith'],
  list: ['equals', 'notEquals', 'contains', 'notContains', 'startsWith'],
  number: ['equals', 'notEquals', 'greater', 'less'],
  flag: ['equals'],
  time: ['less', 'greater'],
};
/** Operators whose value is written, not chosen. */
const WRITTEN: ReadonlySet<Operator> = new Set(['contains', 'notContains', 'startsWith', 'greater', 'less']);
const AGO: readonly (readonly [days: number, label: string])[] = [
  [1, '1 day ago'],
  [7, '7 days ago'],
  [14, '14 days ago'],
  [30, '30 days ago'],
  [90, '90 days ago'],
];
const DAY = 86_400_000;
/** From so many values on, they can be searched. */
const SEARCHED_FROM = 10;
/** Values that are shown at once. */
const MOST_LISTED = 100;

interface FilterFormProps {
  readonly filterable: Filterable;
  readonly initial: ColumnFilter | null;
  onApply(filter: ColumnFilter): void;
  onCancel(): void;
}

export function FilterForm({ filterable, initial, onApply, onCancel }: FilterFormProps) {
  const { columns } = filterable;
  const styles = useStyles();
  const [name, setName] = useState(initial?.column ?? filterable.first);
  const column = columns.find((other) => other.name === name) ?? columns[0];
  const [wanted, setOperator] = useState<Operator>(initial?.operator ?? 'equals');
  const [values, setValues] = useState<readonly string[]>(initial?.values ?? []);
  const [first = ''] = values;
  if (!column) return null;
  const { kind } = column;
  const operators = BY_KIND[kind];
  const operator = operators.includes(wanted) ? wanted : (operators[0] ?? 'equals');
  const isWritten = WRITTEN.has(operator);
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
              {operatorWord(id, kind)}
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
        <ValueList key={name} filterable={filterable} column={column} values={values} onChange={setValues} />
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
  readonly filterable: Filterable;
  readonly column: FilterColumn;
  readonly values: readonly string[];
  onChange(values: readonly string[]): void;
}

function ValueList({ filterable, column, values, onChange }: ValueListProps) {
  const styles = useStyles();
  const [find, setFind] = useState('');
  const known = useQuery(filterable.valuesOf(column.name));
  // A value that is filtered by now and matches nothing any more can still be taken out.
  const gone = values.filter((value) => !known.data?.some((one) => one.value === value)).map((value) => ({ value, count: 0 }));
  const listed = [...(known.data ?? []), ...gone].map((one) => ({ ...one, word: filterable.word(column, one.value) }));
  const found = listed.filter(({ word }) => word.toLowerCase().includes(find.toLowerCase()));
  return (
    <div role="group" aria-label="Value">
      <Text size={300}>Value</Text>
      {listed.length > SEARCHED_FROM && (
        <Input
          className={styles.find}
          size="small"
          aria-label="Find a value"
          placeholder="Find a value"
          value={find}
          onChange={(_, data) => setFind(data.value)}
        />
      )}
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

const daysAgo = (days: number): readonly string[] => (days > 0 ? [new Date(Date.now() - days * DAY).toISOString()] : []);
