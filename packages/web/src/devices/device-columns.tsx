/** The columns of the device inventory, in the product's words. */
import { makeStyles, tokens } from '@fluentui/react-components';
import { Star16Filled } from '@fluentui/react-icons/svg/star';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type Device, deviceTitle } from '../api/devices.ts';
import type { RecordColumn } from '../grid/record-grid.tsx';
import { AuthorizationMark } from './authorization-mark.tsx';

const useStyles = makeStyles({
  importance: { display: 'flex', alignItems: 'center', gap: '6px' },
  star: { color: 'light-dark(#b26b00, #f2b01f)' },
  alerts: { fontWeight: tokens.fontWeightSemibold, color: 'light-dark(#c50f1f, #f4525c)' },
});

/** Some, and how many more. */
function several(values: readonly string[], shown = 1): string {
  const rest = values.length - shown;
  return values.slice(0, shown).join(', ') + (rest > 0 ? ` +${rest}` : '');
}

export function ImportanceMark({ importance }: { importance: Device['importance'] }) {
  const styles = useStyles();
  return (
    <span className={styles.importance}>
      {importance === 'High' && <Star16Filled className={styles.star} aria-hidden />}
      {importance}
    </span>
  );
}

function OpenAlerts({ count }: { count: number }) {
  const styles = useStyles();
  return count === 0 ? '0' : <span className={styles.alerts}>{count.toLocaleString('en')}</span>;
}

const time = (at: string | null) => (at === null ? '' : <DetectionTime at={at} />);
const yesNo = (value: boolean): string => (value ? 'Yes' : 'No');

type Cell = RecordColumn<Device>['cell'];
const words = (id: string, label: string, cell: Cell, minimum = 130, grows = 0): RecordColumn<Device> => ({
  id,
  label,
  minimum,
  ...(grows > 0 ? { grows } : {}),
  cell,
});

/** Every column; the id is the server's name of it, so that it sorts and filters. */
export const DEVICE_COLUMNS: readonly RecordColumn<Device>[] = [
  { id: 'name', label: 'Name', minimum: 170, grows: 2, cell: deviceTitle, isTitle: true },
  words('ip', 'IP Address', ({ ips }) => several(ips), 124),
  words('mac', 'MAC Address', ({ macs }) => several(macs), 146),
  words('type', 'Type', ({ type }) => type ?? '', 130, 1),
  words('vendor', 'Vendor', ({ vendor }) => vendor ?? '', 140, 1),
  words('model', 'Model', ({ model }) => model ?? '', 130, 1),
  words('firmware', 'Firmware version', ({ firmware }) => firmware ?? ''),
  words('protocol', 'Protocols', ({ protocols }) => protocols.join(', '), 130, 1),
  words('authorised', 'Authorization', ({ authorised }) => <AuthorizationMark authorised={authorised} />, 128),
  words('openAlerts', 'Open alerts', ({ openAlerts }) => <OpenAlerts count={openAlerts} />, 100),
  words('importance', 'Importance', ({ importance }) => <ImportanceMark importance={importance} />, 104),
  words('lastSeen', 'Last activity', ({ lastSeen }) => time(lastSeen), 156),
  words('firstSeen', 'First seen', ({ firstSeen }) => time(firstSeen), 156),
  words('isNew', 'New', ({ isNew }) => yesNo(isNew), 70),
  words('class', 'Class', (device) => device.class, 96),
  words('subtype', 'Subtype', ({ subtype }) => subtype ?? ''),
  words('purdueLevel', 'Purdue level', (device) => purdueText(device), 150),
  words('serial', 'Serial number', ({ serial }) => serial ?? ''),
  words('os', 'Operating System', ({ os }) => os ?? '', 150),
  words('plcMode', 'PLC mode', ({ plcMode }) => plcMode ?? ''),
  words('plcSecured', 'PLC secured', ({ plcSecured }) => (plcSecured === null ? '' : yesNo(plcSecured)), 110),
  words('programming', 'Programming device', ({ programming }) => yesNo(programming), 152),
  words('programmedAt', 'Programming time', ({ programmedAt }) => time(programmedAt), 156),
  words('scanner', 'Scanner device', ({ scanner }) => yesNo(scanner), 124),
  words('vlan', 'VLAN', ({ vlans }) => several(vlans.map(String), 3), 90),
  words('subnet', 'Subnet', ({ subnet }) => subnet ?? ''),
  words('networkLocation', 'Network location', ({ networkLocation }) => networkLocation),
  words('fqdn', 'FQDN', ({ fqdn }) => fqdn ?? '', 160),
  words('role', 'Roles', ({ roles }) => roles.join(', '), 150),
  words('group', 'Groups', ({ groups }) => groups.join(', '), 140),
  words('tags', 'Tags', ({ tags }) => tags.join(', '), 140),
  words('description', 'Description', ({ description }) => description, 180, 1),
  words('location', 'Location', ({ location }) => location),
  words('businessFunction', 'Business Function', ({ businessFunction }) => businessFunction, 150),
  words('owner', 'Owner', ({ owner }) => owner),
  words('sensor', 'Sensor', ({ sensor }) => sensor, 120),
  words('site', 'Site', ({ site }) => site, 150),
  words('zone', 'Zone', ({ zone }) => zone, 120),
  words('dataSource', 'Data source', ({ dataSource }) => dataSource, 110),
  words('id', 'Device Id', ({ id }) => id),
];

export const DEFAULT_COLUMNS: readonly string[] = [
  'name',
  'ip',
  'mac',
  'type',
  'vendor',
  'model',
  'firmware',
  'protocol',
  'authorised',
  'openAlerts',
  'importance',
  'lastSeen',
  'site',
  'zone',
];

/** Level and layer, such as `1 (Process Control)`. */
export function purdueText({ purdueLevel, purdueLayer }: Pick<Device, 'purdueLevel' | 'purdueLayer'>): string {
  return purdueLevel === null ? '' : `${purdueLevel} (${purdueLayer})`;
}

export function columnLabel(id: string): string {
  return DEVICE_COLUMNS.find((column) => column.id === id)?.label ?? id;
}
