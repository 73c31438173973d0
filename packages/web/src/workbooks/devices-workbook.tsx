/** The workbook of devices: what there is, and what is new. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useNavigate } from 'react-router';
import type { ValueCount } from '../api/alerts.ts';
import { get } from '../api/client.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { Tiles } from '../charts/tiles.tsx';
import { TimeChart } from '../charts/time-chart.tsx';
import { dayText } from './alert-numbers.ts';
import { PALETTE } from './colors.ts';
import { Cards, ChartCard, useQuestion, Workbook } from './workbook.tsx';

const DAY = 86_400_000;
/** Days of the chart of new devices. */
const DAYS = 45;
const BARS = [
  ['type', 'By type'],
  ['vendor', 'By vendor'],
  ['purdueLevel', 'By Purdue level'],
  ['protocol', 'By protocol'],
  ['plcMode', 'By PLC mode'],
  ['importance', 'By importance'],
  ['sensor', 'By sensor'],
  ['zone', 'By zone'],
] as const;

export function Page() {
  const navigate = useNavigate();
  const [question, setQuestion] = useQuestion();
  const { site } = question;
  const query = useMemo(() => new URLSearchParams(site === '' ? {} : { filter: filterOf('site', 'equals', site) }), [site]);
  const open = (...filters: readonly string[]) =>
    void navigate(`/devices?${new URLSearchParams([...query, ...filters.map((filter) => ['filter', filter])])}`);
  const authorised = useValues(query, 'authorised');
  const fresh = useValues(query, 'isNew');
  const busy = useValues(query, 'openAlerts');
  const days = useQuery({
    queryKey: ['devices', 'first-seen', query.toString()],
    queryFn: () => {
      const asked = new URLSearchParams(query);
      asked.set('from', new Date(Date.now() - (DAYS - 1) * DAY).toISOString().slice(0, 10));
      return get<readonly { readonly day: string; readonly count: number }[]>(`/api/devices/first-seen?${asked}`);
    },
  });
  const of = (values: readonly ValueCount[] | undefined, test: (value: string) => boolean) =>
    values?.reduce((sum, { value, count }) => sum + (test(value) ? count : 0), 0);
  const today = Math.floor(Date.now() / DAY);
  const spans = Array.from({ length: DAYS }, (_, at) => (today - DAYS + 1 + at) * DAY);
  return (
    <Workbook title="Devices" question={question} takes="site" onQuestion={setQuestion}>
      <Tiles
        label="Devices"
        tiles={[
          { label: 'All devices', value: of(authorised.data, () => true), onOpen: () => open() },
          {
            label: 'Unauthorized',
            value: of(authorised.data, (value) => value === 'no'),
            onOpen: () => open(filterOf('authorised', 'equals', 'no')),
          },
          { label: 'New', value: of(fresh.data, (value) => value === 'yes'), onOpen: () => open(filterOf('isNew', 'equals', 'yes')) },
          {
            label: 'With open alerts',
            value: of(busy.data, (value) => value !== '0'),
            onOpen: () => open(filterOf('openAlerts', 'greater', '0')),
          },
        ]}
      />
      <Cards>
        <ChartCard title={`Seen for the first time, last ${DAYS} days`} wide query={days}>
          <TimeChart
            title="Devices seen for the first time"
            spans={spans.map(dayText)}
            series={[
              {
                label: 'New devices',
                color: PALETTE[0],
                counts: spans.map((at) => days.data?.find(({ day }) => Date.parse(day) === at)?.count ?? 0),
              },
            ]}
          />
        </ChartCard>
        {BARS.map(([column, title]) => (
          <Values key={column} column={column} title={title} query={query} onOpen={(value) => open(filterOf(column, 'equals', value))} />
        ))}
      </Cards>
    </Workbook>
  );
}

function Values({
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
  const values = useValues(query, column);
  return (
    <ChartCard title={title} query={values}>
      <BarChart bars={values.data ?? []} empty="No devices." word={(value) => value || 'Unknown'} onOpen={onOpen} />
    </ChartCard>
  );
}

function useValues(query: URLSearchParams, column: string) {
  return useQuery<readonly ValueCount[]>({
    queryKey: ['devices', 'values', column, query.toString()],
    queryFn: () => {
      const asked = new URLSearchParams(query);
      asked.set('column', column);
      return get(`/api/devices/values?${asked}`);
    },
  });
}

function filterOf(column: string, operator: string, value: string): string {
  return `${column}:${operator}:${encodeURIComponent(value)}`;
}
