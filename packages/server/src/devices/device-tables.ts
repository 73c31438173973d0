/** Tables of devices that people bring in: finds what the lines mean, changes it, and enters what nobody has seen. */
import { fromMilliseconds } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '@annunciator/store/device-body';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import { StoreError } from '@annunciator/store/store-error';
import type { Place } from '../alerts/alert-desk.ts';
import type { DeskWork } from './desk-work.ts';
import type { DeviceChanging } from './device-changing.ts';
import { importTable, type ImportLine, type ImportReach, type ImportReport } from './device-import.ts';

export class DeviceTables {
  readonly #work: DeskWork;
  readonly #changing: DeviceChanging;

  constructor(work: DeskWork, changing: DeviceChanging) {
    this.#work = work;
    this.#changing = changing;
  }

  /** Carries out a table of devices, or with `dryRun` says what it would do. `place` enters devices that nobody has seen. */
  import(
    lines: readonly ImportLine[],
    options: { readonly dryRun: boolean; readonly place: Place | null; readonly reach?: ImportReach | undefined },
    by: string,
  ): Promise<ImportReport> {
    return this.#work.turn(async () => {
      const { dryRun, place, reach } = options;
      const report = await importTable(
        lines,
        {
          reach,
          find: (some) => this.#meantBy(some),
          change: async (row, changes) => {
            const [after] = await this.#changing.change([row], () => changes, by);
            return (after?.version ?? row.version) > row.version;
          },
          enter: place ? (line) => this.#enter(place, line, by) : undefined,
        },
        dryRun,
      );
      if (!dryRun)
        await this.#work.audit.record({ at: this.#work.clock(), who: by, action: 'device.import', on: [], details: report.counts });
      return report;
    });
  }

  async #meantBy(lines: readonly ImportLine[]): Promise<DeviceRow[]> {
    const numbers = lines.flatMap(({ number }) => number ?? []);
    const names = lines.flatMap(({ number, id, addresses }) => (number === null ? [id, ...addresses].filter(Boolean) : []));
    const [numbered, named] = await Promise.all([
      this.#work.inventory.devices.byNumbers(numbers),
      this.#work.inventory.devices.byAddress(names),
    ]);
    return [...new Map([...numbered, ...named].map((row) => [row.number, row])).values()];
  }

  async #enter(place: Place, line: ImportLine, by: string): Promise<DeviceRow | null> {
    const at = fromMilliseconds(this.#work.clock());
    const isMac = (address: string): boolean => /^([0-9a-f]{2}:){5}/.test(address);
    const [id = ''] = line.addresses.toSorted((a, b) => Number(isMac(a)) - Number(isMac(b)));
    if (await this.#work.inventory.devices.byId(place.sensor, id)) return null;
    const addresses = { ips: line.addresses.filter((address) => !isMac(address)), macs: line.addresses.filter(isMac) };
    await this.#work.inventory.devices.enter(place, [{ ...NOTHING_KNOWN, ...addresses, id, firstSeen: at, lastSeen: at }]);
    const row = await this.#work.inventory.devices.byId(place.sensor, id);
    if (!row) throw new StoreError('failed', `Device ${id} could not be read back.`);
    const [after = row] = await this.#changing.change([row], () => ({ authorised: true, ...line.changes }), by);
    return after;
  }
}
