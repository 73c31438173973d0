/** Where a field of a device is entered: a line, several lines, or one of some values. */
import { Input, Select, Textarea } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { EditableField } from '../api/devices.ts';
import { fetchDeviceColumns } from '../api/devices.ts';
import { DEVICE_FIELDS, flagWord } from './device-fields.ts';

const LAYERS = ['Process Control', 'Process Control', 'Supervisory', 'Supervisory', 'Enterprise', 'Enterprise'];

export interface FieldInputProps {
  readonly field: EditableField;
  readonly value: string;
  /** What an empty choice means. */
  readonly emptyWord: string;
  readonly autoFocus?: boolean;
  onChange(value: string): void;
}

export function FieldInput({ field, value, emptyWord, autoFocus = false, onChange }: FieldInputProps) {
  const { label, kind, most } = DEVICE_FIELDS[field];
  const { data: columns = [] } = useQuery({
    queryKey: ['device-columns'],
    queryFn: fetchDeviceColumns,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const change = (_: unknown, data: { readonly value: string }) => onChange(data.value);
  if (kind === 'lines')
    return <Textarea aria-label={label} autoFocus={autoFocus} value={value} maxLength={most ?? 2000} rows={3} onChange={change} />;
  if (kind === 'line' || kind === 'tags')
    return (
      <Input
        aria-label={label}
        autoFocus={autoFocus}
        value={value}
        maxLength={most ?? 250}
        {...(kind === 'tags' ? { placeholder: 'Tags, with commas between' } : {})}
        onChange={change}
      />
    );
  const choices: readonly (readonly [value: string, word: string])[] =
    kind === 'flag'
      ? [
          ['yes', flagWord(field, true)],
          ['no', flagWord(field, false)],
        ]
      : (columns.find(({ name }) => name === field)?.choices ?? []).map((choice) => [
          choice,
          kind === 'level' ? `${choice} (${LAYERS[Number(choice)] ?? ''})` : choice,
        ]);
  return (
    <Select aria-label={label} autoFocus={autoFocus} value={value} onChange={change}>
      {kind !== 'flag' && <option value="">{emptyWord}</option>}
      {kind === 'flag' && value === '' && <option value="">{emptyWord}</option>}
      {choices.map(([choice, word]) => (
        <option key={choice} value={choice}>
          {word}
        </option>
      ))}
    </Select>
  );
}
