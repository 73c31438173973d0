/** The device inventory: what is told of a device, and which devices a question asks for. */
import { z } from 'zod';
import { type CsvColumn, csvOf } from './csv.ts';
import type { DeviceSummary } from './sensor-link.ts';

export const deviceSchema = z
  .object({
    id: z.string(),
    name: z.string().nullable(),
    type: z.string().nullable(),
    vendor: z.string().nullable(),
    model: z.string().nullable(),
    firmware: z.string().nullable(),
    ips: z.array(z.string()),
    macs: z.array(z.string()),
    protocols: z.array(z.string()),
    roles: z.array(z.string()).describe('What it does on the network, such as client or server of a protocol'),
    authorised: z.boolean(),
    firstSeen: z.string().describe('ISO 8601, packet time'),
    lastSeen: z.string().describe('ISO 8601, packet time'),
    sensor: z.string(),
    site: z.string(),
    zone: z.string(),
  })
  .meta({ id: 'Device' });
export type DeviceView = z.infer<typeof deviceSchema>;

/** The same columns as in the grid. */
export const DEVICE_COLUMNS = [
  'name',
  'ip',
  'mac',
  'type',
  'vendor',
  'model',
  'firmware',
  'protocols',
  'authorised',
  'firstSeen',
  'lastSeen',
  'sensor',
  'site',
  'zone',
] as const;
type DeviceColumn = (typeof DEVICE_COLUMNS)[number];

/** Columns to filter by, each a parameter of the address. */
export const DEVICE_FACETS = ['type', 'vendor', 'protocol', 'authorised'] as const;
export type DeviceFacet = (typeof DEVICE_FACETS)[number];

const values = z
  .union([z.string().max(200), z.array(z.string().max(200)).max(200)])
  .optional()
  .transform((given) => (given === undefined ? [] : [given].flat()));
const SORTS = DEVICE_COLUMNS.flatMap((column) => [column, `-${column}`] as const);

export const deviceAddressSchema = z.object({
  search: z.string().max(200).optional().describe('Text in name, addresses, type, vendor, model or firmware'),
  type: values.describe('One or several; empty for devices whose type is not known'),
  vendor: values.describe('One or several; empty for devices whose vendor is not known'),
  protocol: values.describe('Devices that speak one of these'),
  authorised: values.describe('yes, no'),
  sort: z.enum(SORTS).default('-lastSeen').describe('A column, with - in front for descending'),
});
export type DeviceAddress = z.infer<typeof deviceAddressSchema>;

export function deviceView(device: DeviceSummary): DeviceView {
  return {
    ...device,
    ips: [...device.ips],
    macs: [...device.macs],
    protocols: [...device.protocols],
    roles: [...device.roles],
    firstSeen: new Date(device.firstSeen).toISOString(),
    lastSeen: new Date(device.lastSeen).toISOString(),
  };
}

/** A device by its name, else IP, else MAC address. */
export function deviceTitle(device: Pick<DeviceSummary, 'id' | 'name' | 'ips' | 'macs'>): string {
  return device.name ?? device.ips[0] ?? device.macs[0] ?? device.id;
}

/** The devices that match, in the order that is asked for. */
export function matchingDevices(devices: readonly DeviceSummary[], address: DeviceAddress): DeviceView[] {
  const descending = address.sort.startsWith('-');
  // The schema allows no other.
  const column = (descending ? address.sort.slice(1) : address.sort) as DeviceColumn;
  const text = CELLS[column];
  const sign = descending ? -1 : 1;
  return devices
    .filter((device) => matches(device, address))
    .map(deviceView)
    .sort((a, b) => sign * ORDER.compare(text(a), text(b)) || ORDER.compare(a.id, b.id));
}

/** Values of each filter with the number of devices; a filter's own choice is left out, so that values can be added. */
export function deviceFacets(devices: readonly DeviceSummary[], address: DeviceAddress): Record<DeviceFacet, ValueCount[]> {
  return { type: facet('type'), vendor: facet('vendor'), protocol: facet('protocol'), authorised: facet('authorised') };

  function facet(name: DeviceFacet): ValueCount[] {
    const counts = new Map<string, number>();
    for (const device of devices) {
      if (!matches(device, { ...address, [name]: [] })) continue;
      for (const value of facetValues(device, name)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || ORDER.compare(a.value, b.value));
  }
}

interface ValueCount {
  value: string;
  count: number;
}

export function devicesCsv(devices: readonly DeviceView[]): string {
  return csvOf(CSV_COLUMNS, devices);
}

/** Addresses and names with numbers in them in the order a person expects. */
const ORDER = new Intl.Collator('en', { numeric: true });

const CELLS: Readonly<Record<DeviceColumn, (device: DeviceView) => string>> = {
  name: deviceTitle,
  ip: (device) => device.ips.join('; '),
  mac: (device) => device.macs.join('; '),
  type: (device) => device.type ?? '',
  vendor: (device) => device.vendor ?? '',
  model: (device) => device.model ?? '',
  firmware: (device) => device.firmware ?? '',
  protocols: (device) => device.protocols.join('; '),
  authorised: (device) => (device.authorised ? 'Authorized' : 'Unauthorized'),
  firstSeen: (device) => device.firstSeen,
  lastSeen: (device) => device.lastSeen,
  sensor: (device) => device.sensor,
  site: (device) => device.site,
  zone: (device) => device.zone,
};

const CSV_COLUMNS: readonly CsvColumn<DeviceView>[] = [
  ['Name', CELLS.name],
  ['IP Address', CELLS.ip],
  ['MAC Address', CELLS.mac],
  ['Type', CELLS.type],
  ['Vendor', CELLS.vendor],
  ['Model', CELLS.model],
  ['Firmware version', CELLS.firmware],
  ['Protocols', CELLS.protocols],
  ['Authorization', CELLS.authorised],
  ['First seen', CELLS.firstSeen],
  ['Last activity', CELLS.lastSeen],
  ['Sensor', CELLS.sensor],
  ['Site', CELLS.site],
  ['Zone', CELLS.zone],
  ['Roles', (device) => device.roles.join('; ')],
  ['ID', (device) => device.id],
];

function facetValues(device: DeviceSummary, name: DeviceFacet): readonly string[] {
  switch (name) {
    case 'type':
      return [device.type ?? ''];
    case 'vendor':
      return [device.vendor ?? ''];
    case 'protocol':
      return device.protocols;
    case 'authorised':
      return [device.authorised ? 'yes' : 'no'];
  }
}

function matches(device: DeviceSummary, address: DeviceAddress): boolean {
  for (const name of DEVICE_FACETS) {
    const wanted = address[name];
    if (wanted.length > 0 && !facetValues(device, name).some((value) => wanted.includes(value))) return false;
  }
  const search = address.search?.trim().toLowerCase();
  if (!search) return true;
  const { name, type, vendor, model, firmware, ips, macs } = device;
  return [name, type, vendor, model, firmware, ...ips, ...macs].some((text) => text?.toLowerCase().includes(search));
}
