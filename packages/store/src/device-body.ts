/** What a sensor says of a device, as the text that the database keeps. Times are texts there, since JSON has no large numbers. */
import type { DeviceFacts, DeviceRecord } from '@annunciator/core/device';
import type { Instant } from '@annunciator/core/time';

export function bodyOf({ id: _id, firstSeen: _firstSeen, lastSeen: _lastSeen, ...facts }: DeviceRecord): string {
  return JSON.stringify({ ...facts, fqdnAt: facts.fqdnAt?.toString() ?? null, programmedAt: facts.programmedAt?.toString() ?? null });
}

/** What an older program wrote lacks parts: they are what a device has of which nothing is known. */
export function factsOf(body: string): DeviceFacts {
  // Written by bodyOf, or by a program before it.
  const read = JSON.parse(body) as Partial<Omit<DeviceFacts, 'fqdnAt' | 'programmedAt'>> & {
    fqdnAt?: string | null;
    programmedAt?: string | null;
  };
  const time = (text: string | null | undefined): Instant | null => (text ? BigInt(text) : null);
  return { ...NOTHING_KNOWN, ...read, fqdnAt: time(read.fqdnAt), programmedAt: time(read.programmedAt) };
}

export const NOTHING_KNOWN: DeviceFacts = {
  name: '',
  type: 'Unknown',
  subtype: '',
  confidence: 0,
  reasons: [],
  purdueLevel: null,
  vendor: '',
  model: '',
  firmware: '',
  serial: '',
  os: '',
  fqdn: '',
  fqdnAt: null,
  plcRun: '',
  plcKey: '',
  modules: [],
  ips: [],
  macs: [],
  vlans: [],
  protocols: [],
  otProtocols: [],
  serves: [],
  asks: [],
  roles: [],
  networkLocation: 'local',
  dynamicAddress: false,
  ot: false,
  authorised: true,
  scanner: false,
  programming: false,
  programmedAt: null,
  appearedLate: false,
  told: { type: '', typeBy: '', mode: '', modeBy: '', keySwitch: '' },
};
