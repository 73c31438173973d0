/** How a change of devices is taken back: each gets what it had, and fields that nobody had set go back to what traffic says. */
import type { Device, DeviceChanges, DeviceVersion, EditableField } from '../api/devices.ts';

export interface UndoStep {
  readonly devices: readonly DeviceVersion[];
  readonly changes: DeviceChanges;
}

const FLAGS: ReadonlySet<EditableField> = new Set(['authorised', 'scanner', 'programming']);

/** @param before devices as they were @param changed the same devices with the version that the change gave them */
export function undoOf(before: readonly Device[], changed: readonly DeviceVersion[], changes: DeviceChanges): readonly UndoStep[] {
  const was = new Map(before.map((device) => [device.number, device]));
  const steps = new Map<string, { devices: DeviceVersion[]; changes: DeviceChanges }>();
  for (const { number, version } of changed) {
    const device = was.get(number);
    if (!device) continue;
    // Keys of the changes are fields.
    const fields = Object.keys(changes) as EditableField[];
    const back = Object.fromEntries(
      fields.map((field) => [field, FLAGS.has(field) || device.edited.includes(field) ? device[field] : null]),
    );
    const key = JSON.stringify(back);
    const step = steps.get(key);
    if (step) step.devices.push({ number, version });
    else steps.set(key, { devices: [{ number, version }], changes: back });
  }
  return [...steps.values()];
}
