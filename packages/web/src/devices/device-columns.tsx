/** The columns of the device inventory, in the product's words. */
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type Device, deviceTitle } from '../api/devices.ts';
import type { RecordColumn } from '../grid/record-grid.tsx';
import { AuthorizationMark } from './authorization-mark.tsx';

/** Some, and how many more. */
function several(values: readonly string[], shown = 1): string {
  const rest = values.length - shown;
  return values.slice(0, shown).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

export const DEVICE_COLUMNS: readonly RecordColumn<Device>[] = [
  { id: 'name', label: 'Name', minimum: 170, grows: 2, cell: deviceTitle, isTitle: true },
  { id: 'ip', label: 'IPv4 Address', minimum: 120, cell: (device) => several(device.ips) },
  { id: 'mac', label: 'MAC Address', minimum: 146, cell: (device) => several(device.macs) },
  { id: 'type', label: 'Type', minimum: 130, grows: 1, cell: (device) => device.type ?? '' },
  { id: 'vendor', label: 'Vendor', minimum: 140, grows: 1, cell: (device) => device.vendor ?? '' },
  { id: 'model', label: 'Model', minimum: 130, grows: 1, cell: (device) => device.model ?? '' },
  { id: 'firmware', label: 'Firmware version', minimum: 130, cell: (device) => device.firmware ?? '' },
  { id: 'protocol', label: 'Protocols', minimum: 130, grows: 1, cell: (device) => device.protocols.join(', ') },
  {
    id: 'authorised',
    label: 'Authorization',
    minimum: 128,
    cell: (device) => <AuthorizationMark authorised={device.authorised} />,
  },
  { id: 'firstSeen', label: 'First seen', minimum: 156, cell: (device) => <DetectionTime at={device.firstSeen} /> },
  { id: 'lastSeen', label: 'Last activity', minimum: 156, cell: (device) => <DetectionTime at={device.lastSeen} /> },
  { id: 'sensor', label: 'Sensor', minimum: 120, cell: (device) => device.sensor },
  { id: 'site', label: 'Site', minimum: 150, cell: (device) => device.site },
  { id: 'zone', label: 'Zone', minimum: 120, cell: (device) => device.zone },
];
