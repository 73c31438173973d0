/**
 * A plant of any size as a sensor would tell it, for the device map: production cells with controllers and what hangs on them,
 * control rooms, and offices. The same size gives the same plant.
 */
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import { type DeviceType, purdueLevelOf } from '@annunciator/core/device-types';
import { fromMilliseconds } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '@annunciator/store/device-body';

const HOUR = 3_600_000;

export interface SamplePlant {
  readonly devices: readonly DeviceRecord[];
  readonly connections: readonly ConnectionRecord[];
}

interface Kind {
  readonly type: DeviceType;
  readonly prefix: string;
  readonly vendor: string;
  readonly protocols: readonly string[];
}

const PLC: Kind = { type: 'PLC', prefix: 'PLC', vendor: 'Siemens AG', protocols: ['s7comm', 'pn_rt'] };
const HMI: Kind = { type: 'HMI', prefix: 'HMI', vendor: 'Siemens AG', protocols: ['s7comm'] };
const IO: Kind = { type: 'I/O Adapter', prefix: 'IO', vendor: 'Siemens AG', protocols: ['pn_rt'] };
const DRIVE: Kind = { type: 'Variable Frequency Drive', prefix: 'DRV', vendor: 'SEW-EURODRIVE', protocols: ['modbus'] };
const ENGINEER: Kind = { type: 'Engineering Station', prefix: 'ENG', vendor: 'Dell Inc.', protocols: ['s7comm', 'tls'] };
const HISTORIAN: Kind = { type: 'Historian', prefix: 'HIST', vendor: 'VMware, Inc.', protocols: ['opcua'] };
const SERVER: Kind = { type: 'Server', prefix: 'SRV', vendor: 'VMware, Inc.', protocols: ['smb', 'dns'] };
const OFFICE: Kind = { type: 'Workstation', prefix: 'WS', vendor: 'Dell Inc.', protocols: ['tls', 'smb'] };
const CAMERA: Kind = { type: 'IP Camera', prefix: 'CAM', vendor: 'Axis Communications AB', protocols: ['tls'] };
const NOBODY: Kind = { type: 'Unknown', prefix: '', vendor: '', protocols: ['dns'] };

/** One production cell, in the order of its addresses. */
const CELL: readonly Kind[] = [PLC, HMI, ...Array.from({ length: 12 }, () => IO), ...Array.from({ length: 4 }, () => DRIVE)];
/** One floor of offices. */
const FLOOR: readonly Kind[] = [
  SERVER,
  ...Array.from({ length: 34 }, () => OFFICE),
  ...Array.from({ length: 6 }, () => CAMERA),
  ...Array.from({ length: 3 }, () => NOBODY),
];
/** One control room. */
const ROOM: readonly Kind[] = [HISTORIAN, ENGINEER, ENGINEER, SERVER, HMI, HMI, HMI];
/** Cells of a control room, and control rooms of a floor. */
const CELLS_OF_ROOM = 6;
const ROOMS_OF_FLOOR = 2;

/** @param now milliseconds since 1970 */
export function samplePlant(size: number, now: number): SamplePlant {
  const devices: DeviceRecord[] = [];
  const connections: ConnectionRecord[] = [];
  const link = (
    source: DeviceRecord | undefined,
    destination: DeviceRecord | undefined,
    how: Pick<ConnectionRecord, 'protocol' | 'protocolName' | 'ot' | 'port'>,
  ) => {
    if (source && destination) connections.push(sampleConnection(source.id, destination.id, how, now));
  };
  const network = (kinds: readonly Kind[], prefix: string, place: string): DeviceRecord[] =>
    kinds.slice(0, Math.max(0, size - devices.length)).map((kind, index) => {
      const device = deviceOf(kind, `${prefix}.${index + 10}`, `${place}-${index + 1}`, devices.length, now);
      devices.push(device);
      return device;
    });
  let cell = 0;
  for (let floor = 0; devices.length < size; floor++) {
    const office = network(FLOOR, `10.40.${floor}`, `F${floor + 1}`);
    for (const station of office.slice(1)) link(station, office[0], STORED);
    for (let room = floor * ROOMS_OF_FLOOR; room < (floor + 1) * ROOMS_OF_FLOOR; room++) {
      const [historian, ...staff] = network(ROOM, `10.31.${room}`, `R${room + 1}`);
      link(historian, office[0], STORED);
      for (let index = 0; index < CELLS_OF_ROOM; index++, cell++) {
        const [controller, panel, ...field] = network(CELL, `10.${cell < 250 ? 30 : 32}.${cell % 250}`, `C${cell + 1}`);
        link(historian, controller, READ);
        link(staff[index % 2], controller, PROGRAMMED);
        link(panel, controller, PROGRAMMED);
        for (const device of field) link(controller, device, device.type === 'I/O Adapter' ? CYCLIC : DRIVEN);
      }
    }
  }
  return { devices, connections };
}

const STORED = { protocol: 'smb', protocolName: 'SMB', ot: false, port: 445 };
const READ = { protocol: 'opcua', protocolName: 'OPC UA', ot: true, port: 4840 };
const PROGRAMMED = { protocol: 's7comm', protocolName: 'S7comm', ot: true, port: 102 };
const CYCLIC = { protocol: 'pn_rt', protocolName: 'PROFINET RT', ot: true, port: 0 };
const DRIVEN = { protocol: 'modbus', protocolName: 'Modbus/TCP', ot: true, port: 502 };

function deviceOf(kind: Kind, ip: string, place: string, index: number, now: number): DeviceRecord {
  const hex = index.toString(16).padStart(6, '0');
  const isStranger = kind === NOBODY;
  return {
    ...NOTHING_KNOWN,
    id: ip,
    name: isStranger ? '' : `${kind.prefix}-${place}`,
    type: kind.type,
    confidence: isStranger ? 0 : 85,
    purdueLevel: purdueLevelOf(kind.type),
    vendor: kind.vendor,
    ips: [ip],
    macs: [`28:63:36:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}`],
    protocols: [...kind.protocols],
    roles: kind === PLC ? ['controller'] : [],
    authorised: !isStranger,
    appearedLate: isStranger,
    firstSeen: fromMilliseconds(now - 30 * 24 * HOUR),
    lastSeen: fromMilliseconds(now - (index % 600) * 60_000),
  };
}

/** A connection that has been there for a month. */
export function sampleConnection(
  source: string,
  destination: string,
  how: Pick<ConnectionRecord, 'protocol' | 'protocolName' | 'ot' | 'port'>,
  now: number,
): ConnectionRecord {
  return {
    ...how,
    source,
    destination,
    transport: how.port === 0 ? 'ethernet' : 'tcp',
    kind: 'Two Way',
    packets: 12_000,
    bytes: 1_200_000,
    operations: how.ot ? ['Read'] : [],
    firstSeen: fromMilliseconds(now - 30 * 24 * HOUR),
    lastSeen: fromMilliseconds(now - 60_000),
    period: how.ot ? 1 : 0,
  };
}
