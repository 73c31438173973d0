/** One sensor: overview, its health with what to do, and where it stands. */
import { Button, Field, makeStyles, MessageBar, MessageBarBody, Select, Spinner, Text, Title3, tokens } from '@fluentui/react-components';
import { ArrowLeft20Regular } from '@fluentui/react-icons/svg/arrow-left';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { Card } from '../shell/card.tsx';
import { useColumnStyles } from '../alerts/details/column-styles.ts';
import { type Fact, Facts } from '../alerts/facts.tsx';
import { changeSensor, fetchSensor, fetchSites, removeSensor, SENSOR_TYPES, type SensorDetails, type Site } from '../api/sites.ts';
import { HealthMark } from './health-mark.tsx';
import { HealthSentence } from './health-sentence.tsx';
import { learningText } from './learning-text.ts';
import { useSiteChange } from './use-site-change.ts';
import { SmallTable } from '../shell/small-table.tsx';

const REFRESH_MILLISECONDS = 10_000;

const useStyles = makeStyles({
  page: { height: '100%', overflowY: 'auto' },
  inside: { maxWidth: '1240px', padding: '12px 24px 40px', boxSizing: 'border-box' },
  back: { marginLeft: '-10px', fontWeight: tokens.fontWeightRegular },
  header: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '12px 24px', padding: '6px 0 16px' },
  findings: { display: 'grid', gap: '8px', listStyleType: 'none', margin: '0 0 16px', padding: 0 },
  scroller: { overflowX: 'auto' },
  form: { display: 'grid', gap: '12px' },
  actions: { display: 'flex', gap: '8px' },
});

export function Page() {
  const styles = useStyles();
  const columns = useColumnStyles();
  const { name = '' } = useParams();
  const navigate = useNavigate();
  const {
    data: sensor,
    error,
    refetch,
  } = useQuery({
    queryKey: ['sensor', name],
    queryFn: () => fetchSensor(name),
    refetchInterval: REFRESH_MILLISECONDS,
  });
  const { data: sites } = useQuery({ queryKey: ['sites'], queryFn: fetchSites });
  useEffect(() => {
    document.title = `${name} · Annunciator`;
  }, [name]);
  const back = () => void navigate('/sites');
  return (
    <div className={styles.page}>
      <div className={styles.inside}>
        <Button appearance="transparent" size="small" icon={<ArrowLeft20Regular />} className={styles.back} onClick={back}>
          Sites and sensors
        </Button>
        {error && (
          <MessageBar intent="error" layout="multiline">
            <MessageBarBody>{error.message}</MessageBarBody>
          </MessageBar>
        )}
        {!sensor && !error && <Spinner label="Loading" />}
        {sensor && (
          <>
            <div className={styles.header}>
              <Title3 as="h1">{sensor.name}</Title3>
              <HealthMark health={sensor.health} />
            </div>
            <div className={columns.columns}>
              <div className={columns.stack}>
                <Health sensor={sensor} />
              </div>
              <div className={columns.stack}>
                <Card title="Overview">
                  <Facts
                    facts={[
                      ['Sensor type', sensor.type],
                      ['Site', sensor.site],
                      ['Zone', sensor.zone],
                      ['Learning', learningText(sensor)],
                      ['Source', sensor.source || '–'],
                      ['Version', sensor.version ?? '–'],
                      ['Last connected', sensor.lastConnected ? <DetectionTime key="last" at={sensor.lastConnected} /> : 'Never'],
                      ['Registered', <DetectionTime key="registered" at={sensor.registered} />],
                      ['Registered by', sensor.registeredBy ?? 'itself'],
                      ['Packets', sensor.packets.toLocaleString('en')],
                      ['Devices', sensor.devices.toLocaleString('en')],
                      ['Open alerts', sensor.openAlerts.toLocaleString('en')],
                    ]}
                  />
                </Card>
                {sites && (
                  <Place
                    key={`${sensor.site}/${sensor.zone}/${sensor.type}`}
                    sensor={sensor}
                    sites={sites}
                    onMoved={() => void refetch()}
                    onGone={back}
                  />
                )}
              </div>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function Health({ sensor }: { sensor: SensorDetails }) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const { details } = sensor;
  const findings = details?.findings ?? [];
  const lost = Object.entries(details?.refused ?? {});
  return (
    <>
      <Card title="Health">
        {findings.length === 0 && (
          <Text className={columns.text}>{sensor.health.sentence || 'Nothing is wrong, as far as the sensor can tell.'}</Text>
        )}
        {findings.length > 0 && (
          <ul className={styles.findings} aria-label="Findings">
            {findings.map(({ severity, sentence, silentSince }) => (
              <li key={sentence}>
                <MessageBar intent={severity === 'critical' ? 'error' : 'warning'} layout="multiline">
                  <MessageBarBody>
                    <HealthSentence sentence={sentence} silentSince={silentSince} />
                  </MessageBarBody>
                </MessageBar>
              </li>
            ))}
          </ul>
        )}
        {details && (
          <Facts
            facts={[
              ['TCP seen in one direction only', part(details.oneSided.oneSided, details.oneSided.flows, 'connections')],
              ['Bytes of protocols nobody recognised', part(details.undecoded.undecoded, details.undecoded.bytes, 'bytes')],
              ['Clock of the packets', details.clock.steps === 0 ? 'steady' : `set ${details.clock.steps} times`],
              ['Packets not kept for alerts', details.packetsNotKept.toLocaleString('en')],
              ...lost.map(([what, count]): Fact => [`Left out: ${what}`, count.toLocaleString('en')]),
            ]}
          />
        )}
      </Card>
      {details && details.interfaces.length > 0 && (
        <Card title="Interfaces">
          <div className={styles.scroller} tabIndex={0} role="region" aria-label="Interfaces">
            <SmallTable
              heads={['Interface', 'State', 'Read by', 'Packets', 'Lost', 'Last packet']}
              rows={details.interfaces.map((one) => ({
                key: one.name,
                cells: [
                  one.name,
                  one.state,
                  one.method,
                  one.packets.toLocaleString('en'),
                  (one.kernelDrops + (one.cardDrops ?? 0)).toLocaleString('en'),
                  one.lastPacket ? <DetectionTime at={one.lastPacket} /> : '–',
                ],
              }))}
            />
          </div>
        </Card>
      )}
      {details && details.vlans.length > 0 && (
        <Card title="VLANs">
          <SmallTable
            heads={['VLAN', 'Packets', 'State']}
            rows={details.vlans.map(({ vlan, packets, silent }) => ({
              key: vlan,
              cells: [vlan, packets.toLocaleString('en'), silent ? 'silent' : 'seen'],
            }))}
          />
        </Card>
      )}
    </>
  );
}

/** Where the sensor stands, edited in place. */
interface PlaceProps {
  readonly sensor: SensorDetails;
  readonly sites: readonly Site[];
  onMoved(): void;
  onGone(): void;
}

function Place({ sensor, sites, onMoved, onGone }: PlaceProps) {
  const styles = useStyles();
  const columns = useColumnStyles();
  const change = useSiteChange();
  const [site, setSite] = useState(sensor.site);
  const [zone, setZone] = useState(sensor.zone);
  const [type, setType] = useState(sensor.type);
  const open = sites.filter(({ editableZones }) => editableZones.length > 0);
  const zonesOf = (name: string) => open.find((known) => known.name === name)?.editableZones ?? [];
  const zones = zonesOf(site);
  const runs = sensor.learning !== null && sensor.learning !== 'disconnected';
  if (!zonesOf(sensor.site).includes(sensor.zone)) return null;
  return (
    <Card title="Edit sensor">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => changeSensor(sensor.name, { site, zone, type }), `${sensor.name} now stands in ${site}, ${zone}.`).then(
            (done) => {
              if (done) onMoved();
            },
          );
        }}
      >
        <Text className={columns.text}>What it detects from now on carries the new place; alerts that are there keep theirs.</Text>
        <Field label="Site">
          <Select
            value={site}
            onChange={(_, data) => {
              setSite(data.value);
              setZone(zonesOf(data.value)[0] ?? '');
            }}
          >
            {open.map((known) => (
              <option key={known.name} value={known.name}>
                {known.displayName}
              </option>
            ))}
          </Select>
        </Field>
        <Field label="Zone">
          <Select value={zone} onChange={(_, data) => setZone(data.value)}>
            {zones.map((known) => (
              <option key={known}>{known}</option>
            ))}
          </Select>
        </Field>
        <Field label="Sensor type">
          <Select value={type} onChange={(_, data) => setType(SENSOR_TYPES.find((known) => known === data.value) ?? type)}>
            {SENSOR_TYPES.map((known) => (
              <option key={known}>{known}</option>
            ))}
          </Select>
        </Field>
        <div className={styles.actions}>
          <Button
            type="submit"
            appearance="primary"
            disabled={zone === '' || (site === sensor.site && zone === sensor.zone && type === sensor.type)}
          >
            Save
          </Button>
          <Button
            disabled={runs}
            onClick={() =>
              void change(() => removeSensor(sensor.name), `The sensor ${sensor.name} was deleted.`).then((done) => {
                if (done) onGone();
              })
            }
          >
            Delete sensor
          </Button>
        </div>
      </form>
    </Card>
  );
}

function part(some: number, all: number, what: string): string {
  return all === 0 ? 'none yet' : `${some.toLocaleString('en')} of ${all.toLocaleString('en')} ${what}`;
}
