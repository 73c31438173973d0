/** Kinds of devices in the product's words: classes, types, and the Purdue level a type usually stands on. */

export const DEVICE_CLASSES = ['ICS', 'IT', 'IoT', 'Network', 'Unclassified'] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

export const DEVICE_TYPES = {
  ICS: [
    'Engineering Station',
    'PLC',
    'Historian',
    'HMI',
    'IED',
    'DCS Controller',
    'RTU',
    'Industrial Packaging System',
    'Industrial Scale',
    'Industrial Robot',
    'Slot',
    'Meter',
    'Variable Frequency Drive',
    'Robot Controller',
    'Servo Drive',
    'Pneumatic Device',
    'Marquee',
  ],
  IT: ['Domain Controller', 'DB Server', 'Workstation', 'Server', 'Terminal Station', 'Storage', 'Smart Phone', 'Tablet', 'Backup Server'],
  IoT: [
    'IP Camera',
    'Printer',
    'Punch Clock',
    'ATM',
    'Smart TV',
    'Game console',
    'DVR',
    'Door Control Panel',
    'HVAC',
    'Thermostat',
    'Fire Alarm',
    'Smart Light',
    'Smart Switch',
    'Fire Detector',
    'IP Telephone',
    'Alarm System',
    'Alarm Siren',
    'Motion Detector',
    'Elevator',
    'Humidity Sensor',
    'Barcode Scanner',
    'Uninterruptible Power Supply',
    'People Counter System',
    'Intercom',
    'Turnstile',
  ],
  Network: [
    'Wireless Access Point',
    'Router',
    'Switch',
    'Firewall',
    'VPN Gateway',
    'NTP Server',
    'Wifi Pineapple',
    'Physical Location',
    'I/O Adapter',
    'Protocol Converter',
  ],
  Unclassified: [
    'Multicast/Broadcast',
    'Internet',
    'Group',
    'KVM',
    'Web Guiding System',
    'Turbine',
    'External Management',
    'Embedded Device',
    'Unknown',
  ],
} as const satisfies Readonly<Record<DeviceClass, readonly string[]>>;
export type DeviceType = (typeof DEVICE_TYPES)[DeviceClass][number];

export const UNKNOWN_TYPE: DeviceType = 'Unknown';
export const ALL_DEVICE_TYPES: readonly DeviceType[] = DEVICE_CLASSES.flatMap((name): readonly DeviceType[] => DEVICE_TYPES[name]);

const CLASS_OF: ReadonlyMap<string, DeviceClass> = new Map(
  DEVICE_CLASSES.flatMap((name) => DEVICE_TYPES[name].map((type): [string, DeviceClass] => [type, name])),
);

/** The class of a type; `Unclassified` for a word that is no type of ours. */
export function deviceClass(type: string): DeviceClass {
  return CLASS_OF.get(type) ?? 'Unclassified';
}

export function isDeviceType(word: string): word is DeviceType {
  return CLASS_OF.has(word);
}

/** Layers of the device map, and the Purdue levels that each shows. */
export const PURDUE_LAYERS = ['Process Control', 'Supervisory', 'Enterprise'] as const;
export type PurdueLayer = (typeof PURDUE_LAYERS)[number];
export const HIGHEST_PURDUE_LEVEL = 5;

/** Layer of a Purdue level (0 to 5); null when the level is not known. */
export function purdueLayer(level: number | null): PurdueLayer | null {
  if (level === null) return null;
  return level < 2 ? 'Process Control' : level < 4 ? 'Supervisory' : 'Enterprise';
}

/** Types that do not stand where their class usually does. */
const LEVELS: Readonly<Partial<Record<DeviceType, number>>> = {
  HMI: 2,
  'Engineering Station': 2,
  Historian: 3,
  'I/O Adapter': 1,
  'Protocol Converter': 2,
  HVAC: 1,
  Thermostat: 1,
  'Humidity Sensor': 1,
  'Uninterruptible Power Supply': 1,
  Turbine: 1,
  'Web Guiding System': 1,
  Internet: 5,
};

/** Purdue level (0 to 5) on which a type of device usually stands; null when the type says nothing about it. */
export function purdueLevelOf(type: string): number | null {
  if (!isDeviceType(type)) return null;
  const own = LEVELS[type];
  if (own !== undefined) return own;
  switch (deviceClass(type)) {
    case 'ICS':
      return 1;
    case 'Network':
      return 3;
    case 'IT':
    case 'IoT':
      return 4;
    case 'Unclassified':
      return null;
  }
}

export const IMPORTANCES = ['Low', 'Normal', 'High'] as const;
export type Importance = (typeof IMPORTANCES)[number];

/** `local`: seen to send on a monitored network; `routed`: all its packets came through a router. */
export const NETWORK_LOCATIONS = ['local', 'routed'] as const;
export type NetworkLocation = (typeof NETWORK_LOCATIONS)[number];
