/** How long the system keeps what it has, and how much of it: a form that is saved as a whole. */
import { Button, Checkbox, Field, Input, makeStyles, MessageBar, MessageBarBody, Spinner, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Card } from '../shell/card.tsx';
import { changeSettings, fetchSettings, problemsOf, type SettingName, type SettingsInForce, type SystemSettings } from '../api/settings.ts';
import { useSession } from '../session/session-gate.tsx';
import { useNotice } from '../shell/notices.tsx';

const KEY = ['settings'];
const YEAR = 365;

const useStyles = makeStyles({
  fields: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(300px, 100%), 1fr))',
    gap: '16px 24px',
    alignItems: 'start',
  },
  number: { maxWidth: '220px' },
  unit: { color: tokens.colorNeutralForeground3 },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
});

interface FieldWords {
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
}

const WORDS: Readonly<Record<SettingName, FieldWords>> = {
  closeQuietAlertsAfterDays: {
    label: 'Close quiet alerts after',
    unit: 'days',
    hint: 'An open alert closes by itself when the same traffic was not seen for so long. 1 to 3,650.',
  },
  deleteClosedAlertsAfterDays: {
    label: 'Delete closed alerts after',
    unit: 'days',
    hint: 'Counted from the first detection. What an alert taught or muted stays. 1 to 3,650.',
  },
  deleteSilentDevicesAfterDays: {
    label: 'Delete silent devices after',
    unit: 'days',
    hint: 'Devices that somebody worked on stay. The timeline says a third of the time before what will go. 7 to 3,650.',
  },
  timelineEvents: {
    label: 'Events in the timeline',
    unit: 'events',
    hint: 'The oldest go when there are more; each takes about 1 kB of disk. 1,000 to 10,000,000.',
  },
  auditDays: {
    label: 'Keep the audit log for',
    unit: 'days',
    hint: 'Older entries are deleted for good. 90 to 3,650.',
  },
  packetGigabytes: {
    label: 'Disk for packets',
    unit: 'GB',
    hint: 'Four tenths are for packets of alerts, the rest for the newest of all traffic; the oldest go. 0 keeps none, from the next start on.',
  },
};
// Object.keys gives string[]; the keys of a constant are exactly its type's.
const NAMES = Object.keys(WORDS) as readonly SettingName[];

export function SystemSettings() {
  const session = useSession();
  const inForce = useQuery({ queryKey: KEY, queryFn: fetchSettings });
  const mayChange = session.may('settings.edit');
  const lead = mayChange
    ? 'For everybody. A change holds at once and is written into the audit log.'
    : `For everybody. ${session.console === 'portal' ? 'An Owner' : 'An Admin'} can change it.`;
  return (
    <Card title="What the system keeps" lead={lead} error={inForce.error}>
      {inForce.isLoading && <Spinner label="Loading" />}
      {inForce.data && <Form key={JSON.stringify(inForce.data.settings)} inForce={inForce.data} mayChange={mayChange} />}
    </Card>
  );
}

/** What the fields hold: text, since a number that is being typed is none yet. */
type Draft = Readonly<Record<SettingName, string>>;

function draftOf(settings: SystemSettings): Draft {
  // Made of exactly these names.
  return Object.fromEntries(NAMES.map((name) => [name, settings[name] === null ? '' : String(settings[name])])) as Draft;
}

function Form({ inForce: { settings, usual, waiting }, mayChange }: { inForce: SettingsInForce; mayChange: boolean }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const [draft, setDraft] = useState(() => draftOf(settings));
  const [forGood, setForGood] = useState(settings.auditDays === null);
  const valueOf = (name: SettingName): number | null => (name === 'auditDays' && forGood ? null : Number(draft[name]));
  const isUnreadable = (name: SettingName) => valueOf(name) !== null && (draft[name].trim() === '' || Number.isNaN(valueOf(name)));
  const changed = NAMES.filter((name) => isUnreadable(name) || valueOf(name) !== settings[name]);
  const save = useMutation({
    mutationFn: () => changeSettings(Object.fromEntries(changed.map((name) => [name, valueOf(name)]))),
    onSuccess: (now) => {
      queries.setQueryData(KEY, now);
      notice({ intent: 'success', text: 'The settings are saved and hold.' });
    },
  });
  const problems = problemsOf(save.error);
  const reset = (to: SystemSettings) => {
    save.reset();
    setDraft(draftOf(to));
    setForGood(to.auditDays === null);
  };
  return (
    <form
      style={{ display: 'grid', gap: '16px' }}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      {waiting !== null && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{waiting}</MessageBarBody>
        </MessageBar>
      )}
      {save.error && Object.keys(problems).length === 0 && (
        <MessageBar intent="error" layout="multiline">
          <MessageBarBody>{save.error.message}</MessageBarBody>
        </MessageBar>
      )}
      <div className={styles.fields}>
        {NAMES.map((name) => {
          const { label, unit, hint } = WORDS[name];
          const problem = problems[name] ?? (isUnreadable(name) ? 'Give a number.' : undefined);
          const isOff = !mayChange || (name === 'auditDays' && forGood);
          return (
            <div key={name}>
              <Field label={label} hint={hint} {...(problem === undefined ? {} : { validationMessage: problem })}>
                <Input
                  className={styles.number}
                  inputMode="decimal"
                  disabled={isOff}
                  value={name === 'auditDays' && forGood ? '' : draft[name]}
                  placeholder={name === 'auditDays' && forGood ? 'for good' : ''}
                  contentAfter={<span className={styles.unit}>{unit}</span>}
                  onChange={(_, { value }) => {
                    save.reset();
                    setDraft({ ...draft, [name]: value });
                  }}
                />
              </Field>
              {name === 'auditDays' && (
                <Checkbox
                  label="For good"
                  disabled={!mayChange}
                  checked={forGood}
                  onChange={(_, { checked }) => {
                    save.reset();
                    setForGood(checked === true);
                    if (checked !== true && draft.auditDays === '') setDraft({ ...draft, auditDays: String(YEAR) });
                  }}
                />
              )}
            </div>
          );
        })}
      </div>
      {mayChange && (
        <div className={styles.actions}>
          <Button type="submit" appearance="primary" disabled={changed.length === 0 || changed.some(isUnreadable) || save.isPending}>
            Save
          </Button>
          <Button disabled={changed.length === 0} onClick={() => reset(settings)}>
            Discard
          </Button>
          <Button appearance="transparent" onClick={() => reset(usual)}>
            Fill in the defaults
          </Button>
        </div>
      )}
    </form>
  );
}
