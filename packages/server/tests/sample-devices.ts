/** Devices of a water works as a sensor would tell them, for tests and for looking at the portal. */
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import { type DeviceType, purdueLevelOf } from '@annunciator/core/device-types';
import { fromMilliseconds } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '@annunciator/store/device-body';
import { sampleConnection } from './sample-plant.ts';

const HOUR = 3_600_000;

type Row = readonly [
  name: string | null,
  ip: string | null,
  mac: string,
  type: DeviceType | null,
  vendor: string | null,
  model: string | null,
  firmware: string | null,
  protocols: string,
  authorised: boolean,
];

const ROWS: readonly Row[] = [
  ['ENG-WS-04', '10.20.1.41', '00:1b:1b:4a:90:04', 'Engineering Station', 'Siemens AG', null, null, 's7comm,tls', true],
  ['HMI-PUMP-2', '10.20.1.22', '00:0c:29:3e:11:22', 'HMI', 'VMware, Inc.', null, null, 's7comm,modbus', true],
  ['HISTORIAN-01', '10.20.0.15', '00:50:56:aa:00:15', 'Historian', 'VMware, Inc.', null, null, 'modbus,opcua', true],
  ['PLC-PUMP-1', '10.20.2.11', '28:63:36:8f:10:11', 'PLC', 'Siemens AG', 'CPU 315-2 PN/DP', 'V3.2.11', 's7comm', true],
  ['PLC-FILTER-3', '10.20.2.13', '28:63:36:8f:10:13', 'PLC', 'Schneider Electric', 'BMX P34 2020', 'v2.60', 'modbus', true],
  ['RTU-RESERVOIR', '10.20.3.7', '00:30:de:0a:44:07', 'RTU', 'WAGO', '750-8212', null, 'dnp3', true],
  [null, '10.20.1.187', '3c:52:82:77:ab:01', null, 'Hewlett Packard', null, null, 's7comm,dns', false],
  [null, null, '9c:8e:cd:00:12:34', 'IP Camera', 'Amcrest', null, null, '', false],
  ['=cmd|calc', '10.20.1.9', '3c:52:82:77:ab:09', 'Workstation', 'Hewlett Packard', null, null, 'dns,http', true],
];

/** Six hundred devices, the first of them with the names and addresses of the sample alerts. @param now milliseconds since 1970 */
export function sampleDevices(now: number): DeviceRecord[] {
  const rest = Array.from({ length: 591 }, (_, index): Row => {
    const last = (index % 250) + 1;
    const mac = `28:63:36:00:${(index >> 8).toString(16).padStart(2, '0')}:${(index & 255).toString(16).padStart(2, '0')}`;
    return [
      `IO-${index + 1}`,
      `10.20.${10 + Math.floor(index / 250)}.${last}`,
      mac,
      'I/O Adapter',
      'Siemens AG',
      'ET 200SP',
      'V4.2',
      'pn_rt',
      true,
    ];
  });
  return [...ROWS, ...rest].map(([name, ip, mac, type, vendor, model, firmware, protocols, authorised], index) => ({
    ...NOTHING_KNOWN,
    id: ip ?? mac,
    name: name ?? '',
    type: type ?? 'Unknown',
    purdueLevel: purdueLevelOf(type ?? 'Unknown'),
    vendor: vendor ?? '',
    model: model ?? '',
    firmware: firmware ?? '',
    ips: ip === null ? [] : [ip],
    macs: [mac],
    protocols: protocols === '' ? [] : protocols.split(','),
    roles: type === 'PLC' ? ['controller'] : [],
    ...(type === 'PLC' ? { plcRun: 'Run', plcKey: index % 2 === 0 ? 'Remote' : 'Run' } : {}),
    authorised,
    appearedLate: !authorised,
    firstSeen: fromMilliseconds(now - 30 * 24 * HOUR),
    lastSeen: fromMilliseconds(now - index * 60_000),
  }));
}

const S7 = { protocol: 's7comm', protocolName: 'S7comm', ot: true, port: 102 };
const MODBUS = { protocol: 'modbus', protocolName: 'Modbus/TCP', ot: true, port: 502 };
const CYCLIC = { protocol: 'pn_rt', protocolName: 'PROFINET RT', ot: true, port: 0 };

/** What those devices say to each other. */
export function sampleConnections(now: number): ConnectionRecord[] {
  const links: readonly (readonly [source: string, destination: string, how: typeof S7])[] = [
    ['10.20.1.22', '10.20.2.11', S7],
    ['10.20.1.41', '10.20.2.11', S7],
    ['10.20.1.187', '10.20.2.11', S7],
    ['10.20.0.15', '10.20.2.13', MODBUS],
    ['10.20.1.22', '10.20.2.13', MODBUS],
    ...Array.from({ length: 40 }, (_, index) => ['10.20.2.11', `10.20.10.${index + 1}`, CYCLIC] as const),
  ];
  return links.map(([source, destination, how], index) => sampleConnection(source, destination, how, now - index * 1000));
}
