/** What a person should know about the health of a sensor, as sentences that say what to do. */
import type { InterfaceReport } from '@annunciator/packet/live/live-reader';
import type { SensorHealth } from './health.ts';

export interface HealthFinding {
  readonly severity: 'critical' | 'warning';
  /** What it is about: an interface, or `mirror`, `vlans`, `clock`, `packets`, `tables`. */
  readonly subject: string;
  readonly sentence: string;
  /** What has fallen silent, with its last second since 1970, packet time: the reader words the time. */
  readonly silent?: readonly { readonly what: string; readonly lastSecond: number }[];
}

/** Seconds without a packet after which an interface is said to be without traffic, and after the start. */
const SILENCE = 600;
const FIRST_PACKET_WITHIN = 60;
/** Connections before their share is told, and the share that is too much. */
const ENOUGH_FLOWS = 10;
const ONE_SIDED_SHARE = 0.3;

/** The findings about a sensor, the critical ones first. None: it is healthy, as far as it can tell. */
export function findingsOf(health: SensorHealth): HealthFinding[] {
  return [
    ...health.interfaces.flatMap(aboutInterface),
    ...aboutMirror(health),
    ...aboutVlans(health),
    ...aboutClock(health),
    ...aboutRoom(health),
  ].sort((a, b) => Number(b.severity === 'critical') - Number(a.severity === 'critical'));
}

function aboutInterface(one: InterfaceReport): HealthFinding[] {
  const { name: subject } = one;
  const found: HealthFinding[] = [];
  const critical = (sentence: string): number => found.push({ severity: 'critical', subject, sentence });
  const warning = (sentence: string): number => found.push({ severity: 'warning', subject, sentence });
  if (one.state === 'gone') critical(`Interface ${subject} has disappeared; it is opened again when it is back.`);
  else if (one.state === 'down') critical(`Interface ${subject} is down. Bring it up with "ip link set ${subject} up".`);
  else if (one.packets > 0 && one.quiet >= SILENCE)
    critical(`No packet has come on ${subject} for ${Math.floor(one.quiet / 60)} minutes. Check the cable and the mirror port.`);
  else if (one.packets === 0 && one.quiet >= FIRST_PACKET_WITHIN)
    critical(`No packet has come on ${subject} since it was opened. Check that the mirror port is switched on and ends here.`);
  if (one.kernelDrops > 0)
    warning(
      `${count(one.kernelDrops, 'packet')} of ${subject} ${one.kernelDrops === 1 ? 'was' : 'were'} lost (${share(one.kernelDrops, one.packets)}), as the sensor was too slow. ` +
        'Alerts may be missing; mirror less to this sensor, or give it a faster core.',
    );
  if (one.cardDrops !== null && one.cardDrops > 0)
    warning(
      `The network card of ${subject} lost ${count(one.cardDrops, 'packet')} (${share(one.cardDrops, one.packets)}). ` +
        `Enlarge its ring with "ethtool -G ${subject} rx 4096".`,
    );
  if (one.reason !== null) warning(`${subject} is read through tcpdump: ${one.reason}.`);
  return found;
}

function aboutMirror({ oneSided }: SensorHealth): HealthFinding[] {
  if (oneSided.flows < ENOUGH_FLOWS || oneSided.oneSided < oneSided.flows * ONE_SIDED_SHARE) return [];
  const [example] = oneSided.examples;
  const such = example ? `, such as ${example.from} to ${example.to} port ${example.toPort}` : '';
  return [
    {
      severity: 'warning',
      subject: 'mirror',
      sentence: `Of ${oneSided.flows} TCP connections ${oneSided.oneSided} are seen in one direction only${such}. Have the switch mirror both directions.`,
    },
  ];
}

function aboutVlans({ vlans }: SensorHealth): HealthFinding[] {
  const silent = vlans.filter((vlan) => vlan.silent);
  if (silent.length === 0) return [];
  const names = silent.map(({ vlan }) => vlan).join(', ');
  return [
    {
      severity: 'warning',
      subject: 'vlans',
      sentence: `No packet comes any more from ${silent.length === 1 ? 'VLAN' : 'VLANs'} ${names}. Check that the mirror still has ${silent.length === 1 ? 'it' : 'them'}.`,
      silent: silent.map(({ vlan, lastSecond }) => ({ what: `VLAN ${vlan}`, lastSecond })),
    },
  ];
}

function aboutClock({ clock }: SensorHealth): HealthFinding[] {
  if (clock.last === null) return [];
  const { seconds } = clock.last;
  const moved = `${Math.abs(Math.round(seconds * 10) / 10)} s ${seconds < 0 ? 'back' : 'on'}`;
  return [
    {
      severity: 'warning',
      subject: 'clock',
      sentence: `The clock of the packets was set ${clock.steps === 1 ? 'once' : `${clock.steps} times`}, the last time ${moved}. Times of alerts and learned rhythms may be wrong; let the machine follow a time server.`,
    },
  ];
}

function aboutRoom({ packetsNotKept, notKeptBecause, refused }: SensorHealth): HealthFinding[] {
  const found: HealthFinding[] = [];
  if (packetsNotKept > 0)
    found.push({
      severity: 'warning',
      subject: 'packets',
      sentence: `${count(packetsNotKept, 'packet')} could not be kept for alerts: ${notKeptBecause}.`,
    });
  const full = Object.entries(refused).map(([what, number]) => `${what} (${number.toLocaleString('en')})`);
  if (full.length > 0)
    found.push({
      severity: 'warning',
      subject: 'tables',
      sentence: `A bound of the sensor was reached, and what found no room was left out: ${full.join(', ')}.`,
    });
  return found;
}

function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

function share(lost: number, seen: number): string {
  const percent = (100 * lost) / (lost + seen);
  return `${percent >= 0.1 ? percent.toFixed(1) : percent.toPrecision(1)} %`;
}
