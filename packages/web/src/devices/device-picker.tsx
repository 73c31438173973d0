/** Finds devices and picks some of them: a field to search in, and a list of boxes. */
import { Checkbox, Input, makeStyles, Spinner, Text, tokens } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Device, deviceTitle, fetchDevices } from '../api/devices.ts';

/** Devices that are offered at once. */
const OFFERED = 50;

const useStyles = makeStyles({
  picker: { display: 'grid', gap: '6px' },
  list: {
    maxHeight: '220px',
    overflowY: 'auto',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    padding: '2px 0',
  },
  note: { display: 'block', padding: '8px 12px', color: tokens.colorNeutralForeground3 },
});

/** A device as far as a picker knows it: what is chosen already may not be among what is found. */
export type Picked = Pick<Device, 'number' | 'id'> & { readonly title: string };

export interface DevicePickerProps {
  readonly label: string;
  readonly picked: readonly Picked[];
  onChange(picked: readonly Picked[]): void;
}

export function DevicePicker({ label, picked, onChange }: DevicePickerProps) {
  const styles = useStyles();
  const [search, setSearch] = useState('');
  const asked = new URLSearchParams({ sort: 'name', ...(search.trim() === '' ? {} : { search: search.trim() }) });
  const { data, error } = useQuery({
    queryKey: ['devices', 'pick', asked.toString()],
    queryFn: () => fetchDevices(asked, null, OFFERED),
    placeholderData: keepPreviousData,
  });
  const found = (data?.devices ?? []).map((device): Picked => ({ number: device.number, id: device.id, title: deviceTitle(device) }));
  const offered = [...picked.filter(({ id }) => !found.some((device) => device.id === id)), ...found];
  return (
    <div className={styles.picker} role="group" aria-label={label}>
      <Input
        aria-label={`${label}: find`}
        placeholder="Find a device"
        value={search}
        onChange={(_, { value }) => setSearch(value)}
        // The form around it is not sent by searching.
        onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      />
      <div className={styles.list}>
        {!data && !error && <Spinner size="tiny" label="Loading" className={styles.note} />}
        {error && <Text className={styles.note}>{error.message}</Text>}
        {offered.map((device) => (
          <div key={device.id}>
            <Checkbox
              label={device.title}
              checked={picked.some(({ id }) => id === device.id)}
              onChange={(_, { checked }) => onChange(checked ? [...picked, device] : picked.filter(({ id }) => id !== device.id))}
            />
          </div>
        ))}
        {data && data.matching > OFFERED && (
          <Text className={styles.note}>{(data.matching - OFFERED).toLocaleString('en')} more: find one by its name.</Text>
        )}
        {data && offered.length === 0 && <Text className={styles.note}>No device fits.</Text>}
      </div>
    </div>
  );
}
