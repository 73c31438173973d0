/** When a rule is looked at: working hours, days, hours. */
import { Button, Checkbox, Field, Input, makeStyles, Select, tokens } from '@fluentui/react-components';
import { type Day, DAYS, type RuleProblem, type RuleSettings } from '../api/rules.ts';
import { ALL_DAYS, type RuleForm } from './rule-form.ts';

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  time: { width: '96px' },
  days: { display: 'flex', flexWrap: 'wrap', border: 'none', margin: 0, padding: 0 },
  faint: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

export type Times = Pick<RuleForm, 'working' | 'days' | 'hoursFrom' | 'hoursTo'>;

export function ScheduleField({
  times,
  settings,
  problems,
  onChange,
  onDefine,
}: {
  times: Times;
  settings: RuleSettings | undefined;
  problems: readonly RuleProblem[];
  onChange: (times: Partial<Times>) => void;
  /** Opens what working hours are. */
  onDefine: () => void;
}) {
  const styles = useStyles();
  const fault = problems.find(({ part }) => part.startsWith('schedule'))?.message;
  return (
    <>
      <div className={styles.row}>
        <Field label="Detected">
          <Select
            value={times.working}
            onChange={(_, data) => {
              // The options below are these.
              onChange({ working: data.value as Times['working'] });
            }}
          >
            <option value="any">Any time</option>
            <option value="inside">During working hours</option>
            <option value="outside">After working hours</option>
          </Select>
        </Field>
        <Field label="From" {...(fault ? { validationState: 'error', validationMessage: fault } : {})}>
          <Input
            className={styles.time}
            placeholder="07:00"
            value={times.hoursFrom}
            onChange={(_, data) => onChange({ hoursFrom: data.value })}
          />
        </Field>
        <Field label="To">
          <Input
            className={styles.time}
            placeholder="18:00"
            value={times.hoursTo}
            onChange={(_, data) => onChange({ hoursTo: data.value })}
          />
        </Field>
        <Button appearance="subtle" onClick={onDefine}>
          Define working hours
        </Button>
      </div>
      <DaysField label="Days on which the rule is looked at" days={times.days} onChange={(days) => onChange({ days })} />
      {settings && (
        <span className={styles.faint}>
          {`In the time zone ${settings.timeZone}, by the time of the packets. Working hours are ${workingText(settings)}.`}
        </span>
      )}
    </>
  );
}

export function DaysField({ label, days, onChange }: { label: string; days: readonly Day[]; onChange: (days: readonly Day[]) => void }) {
  const styles = useStyles();
  return (
    <fieldset className={styles.days} aria-label={label}>
      {ALL_DAYS.map((day) => (
        <Checkbox
          key={day}
          label={DAYS[day]}
          checked={days.includes(day)}
          onChange={(_, data) => onChange(ALL_DAYS.filter((other) => (other === day ? data.checked === true : days.includes(other))))}
        />
      ))}
    </fieldset>
  );
}

export function workingText({ workingHours: { days, from, to } }: RuleSettings): string {
  return `${days.map((day) => DAYS[day]).join(', ')}, ${from} to ${to}`;
}
