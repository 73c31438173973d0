/** The columns of the device inventory: what each holds, where the database has it, and whether people may set it. */

/** How the values of a column compare: words, numbers, instants, yes or no, or several words of which one has to match. */
export type ColumnKind = 'text' | 'number' | 'time' | 'flag' | 'list';

interface ColumnRow {
  readonly kind: ColumnKind;
  /** Column of the table `devices`; for lists the one that sorts. */
  readonly sql: string;
  /** Kind of the rows of `device_values`, for lists. */
  readonly list?: string;
  /** Part of a change that people may make; it wins over what traffic says. */
  readonly edited?: true;
  /** What people read above the column. */
  readonly label: string;
}

export const DEVICE_COLUMNS = {
  name: { kind: 'text', sql: 'title', label: 'Name', edited: true },
  number: { kind: 'number', sql: 'number', label: 'Device number' },
  id: { kind: 'text', sql: 'id', label: 'Device Id' },
  type: { kind: 'text', sql: 'type', label: 'Type', edited: true },
  class: { kind: 'text', sql: 'class', label: 'Class' },
  subtype: { kind: 'text', sql: 'subtype', label: 'Subtype', edited: true },
  confidence: { kind: 'number', sql: 'confidence', label: 'Type confidence' },
  purdueLevel: { kind: 'number', sql: 'purdue', label: 'Purdue level', edited: true },
  vendor: { kind: 'text', sql: 'vendor', label: 'Vendor', edited: true },
  model: { kind: 'text', sql: 'model', label: 'Model', edited: true },
  firmware: { kind: 'text', sql: 'firmware', label: 'Firmware version', edited: true },
  serial: { kind: 'text', sql: 'serial', label: 'Serial number', edited: true },
  os: { kind: 'text', sql: 'os', label: 'Operating System', edited: true },
  plcMode: { kind: 'text', sql: 'plc_mode', label: 'PLC mode' },
  plcSecured: { kind: 'text', sql: 'plc_secured', label: 'PLC secured' },
  importance: { kind: 'text', sql: 'importance', label: 'Importance', edited: true },
  authorised: { kind: 'flag', sql: 'authorised', label: 'Authorization', edited: true },
  scanner: { kind: 'flag', sql: 'scanner', label: 'Scanner device', edited: true },
  programming: { kind: 'flag', sql: 'programming', label: 'Programming device', edited: true },
  openAlerts: { kind: 'number', sql: 'open_alerts', label: 'Open alerts' },
  isNew: { kind: 'flag', sql: 'is_new', label: 'New' },
  description: { kind: 'text', sql: 'description', label: 'Description', edited: true },
  location: { kind: 'text', sql: 'location', label: 'Location', edited: true },
  businessFunction: { kind: 'text', sql: 'business_function', label: 'Business Function', edited: true },
  owner: { kind: 'text', sql: 'owner', label: 'Owner', edited: true },
  tags: { kind: 'list', sql: 'tags', list: 'tag', label: 'Tags', edited: true },
  group: { kind: 'list', sql: 'number', list: 'group', label: 'Groups' },
  ip: { kind: 'list', sql: 'ip_order', list: 'ip', label: 'IP Address' },
  mac: { kind: 'list', sql: 'mac', list: 'mac', label: 'MAC Address' },
  vlan: { kind: 'list', sql: 'vlan', list: 'vlan', label: 'VLAN' },
  protocol: { kind: 'list', sql: 'protocols', list: 'protocol', label: 'Protocols' },
  otProtocol: { kind: 'list', sql: 'protocols', list: 'ot-protocol', label: 'OT protocols' },
  role: { kind: 'list', sql: 'number', list: 'role', label: 'Roles' },
  networkLocation: { kind: 'text', sql: 'network_location', label: 'Network location' },
  subnet: { kind: 'text', sql: 'subnet', label: 'Subnet' },
  fqdn: { kind: 'text', sql: 'fqdn', label: 'FQDN' },
  firstSeen: { kind: 'time', sql: 'first_seen', label: 'First seen' },
  lastSeen: { kind: 'time', sql: 'last_seen', label: 'Last activity' },
  programmedAt: { kind: 'time', sql: 'programmed_at', label: 'Programming time' },
  dataSource: { kind: 'text', sql: 'origin', label: 'Data source' },
  sensor: { kind: 'text', sql: 'sensor', label: 'Sensor' },
  site: { kind: 'text', sql: 'site', label: 'Site' },
  zone: { kind: 'text', sql: 'zone', label: 'Zone' },
} as const satisfies Readonly<Record<string, ColumnRow>>;

export type DeviceColumn = keyof typeof DEVICE_COLUMNS;
// Object.keys gives string[]; the keys of a constant are exactly its type's.
export const DEVICE_COLUMN_NAMES = Object.keys(DEVICE_COLUMNS) as readonly DeviceColumn[];

export function deviceColumn(name: DeviceColumn): ColumnRow {
  return DEVICE_COLUMNS[name];
}
