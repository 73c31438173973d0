/** Groups of devices whose events are shown: those that people made, and those that are there by themselves. */
import { Select } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { fetchBuiltInGroups, fetchDeviceGroups } from '../api/devices.ts';

/** One of both is set at most: the id of a group, or a question to the inventory. */
export interface ChosenGroup {
  readonly group: string | null;
  readonly devices: string | null;
}

export function GroupFilter({ chosen, onChange }: { chosen: ChosenGroup; onChange: (chosen: ChosenGroup) => void }) {
  const made = useQuery({ queryKey: ['device-groups'], queryFn: fetchDeviceGroups });
  const builtIn = useQuery({ queryKey: ['device-groups', 'built-in'], queryFn: fetchBuiltInGroups });
  const kinds = Map.groupBy(
    (builtIn.data ?? []).filter(({ of, count }) => of === 'devices' && count > 0),
    ({ kind }) => kind,
  );
  const value = chosen.group !== null ? `group=${chosen.group}` : chosen.devices !== null ? `devices=${chosen.devices}` : '';
  return (
    <Select
      aria-label="Device group"
      value={value}
      onChange={(_, data) => {
        const [kind, rest] = [data.value.slice(0, data.value.indexOf('=')), data.value.slice(data.value.indexOf('=') + 1)];
        onChange({ group: kind === 'group' ? rest : null, devices: kind === 'devices' ? rest : null });
      }}
    >
      <option value="">Device group: all devices</option>
      {(made.data ?? []).length > 0 && (
        <optgroup label="Groups that people made">
          {(made.data ?? []).map(({ id, name }) => (
            <option key={id} value={`group=${id}`}>{`Device group: ${name}`}</option>
          ))}
        </optgroup>
      )}
      {[...kinds].map(([kind, groups]) => (
        <optgroup key={kind} label={kind}>
          {groups.map(({ name, query }) => (
            <option key={query} value={`devices=${query}`}>{`Device group: ${name}`}</option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
