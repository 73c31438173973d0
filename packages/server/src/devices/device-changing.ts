/** Changes of devices by people: fields and flags, of some devices or of all that match. */
import type { Learnable } from '@annunciator/core/alert';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import type { Matching } from '@annunciator/store/inventory/devices';
import type { DeskWork } from './desk-work.ts';
import {
  applyChanges,
  changesText,
  type DeviceChanges,
  FIELD_WORDS,
  type FieldChange,
  type Flag,
  FLAG_ASPECT,
  FLAGS,
} from './device-edits.ts';
import { nameOf } from './device-name.ts';
import { absent, conflict, type DeviceOutcome, type DeviceVersion, isPart, type Refused } from './device-refusals.ts';

export class DeviceChanging {
  readonly #work: DeskWork;

  constructor(work: DeskWork) {
    this.#work = work;
  }

  /**
   * Changes devices. A device whose version is another by now is refused: somebody has changed it since.
   * @throws nothing for refusals; they are told.
   */
  edit(devices: readonly DeviceVersion[], changes: DeviceChanges, by: string): Promise<DeviceOutcome> {
    return this.#work.turn(async () => {
      const versions = new Map(devices.map(({ number, version }) => [number, version]));
      const rows = await this.#work.inventory.devices.byNumbers([...versions.keys()]);
      const refused: Refused[] = absent(versions.keys(), rows);
      const current: DeviceRow[] = [];
      for (const row of rows) {
        if (row.mergedInto !== null) refused.push(isPart(row));
        else if (row.version !== versions.get(row.number)) refused.push(conflict(row, changes));
        else current.push(row);
      }
      return { changed: await this.change(current, () => changes, by), refused };
    });
  }

  /** Changes every device that matches, as it is: for what adds to what others did, such as a tag. Returns how many matched. */
  editMatching(query: Matching, changes: (row: DeviceRow) => DeviceChanges, by: string): Promise<number> {
    return this.#work.turn(async () => {
      const numbers = await this.#work.inventory.devices.numbers(query);
      for await (const rows of this.#work.inSlices(numbers)) await this.change(rows, changes, by);
      return numbers.length;
    });
  }

  /** Changes devices as they are, within a turn. Returns them as they are then. */
  async change(rows: readonly DeviceRow[], changes: (row: DeviceRow) => DeviceChanges, by: string): Promise<DeviceRow[]> {
    const at = this.#work.clock();
    const applied = rows.flatMap((before) => {
      const { row, changed } = applyChanges(before, changes(before), by, at);
      return changed.length > 0 ? [{ before, row, changed }] : [];
    });
    if (applied.length === 0) return [...rows];
    await this.#work.inventory.devices.edit(applied.map(({ row }) => row));
    for (const { before, row, changed } of applied) {
      for (const flag of FLAGS)
        if (changed.some(({ field }) => field === flag)) await this.#tellFlag(before, flag, row.edits[flag] ?? false, by, at);
      if (changed.some(({ field }) => field === 'name'))
        this.#work.sensors.goBy?.(before.sensor, { names: [[before.id, row.edits.name ?? '']] });
      await this.#work.audit.record({
        at,
        who: by,
        action: 'device.edit',
        on: [String(before.number)],
        details: detailsOf(before, changed),
      });
      this.#work.tell('DEVICE_UPDATE', before.sensor, `${nameOf(before)} was changed by hand: ${changesText(changed)}.`, {
        devices: [before.id],
        owner: by,
      });
    }
    return this.#work.inventory.devices.byNumbers(rows.map(({ number }) => number));
  }

  /** Takes the mark New from devices that somebody has looked at and put somewhere, as a change of them does. */
  acknowledge(numbers: readonly number[], by: string): Promise<DeviceOutcome> {
    return this.#work.turn(async () => {
      const rows = await this.#work.inventory.devices.byNumbers(numbers);
      const fresh = rows.filter(({ isNew, mergedInto }) => isNew && mergedInto === null);
      await this.#work.inventory.devices.edit(fresh.map((row) => ({ ...row, cells: {} })));
      const at = this.#work.clock();
      for (const { number, id, sensor } of fresh)
        await this.#work.audit.record({
          at,
          who: by,
          action: 'device.edit',
          on: [String(number)],
          details: { device: id, sensor, new: 'yes > no' },
        });
      return { changed: await this.#work.inventory.devices.byNumbers(numbers), refused: absent(numbers, rows) };
    });
  }

  /** What a sensor takes for normal follows the flags of its devices. */
  async #tellFlag(row: DeviceRow, flag: Flag, on: boolean, by: string, at: number): Promise<void> {
    const { sensor, id } = row;
    const entry: Learnable = { aspect: FLAG_ASPECT[flag], source: id, destination: '', value: '' };
    if (!this.#work.sensors.change) return this.#work.sensors[on ? 'learned' : 'unlearned']([entry], sensor, { by, alert: '', at });
    const now = this.#work.nowOf(sensor);
    const learn = on ? [{ ...entry, learned: now, origin: { by, at, alert: null } }] : [];
    const reason = `${FIELD_WORDS[flag]} of ${nameOf(row)}: ${on ? 'yes' : 'no'}`;
    await this.#work.sensors.change(
      sensor,
      { learn, unlearn: on ? [] : [entry] },
      { at, packetTime: now, by, action: 'edited', reason, about: null },
    );
  }

  /** Somebody learned an alert, or took that back: flags of devices that the entries carry follow. */
  flagged(entries: readonly Learnable[], on: boolean, sensor: string): Promise<void> {
    const flags = entries.flatMap((entry) => {
      const flag = FLAGS.find((one) => FLAG_ASPECT[one] === entry.aspect);
      return flag ? [{ flag, id: entry.source }] : [];
    });
    if (flags.length === 0) return Promise.resolve();
    return this.#work.turn(async () => {
      for (const { flag, id } of flags) {
        const row = await this.#work.inventory.devices.byId(sensor, id);
        if (!row || row[flag] === on) continue;
        const { row: edited } = applyChanges(row, { [flag]: on }, 'an alert', this.#work.clock());
        await this.#work.inventory.devices.edit([edited]);
      }
    });
  }
}

function detailsOf(row: DeviceRow, changed: readonly FieldChange[]): Record<string, string> {
  const details: Record<string, string> = { device: row.id, sensor: row.sensor };
  for (const { field, before, after } of changed) details[field] = `${before} > ${after}`;
  return details;
}
