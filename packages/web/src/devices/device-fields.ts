/** The fields of a device that people may set: their words, and how each is entered. */
import type { DeviceChanges, EditableField } from '../api/devices.ts';

export type FieldKind = 'line' | 'lines' | 'choice' | 'flag' | 'level' | 'tags';

export interface FieldFacts {
  readonly label: string;
  readonly kind: FieldKind;
  /** Longest text. */
  readonly most?: number;
  /** False for what only one device can have. */
  readonly bulk?: false;
}

export const DEVICE_FIELDS: Readonly<Record<EditableField, FieldFacts>> = {
  name: { label: 'Name', kind: 'line', most: 250, bulk: false },
  type: { label: 'Type', kind: 'choice' },
  subtype: { label: 'Subtype', kind: 'line', most: 100 },
  purdueLevel: { label: 'Purdue level', kind: 'level' },
  vendor: { label: 'Vendor', kind: 'line', most: 250 },
  model: { label: 'Model', kind: 'line', most: 250 },
  firmware: { label: 'Firmware version', kind: 'line', most: 100 },
  serial: { label: 'Serial number', kind: 'line', most: 100, bulk: false },
  os: { label: 'Operating System', kind: 'line', most: 100 },
  importance: { label: 'Importance', kind: 'choice' },
  authorised: { label: 'Authorization', kind: 'flag' },
  programming: { label: 'Programming device', kind: 'flag' },
  scanner: { label: 'Scanner device', kind: 'flag' },
  description: { label: 'Description', kind: 'lines', most: 2000 },
  location: { label: 'Location', kind: 'line', most: 250 },
  businessFunction: { label: 'Business Function', kind: 'line', most: 250 },
  owner: { label: 'Owner', kind: 'line', most: 250 },
  tags: { label: 'Tags', kind: 'tags', most: 1000 },
};
// The keys of a constant are exactly its type's.
export const FIELD_NAMES = Object.keys(DEVICE_FIELDS) as readonly EditableField[];

/** Setting these says what is normal: a permission of its own. */
export const FLAG_FIELDS: ReadonlySet<EditableField> = new Set(['authorised', 'programming', 'scanner']);

export function fieldPermission(field: EditableField): string {
  return FLAG_FIELDS.has(field) ? 'devices.authorise' : 'devices.edit';
}

/** What a flag is called when it is set and when it is not. */
export function flagWord(field: EditableField, value: boolean): string {
  if (field === 'authorised') return value ? 'Authorized' : 'Unauthorized';
  return value ? 'Yes' : 'No';
}

/** The change that an entered text means; an empty text gives the field back to what traffic says. */
export function changeOf(field: EditableField, text: string): DeviceChanges {
  const entered = text.trim();
  switch (DEVICE_FIELDS[field].kind) {
    case 'flag':
      return { [field]: entered === 'yes' };
    case 'level':
      return { [field]: entered === '' ? null : Number(entered) };
    case 'tags': {
      const tags = entered
        .split(',')
        .map((tag) => tag.trim())
        .filter(Boolean);
      return { [field]: tags.length === 0 ? null : tags };
    }
    default:
      return { [field]: entered === '' ? null : entered };
  }
}
