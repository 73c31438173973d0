/** What is asked before devices are changed together, merged, taken apart, deleted or put into a group. */
import { Checkbox, Field, Input, makeStyles, Radio, RadioGroup, Select, Text, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ago } from '../alerts/detection-time.tsx';
import {
  type Device,
  type DeviceChanges,
  type DeviceDetails,
  type DeviceGroup,
  deviceTitle,
  type EditableField,
  fetchDeviceGroups,
} from '../api/devices.ts';
import { useSession } from '../session/session-gate.tsx';
import { FormDialog } from '../shell/form-dialog.tsx';
import { changeOf, DEVICE_FIELDS, FIELD_NAMES, fieldPermission } from './device-fields.ts';
import { FieldInput } from './field-input.tsx';
import { devicesText } from './use-device-actions.ts';

const useStyles = makeStyles({
  row: { display: 'grid', gridTemplateColumns: '190px minmax(0, 1fr)', alignItems: 'center', gap: '8px', minHeight: '36px' },
  fields: { display: 'grid', gap: '2px', maxHeight: '56vh', overflowY: 'auto' },
  faint: { color: tokens.colorNeutralForeground3 },
});

/** Several fields of several devices: those whose box is checked are set, an empty value gives the field back to the traffic. */
export function EditDialog({ count, onClose, onEdit }: { count: number; onClose: () => void; onEdit: (changes: DeviceChanges) => void }) {
  const styles = useStyles();
  const session = useSession();
  const [chosen, setChosen] = useState<Readonly<Partial<Record<EditableField, string>>>>({});
  const fields = FIELD_NAMES.filter((field) => DEVICE_FIELDS[field].bulk !== false && session.may(fieldPermission(field)));
  const isReady = fields.some((field) => chosen[field] !== undefined && (DEVICE_FIELDS[field].kind !== 'flag' || chosen[field] !== ''));
  return (
    <FormDialog
      title={`Edit ${devicesText(count)}`}
      submit="Save"
      isReady={isReady}
      onClose={onClose}
      onSubmit={() =>
        onEdit(
          Object.assign(
            {},
            ...fields.flatMap((field) => {
              const text = chosen[field];
              return text === undefined || (DEVICE_FIELDS[field].kind === 'flag' && text === '') ? [] : [changeOf(field, text)];
            }),
          ),
        )
      }
    >
      <Text className={styles.faint}>Check what to set. An empty value gives a field back to what the traffic says.</Text>
      <div className={styles.fields}>
        {fields.map((field) => {
          const text = chosen[field];
          return (
            <div key={field} className={styles.row}>
              <Checkbox
                label={DEVICE_FIELDS[field].label}
                checked={text !== undefined}
                onChange={(_, data) => {
                  const { [field]: _gone, ...rest } = chosen;
                  setChosen(data.checked ? { ...rest, [field]: '' } : rest);
                }}
              />
              {text !== undefined && (
                <FieldInput
                  field={field}
                  value={text}
                  emptyWord={DEVICE_FIELDS[field].kind === 'flag' ? 'Choose…' : 'As the traffic says'}
                  onChange={(value) => setChosen({ ...chosen, [field]: value })}
                />
              )}
            </div>
          );
        })}
      </div>
    </FormDialog>
  );
}

/** Which of them stays: the one that was active last unless another is chosen. */
export function MergeDialog({
  devices,
  onClose,
  onMerge,
}: {
  devices: readonly Device[];
  onClose: () => void;
  onMerge: (one: Device, others: readonly Device[]) => void;
}) {
  const newest = devices.toSorted((a, b) => b.lastSeen.localeCompare(a.lastSeen));
  const [kept, setKept] = useState(String(newest[0]?.number ?? ''));
  const one = devices.find(({ number }) => String(number) === kept);
  return (
    <FormDialog
      title={`Merge ${devicesText(devices.length)} into one`}
      submit="Merge"
      isReady={one !== undefined}
      onClose={onClose}
      onSubmit={() =>
        one &&
        onMerge(
          one,
          devices.filter((other) => other !== one),
        )
      }
    >
      <Text>Addresses, alerts, connections and what the sensor learned of them go on under one device. It can be taken apart again.</Text>
      <Field label="The device that stays">
        <RadioGroup value={kept} onChange={(_, data) => setKept(data.value)}>
          {newest.map((device) => (
            <Radio
              key={device.number}
              value={String(device.number)}
              label={`${deviceTitle(device)} (${[device.type ?? 'Unknown', device.ips[0], device.macs[0]].filter(Boolean).join(', ')}), active ${ago(device.lastSeen)}`}
            />
          ))}
        </RadioGroup>
      </Field>
    </FormDialog>
  );
}

/** Parts that were joined, or addresses that are another device. */
export function SplitDialog({
  device,
  onClose,
  onSplit,
}: {
  device: DeviceDetails;
  onClose: () => void;
  onSplit: (taken: { parts?: readonly number[]; addresses?: readonly string[] }) => void;
}) {
  const styles = useStyles();
  const [parts, setParts] = useState<readonly number[]>([]);
  const [addresses, setAddresses] = useState<readonly string[]>([]);
  const own = [...device.ips, ...device.macs];
  const toggle = <Item,>(list: readonly Item[], item: Item): readonly Item[] =>
    list.includes(item) ? list.filter((other) => other !== item) : [...list, item];
  const isReady = parts.length > 0 !== addresses.length > 0 && addresses.length < own.length;
  return (
    <FormDialog
      title={`Split ${deviceTitle(device)}`}
      submit="Split"
      isReady={isReady}
      onClose={onClose}
      onSubmit={() => onSplit(parts.length > 0 ? { parts } : { addresses })}
    >
      <Text>What is taken out is a device of its own, and stays apart whatever the traffic suggests.</Text>
      {device.parts.length > 0 && (
        <div role="group" aria-label="Parts">
          <Text weight="semibold">Parts that were joined</Text>
          {device.parts.map((part) => (
            <div key={part.number}>
              <Checkbox
                label={`${part.name || part.id} (${[...part.ips, ...part.macs].join(', ')}), joined by ${part.by ?? 'the sensor'}`}
                checked={parts.includes(part.number)}
                disabled={addresses.length > 0}
                onChange={() => setParts(toggle(parts, part.number))}
              />
            </div>
          ))}
        </div>
      )}
      {own.length > 1 && (
        <div role="group" aria-label="Addresses">
          <Text weight="semibold">Addresses of another device</Text>
          {own.map((address) => (
            <div key={address}>
              <Checkbox
                label={address}
                checked={addresses.includes(address)}
                disabled={parts.length > 0}
                onChange={() => setAddresses(toggle(addresses, address))}
              />
            </div>
          ))}
        </div>
      )}
      {own.length < 2 && device.parts.length === 0 && (
        <Text className={styles.faint}>It has one address and no parts: there is nothing to take apart.</Text>
      )}
    </FormDialog>
  );
}

const SILENT_DAYS = ['7', '14', '30', '60', '90'];

/** Why devices go: the timeline and the audit log keep it. Without devices, those that were silent for some days go. */
export function DeleteDialog({
  devices,
  onClose,
  onDelete,
}: {
  devices: readonly Device[] | null;
  onClose: () => void;
  onDelete: (reason: string, days: number) => void;
}) {
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('60');
  return (
    <FormDialog
      title={
        devices
          ? `Delete ${devices.length === 1 && devices[0] ? deviceTitle(devices[0]) : devicesText(devices.length)}`
          : 'Delete inactive devices'
      }
      submit="Delete"
      isReady={reason.trim() !== ''}
      onClose={onClose}
      onSubmit={() => onDelete(reason.trim(), Number(days))}
    >
      <Text>
        They leave the inventory and the map. When one sends again it is new, and not authorised. A device that was active within the last
        ten minutes stays.
      </Text>
      {!devices && (
        <Field label="Silent for">
          <Select value={days} onChange={(_, data) => setDays(data.value)}>
            {SILENT_DAYS.map((number) => (
              <option key={number} value={number}>
                {`${number} days or longer, among what the filters show`}
              </option>
            ))}
          </Select>
        </Field>
      )}
      <Field label="Reason" required>
        <Input value={reason} maxLength={500} onChange={(_, data) => setReason(data.value)} />
      </Field>
    </FormDialog>
  );
}

/** Puts devices into a group that there is, or into a new one; or keeps a filter as a group. */
export function GroupDialog({
  count,
  isFilter,
  onClose,
  onMake,
  onAdd,
}: {
  count: number;
  isFilter: boolean;
  onClose: () => void;
  onMake: (name: string) => void;
  onAdd: (group: DeviceGroup) => void;
}) {
  const { data: groups = [] } = useQuery({ queryKey: ['device-groups'], queryFn: fetchDeviceGroups });
  const lists = isFilter ? [] : groups.filter(({ filter, mayEdit }) => filter === null && mayEdit);
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState('');
  const group = lists.find(({ id }) => String(id) === chosen);
  const isTaken = groups.some((other) => other.name.toLowerCase() === name.trim().toLowerCase());
  return (
    <FormDialog
      title={isFilter ? 'Save the filter as a group' : `Add ${devicesText(count)} to a group`}
      submit={group ? 'Add' : 'Create'}
      isReady={group !== undefined || (name.trim() !== '' && !isTaken)}
      onClose={onClose}
      onSubmit={() => (group ? onAdd(group) : onMake(name.trim()))}
    >
      <Text>
        {isFilter
          ? 'The group holds whatever matches the filter at any time. The map, the inventory and the timeline can show it.'
          : 'The map, the inventory and the timeline can show a group.'}
      </Text>
      {lists.length > 0 && (
        <Field label="Group">
          <Select value={chosen} onChange={(_, data) => setChosen(data.value)}>
            <option value="">A new group</option>
            {lists.map(({ id, name: title, devices }) => (
              <option key={id} value={id}>
                {`${title} (${devicesText(devices)})`}
              </option>
            ))}
          </Select>
        </Field>
      )}
      {!group && (
        <Field label="Name" {...(isTaken ? { validationMessage: 'There is a group of this name.' } : {})}>
          <Input value={name} maxLength={30} onChange={(_, data) => setName(data.value)} />
        </Field>
      )}
    </FormDialog>
  );
}
