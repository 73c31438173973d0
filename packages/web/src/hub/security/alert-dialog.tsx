/** Adds a custom alert to groups, or edits one: name, behaviour, properties. OK changes the draft only. */
import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Select,
  SpinButton,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components';
import { type ReactNode, useState } from 'react';
import { isListRule, type ListRule, type Rule, type RuleType, type TimeWindow, type WindowRule } from '../../api/hub-security.ts';
import { Facts } from '../../alerts/facts.tsx';
import { SeverityMark } from '../../alerts/severity-mark.tsx';
import { Suggestion, TestAgainstHistory } from './past-look.tsx';
import { windowWords } from './words.ts';

const MOST_THRESHOLD = 2 ** 31 - 1;
const NAME_CHARACTERS = 128;

const useStyles = makeStyles({
  surface: { maxWidth: '760px' },
  form: { display: 'grid', gap: '16px' },
  three: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(150px, 1fr))', gap: '14px', alignItems: 'start' },
  about: {
    padding: '12px 14px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    display: 'grid',
    gap: '10px',
  },
  steps: { margin: 0, paddingLeft: '18px', display: 'grid', gap: '4px' },
  mono: { fontFamily: tokens.fontFamilyMonospace },
});

export interface AlertDialogProps {
  readonly ruleTypes: readonly RuleType[];
  readonly timeWindows: readonly TimeWindow[];
  /** Groups that it goes into. */
  readonly groups: readonly string[];
  /** The rule to edit; null adds one. */
  readonly editing: { readonly rule: Rule; readonly isNew: boolean } | null;
  /** Types that one of the groups has already. */
  readonly taken: ReadonlySet<string>;
  /** Names that one of the groups has already. */
  readonly names: ReadonlySet<string>;
  onOk(rule: Rule): void;
  onClose(): void;
}

export function AlertDialog(props: AlertDialogProps) {
  const { ruleTypes, timeWindows, groups, editing, taken, names, onOk, onClose } = props;
  const styles = useStyles();
  const [name, setName] = useState(editing?.rule.alertName ?? '');
  const [rule, setRule] = useState<Rule | null>(editing?.rule ?? null);
  const type = ruleTypes.find(({ ruleType }) => ruleType === rule?.ruleType);
  const isNamed = editing === null || editing.isNew;
  const problem = problemOf(rule, name, isNamed, names, type);
  const finished = rule && { ...rule, alertName: isNamed ? name.trim() : rule.alertName };
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface className={styles.surface}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (finished && problem === null) onOk(finished);
          }}
        >
          <DialogBody>
            <DialogTitle>{editing ? 'Edit the custom alert' : 'Add a custom alert'}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>
                {groups.length === 1 ? 'Security group' : 'Security groups'}: <strong>{groups.join(', ')}</strong>
              </Text>
              <Field
                label="Alert name"
                required={isNamed}
                hint={isNamed ? 'It cannot be changed once it is saved.' : 'The name of a saved alert stays.'}
              >
                <Input
                  value={isNamed ? name : (rule?.alertName ?? type?.title ?? '')}
                  readOnly={!isNamed}
                  maxLength={NAME_CHARACTERS}
                  autoComplete="off"
                  onChange={(_, data) => setName(data.value)}
                />
              </Field>
              {editing ? (
                <Field label="Behavior">
                  <Input readOnly value={type?.displayName ?? editing.rule.ruleType} />
                </Field>
              ) : (
                <Field label="Behavior" required>
                  <Select
                    value={rule?.ruleType ?? ''}
                    onChange={(_, data) => {
                      const chosen = ruleTypes.find(({ ruleType }) => ruleType === data.value);
                      setRule(chosen ? emptyRule(chosen) : null);
                    }}
                  >
                    {rule === null && <option value="">Choose what to watch</option>}
                    {(['IoT Hub', 'Agent'] as const).map((source) => (
                      <optgroup key={source} label={source === 'Agent' ? 'Seen by the agent' : 'Seen by the IoT hub'}>
                        {ruleTypes
                          .filter(({ dataSource }) => dataSource === source)
                          .map(({ ruleType, displayName }) => (
                            <option key={ruleType} value={ruleType} disabled={taken.has(ruleType)}>
                              {displayName}
                              {taken.has(ruleType) ? ' (has one already)' : ''}
                            </option>
                          ))}
                      </optgroup>
                    ))}
                  </Select>
                </Field>
              )}
              {type && <About type={type} />}
              {rule && !isListRule(rule) && <Range rule={rule} timeWindows={timeWindows} groups={groups} onChange={setRule} />}
              {rule && isListRule(rule) && <Allowed rule={rule} isNetworks={type?.valueType === 'IpCidr'} onChange={setRule} />}
              {finished && (
                <TestAgainstHistory key={JSON.stringify(finished)} groups={groups} rule={finished} problem={rangeProblem(finished)} />
              )}
            </DialogContent>
            <DialogActions>
              {problem !== null && rule !== null && <Text role="status">{problem}</Text>}
              <Button onClick={onClose}>Cancel</Button>
              <Button type="submit" appearance="primary" disabled={problem !== null}>
                OK
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

function emptyRule(type: RuleType): Rule {
  const base = { ruleType: type.ruleType, isEnabled: true, alertName: null };
  return type.kind === 'allowlist'
    ? { ...base, allowlistValues: [] }
    : { ...base, minThreshold: 0, maxThreshold: 10, timeWindowSize: 'PT15M' };
}

/** What stands against OK, in a sentence; null when nothing does. The server judges the rest. */
function problemOf(
  rule: Rule | null,
  name: string,
  isNamed: boolean,
  names: ReadonlySet<string>,
  type: RuleType | undefined,
): string | null {
  if (rule === null || !type) return 'Choose a behavior.';
  if (isNamed && name.trim() === '') return 'Give the alert a name.';
  if (isNamed && names.has(name.trim())) return 'Another alert of the group has this name.';
  return rangeProblem(rule);
}

function rangeProblem(rule: Rule): string | null {
  if (isListRule(rule)) return null;
  const { minThreshold, maxThreshold } = rule;
  if (![minThreshold, maxThreshold].every((value) => Number.isInteger(value) && value >= 0 && value <= MOST_THRESHOLD))
    return `Minimum and maximum are whole numbers from 0 to ${MOST_THRESHOLD.toLocaleString('en')}.`;
  return maxThreshold < minThreshold ? 'The maximum must not be below the minimum.' : null;
}

function About({ type }: { type: RuleType }) {
  const styles = useStyles();
  return (
    <div className={styles.about} role="group" aria-label="About this behavior">
      <Text>{type.description}</Text>
      <Facts
        facts={[
          ['Severity', <SeverityMark key="severity" severity={type.severity} />],
          ['Data source', type.dataSource],
          [
            'Remediation',
            <ol key="steps" className={styles.steps}>
              {type.remediation.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>,
          ],
        ]}
      />
    </div>
  );
}

function Range({
  rule,
  timeWindows,
  groups,
  onChange,
}: {
  rule: WindowRule;
  timeWindows: readonly TimeWindow[];
  groups: readonly string[];
  onChange: (rule: WindowRule) => void;
}) {
  const styles = useStyles();
  const [looked, setLooked] = useState(groups[0] ?? '');
  const offered = timeWindows.some(({ timeWindowSize }) => timeWindowSize === rule.timeWindowSize);
  return (
    <>
      <div className={styles.three}>
        <Amount label="Minimum" value={rule.minThreshold} onChange={(minThreshold) => onChange({ ...rule, minThreshold })} />
        <Amount label="Maximum" value={rule.maxThreshold} onChange={(maxThreshold) => onChange({ ...rule, maxThreshold })} />
        <Field label="Time window">
          <Select value={rule.timeWindowSize} onChange={(_, data) => onChange({ ...rule, timeWindowSize: data.value })}>
            {!offered && <option value={rule.timeWindowSize}>{windowWords(rule.timeWindowSize)}</option>}
            {timeWindows.map(({ timeWindowSize }) => (
              <option key={timeWindowSize} value={timeWindowSize}>
                {windowWords(timeWindowSize)}
              </option>
            ))}
          </Select>
        </Field>
      </div>
      {groups.length > 1 && (
        <Field label="Look at the past of">
          <Select value={looked} onChange={(_, data) => setLooked(data.value)}>
            {groups.map((group) => (
              <option key={group}>{group}</option>
            ))}
          </Select>
        </Field>
      )}
      <Suggestion group={looked} rule={rule} onUse={({ min, max }) => onChange({ ...rule, minThreshold: min, maxThreshold: max })} />
    </>
  );
}

function Amount({ label, value, onChange }: { label: string; value: number; onChange: (value: number) => void }): ReactNode {
  return (
    <Field label={label}>
      <SpinButton
        value={Number.isFinite(value) ? value : null}
        displayValue={Number.isFinite(value) ? String(value) : ''}
        min={0}
        max={MOST_THRESHOLD}
        onChange={(_, data) => onChange(data.value ?? (data.displayValue?.trim() ? Number(data.displayValue) : Number.NaN))}
      />
    </Field>
  );
}

function Allowed({ rule, isNetworks, onChange }: { rule: ListRule; isNetworks: boolean; onChange: (rule: ListRule) => void }) {
  const styles = useStyles();
  // As it is typed: a line that was just begun is no value yet.
  const [text, setText] = useState(rule.allowlistValues.join('\n'));
  return (
    <Field
      label="Allowed"
      {...(rule.allowlistValues.length === 0
        ? { validationState: 'warning' as const, validationMessage: 'An empty list allows nothing: everything raises an alert.' }
        : {})}
      hint={
        isNetworks ? 'Addresses and networks, one a line: 10.1.2.3, 10.1.0.0/16, fd00::/8' : 'One a line; everything else raises an alert'
      }
    >
      <Textarea
        rows={5}
        value={text}
        textarea={{ className: styles.mono, spellCheck: false }}
        onChange={(_, data) => {
          setText(data.value);
          const values = data.value.split('\n').map((line) => line.trim());
          onChange({ ...rule, allowlistValues: [...new Set(values.filter((value) => value !== ''))] });
        }}
      />
    </Field>
  );
}
