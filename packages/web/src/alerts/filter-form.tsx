/** The box of Add filter: column, operator, values with the number of alerts each would leave. */
import { Button, Checkbox, Field, Input, makeStyles, Select, Spinner, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchFacets } from '../api/alerts.ts';
import { type Filter, OPERATORS, type Operator } from './address.ts';
import { FILTER_COLUMNS, valueLabel } from './columns.tsx';

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
  actions: { display: 'flex', justifyContent: 'flex-end', gap: '8px' },
  note: { padding: '8px 12px', display: 'block', color: tokens.colorNeutralForeground3 },
});

/** From so many values on, they can be searched. */
const SEARCHED_FROM = 10;
/** Values that are shown at once. */
const MOST_LISTED = 100;
const TEXT_OPERATORS: readonly Operator[] = ['contains', 'notContains', 'startsWith'];

export function FilterForm({
  query,
  initial,
  onApply,
  onCancel,
}: {
  query: URLSearchParams;
  initial?: Filter;
  onApply: (filter: Filter) => void;
  onCancel: () => void;
}) {
  const styles = useStyles();
  const [column, setColumn] = useState(initial?.column ?? 'severity');
  const [operator, setOperator] = useState<Operator>(initial?.operator ?? 'equals');
  const [values, setValues] = useState<readonly string[]>(initial?.values ?? []);
  const isText = TEXT_OPERATORS.includes(operator);
  const facets = useQuery({
    queryKey: ['alerts', 'facets', query.toString(), column],
    queryFn: () => fetchFacets(query, column),
    enabled: !isText,
  });
  const [find, setFind] = useState('');
  const known = facets.data ?? [];
  // A value that is filtered by now and matches nothing any more can still be taken out.
  const listed = [
    ...known,
    ...values.filter((value) => !known.some((facet) => facet.value === value)).map((value) => ({ value, count: 0 })),
  ];
  const found = find === '' ? listed : listed.filter(({ value }) => valueLabel(column, value).toLowerCase().includes(find.toLowerCase()));

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onApply({ column, operator, values });
      }}
    >
      <Field label="Column">
        <Select
          value={column}
          onChange={(_, data) => {
            setColumn(data.value);
            setValues([]);
            setFind('');
          }}
        >
          {FILTER_COLUMNS.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
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
            if (TEXT_OPERATORS.includes(next) !== isText) setValues([]);
            setOperator(next);
          }}
        >
          {Object.entries(OPERATORS).map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </Select>
      </Field>
      {isText ? (
        <Field label="Value">
          <Input value={values[0] ?? ''} onChange={(_, data) => setValues(data.value === '' ? [] : [data.value])} />
        </Field>
      ) : (
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
            {facets.isPending && <Spinner size="tiny" label="Loading" className={styles.note} />}
            {facets.error && <Text className={styles.note}>{facets.error.message}</Text>}
            {found.slice(0, MOST_LISTED).map(({ value, count }) => (
              <div key={value} className={styles.value}>
                <Checkbox
                  label={valueLabel(column, value)}
                  checked={values.includes(value)}
                  onChange={(_, data) => setValues(data.checked ? [...values, value] : values.filter((other) => other !== value))}
                />
                <span className={styles.count}>{count.toLocaleString('en')}</span>
              </div>
            ))}
            {found.length > MOST_LISTED && (
              <Text className={styles.note}>{(found.length - MOST_LISTED).toLocaleString('en')} more: find one by its name.</Text>
            )}
            {facets.data && found.length === 0 && <Text className={styles.note}>No value fits.</Text>}
          </div>
        </div>
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
