/** Everything that is known of a device, in groups; what people may set is changed where it stands. */
import { makeStyles } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { DetectionTime } from '../alerts/detection-time.tsx';
import { type Fact, Facts } from '../alerts/facts.tsx';
import { type DeviceDetails, type EditableField } from '../api/devices.ts';
import { AuthorizationMark } from './authorization-mark.tsx';
import { ImportanceMark, purdueText } from './device-columns.tsx';
import { DEVICE_FIELDS } from './device-fields.ts';
import { FieldFact } from './field-fact.tsx';
import type { DeviceActions } from './use-device-actions.ts';

const useStyles = makeStyles({ line: { display: 'block', overflowWrap: 'anywhere' } });

export interface AttributeGroup {
  readonly title: string;
  readonly facts: readonly Fact[];
}

/** The attributes in groups, as the pane and the details page show them. */
export function attributeGroups(device: DeviceDetails, actions: DeviceActions): readonly AttributeGroup[] {
  const field = (name: EditableField, shown?: ReactNode): Fact => [
    DEVICE_FIELDS[name].label,
    <FieldFact key={name} device={device} field={name} actions={actions}>
      {shown}
    </FieldFact>,
  ];
  const type = device.type ?? 'Unknown';
  return [
    {
      title: 'Identity',
      facts: [
        field('name', device.name ?? '–'),
        field('type', device.edited.includes('type') || device.confidence === 0 ? type : `${type} (${device.confidence} % sure)`),
        field('subtype'),
        ['Class', device.class],
        field('vendor'),
        field('model'),
        field('firmware'),
        field('serial'),
        field('os'),
        ['PLC mode', device.plcMode ?? ''],
        ['PLC secured', device.plcSecured === null ? '' : device.plcSecured ? 'Yes' : 'No'],
      ],
    },
    {
      title: 'What it may do',
      facts: [
        field('authorised', <AuthorizationMark authorised={device.authorised} />),
        field('importance', <ImportanceMark importance={device.importance} />),
        field('programming', device.programming ? 'Yes' : 'No'),
        field('scanner', device.scanner ? 'Yes' : 'No'),
      ],
    },
    {
      title: 'Network',
      facts: [
        ['IP Address', <Lines key="ips" values={device.ips} />],
        ['MAC Address', <Lines key="macs" values={device.macs} />],
        ['FQDN', device.fqdn ?? ''],
        ['Address from DHCP', device.dynamicAddress ? 'Yes' : 'No'],
        ['Subnet', device.subnet ?? ''],
        ['VLAN', device.vlans.join(', ')],
        ['Network location', device.networkLocation],
        ['Protocols', device.protocols.join(', ') || '–'],
        ['Roles', device.roles.join(', ') || '–'],
      ],
    },
    {
      title: 'Place and people',
      facts: [
        field('purdueLevel', purdueText(device) || '–'),
        field('location'),
        field('businessFunction'),
        field('owner'),
        field('tags', device.tags.join(', ') || '–'),
        ['Groups', device.groups.join(', ')],
        field('description'),
        ['Sensor', device.sensor],
        ['Site', device.site],
        ['Zone', device.zone],
      ],
    },
    {
      title: 'Times',
      facts: [
        ['First seen', <DetectionTime key="first" at={device.firstSeen} />],
        ['Last activity', <DetectionTime key="last" at={device.lastSeen} />],
        ['Programming time', device.programmedAt === null ? '' : <DetectionTime key="programmed" at={device.programmedAt} />],
        ['Data source', device.dataSource],
        ['Device Id', device.id],
      ],
    },
  ];
}

export function DeviceAttributes({ device, actions }: { device: DeviceDetails; actions: DeviceActions }) {
  return <Facts facts={attributeGroups(device, actions).flatMap(({ facts }) => facts)} />;
}

function Lines({ values }: { values: readonly string[] }) {
  const styles = useStyles();
  if (values.length === 0) return '–';
  return values.map((value) => (
    <span key={value} className={styles.line}>
      {value}
    </span>
  ));
}
