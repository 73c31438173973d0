/** Devices that leave the inventory: those that people delete, and those that are silent for long. */
import { timelineEvent } from '@annunciator/core/events';
import { DAY, type Instant, MINUTE, SECOND, toMilliseconds } from '@annunciator/core/time';
import type { DeviceQuery, DeviceRow } from '@annunciator/store/inventory/device-query';
import type { Matching } from '@annunciator/store/inventory/devices';
import type { Place } from '../alerts/alert-desk.ts';
import type { DeskWork } from './desk-work.ts';
import { nameOf } from './device-name.ts';
import { absent, type DeviceOutcome, isPart, type Refused } from './device-refusals.ts';

/** A device that was active within this time cannot be deleted: it would come back at once. */
const STILL_ACTIVE = 10n * MINUTE;

export class DeviceRemoval {
  readonly #work: DeskWork;
  /** Devices whose end was announced, by sensor. */
  readonly #noticed = new Map<string, number>();

  constructor(work: DeskWork) {
    this.#work = work;
  }

  /** Takes devices out of the inventory. What was active within ten minutes stays: it would come back at once. */
  remove(devices: readonly number[], reason: string, by: string): Promise<DeviceOutcome> {
    return this.#work.turn(async () => {
      const rows = await this.#work.inventory.devices.byNumbers(devices);
      const refused: Refused[] = absent(devices, rows);
      const gone: DeviceRow[] = [];
      for (const row of rows) {
        if (row.mergedInto !== null) refused.push(isPart(row));
        else if (row.origin === 'sensor' && row.lastSeen > this.#work.nowOf(row.sensor) - STILL_ACTIVE)
          refused.push({
            number: row.number,
            code: 'still_active',
            message: `${nameOf(row)} was active less than ten minutes ago and would come back at once: delete it when it is silent.`,
          });
        else gone.push(row);
      }
      await this.#remove(gone, reason, by);
      return { changed: gone, refused };
    });
  }

  /** Takes every matching device out that was silent for so many days, counted from the newest packet. */
  removeInactive(query: Matching, days: number, reason: string, by: string): Promise<DeviceOutcome> {
    return this.#work.turn(async () => {
      const since = this.#work.now() - BigInt(Math.round(days * 86_400)) * SECOND;
      const silent = { column: 'lastSeen', operator: 'less', values: [String(toMilliseconds(since))] } as const;
      const numbers = await this.#work.inventory.devices.numbers({ ...query, filters: [...query.filters, silent] });
      const gone: DeviceRow[] = [];
      for await (const rows of this.#work.inSlices(numbers)) {
        await this.#remove(rows, reason, by);
        gone.push(...rows);
      }
      return { changed: gone, refused: [] };
    });
  }

  /**
   * Once in a while: deletes what was silent for the time of retention and what nobody worked on, says after two thirds of it what will go,
   * trims connections.
   */
  tidy(now: Instant, place: Place): Promise<void> {
    return this.#work.turn(async () => {
      const retention = this.#work.retention();
      const notice = (retention * 2n) / 3n;
      const silent = (since: Instant): Pick<DeviceQuery, 'filters'> => ({
        filters: [
          { column: 'sensor', operator: 'equals', values: [place.sensor] },
          { column: 'lastSeen', operator: 'less', values: [String(toMilliseconds(since))] },
          { column: 'dataSource', operator: 'equals', values: ['sensor'] },
        ],
      });
      const old = await this.#work.inventory.devices.byNumbers(await this.#work.inventory.devices.numbers(silent(now - retention)));
      await this.#remove(
        old.filter(({ version }) => version === 0),
        `silent for ${days(retention)}`,
        null,
      );
      const soon = await this.#work.inventory.devices.count(silent(now - notice));
      const before = this.#noticed.get(place.sensor) ?? 0;
      this.#noticed.set(place.sensor, soon);
      if (soon > before) {
        const many = soon === 1 ? 'One device has' : `${soon.toLocaleString('en')} devices have`;
        const content = `${many} sent nothing for ${days(notice)}. After ${days(retention)} they are deleted, except those that somebody worked on.`;
        this.#work.timeline([timelineEvent('DELETE_DEVICE_SCHEDULE', now, content)], place);
      }
      await this.#work.inventory.connections.tidy(now - retention);
    });
  }

  async #remove(rows: readonly DeviceRow[], reason: string, by: string | null): Promise<void> {
    if (rows.length === 0) return;
    const at = this.#work.clock();
    for (const [sensor, some] of bySensor(rows)) {
      const ids: string[] = [];
      for (const row of some) ids.push(row.id, ...(await this.#work.inventory.devices.parts(row.number)).map(({ id }) => id));
      await this.#work.sensors.forget?.(sensor, ids);
      const which = some.length === 1 ? nameOf(some[0]) : `${some.length.toLocaleString('en')} devices`;
      const details = { devices: some.slice(0, 100).map(({ id }) => id), ...(by === null ? {} : { owner: by }) };
      this.#work.tell('DELETE_DEVICE', sensor, `${which} left the inventory${reason === '' ? '' : `: ${reason}`}.`, details);
    }
    await this.#work.inventory.devices.remove(rows.map(({ number }) => number));
    if (by !== null)
      await this.#work.audit.record({
        at,
        who: by,
        action: 'device.delete',
        on: rows.map(({ number }) => String(number)),
        details: { reason },
      });
  }
}

function days(time: Instant): string {
  return `${(time / DAY).toLocaleString('en')} days`;
}

function bySensor(rows: readonly DeviceRow[]): Map<string, DeviceRow[]> {
  return Map.groupBy(rows, ({ sensor }) => sensor);
}
