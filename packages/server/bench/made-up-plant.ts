/**
 * A million alerts as twenty sites might have them after ninety days: few types make most of them, few devices take part
 * in most, the newest are open, the older ones closed. The same for the same number.
 */
import type { CloseReason, Endpoint } from '@annunciator/core/alert';
import type { AlertType } from '@annunciator/core/alert-type';
import { CATALOGUE } from '@annunciator/core/catalogue';
import { raise } from '@annunciator/core/life-cycle';
import { fromMilliseconds, type Instant, SECOND } from '@annunciator/core/time';
import type { StoredAlert } from '@annunciator/store/alert-query';

const DAYS = 90;
const SITES = [
  'Aachen',
  'Bergen',
  'Cork',
  'Derby',
  'Essen',
  'Faro',
  'Gent',
  'Huelva',
  'Izola',
  'Jena',
  'Kiel',
  'Lodz',
  'Malaga',
  'Nantes',
  'Oulu',
  'Porto',
  'Riga',
  'Split',
  'Turku',
  'Ulm',
];
const ZONES = ['Process control', 'Supervisory', 'Utilities', 'Enterprise'];
const ROLES = ['PLC', 'HMI', 'RTU', 'ENG', 'HIST', 'DRIVE', 'GW'];
const DEVICES_PER_SITE = 250;
/** Alerts at the end of the ninety days that nobody has answered yet. */
const OPEN_SHARE = 0.06;

/** A number from 0 below 1 that looks random, for a seed. */
function chance(seed: number): number {
  let x = Math.imul(seed ^ (seed >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** An index below `count` of which the small ones come most. */
function skewed(seed: number, count: number): number {
  return Math.floor(count * chance(seed) ** 3);
}

function device(site: number, number: number): Endpoint {
  const ip = `10.${site + 10}.${number >> 6}.${(number & 63) + 10}`;
  const role = ROLES[number % ROLES.length];
  const named = number % 4 !== 3;
  const mac = `00:1b:1b:${site.toString(16).padStart(2, '0')}:${(number >> 8).toString(16).padStart(2, '0')}:${(number & 255).toString(16).padStart(2, '0')}`;
  return { device: ip, ip, mac, port: 502, name: named ? `${role}-${SITES[site]?.toUpperCase()}-${number}` : null };
}

/** Alert number `index` of `count`; the last one was detected at `end`. */
export function madeUpAlert(index: number, count: number, end: Instant): StoredAlert {
  const seed = index * 8;
  const type: AlertType = CATALOGUE[skewed(seed, CATALOGUE.length)] ?? CATALOGUE[0];
  const site = skewed(seed + 1, SITES.length);
  const source = device(site, skewed(seed + 2, DEVICES_PER_SITE));
  const destination = device(site, skewed(seed + 3, DEVICES_PER_SITE));
  const code = Math.floor(chance(seed + 4) * 4000);
  const before = BigInt(Math.floor((1 - index / count) * DAYS * 86_400)) * SECOND;
  const time = end - before + BigInt(index % 1000) * 1_000_000n;
  const from = source.name ? `${source.name} (${source.ip})` : source.ip;
  const to = destination.name ? `${destination.name} (${destination.ip})` : destination.ip;
  const raised = raise(
    {
      type: type.id,
      time,
      source,
      destination,
      protocol: type.protocols[0]?.toLowerCase() ?? null,
      message: `${from} sent ${type.title.toLowerCase()} number ${code} to ${to}, which it did not do while the sensor learned.`,
      expected: 'What the baseline holds for this pair of devices.',
      seen: `Number ${code}, not in the baseline.`,
      parameters: { number: code, unit: index % 7 },
      parameterKey: String(index),
      frames: [index + 1, index + 5],
      learn: type.learnable ? [{ aspect: 'made.up', source: source.device, destination: destination.device, value: String(code) }] : [],
      internet: false,
    },
    { type, pcap: { state: index % 3 === 0 ? 'available' : 'missing', reason: index % 3 === 0 ? null : 'Not kept.' } },
  );
  // Traffic of some comes again for up to two days.
  const repeats = skewed(seed + 5, 200);
  const last = time + BigInt(Math.floor(chance(seed + 6) * (repeats > 0 ? 172_800 : 0))) * SECOND;
  const lastDetection = last > end ? end : last;
  const answer = answerOf(index / count, chance(seed + 7), type);
  return {
    ...raised,
    ...answer,
    count: repeats + 1,
    lastDetection,
    lastActivity: lastDetection,
    revision: answer.status === 'New' ? 0 : 1,
    sensor: `sensor-${SITES[site]?.toLowerCase()}-${(index % 2) + 1}`,
    site: SITES[site] ?? '',
    zone: ZONES[skewed(seed + 2, ZONES.length)] ?? '',
  };
}

type Answer = Pick<StoredAlert, 'status' | 'disposition' | 'closeReason'>;

/** What became of an alert by its age: the newest are open, with a few old ones; most of the others are closed. */
function answerOf(age: number, luck: number, type: AlertType): Answer {
  const open = age > 1 - OPEN_SHARE ? 0.8 : 0.01;
  if (luck < open) return { status: luck < open * 0.7 ? 'New' : 'Active', disposition: 'none', closeReason: null };
  const closed = (disposition: Answer['disposition'], closeReason: CloseReason): Answer => ({ status: 'Closed', disposition, closeReason });
  // Learned and muted ones silence their traffic: there are few of them, and each is known to the life cycle.
  if (luck > 0.9995)
    return type.learnable ? closed('learned', 'learned') : type.muteable ? closed('muted', 'muted') : closed('none', 'closed');
  return closed('none', luck > 0.9 ? 'quiet' : 'closed');
}

/** The end of the ninety days: a whole second now, so that the usual time ranges find something. */
export function madeUpEnd(now: number): Instant {
  return fromMilliseconds(Math.floor(now / 1000) * 1000);
}
