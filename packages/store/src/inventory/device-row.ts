/** A device as rows of the database, and back. */
import type { DeviceRecord } from '@annunciator/core/device';
import { deviceClass, type Importance, type NetworkLocation } from '@annunciator/core/device-types';
import { isPlcSecured, plcModeText } from '@annunciator/core/plc-mode';
import { addressOrder } from '@annunciator/core/subnet';
import { factsOf } from '../device-body.ts';
import type { DevicesTable } from '../schema.ts';
import type { SqliteValue } from '../sqlite-messages.ts';
import type { DeviceEdits, DeviceRow } from './device-query.ts';

/** Columns that follow what traffic says, with the value a record gives; `edit` names the field by which people overrule it. */
interface ToldColumn {
  readonly sql: keyof DevicesTable;
  readonly edit?: keyof DeviceEdits;
  readonly value: (record: DeviceRecord, subnets: readonly string[]) => SqliteValue;
}

const flag = (yes: boolean): number => (yes ? 1 : 0);
const mode = ({ plcRun, plcKey }: DeviceRecord): { run: typeof plcRun; key: typeof plcKey } => ({ run: plcRun, key: plcKey });

export const TOLD_COLUMNS: readonly ToldColumn[] = [
  { sql: 'title', value: ({ name, ips, macs, id }) => name || (ips[0] ?? macs[0] ?? id) },
  { sql: 'name', edit: 'name', value: ({ name }) => name },
  { sql: 'type', edit: 'type', value: ({ type }) => type },
  { sql: 'class', edit: 'type', value: ({ type }) => deviceClass(type) },
  { sql: 'subtype', edit: 'subtype', value: ({ subtype }) => subtype },
  { sql: 'confidence', edit: 'type', value: ({ confidence }) => confidence },
  { sql: 'purdue', edit: 'purdueLevel', value: ({ purdueLevel }) => purdueLevel },
  { sql: 'vendor', edit: 'vendor', value: ({ vendor }) => vendor },
  { sql: 'model', edit: 'model', value: ({ model }) => model },
  { sql: 'firmware', edit: 'firmware', value: ({ firmware }) => firmware },
  { sql: 'serial', edit: 'serial', value: ({ serial }) => serial },
  { sql: 'os', edit: 'os', value: ({ os }) => os },
  { sql: 'plc_mode', value: (record) => plcModeText(mode(record)) },
  { sql: 'plc_secured', value: (record) => securedWord(isPlcSecured(mode(record))) },
  { sql: 'authorised', edit: 'authorised', value: ({ authorised }) => flag(authorised) },
  { sql: 'scanner', edit: 'scanner', value: ({ scanner }) => flag(scanner) },
  { sql: 'programming', edit: 'programming', value: ({ programming }) => flag(programming) },
  { sql: 'ip_order', value: ({ ips }) => addressOrder(ips[0] ?? '') },
  { sql: 'mac', value: ({ macs }) => macs.join('; ') },
  { sql: 'vlan', value: ({ vlans }) => vlans[0] ?? null },
  { sql: 'protocols', value: ({ protocols }) => protocols.join('; ') },
  { sql: 'network_location', value: ({ networkLocation }) => networkLocation },
  { sql: 'subnet', value: (_record, subnets) => subnets[0] ?? '' },
  { sql: 'fqdn', value: ({ fqdn }) => fqdn },
  { sql: 'programmed_at', value: ({ programmedAt }) => programmedAt },
];

function securedWord(secured: boolean | null): string {
  return secured === null ? '' : secured ? 'secure' : 'unsecured';
}

/** Kinds of `device_values` that follow what traffic says; the others are what people gave. */
export const TOLD_LISTS = ['ip', 'ip-order', 'mac', 'protocol', 'ot-protocol', 'vlan', 'role', 'subnet'] as const;

/** Words by which lists filter: kind and value. */
export function listValues(record: DeviceRecord, subnets: readonly string[]): [string, string][] {
  const values: readonly (readonly [kind: (typeof TOLD_LISTS)[number], values: readonly string[]])[] = [
    ['ip', record.ips],
    ['ip-order', record.ips.map(addressOrder).filter(Boolean)],
    ['mac', record.macs],
    ['protocol', record.protocols],
    ['ot-protocol', record.otProtocols],
    ['vlan', record.vlans.map(String)],
    ['role', record.roles],
    ['subnet', subnets],
  ];
  return values.flatMap(([kind, words]) => [...new Set(words)].map((word): [string, string] => [kind, word]));
}

/** What a search looks through, as traffic tells it. */
export function toldText(record: DeviceRecord): string {
  const { id, name, type, subtype, vendor, model, firmware, serial, os, fqdn, ips, macs, protocols } = record;
  return [name, id, ...ips, ...macs, type, subtype, vendor, model, firmware, serial, os, fqdn, ...protocols].filter(Boolean).join('\n');
}

/** What a search looks through, as people said it. */
export function saidText(edits: DeviceEdits): string {
  return Object.values(edits)
    .flatMap((value: string | number | boolean | readonly string[]) =>
      typeof value === 'boolean' || typeof value === 'number' ? [] : value,
    )
    .join('\n');
}

export type JoinedRow = Omit<DevicesTable, 'number'> & {
  number: bigint;
  version: bigint;
  confidence: bigint;
  authorised: bigint;
  scanner: bigint;
  programming: bigint;
  is_new: bigint;
  open_alerts: bigint;
  body: string;
  notes: string;
  groups: string | null;
};

/** The row of the database as a device. */
export function deviceRow(row: JoinedRow): DeviceRow {
  const edits: DeviceEdits & { isNew?: boolean } = JSON.parse(row.edited);
  const { isNew: _isNew, ...said } = edits;
  return {
    number: Number(row.number),
    sensor: row.sensor,
    site: row.site,
    zone: row.zone,
    id: row.id,
    version: Number(row.version),
    origin: row.origin === 'person' ? 'person' : 'sensor',
    mergedInto: row.merged_into === null ? null : Number(row.merged_into),
    mergedBy: row.merged_by === 'person' || row.merged_by === 'sensor' ? row.merged_by : null,
    name: row.name,
    type: row.type,
    class: deviceClass(row.type),
    subtype: row.subtype,
    purdueLevel: row.purdue === null ? null : Number(row.purdue),
    vendor: row.vendor,
    model: row.model,
    firmware: row.firmware,
    serial: row.serial,
    os: row.os,
    // Written by this package from values of the type.
    importance: row.importance as Importance,
    authorised: row.authorised !== 0n,
    scanner: row.scanner !== 0n,
    programming: row.programming !== 0n,
    openAlerts: Number(row.open_alerts),
    isNew: row.is_new !== 0n,
    description: row.description,
    location: row.location,
    businessFunction: row.business_function,
    owner: row.owner,
    tags: said.tags ?? [],
    groups: row.groups === null ? [] : row.groups.split('\n').sort(),
    subnet: row.subnet,
    networkLocation: row.network_location as NetworkLocation,
    firstSeen: row.first_seen,
    lastSeen: row.last_seen,
    facts: factsOf(row.body),
    edits: said,
    notes: JSON.parse(row.notes),
  };
}
