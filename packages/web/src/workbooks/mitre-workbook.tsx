/** The workbook of MITRE ATT&CK for ICS: which tactics and techniques the alerts belong to. */
import { Link, makeStyles, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { fetchAlertTypes } from '../api/alert-types.ts';
import type { Named } from '../api/alerts.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { Tiles } from '../charts/tiles.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { alertQuery, alertsAddress, useGroups, useSeries } from './alert-numbers.ts';
import { PALETTE } from './colors.ts';
import { Cards, ChartCard, useQuestion, Workbook } from './workbook.tsx';

const useStyles = makeStyles({
  scroller: { overflowX: 'auto' },
  table: { width: '100%', borderCollapse: 'collapse', minWidth: '560px' },
  head: { textAlign: 'left', padding: '6px 16px 6px 0', fontSize: tokens.fontSizeBase200, fontWeight: tokens.fontWeightSemibold },
  cell: { padding: '7px 16px 7px 0', borderTop: `1px solid ${tokens.colorNeutralStroke2}`, verticalAlign: 'top' },
  number: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
});

interface TechniqueCount {
  readonly technique: Named;
  readonly alerts: number;
  readonly tactics: readonly string[];
  /** Names of the alerts that belong to it. */
  readonly titles: readonly string[];
}

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [question, setQuestion] = useQuestion();
  const { range, site } = question;
  const query = useMemo(() => alertQuery({ range, site }, Date.now()), [range, site]);
  const tactics = useGroups(query, 'tactics');
  const types = useGroups(query, 'type');
  const series = useSeries(query, 'tactics');
  const catalogue = useQuery({ queryKey: ['alert-types'], queryFn: fetchAlertTypes });
  const techniques = new Map<string, TechniqueCount>();
  for (const { value, count } of types.data ?? []) {
    const type = catalogue.data?.find(({ id }) => id === value);
    for (const technique of type?.techniques ?? []) {
      const before = techniques.get(technique.id);
      techniques.set(technique.id, {
        technique,
        alerts: (before?.alerts ?? 0) + count,
        tactics: [...new Set([...(before?.tactics ?? []), ...(type?.tactics.map(({ name }) => name) ?? [])])],
        titles: [...(before?.titles ?? []), type?.title ?? value],
      });
    }
  }
  const byAlerts = [...techniques.values()].sort((a, b) => b.alerts - a.alerts || a.technique.id.localeCompare(b.technique.id));
  const covered = new Set(catalogue.data?.filter(({ detected }) => detected).flatMap((type) => type.techniques.map(({ id }) => id)));
  const openTactic = (tactic: string) => void navigate(alertsAddress(question, ['tactics', tactic]));
  const openTitles = (titles: readonly string[]) => {
    const [first = '', ...rest] = titles.map(encodeURIComponent);
    void navigate(`${alertsAddress(question)}&filter=${encodeURIComponent(`title:equals:${[first, ...rest].join(',')}`)}`);
  };
  return (
    <Workbook title="MITRE ATT&CK for ICS" question={question} takes="range and site" onQuestion={setQuestion}>
      <Tiles
        label="Tactics and techniques"
        tiles={[
          { label: 'Tactics with alerts', value: tactics.data?.length },
          { label: 'Techniques with alerts', value: types.data && catalogue.data && byAlerts.length },
          { label: 'Techniques that are detected', value: catalogue.data && covered.size, onOpen: () => void navigate('/alert-types') },
        ]}
      />
      <Cards>
        <ChartCard title="Tactics over time" wide query={series}>
          {series.data && (
            <TimeChart
              title="Tactics over time"
              spans={series.data.spans}
              series={series.data.series
                .slice(0, PALETTE.length)
                .map(({ value, counts }, at) => ({ label: value, counts, color: PALETTE[at] ?? PALETTE[0] }))}
            />
          )}
        </ChartCard>
        <ChartCard title="Alerts by tactic" query={tactics}>
          <BarChart bars={tactics.data ?? []} shown={14} onOpen={openTactic} />
        </ChartCard>
        <ChartCard title="Alerts by technique" query={types}>
          <BarChart
            bars={byAlerts.map(({ technique, alerts }) => ({ value: technique.name, count: alerts }))}
            shown={14}
            onOpen={(name) => openTitles(byAlerts.find(({ technique }) => technique.name === name)?.titles ?? [])}
          />
        </ChartCard>
        <ChartCard title="Techniques" wide query={types}>
          <div className={styles.scroller} tabIndex={0} role="region" aria-label="Techniques">
            <table className={styles.table}>
              <thead>
                <tr>
                  {['ID', 'Technique', 'Tactics', 'Alert names'].map((head) => (
                    <th key={head} scope="col" className={styles.head}>
                      {head}
                    </th>
                  ))}
                  <th scope="col" className={`${styles.head} ${styles.number}`}>
                    Alerts
                  </th>
                </tr>
              </thead>
              <tbody>
                {byAlerts.map(({ technique, alerts, tactics: of, titles }) => (
                  <tr key={technique.id}>
                    <td className={styles.cell}>
                      <Link href={`https://attack.mitre.org/techniques/${technique.id}/`} target="_blank" rel="noreferrer">
                        {technique.id}
                      </Link>
                    </td>
                    <td className={styles.cell}>{technique.name}</td>
                    <td className={styles.cell}>{of.join(', ')}</td>
                    <td className={styles.cell}>
                      {titles.length > 3 ? `${titles.slice(0, 3).join(', ')} and ${titles.length - 3} more` : titles.join(', ')}
                    </td>
                    <td className={`${styles.cell} ${styles.number}`}>{alerts.toLocaleString('en')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </ChartCard>
      </Cards>
    </Workbook>
  );
}
