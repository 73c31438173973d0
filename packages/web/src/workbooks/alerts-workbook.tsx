/** The workbook of alerts: how many, how severe, over time, and from where. */
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import { valueLabel } from '../alerts/columns.tsx';
import { SeverityMark } from '../alerts/severity-mark.tsx';
import { SEVERITIES } from '../api/alerts.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { Tiles } from '../charts/tiles.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { alertQuery, alertsAddress, useGroups, useSeries } from './alert-numbers.ts';
import { SEVERITY_COLORS } from './colors.ts';
import { Cards, ChartCard, useQuestion, Workbook } from './workbook.tsx';

const BARS = [
  ['title', 'Top alerts'],
  ['engine', 'By engine'],
  ['status', 'By status'],
  ['category', 'By category'],
  ['device', 'Top devices'],
  ['protocol', 'By protocol'],
  ['sensor', 'By sensor'],
  ['site', 'By site'],
] as const;

export function Page() {
  const navigate = useNavigate();
  const [question, setQuestion] = useQuestion();
  const { range, site } = question;
  // Asked once for a question, so that all charts speak of the same time.
  const query = useMemo(() => alertQuery({ range, site }, Date.now()), [range, site]);
  const severities = useGroups(query, 'severity');
  const series = useSeries(query, 'severity');
  const count = (severity: string) => severities.data?.find(({ value }) => value === severity)?.count ?? 0;
  const open = (column: string, value: string) => void navigate(alertsAddress(question, [column, value]));
  return (
    <Workbook title="Alerts" question={question} takes="range and site" onQuestion={setQuestion}>
      <Tiles
        label="Alerts by severity"
        tiles={[
          {
            label: 'All alerts',
            value: severities.data?.reduce((sum, group) => sum + group.count, 0),
            onOpen: () => void navigate(alertsAddress(question)),
          },
          ...SEVERITIES.map((severity) => ({
            label: severity,
            value: severities.data && count(severity),
            onOpen: () => open('severity', severity),
          })),
        ]}
      />
      <Cards>
        <ChartCard title="Alerts over time" wide query={series}>
          {series.data && (
            <TimeChart
              title="Alerts over time"
              spans={series.data.spans}
              series={SEVERITIES.flatMap((severity) => {
                const found = series.data.series.find(({ value }) => value === severity);
                return found ? [{ label: severity, color: SEVERITY_COLORS[severity], counts: found.counts }] : [];
              })}
            />
          )}
        </ChartCard>
        <ChartCard title="By severity" query={severities}>
          <BarChart
            bars={SEVERITIES.map((severity) => ({ value: severity, count: count(severity), color: SEVERITY_COLORS[severity] }))}
            word={(value) => <SeverityMark severity={SEVERITIES.find((severity) => severity === value) ?? 'Informational'} />}
            onOpen={(value) => open('severity', value)}
          />
        </ChartCard>
        {BARS.map(([column, title]) => (
          <Groups key={column} column={column} title={title} query={query} onOpen={(value) => open(column, value)} />
        ))}
      </Cards>
    </Workbook>
  );
}

function Groups({
  column,
  title,
  query,
  onOpen,
}: {
  column: string;
  title: string;
  query: URLSearchParams;
  onOpen: (value: string) => void;
}) {
  const groups = useGroups(query, column);
  return (
    <ChartCard title={title} query={groups}>
      <BarChart bars={groups.data ?? []} word={(value) => valueLabel(column, value) || '–'} onOpen={onOpen} />
    </ChartCard>
  );
}
