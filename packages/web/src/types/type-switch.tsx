/** Whether a type of alert is raised, and with which severity: for those who may set it for all sensors. */
import { Button, Field, Input, makeStyles, Select, Switch } from '@fluentui/react-components';
import { useState } from 'react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type AlertType, changeAlertType, SENSOR_SEVERITIES, type TypeChange } from '../api/alert-types.ts';
import { isSensorConsole } from '../shell/console.ts';
import { useNotice } from '../shell/notices.tsx';

const useStyles = makeStyles({
  form: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: '10px' },
  threshold: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) minmax(0, 1fr) auto',
    gap: '8px',
    alignItems: 'end',
    '& input': { minWidth: 0, width: '100%' },
  },
});

/** The choice of what the catalogue says. */
const USUAL = '';
/** What the portal calls the sensor's severities. */
const PORTAL_WORDS: Readonly<Record<string, string>> = { Critical: 'High', Major: 'Medium', Minor: 'Low', Warning: 'Low' };

export function TypeSwitch({ type }: { readonly type: AlertType }) {
  const styles = useStyles();
  const queries = useQueryClient();
  const notice = useNotice();
  const change = useMutation({
    mutationFn: (to: TypeChange) => changeAlertType(type.id, to),
    onSuccess: () => notice({ intent: 'success', text: `${type.title} is set. It holds for what is detected from now on.` }),
    onError: (error) => notice({ intent: 'error', text: error.message }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['alert-types'] }),
  });
  return (
    <div className={styles.form}>
      <Switch
        label={type.on ? 'On: alerts of this type are raised' : 'Off: no alert of this type is raised'}
        checked={type.on}
        disabled={change.isPending}
        onChange={(_, { checked }) => change.mutate({ on: checked })}
      />
      <Field label="Severity of new alerts">
        <Select
          value={type.set.severity ?? USUAL}
          disabled={change.isPending}
          onChange={(_, { value }) => change.mutate({ severity: SENSOR_SEVERITIES.find((severity) => severity === value) ?? null })}
        >
          <option value={USUAL}>As the catalogue says</option>
          {SENSOR_SEVERITIES.map((severity) => (
            <option key={severity} value={severity}>
              {isSensorConsole ? severity : `${severity} (${PORTAL_WORDS[severity]} in the portal)`}
            </option>
          ))}
        </Select>
      </Field>
      {type.threshold && <ThresholdForm key={JSON.stringify(type.set)} type={type} threshold={type.threshold} onSet={change.mutate} />}
    </div>
  );
}

function ThresholdForm({
  type: { set },
  threshold,
  onSet,
}: {
  readonly type: AlertType;
  readonly threshold: NonNullable<AlertType['threshold']>;
  readonly onSet: (to: TypeChange) => void;
}) {
  const styles = useStyles();
  const inForce = set.threshold ?? threshold;
  const [count, setCount] = useState(String(inForce.count));
  const [seconds, setSeconds] = useState(String(inForce.windowSeconds));
  const isUnchanged = Number(count) === inForce.count && Number(seconds) === inForce.windowSeconds;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSet({ threshold: { count: Number(count), windowSeconds: Number(seconds) } });
      }}
    >
      <Field label="Threshold" hint={`${threshold.metric}. It holds at once: what was counted already counts towards it.`}>
        <div className={styles.threshold}>
          <Input aria-label="Count" inputMode="numeric" value={count} onChange={(_, { value }) => setCount(value)} />
          <Input
            aria-label="Within seconds"
            inputMode="numeric"
            disabled={threshold.windowSeconds === 0}
            contentAfter="s"
            value={seconds}
            onChange={(_, { value }) => setSeconds(value)}
          />
          <Button type="submit" disabled={isUnchanged}>
            Set
          </Button>
        </div>
      </Field>
      {set.threshold && (
        <Button size="small" appearance="transparent" onClick={() => onSet({ threshold: null })}>
          {`Back to ${threshold.count.toLocaleString('en')}${threshold.windowSeconds > 0 ? ` in ${threshold.windowSeconds.toLocaleString('en')} s` : ''}`}
        </Button>
      )}
    </form>
  );
}
