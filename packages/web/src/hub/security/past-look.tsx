/** Looks at the past of groups: the range that fits what they did, and what a rule would have raised. */
import { Button, makeStyles, MessageBar, MessageBarBody, Spinner, Text, tokens } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { DetectionTime } from '../../alerts/detection-time.tsx';
import {
  type DryRun,
  dryRun,
  fetchSuggestion,
  isListRule,
  type Rule,
  type SuggestedRange,
  type WindowRule,
} from '../../api/hub-security.ts';
import { useTableStyles } from '../table-styles.ts';
import { RangeChart } from './range-chart.tsx';
import { windowWords } from './words.ts';
import { Trouble } from '../../shell/trouble.tsx';

const useStyles = makeStyles({
  block: { display: 'grid', gap: '10px' },
  faint: { color: tokens.colorNeutralForeground3 },
  heading: { margin: 0, fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  line: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '10px' },
  wide: { overflowX: 'auto' },
});

const plural = (count: number, word: string): string => `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;

/** What the devices of a group did, with the range that fits it. */
export function Suggestion({
  group,
  rule,
  onUse,
}: {
  group: string;
  rule: WindowRule;
  onUse: (range: { min: number; max: number }) => void;
}) {
  const styles = useStyles();
  const { ruleType, timeWindowSize, minThreshold, maxThreshold } = rule;
  const { data, error, isPending } = useQuery({
    queryKey: ['hub', 'suggestion', group, ruleType, timeWindowSize],
    queryFn: () => fetchSuggestion(group, ruleType, timeWindowSize),
  });
  return (
    <section className={styles.block} aria-label={`What ${group} did`}>
      <h3 className={styles.heading}>What the devices of {group} did</h3>
      {isPending && <Spinner size="tiny" label="Looking at the last 30 days" />}
      {error && <Text className={styles.faint}>{error.message}</Text>}
      {data && (data.windows === 0 || data.range === null) && (
        <Text className={styles.faint}>
          Nothing of this kind was seen yet in {plural(data.groupDevices, 'device')}: there is no range to suggest.
        </Text>
      )}
      {data?.range && data.windows > 0 && (
        <>
          <div className={styles.line}>
            <Text>
              In 98 of 100 windows it happened{' '}
              <strong>{data.range.min === data.range.max ? data.range.min : `${data.range.min} to ${data.range.max}`}</strong> times (
              {percentilesText(data)}).
            </Text>
            <Button size="small" onClick={() => data.range && onUse(data.range)}>
              Use {data.range.min} to {data.range.max}
            </Button>
          </div>
          <RangeChart histogram={data.histogram} min={minThreshold} max={maxThreshold} />
          <Text size={200} className={styles.faint}>
            {plural(data.windows, 'window')} of {windowWords(timeWindowSize)} on {plural(data.devices, 'device')},{' '}
            <DetectionTime at={data.from} /> to <DetectionTime at={data.to} />.{data.note === null ? '' : ` ${data.note}`}
          </Text>
        </>
      )}
    </section>
  );
}

function percentilesText({ percentiles }: SuggestedRange): string {
  return percentiles
    .filter(({ percent }) => percent === 50 || percent === 95)
    .map(({ percent, count }) => (percent === 50 ? `half of them at most ${count}` : `95 of 100 at most ${count}`))
    .join(', ');
}

/** A button that tells what a rule would have raised in the groups. */
export function TestAgainstHistory({ groups, rule, problem }: { groups: readonly string[]; rule: Rule; problem: string | null }) {
  const styles = useStyles();
  const run = useMutation({ mutationFn: () => Promise.all(groups.map(async (group) => ({ group, answer: await dryRun(group, rule) }))) });
  const answer = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // It stands at the foot of the dialog, below what is in view.
    if (run.data) answer.current?.scrollIntoView({ block: 'nearest' });
  }, [run.data]);
  return (
    <section className={styles.block} aria-label="Test against history">
      <div className={styles.line}>
        <Button size="small" disabled={problem !== null || run.isPending} onClick={() => run.mutate()}>
          {run.isPending ? 'Looking …' : 'Test against the last 30 days'}
        </Button>
      </div>
      <div role="status" className={styles.block} ref={answer}>
        <Trouble error={run.error} />
        {run.data && <Outcome outcomes={run.data} isList={isListRule(rule)} />}
      </div>
    </section>
  );
}

function Outcome({ outcomes, isList }: { outcomes: readonly { readonly group: string; readonly answer: DryRun }[]; isList: boolean }) {
  const styles = useStyles();
  const table = useTableStyles();
  const alerts = outcomes.reduce((sum, { answer }) => sum + answer.alerts, 0);
  const devices = outcomes.reduce((sum, { answer }) => sum + answer.devices, 0);
  const values = outcomes.flatMap(({ answer }) => answer.values ?? []).slice(0, 20);
  const worst = outcomes
    .flatMap(({ group, answer }) => answer.byDevice.map((device) => ({ ...device, group })))
    .sort((a, b) => b.alerts - a.alerts)
    .slice(0, 10);
  const notes = [...new Set(outcomes.flatMap(({ answer }) => answer.note ?? []))];
  return (
    <>
      <MessageBar intent={alerts === 0 ? 'success' : 'warning'} layout="multiline">
        <MessageBarBody>
          {alerts === 0
            ? 'It would have raised no alert.'
            : `It would have raised ${plural(alerts, 'alert')} on ${plural(devices, 'device')}${isList ? '' : `: ${aboveBelow(outcomes)}`}.`}
        </MessageBarBody>
      </MessageBar>
      {worst.length > 0 && (
        <div className={styles.wide}>
          <table className={table.table} aria-label="Devices with the most alerts">
            <thead>
              <tr>
                {['Device', 'Group', 'Alerts'].map((title) => (
                  <th key={title} scope="col" className={table.head}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {worst.map((device) => (
                <tr key={`${device.group}/${device.deviceId}`}>
                  <td className={table.cell}>{device.deviceId}</td>
                  <td className={table.cell}>{device.group}</td>
                  <td className={table.cell}>{device.alerts.toLocaleString('en')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {values.length > 0 && (
        <Text size={200}>Not in the list: {values.map(({ value, hits }) => `${value} (${plural(hits, 'time')})`).join(', ')}</Text>
      )}
      {notes.map((note) => (
        <Text key={note} size={200} className={styles.faint}>
          {note}
        </Text>
      ))}
    </>
  );
}

function aboveBelow(outcomes: readonly { readonly answer: DryRun }[]): string {
  const sum = (key: 'above' | 'below'): number => outcomes.reduce((total, { answer }) => total + (answer[key] ?? 0), 0);
  return `${sum('above').toLocaleString('en')} above the range, ${sum('below').toLocaleString('en')} below it`;
}
