/** Onboarding: what a sensor needs, where it will stand, and the command that starts it. */
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
  tokens,
} from '@fluentui/react-components';
import { useState } from 'react';
import { addZone, registerSensor, SENSOR_TYPES, type Site } from '../api/sites.ts';
import { useSiteChange } from './use-site-change.ts';

const useStyles = makeStyles({
  content: { display: 'grid', gap: '14px' },
  step: { margin: '4px 0 0', fontSize: tokens.fontSizeBase300, fontWeight: tokens.fontWeightSemibold },
  text: { margin: 0, color: tokens.colorNeutralForeground2 },
  pair: { display: 'grid', gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 200px), 1fr))', gap: '12px' },
  command: {
    display: 'block',
    padding: '10px 12px',
    borderRadius: tokens.borderRadiusMedium,
    backgroundColor: tokens.colorNeutralBackground3,
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    overflowWrap: 'anywhere',
  },
});

/** The choice that opens a field for a name. */
const NEW = '';

export default function OnboardDialog({ sites, onClose }: { sites: readonly Site[]; onClose: () => void }) {
  const styles = useStyles();
  const change = useSiteChange();
  const [name, setName] = useState('');
  const [type, setType] = useState<(typeof SENSOR_TYPES)[number]>(SENSOR_TYPES[0]);
  const [siteName, setSiteName] = useState(sites[0]?.name ?? '');
  const site = sites.find((known) => known.name === siteName);
  const [zoneName, setZoneName] = useState<string | null>(null);
  const [newZone, setNewZone] = useState('');
  const [registered, setRegistered] = useState(false);
  const zone = zoneName ?? site?.editableZones[0] ?? NEW;
  const wantedZone = zone === NEW ? newZone.trim() : zone;
  const register = async () => {
    const sensor = { name: name.trim(), type, site: siteName, zone: wantedZone };
    const done = await change(async () => {
      if (zone === NEW) await addZone(siteName, wantedZone);
      await registerSensor(sensor);
    }, `The sensor ${sensor.name} was registered. It is pending until its first packet.`);
    if (done) setRegistered(true);
  };
  return (
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void register();
          }}
        >
          <DialogBody>
            <DialogTitle>Onboard OT sensor</DialogTitle>
            {registered ? (
              <DialogContent className={styles.content}>
                <p className={styles.text}>
                  {name.trim()} is pending activation. Start it on this system with the name that it was registered with, and the interface
                  that the mirror port ends at:
                </p>
                <code className={styles.command}>
                  annunciator up --sensor-name {quoted(name.trim())} --interface eth1{type === 'Enterprise IoT' ? ' --focus any' : ''}
                </code>
                <p className={styles.text}>
                  It stands in {siteName}, {wantedZone}, whatever else the command says, until you move it here.
                </p>
              </DialogContent>
            ) : (
              <DialogContent className={styles.content}>
                <h3 className={styles.step}>Step 1: Did you set up a sensor?</h3>
                <p className={styles.text}>A Linux machine with two network ports: one to manage it, one that only listens.</p>
                <h3 className={styles.step}>Step 2: Configure SPAN port or TAP</h3>
                <p className={styles.text}>Have the switch mirror the plant's VLANs, both directions, to the port that listens.</p>
                <h3 className={styles.step}>Step 3: Register this sensor</h3>
                <div className={styles.pair}>
                  <Field label="Sensor name" required>
                    <Input value={name} maxLength={80} onChange={(_, data) => setName(data.value)} />
                  </Field>
                  <Field label="Sensor type">
                    <Select
                      value={type}
                      onChange={(_, data) => setType(SENSOR_TYPES.find((known) => known === data.value) ?? SENSOR_TYPES[0])}
                    >
                      {SENSOR_TYPES.map((known) => (
                        <option key={known}>{known}</option>
                      ))}
                    </Select>
                  </Field>
                  <Field label="Site">
                    <Select
                      value={siteName}
                      onChange={(_, data) => {
                        setSiteName(data.value);
                        setZoneName(null);
                      }}
                    >
                      {sites.map((known) => (
                        <option key={known.name} value={known.name}>
                          {known.displayName}
                        </option>
                      ))}
                    </Select>
                  </Field>
                  <Field label="Zone">
                    <Select value={zone} onChange={(_, data) => setZoneName(data.value)}>
                      {site?.editableZones.map((known) => (
                        <option key={known}>{known}</option>
                      ))}
                      {site?.editable !== false && <option value={NEW}>Create Zone…</option>}
                    </Select>
                  </Field>
                </div>
                {zone === NEW && (
                  <Field label="Name of the new zone" required>
                    <Input value={newZone} maxLength={80} onChange={(_, data) => setNewZone(data.value)} />
                  </Field>
                )}
                {sites.length === 0 && <p className={styles.text}>There is no site yet: add one first.</p>}
              </DialogContent>
            )}
            <DialogActions>
              <Button onClick={onClose}>{registered ? 'Close' : 'Cancel'}</Button>
              {!registered && (
                <Button type="submit" appearance="primary" disabled={name.trim() === '' || siteName === '' || wantedZone === ''}>
                  Register
                </Button>
              )}
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  );
}

/** A word as a shell takes it. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
