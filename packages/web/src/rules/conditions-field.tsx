/** The conditions of a rule: rows that hold together, sets of which one is enough, or the same as text. */
import { Button, Field, Input, makeStyles, Select, Switch, Text, Textarea, tokens } from '@fluentui/react-components';
import { Add16Regular } from '@fluentui/react-icons/svg/add';
import { Dismiss16Regular } from '@fluentui/react-icons/svg/dismiss';
import { useId } from 'react';
import type { RuleField, RuleProblem } from '../api/rules.ts';
import { type ConditionRow, type ConditionSets, EMPTY_ROW, partOf } from './condition-rows.ts';

const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'Equal',
  '!=': 'Not equal',
  '>': 'Greater than',
  '>=': 'Greater or equal',
  '<': 'Less than',
  '<=': 'Less or equal',
  in: 'In range',
  'not in': 'Not in range',
  'same as': 'Same as',
  contains: 'Contains',
  matches: 'Matches pattern',
};

const useStyles = makeStyles({
  field: { display: 'grid', gap: '10px', border: 'none', margin: 0, padding: 0, minWidth: 0 },
  legend: { display: 'flex', alignItems: 'center', justifyContent: 'space-between', gap: '12px', width: '100%', padding: 0 },
  set: {
    display: 'grid',
    gap: '8px',
    padding: '12px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, 5fr) minmax(110px, 4fr) minmax(120px, 6fr) 32px',
    gap: '8px',
    alignItems: 'start',
    '@media (max-width: 560px)': { gridTemplateColumns: 'minmax(0, 1fr) 32px' },
  },
  about: { gridColumn: '1 / -1', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, marginTop: '-4px' },
  fault: { gridColumn: '1 / -1', color: tokens.colorPaletteRedForeground1, fontSize: tokens.fontSizeBase200, marginTop: '-4px' },
  word: { textAlign: 'center', paddingBottom: '8px', color: tokens.colorNeutralForeground3, fontWeight: tokens.fontWeightSemibold },
  and: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
  expression: { '& textarea': { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 } },
});

export interface ConditionsFieldProps {
  readonly sets: ConditionSets;
  readonly expression: string | null;
  readonly fields: readonly RuleField[];
  readonly problems: readonly RuleProblem[];
  onSets(sets: ConditionSets): void;
  onExpression(expression: string): void;
  /** The other way to edit; undefined when rows cannot show it. */
  onText: ((asText: boolean) => void) | undefined;
}

export function ConditionsField(props: ConditionsFieldProps) {
  const { sets, expression, fields, problems, onSets } = props;
  const styles = useStyles();
  const change = (set: number, rows: readonly ConditionRow[]) =>
    onSets(sets.map((old, at) => (at === set ? rows : old)).filter((kept) => kept.length > 0));
  const own = problems.filter(({ part }) => part === 'when' || part.startsWith('when.'));
  const told = (part: string | undefined) =>
    part === undefined ? [] : own.filter((problem) => problem.part === part || problem.part.startsWith(`${part}.`));
  const isAmongRows = expression === null && sets.some((rows, set) => rows.some((_, at) => told(partOf(sets, set, at)).length > 0));
  return (
    <fieldset className={styles.field}>
      <div className={styles.legend}>
        <Text as="span" weight="semibold" id="rule-conditions">
          Conditions
        </Text>
        <Switch
          label="As text"
          labelPosition="before"
          checked={expression !== null}
          disabled={props.onText === undefined}
          onChange={(_, data) => props.onText?.(data.checked)}
        />
      </div>
      {expression === null ? (
        <>
          {sets.map((rows, set) => (
            // Rows have no identity of their own: their place is what they are.
            <div key={set} role="group" aria-label={sets.length > 1 ? `Alternative ${set + 1}` : 'Conditions'}>
              {set > 0 && <div className={styles.word}>or</div>}
              <div className={styles.set}>
                {rows.map((row, at) => (
                  <Row
                    key={at}
                    row={row}
                    name={sets.length > 1 ? `${set + 1}.${at + 1}` : `${at + 1}`}
                    isFirst={at === 0}
                    fields={fields}
                    faults={told(partOf(sets, set, at))}
                    onChange={(next) =>
                      change(
                        set,
                        rows.map((old, index) => (index === at ? next : old)),
                      )
                    }
                    onRemove={() =>
                      change(
                        set,
                        rows.filter((_, index) => index !== at),
                      )
                    }
                  />
                ))}
                <div className={styles.actions}>
                  <Button
                    size="small"
                    icon={<Add16Regular />}
                    disabled={fields.length === 0}
                    onClick={() => change(set, [...rows, EMPTY_ROW])}
                  >
                    Add condition
                  </Button>
                </div>
              </div>
            </div>
          ))}
          <div className={styles.actions}>
            <Button
              size="small"
              appearance="subtle"
              icon={<Add16Regular />}
              disabled={fields.length === 0}
              onClick={() => onSets([...sets, [EMPTY_ROW]])}
            >
              {sets.length === 0 ? 'Add condition' : 'Add alternative (or)'}
            </Button>
          </div>
        </>
      ) : (
        <Field
          label="Condition"
          hint='Comparisons with and, or, not and parentheses: function in 6, 16 and (value > 900 or value < 10). A text is in double quotes: operation contains "Write".'
        >
          <Textarea
            className={styles.expression}
            rows={4}
            resize="vertical"
            value={expression}
            onChange={(_, data) => props.onExpression(data.value)}
          />
        </Field>
      )}
      {!isAmongRows &&
        own.map(({ part, message }) => (
          <Text key={`${part} ${message}`} role="alert" className={styles.fault}>
            {message}
          </Text>
        ))}
    </fieldset>
  );
}

interface RowProps {
  readonly row: ConditionRow;
  readonly name: string;
  readonly isFirst: boolean;
  readonly fields: readonly RuleField[];
  readonly faults: readonly RuleProblem[];
  onChange(row: ConditionRow): void;
  onRemove(): void;
}

function Row({ row, name, isFirst, fields, faults, onChange, onRemove }: RowProps) {
  const styles = useStyles();
  const list = useId();
  const field = fields.find((one) => one.name === row.field);
  const words = Object.values(field?.words ?? {});
  const operators = field?.operators ?? ['=='];
  const example = EXAMPLES[field?.kind ?? 'number'][row.operator === 'in' || row.operator === 'not in' ? 1 : 0];
  return (
    <>
      {!isFirst && <span className={styles.and}>and</span>}
      <div className={styles.row}>
        <Select
          aria-label={`Variable of condition ${name}`}
          value={row.field}
          disabled={fields.length === 0}
          onChange={(_, data) => {
            const next = fields.find((one) => one.name === data.value);
            onChange({ ...row, field: data.value, operator: next?.operators.includes(row.operator) ? row.operator : '==' });
          }}
        >
          <option value="">{fields.length === 0 ? 'Choose a protocol' : 'Choose a variable'}</option>
          {fields.map((one) => (
            <option key={one.name}>{one.name}</option>
          ))}
        </Select>
        <Select
          aria-label={`Operator of condition ${name}`}
          value={row.operator}
          disabled={!field}
          onChange={(_, data) => onChange({ ...row, operator: data.value })}
        >
          {operators.map((operator) => (
            <option key={operator} value={operator}>
              {OPERATORS[operator] ?? operator}
            </option>
          ))}
        </Select>
        {row.operator === 'same as' ? (
          <Select
            aria-label={`Value of condition ${name}`}
            value={row.value}
            onChange={(_, data) => onChange({ ...row, value: data.value })}
          >
            <option value="">Choose a variable</option>
            {fields
              .filter((one) => one.name !== row.field && (one.kind === 'number') === (field?.kind === 'number'))
              .map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
          </Select>
        ) : (
          <>
            <Input
              aria-label={`Value of condition ${name}`}
              value={row.value}
              disabled={!field}
              placeholder={words.length > 0 ? words[0] : example}
              {...(words.length > 0 ? { list } : {})}
              onChange={(_, data) => onChange({ ...row, value: data.value })}
            />
            {words.length > 0 && (
              <datalist id={list}>
                {words.map((word) => (
                  <option key={word} value={word} />
                ))}
              </datalist>
            )}
          </>
        )}
        <Button appearance="subtle" icon={<Dismiss16Regular />} aria-label={`Remove condition ${name}`} onClick={onRemove} />
        {faults.length > 0 ? (
          <Text role="alert" className={styles.fault}>
            {faults.map(({ message }) => message).join(' ')}
          </Text>
        ) : (
          field && <span className={styles.about}>{aboutOf(field)}</span>
        )}
      </div>
    </>
  );
}

/** By kind: one value, and a list of values and ranges. */
const EXAMPLES: Readonly<Record<RuleField['kind'], readonly [string, string]>> = {
  number: ['900', '1 - 16, 20'],
  text: ['Write*', 'admin, service'],
  address: ['10.20.10.5', '10.20.10.0/24, 10.20.11.1 - 10.20.11.9'],
};

function aboutOf({ about, words, perItem }: RuleField): string {
  const known = Object.values(words);
  return `${about}${known.length > 0 ? `: ${known.join(', ')}` : ''}${perItem ? ' (each item of a message)' : ''}`;
}
