/**
 * What a person's change makes of a device: the fields it sets or gives back to what traffic says, and the columns of the
 * grid that follow from them. Pure.
 */
import { ALL_DEVICE_TYPES, deviceClass, HIGHEST_PURDUE_LEVEL, IMPORTANCES, purdueLevelOf } from '@annunciator/core/device-types';
import type { DeviceEdits, DeviceRow, EditedField } from '@annunciator/store/inventory/device-query';
import type { EditedRow } from '@annunciator/store/inventory/devices';
import { z } from 'zod';

const line = (most: number) => z.string().trim().max(most);

/** Fields that people may set; null gives a field back to what traffic says. */
export const changesSchema = z
  .strictObject({
    name: line(250).nullable(),
    type: z.enum(ALL_DEVICE_TYPES).nullable(),
    subtype: line(100).nullable(),
    purdueLevel: z.number().int().min(0).max(HIGHEST_PURDUE_LEVEL).nullable(),
    vendor: line(250).nullable(),
    model: line(250).nullable(),
    firmware: line(100).nullable(),
    serial: line(100).nullable(),
    os: line(100).nullable(),
    importance: z.enum(IMPORTANCES).nullable(),
    authorised: z.boolean(),
    scanner: z.boolean(),
    programming: z.boolean(),
    description: z.string().trim().max(2000).nullable(),
    location: line(250).nullable(),
    businessFunction: line(250).nullable(),
    owner: line(250).nullable(),
    tags: z.array(line(60).min(1)).max(50).nullable(),
  })
  .partial()
  .meta({ id: 'DeviceChanges' });
export type DeviceChanges = z.infer<typeof changesSchema>;

export const EDITED_FIELDS = Object.keys(changesSchema.shape) as readonly EditedField[];

/** Fields that say what the sensor may take for normal: setting them is a permission of its own. */
export const FLAGS = ['authorised', 'scanner', 'programming'] as const;
export type Flag = (typeof FLAGS)[number];

/** Aspect of the baseline that carries a flag. */
export const FLAG_ASPECT: Readonly<Record<Flag, string>> = {
  authorised: 'device',
  scanner: 'device.scanner',
  programming: 'device.programming',
};

/** One field before and after, as people read it. */
export interface FieldChange {
  readonly field: EditedField;
  readonly before: string;
  readonly after: string;
}

export interface AppliedChanges {
  readonly row: EditedRow;
  /** Empty when the device was like that already. */
  readonly changed: readonly FieldChange[];
}

type Cell = string | number | null;

/** What the columns of a field hold when it has this value; of several the first is the field's own. */
function cellsOf(field: EditedField, row: DeviceRow, edits: DeviceEdits): Record<string, Cell> {
  const { facts } = row;
  switch (field) {
    case 'name': {
      const name = edits.name ?? facts.name;
      return { name, title: name || (facts.ips[0] ?? facts.macs[0] ?? row.id) };
    }
    case 'type': {
      const type = edits.type ?? facts.type;
      return { type, class: deviceClass(type), confidence: edits.type === undefined ? facts.confidence : 100, purdue: levelOf(row, edits) };
    }
    case 'purdueLevel':
      return { purdue: levelOf(row, edits) };
    case 'tags':
      return { tags: (edits.tags ?? []).join('; ') };
    case 'importance':
      return { importance: edits.importance ?? 'Normal' };
    case 'authorised':
    case 'scanner':
    case 'programming':
      return { [field]: (edits[field] ?? facts[field]) ? 1 : 0 };
    case 'businessFunction':
      return { business_function: edits.businessFunction ?? '' };
    case 'description':
    case 'location':
    case 'owner':
      return { [field]: edits[field] ?? '' };
    default:
      return { [field]: edits[field] ?? facts[field] };
  }
}

function levelOf({ facts }: DeviceRow, edits: DeviceEdits): number | null {
  if (edits.purdueLevel !== undefined) return edits.purdueLevel;
  return edits.type === undefined ? facts.purdueLevel : purdueLevelOf(edits.type);
}

/** The device after the changes; a field that is set to what it is already stays untouched. @param at milliseconds since 1970 */
export function applyChanges(row: DeviceRow, changes: DeviceChanges, by: string, at: number): AppliedChanges {
  const edits: Record<string, unknown> = { ...row.edits };
  const notes = { ...row.notes };
  const fields: EditedField[] = [];
  for (const field of EDITED_FIELDS) {
    const value = field === 'tags' && changes.tags ? [...new Set(changes.tags)] : changes[field];
    if (value === undefined || sameValue(value ?? undefined, row.edits[field])) continue;
    if (value === null) delete edits[field];
    else edits[field] = value;
    notes[field] = { by, at };
    fields.push(field);
  }
  // Every value passed the schema of its field.
  const said = edits as DeviceEdits;
  const cells: Record<string, Cell> = {};
  for (const field of fields) Object.assign(cells, cellsOf(field, row, said));
  const changed = fields.map((field) => ({ field, before: fieldText(row, field), after: afterText(field, said, row) }));
  return { row: { number: row.number, version: row.version, edits: said, notes, cells }, changed };
}

function sameValue(one: unknown, other: unknown): boolean {
  return Array.isArray(one) && Array.isArray(other) ? one.join('\n') === other.join('\n') : one === other;
}

/** A field of a device as people read it. */
export function fieldText(row: DeviceRow, field: EditedField): string {
  return changeText(row[field]);
}

function afterText(field: EditedField, edits: DeviceEdits, row: DeviceRow): string {
  const [cell] = Object.values(cellsOf(field, row, edits));
  return field === 'authorised' || field === 'scanner' || field === 'programming' ? changeText(cell === 1) : changeText(cell ?? null);
}

/** A value as people read it. */
export function changeText(value: string | number | boolean | null | readonly string[]): string {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? value.join('; ') : String(value);
}

export const FIELD_WORDS: Readonly<Record<EditedField, string>> = {
  name: 'name',
  type: 'type',
  subtype: 'subtype',
  purdueLevel: 'Purdue level',
  vendor: 'vendor',
  model: 'model',
  firmware: 'firmware version',
  serial: 'serial number',
  os: 'operating system',
  importance: 'importance',
  authorised: 'authorization',
  scanner: 'scanner device',
  programming: 'programming device',
  description: 'description',
  location: 'location',
  businessFunction: 'business function',
  owner: 'owner',
  tags: 'tags',
};

/** `type from PLC to RTU, owner to Ann`. */
export function changesText(changed: readonly FieldChange[]): string {
  return changed
    .map(({ field, before, after }) => {
      const from = before === '' ? '' : ` from ${before}`;
      return `${FIELD_WORDS[field]}${from} ${after === '' ? 'to nothing' : `to ${after}`}`;
    })
    .join(', ');
}
