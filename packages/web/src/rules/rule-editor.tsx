/** The form of a rule: what it is about, whom, when, and what it does. */
import {
  Button,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Radio,
  RadioGroup,
  Select,
  Switch,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { ChevronDown16Regular } from '@fluentui/react-icons/svg/chevron-down';
import { RULE_SEVERITIES, type RuleChoices, type RuleField, type RuleProblem, type RuleSettings, type RuleSeverity } from '../api/rules.ts';
import { conditionText } from './condition-rows.ts';
import { ConditionsField } from './conditions-field.tsx';
import type { RuleForm } from './rule-form.ts';
import { ScheduleField } from './schedule-field.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gap: '20px', alignContent: 'start', minWidth: 0 },
  pair: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(240px, 100%), 1fr))', gap: '16px', alignItems: 'start' },
  part: { display: 'grid', gap: '12px', paddingTop: '20px', borderTop: `1px solid ${tokens.colorNeutralStroke2}` },
  end: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) auto', gap: '8px' },
  // Below the label of the field beside it.
  beside: { alignSelf: 'start', marginTop: '26px' },
  menu: { maxHeight: '50vh', overflowY: 'auto' },
  under: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
});

const ALWAYS = ['source', 'destination', 'rule', 'protocol', 'time'];

export interface RuleEditorProps {
  readonly form: RuleForm;
  readonly choices: RuleChoices;
  readonly settings: RuleSettings | undefined;
  readonly fields: readonly RuleField[];
  readonly problems: readonly RuleProblem[];
  onChange(change: Partial<RuleForm>): void;
  onDefine(): void;
}

export function RuleEditor({ form, choices, settings, fields, problems, onChange, onDefine }: RuleEditorProps) {
  const styles = useStyles();
  /** What a field shows when its part was refused. */
  const fault = (...parts: readonly string[]): { validationState: 'error'; validationMessage: string } | object => {
    const found = problems.filter(({ part }) => parts.some((one) => part === one || part.startsWith(`${one}.`)));
    return found.length > 0 ? { validationState: 'error', validationMessage: found.map(({ message }) => message).join(' ') } : {};
  };
  const byName = new Map(fields.map((field) => [field.name, field]));
  const variables = [...new Set([...ALWAYS, ...fields.map(({ name }) => name)])];
  const groups = [
    ...choices.groups,
    ...Object.entries(settings?.groups ?? {}).map(([name, members]) => ({ name, about: members.join(', ') })),
  ];
  return (
    <div className={styles.form}>
      <div className={styles.pair}>
        <Field label="Alert name" required {...fault('name')}>
          <Input value={form.name} onChange={(_, data) => onChange({ name: data.value })} />
        </Field>
        <Field label="Alert protocol" required {...fault('protocol')}>
          <Select value={form.protocol} onChange={(_, data) => onChange({ protocol: data.value })}>
            <option value="">Choose a protocol</option>
            {choices.protocols
              .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
              .map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
          </Select>
        </Field>
      </div>
      <div className={styles.part}>
        <ConditionsField
          sets={form.sets}
          expression={form.expression}
          fields={fields}
          problems={problems}
          onSets={(sets) => onChange({ sets })}
          onExpression={(expression) => onChange({ expression })}
          onText={textSwitch(form, byName, onChange)}
        />
      </div>
      <div className={styles.part}>
        <div className={styles.pair}>
          {(['from', 'to'] as const).map((end) => (
            <div key={end} className={styles.end}>
              <Field
                label={end === 'from' ? 'Source' : 'Destination'}
                hint="Addresses, subnets, ranges and groups with commas between; empty for any"
                {...fault(end)}
              >
                <Input
                  value={form[end]}
                  placeholder={end === 'from' ? '10.20.10.0/24, internet' : 'controllers'}
                  onChange={(_, data) => onChange({ [end]: data.value })}
                />
              </Field>
              <Menu>
                <MenuTrigger disableButtonEnhancement>
                  <Button
                    className={styles.beside}
                    aria-label={`Group for the ${end === 'from' ? 'source' : 'destination'}`}
                    icon={<ChevronDown16Regular />}
                    iconPosition="after"
                  >
                    Group
                  </Button>
                </MenuTrigger>
                <MenuPopover className={styles.menu}>
                  <MenuList>
                    {groups.map(({ name, about }) => (
                      <MenuItem key={name} onClick={() => onChange({ [end]: form[end].trim() === '' ? name : `${form[end]}, ${name}` })}>
                        {name}
                        <span className={styles.under}>{about}</span>
                      </MenuItem>
                    ))}
                  </MenuList>
                </MenuPopover>
              </Menu>
            </div>
          ))}
        </div>
      </div>
      <div className={styles.part}>
        <ScheduleField times={form} settings={settings} problems={problems} onChange={onChange} onDefine={onDefine} />
      </div>
      <div className={styles.part}>
        <div className={styles.pair}>
          <Field label="Action">
            <RadioGroup
              layout="horizontal"
              value={form.kind}
              onChange={(_, data) => onChange({ kind: data.value === 'event' ? 'event' : 'alert' })}
            >
              <Radio value="alert" label="Alert" />
              <Radio value="event" label="Event" />
            </RadioGroup>
          </Field>
          <Field label="Severity" {...fault('action')}>
            <Select
              value={form.severity}
              onChange={(_, data) => {
                // The options below are the severities.
                onChange({ severity: data.value as RuleSeverity });
              }}
            >
              {RULE_SEVERITIES.map((severity) => (
                <option key={severity}>{severity}</option>
              ))}
            </Select>
          </Field>
        </div>
        <Switch
          label={form.kind === 'alert' ? 'PCAP included: always, for alerts' : 'PCAP included'}
          checked={form.kind === 'alert' || form.packets}
          disabled={form.kind === 'alert'}
          onChange={(_, data) => onChange({ packets: data.checked })}
        />
        <Field label="Message" required {...fault('message')}>
          <Textarea
            rows={2}
            value={form.message}
            placeholder="{source} wrote {value} to register {address} of {destination}"
            onChange={(_, data) => onChange({ message: data.value })}
          />
        </Field>
        <div>
          <Menu>
            <MenuTrigger disableButtonEnhancement>
              <Button size="small" icon={<ChevronDown16Regular />} iconPosition="after">
                Insert variable
              </Button>
            </MenuTrigger>
            <MenuPopover className={styles.menu}>
              <MenuList>
                {variables.map((name) => (
                  <MenuItem
                    key={name}
                    onClick={() => onChange({ message: `${form.message}${/\S$/.test(form.message) ? ' ' : ''}{${name}}` })}
                  >
                    {`{${name}}`}
                  </MenuItem>
                ))}
              </MenuList>
            </MenuPopover>
          </Menu>
        </div>
        <Switch label="Enabled" checked={form.enabled} onChange={(_, data) => onChange({ enabled: data.checked })} />
      </div>
    </div>
  );
}

/** Text can always be gone over to; back only while it says what the rows say: nothing that was written is lost. */
function textSwitch(
  { sets, expression }: RuleForm,
  fields: ReadonlyMap<string, RuleField>,
  onChange: RuleEditorProps['onChange'],
): ((asText: boolean) => void) | undefined {
  const text = conditionText(sets, fields);
  if (expression === null) return () => onChange({ expression: text });
  return expression.trim() === text ? () => onChange({ expression: null }) : undefined;
}
