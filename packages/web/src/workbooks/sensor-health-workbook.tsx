/** The workbook of sensor health. */
import { Link, makeStyles, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { fetchSites, type Sensor } from '../api/sites.ts';
import { BarChart } from '../charts/bar-chart.tsx';
import { Tiles } from '../charts/tiles.tsx';
import { HealthMark } from '../sites/health-mark.tsx';
import { HealthSentence } from '../sites/health-sentence.tsx';
import { Cards, ChartCard, useQuestion, Workbook } from './workbook.tsx';

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'grid', gap: '10px' },
  item: {
    display: 'grid',
    gridTemplateColumns: 'minmax(120px, 1fr) minmax(150px, 1fr) minmax(0, 3fr)',
    gap: '12px',
    alignItems: 'start',
  },
  faint: { color: tokens.colorNeutralForeground2 },
  name: { textAlign: 'left' },
});

export function Page() {
  const styles = useStyles();
  const navigate = useNavigate();
  const [question, setQuestion] = useQuestion();
  const query = useQuery({ queryKey: ['sites'], queryFn: fetchSites });
  const sites = (query.data ?? []).filter(({ name }) => question.site === '' || name === question.site);
  const sensors = sites.flatMap((site) => site.sensors);
  const states = (...of: readonly Sensor['health']['state'][]) => sensors.filter(({ health }) => of.includes(health.state));
  const number = (of: readonly Sensor[]) => (query.data ? of.length : undefined);
  const openSensors = (...health: readonly string[]) =>
    void navigate(`/sites?${new URLSearchParams(health.map((value) => ['health', value]))}`);
  const openSensor = (name: string) => void navigate(`/sites/sensors/${encodeURIComponent(name)}`);
  const by = (value: (sensor: Sensor) => string) =>
    [...Map.groupBy(sensors, value)].map(([word, of]) => ({ value: word, count: of.length })).sort((a, b) => b.count - a.count);
  const per = (count: (sensor: Sensor) => number) =>
    sensors.map((sensor) => ({ value: sensor.name, count: count(sensor) })).sort((a, b) => b.count - a.count);
  const unwell = states('critical', 'warning', 'pending');
  return (
    <Workbook title="Sensor health" question={question} takes="site" onQuestion={setQuestion}>
      <Tiles
        label="Sensors by health"
        tiles={[
          { label: 'All sensors', value: number(sensors), onOpen: () => openSensors() },
          { label: 'Healthy', value: number(states('healthy')), onOpen: () => openSensors('healthy') },
          { label: 'Critical', value: number(states('critical')), onOpen: () => openSensors('critical') },
          { label: 'Warning', value: number(states('warning')), onOpen: () => openSensors('warning') },
          { label: 'Pending activation', value: number(states('pending')), onOpen: () => openSensors('pending') },
        ]}
      />
      <Cards>
        <ChartCard title="What needs somebody" wide query={query}>
          {unwell.length === 0 && <Text className={styles.faint}>Nothing: every sensor is healthy, as far as it can tell.</Text>}
          <ul className={styles.list}>
            {unwell.map((sensor) => (
              <li key={sensor.name} className={styles.item}>
                <Link as="button" className={styles.name} onClick={() => openSensor(sensor.name)}>
                  {sensor.name}
                </Link>
                <HealthMark health={sensor.health} />
                <Text className={styles.faint}>
                  <HealthSentence {...sensor.health} />
                </Text>
              </li>
            ))}
          </ul>
        </ChartCard>
        <ChartCard title="By health" query={query}>
          <BarChart bars={by(({ health }) => health.word)} empty="No sensor." />
        </ChartCard>
        <ChartCard title="By version" query={query}>
          <BarChart bars={by(({ version }) => version ?? 'does not run')} empty="No sensor." />
        </ChartCard>
        <ChartCard title="By type" query={query}>
          <BarChart bars={by(({ type }) => type)} empty="No sensor." />
        </ChartCard>
        <ChartCard title="Devices of each sensor" query={query}>
          <BarChart bars={per(({ devices }) => devices)} empty="No sensor." onOpen={openSensor} />
        </ChartCard>
        <ChartCard title="Open alerts of each sensor" query={query}>
          <BarChart bars={per(({ openAlerts }) => openAlerts)} empty="No sensor." onOpen={openSensor} />
        </ChartCard>
        <ChartCard title="Packets of each sensor" query={query}>
          <BarChart bars={per(({ packets }) => packets)} empty="No sensor." onOpen={openSensor} />
        </ChartCard>
      </Cards>
    </Workbook>
  );
}
