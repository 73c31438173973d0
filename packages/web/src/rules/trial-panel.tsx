/** How often rules would have been detected by the packets that a sensor still has. Nothing is raised. */
import {
  Button,
  Field,
  makeStyles,
  MessageBar,
  MessageBarBody,
  Select,
  Spinner,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components';
import { Beaker20Regular } from '@fluentui/react-icons/svg/beaker';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { formatTime } from '../time/zone-time.ts';
import { fetchStatus } from '../api/alerts.ts';
import { type RuleProblem, problemsOf, refusalText, type RuleTrial, type Tried, tryRules } from '../api/rules.ts';

const useStyles = makeStyles({
  panel: { display: 'grid', gap: '12px', alignContent: 'start', minWidth: 0 },
  row: { display: 'flex', flexWrap: 'wrap', gap: '12px', alignItems: 'end' },
  faint: { color: tokens.colorNeutralForeground3 },
  count: { fontSize: tokens.fontSizeHero700, lineHeight: tokens.lineHeightHero700, fontWeight: tokens.fontWeightSemibold },
  matches: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid' },
  match: { display: 'grid', gap: '2px', padding: '8px 0', borderTop: `1px solid ${tokens.colorNeutralStroke3}`, overflowWrap: 'anywhere' },
  under: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, fontVariantNumeric: 'tabular-nums' },
});

/** `what` is read when the button is pressed. */
export function TrialPanel({ what, onProblems }: { what: () => Tried; onProblems?: (problems: readonly RuleProblem[]) => void }) {
  const styles = useStyles();
  const status = useQuery({ queryKey: ['status'], queryFn: fetchStatus });
  const sensors = status.data?.sensors.map(({ name }) => name) ?? [];
  const [chosen, setChosen] = useState('');
  const sensor = chosen || (sensors[0] ?? '');
  const trial = useMutation({
    mutationFn: () => tryRules(sensor, what()),
    onSuccess: () => onProblems?.([]),
    onError: (error) => onProblems?.(problemsOf(error)),
  });
  return (
    <section className={styles.panel} aria-label="Test against history">
      <Subtitle2 as="h2">Test against history</Subtitle2>
      <Text className={styles.faint}>
        How often it would have been detected by the packets that the sensor still has. Nothing is raised by a test.
      </Text>
      <div className={styles.row}>
        {sensors.length > 1 && (
          <Field label="Sensor">
            <Select value={sensor} onChange={(_, data) => setChosen(data.value)}>
              {sensors.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </Select>
          </Field>
        )}
        <Button icon={<Beaker20Regular />} disabled={sensor === '' || trial.isPending} onClick={() => trial.mutate()}>
          Test
        </Button>
        {trial.isPending && <Spinner size="tiny" label="Reading packets" />}
      </div>
      {status.data && sensors.length === 0 && <Text>No sensor is registered, so there is nothing to test on.</Text>}
      {trial.error && (
        <MessageBar intent="warning" layout="multiline">
          <MessageBarBody>{refusalText(trial.error)}</MessageBarBody>
        </MessageBar>
      )}
      {trial.data && <Outcome trial={trial.data} />}
    </section>
  );
}

function Outcome({ trial }: { trial: RuleTrial }) {
  const styles = useStyles();
  const total = trial.rules.reduce((sum, { count }) => sum + count, 0);
  const span =
    trial.from === null || trial.to === null
      ? 'There are no packets yet.'
      : `In ${trial.packets.toLocaleString('en')} packets from ${formatTime(trial.from)} to ${formatTime(trial.to)}.`;
  return (
    <>
      <div role="status">
        <div className={styles.count}>{total === 0 ? 'Never' : times(total)}</div>
        <Text className={styles.faint}>
          {span}
          {trial.complete ? '' : ' Older packets were left out, or some could not be read.'}
        </Text>
      </div>
      {trial.rules.map(({ name, count, matches }) => (
        <div key={name}>
          {trial.rules.length > 1 && <Text weight="semibold">{`${name}: ${count === 0 ? 'never' : times(count)}`}</Text>}
          <ol className={styles.matches} aria-label={`Detections of ${name}`}>
            {matches.map(({ time, frames, source, destination, message }) => (
              <li key={`${time} ${frames.join()}`} className={styles.match}>
                <span>{message}</span>
                <span className={styles.under}>
                  <DetectionTime at={time} /> · {source} to {destination}
                </span>
              </li>
            ))}
          </ol>
          {count > matches.length && matches.length > 0 && (
            <Text className={styles.under}>{`and ${(count - matches.length).toLocaleString('en')} more`}</Text>
          )}
        </div>
      ))}
    </>
  );
}

const times = (count: number): string => (count === 1 ? 'Once' : `${count.toLocaleString('en')} times`);
