/** What is told of a device, in a list and by itself, and the table that is exported. */
import { DEVICE_CLASSES, IMPORTANCES, NETWORK_LOCATIONS, PURDUE_LAYERS, purdueLayer, UNKNOWN_TYPE } from '@annunciator/core/device-types';
import { isPlcSecured, plcModeText } from '@annunciator/core/plc-mode';
import { formatInstant, type Instant } from '@annunciator/core/time';
import type { DeviceRow, EditedField } from '@annunciator/store/inventory/device-query';
import { z } from 'zod';
import { type CsvColumn, csvRowsOf } from '@annunciator/core/csv';
import { EDITED_FIELDS, fieldText } from './device-edits.ts';

const told = z.string().nullable();
const time = z.string().describe('ISO 8601, packet time');

export const deviceSchema = z
  .object({
    number: z.number().describe('Addresses the device in this interface'),
    id: z.string().describe('What its sensor, its alerts and its events call it'),
    version: z.number().describe('Counts the changes that people made; a change names the one it was made to'),
    name: told,
    type: told.describe('null when it is not known'),
    class: z.enum(DEVICE_CLASSES),
    subtype: told,
    confidence: z.number().describe('How sure the type is, in percent'),
    purdueLevel: z.number().nullable(),
    purdueLayer: z.enum(PURDUE_LAYERS).nullable(),
    vendor: told,
    model: told,
    firmware: told,
    serial: told,
    os: told,
    plcMode: told.describe('Key switch and operating mode of a controller'),
    plcSecured: z.boolean().nullable().describe('The key switch keeps others from programming it'),
    importance: z.enum(IMPORTANCES),
    authorised: z.boolean(),
    scanner: z.boolean(),
    programming: z.boolean(),
    openAlerts: z.number().describe('Alerts at it that are not closed; a second behind'),
    isNew: z.boolean().describe('Appeared after learning, and nobody has worked on it yet'),
    description: z.string(),
    location: z.string(),
    businessFunction: z.string(),
    owner: z.string(),
    tags: z.array(z.string()),
    groups: z.array(z.string()),
    ips: z.array(z.string()),
    macs: z.array(z.string()),
    vlans: z.array(z.number()),
    protocols: z.array(z.string()),
    roles: z.array(z.string()).describe('What it does on the network, such as controller or router'),
    networkLocation: z.enum(NETWORK_LOCATIONS),
    subnet: told,
    dynamicAddress: z.boolean().describe('Its address comes from a DHCP server'),
    fqdn: told,
    firstSeen: time,
    lastSeen: time,
    programmedAt: time.nullable(),
    edited: z.array(z.string()).describe('Fields that people set: these stay, whatever traffic says'),
    dataSource: z.enum(['OtSensor', 'Manual']),
    sensor: z.string(),
    site: z.string(),
    zone: z.string(),
  })
  .meta({ id: 'Device' });
export type DeviceView = z.infer<typeof deviceSchema>;

export const deviceDetailsSchema = deviceSchema
  .extend({
    reasons: z
      .array(z.object({ rule: z.string(), type: z.string(), confidence: z.number(), says: z.string() }))
      .describe('Why it is taken for its type: the rules that fit, those that decided first'),
    modules: z
      .array(z.object({ place: z.string(), vendor: z.string(), model: z.string(), firmware: z.string(), serial: z.string() }))
      .describe('Parts with an identity of their own: modules of a rack, units behind a gateway'),
    fqdnAt: time.nullable(),
    fields: z
      .array(
        z.object({
          field: z.string(),
          value: z.string(),
          told: z.string().nullable().describe('What traffic says, null for what traffic never says'),
          by: z.string().nullable().describe('Who set it, null when nobody did'),
          at: z.string().nullable(),
        }),
      )
      .describe('Fields that people may set, with what traffic says beside what they said'),
    mergedInto: z.number().nullable(),
    parts: z
      .array(
        z.object({
          number: z.number(),
          id: z.string(),
          name: z.string(),
          ips: z.array(z.string()),
          macs: z.array(z.string()),
          by: z.string().nullable().describe('Who joined it, null when the sensor did'),
          at: z.string().nullable(),
        }),
      )
      .describe('Devices that are part of this one; splitting takes them out again'),
  })
  .meta({ id: 'DeviceDetails' });
export type DeviceDetails = z.infer<typeof deviceDetailsSchema>;

const iso = (at: Instant): string => formatInstant(at, 3);
const orNull = (text: string): string | null => text || null;

export function deviceView(row: DeviceRow): DeviceView {
  const { facts } = row;
  const mode = { run: facts.plcRun, key: facts.plcKey };
  return {
    number: row.number,
    id: row.id,
    version: row.version,
    name: orNull(row.name),
    type: row.type === UNKNOWN_TYPE ? null : row.type,
    class: row.class,
    subtype: orNull(row.subtype),
    confidence: row.edits.type === undefined ? facts.confidence : 100,
    purdueLevel: row.purdueLevel,
    purdueLayer: purdueLayer(row.purdueLevel),
    vendor: orNull(row.vendor),
    model: orNull(row.model),
    firmware: orNull(row.firmware),
    serial: orNull(row.serial),
    os: orNull(row.os),
    plcMode: orNull(plcModeText(mode)),
    plcSecured: isPlcSecured(mode),
    importance: row.importance,
    authorised: row.authorised,
    scanner: row.scanner,
    programming: row.programming,
    openAlerts: row.openAlerts,
    isNew: row.isNew,
    description: row.description,
    location: row.location,
    businessFunction: row.businessFunction,
    owner: row.owner,
    tags: [...row.tags],
    groups: [...row.groups],
    ips: [...facts.ips],
    macs: [...facts.macs],
    vlans: [...facts.vlans],
    protocols: [...facts.protocols],
    roles: [...facts.roles],
    networkLocation: row.networkLocation,
    subnet: orNull(row.subnet),
    dynamicAddress: facts.dynamicAddress,
    fqdn: orNull(facts.fqdn),
    firstSeen: iso(row.firstSeen),
    lastSeen: iso(row.lastSeen),
    programmedAt: facts.programmedAt === null ? null : iso(facts.programmedAt),
    edited: Object.keys(row.edits),
    dataSource: row.origin === 'person' ? 'Manual' : 'OtSensor',
    sensor: row.sensor,
    site: row.site,
    zone: row.zone,
  };
}

/** A device that is part of another one, and who said so. */
export interface Part {
  readonly row: DeviceRow;
  /** Empty when the sensor found out. */
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export function deviceDetails(row: DeviceRow, parts: readonly Part[]): DeviceDetails {
  const { facts, notes } = row;
  return {
    ...deviceView(row),
    reasons: facts.reasons.map((reason) => ({ ...reason })),
    modules: facts.modules.map((module) => ({ ...module })),
    fqdnAt: facts.fqdnAt === null ? null : iso(facts.fqdnAt),
    fields: EDITED_FIELDS.map((field) => {
      const note = row.edits[field] === undefined ? undefined : notes[field];
      return {
        field,
        value: fieldText(row, field),
        told: toldText(row, field),
        by: note?.by ?? null,
        at: note ? new Date(note.at).toISOString() : null,
      };
    }),
    mergedInto: row.mergedInto,
    parts: parts.map(({ row: part, by, at }) => ({
      number: part.number,
      id: part.id,
      name: part.name,
      ips: [...part.facts.ips],
      macs: [...part.facts.macs],
      by: orNull(by),
      at: at === 0 ? null : new Date(at).toISOString(),
    })),
  };
}

/** What traffic says of a field; null where only people can say something. */
function toldText({ facts }: DeviceRow, field: EditedField): string | null {
  switch (field) {
    case 'importance':
    case 'description':
    case 'location':
    case 'businessFunction':
    case 'owner':
    case 'tags':
      return null;
    case 'purdueLevel':
      return facts.purdueLevel === null ? '' : String(facts.purdueLevel);
    case 'authorised':
    case 'scanner':
    case 'programming':
      return facts[field] ? 'yes' : 'no';
    default:
      return facts[field];
  }
}

/** A device by its name, else IP, else MAC address. */
export function deviceTitle({ name, ips, macs, id }: Pick<DeviceView, 'id' | 'name' | 'ips' | 'macs'>): string {
  return name ?? ips[0] ?? macs[0] ?? id;
}

const yes = (flag: boolean): string => (flag ? 'Yes' : 'No');

/** The columns of the export, in the words of the grid. */
export const DEVICE_CSV: readonly CsvColumn<DeviceView>[] = [
  ['Name', deviceTitle],
  ['IP Address', ({ ips }) => ips.join('; ')],
  ['MAC Address', ({ macs }) => macs.join('; ')],
  ['Type', ({ type }) => type ?? ''],
  ['Class', (device) => device.class],
  ['Subtype', ({ subtype }) => subtype ?? ''],
  ['Vendor', ({ vendor }) => vendor ?? ''],
  ['Model', ({ model }) => model ?? ''],
  ['Firmware version', ({ firmware }) => firmware ?? ''],
  ['Serial number', ({ serial }) => serial ?? ''],
  ['Operating System', ({ os }) => os ?? ''],
  ['Protocols', ({ protocols }) => protocols.join('; ')],
  ['VLAN', ({ vlans }) => vlans.join('; ')],
  ['Subnet', ({ subnet }) => subnet ?? ''],
  ['Network location', ({ networkLocation }) => networkLocation],
  ['DHCP Address', ({ dynamicAddress }) => yes(dynamicAddress)],
  ['FQDN', ({ fqdn }) => fqdn ?? ''],
  ['Purdue level', ({ purdueLevel }) => (purdueLevel === null ? '' : String(purdueLevel))],
  ['PLC mode', ({ plcMode }) => plcMode ?? ''],
  ['PLC secured', ({ plcSecured }) => (plcSecured === null ? '' : yes(plcSecured))],
  ['Authorization', ({ authorised }) => (authorised ? 'Authorized' : 'Unauthorized')],
  ['Scanner device', ({ scanner }) => yes(scanner)],
  ['Programming device', ({ programming }) => yes(programming)],
  ['Programming time', ({ programmedAt }) => programmedAt ?? ''],
  ['Open alerts', ({ openAlerts }) => String(openAlerts)],
  ['Importance', ({ importance }) => importance],
  ['Description', ({ description }) => description],
  ['Location', ({ location }) => location],
  ['Business Function', ({ businessFunction }) => businessFunction],
  ['Owner', ({ owner }) => owner],
  ['Tags', ({ tags }) => tags.join('; ')],
  ['Groups', ({ groups }) => groups.join('; ')],
  ['First seen', ({ firstSeen }) => firstSeen],
  ['Last activity', ({ lastSeen }) => lastSeen],
  ['New', ({ isNew }) => yes(isNew)],
  ['Data source', ({ dataSource }) => dataSource],
  ['Sensor', ({ sensor }) => sensor],
  ['Site', ({ site }) => site],
  ['Zone', ({ zone }) => zone],
  ['Roles', ({ roles }) => roles.join('; ')],
  ['ID', ({ id }) => id],
  ['Number', ({ number }) => String(number)],
  ['Version', ({ version }) => String(version)],
];

export function deviceCsvRows(rows: readonly DeviceRow[]): string {
  return csvRowsOf(DEVICE_CSV, rows.map(deviceView));
}
