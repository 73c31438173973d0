/**
 * Which devices are new or changed since they were last told. Compares numbers and texts that stand already, so that an
 * inventory in which nothing changed costs little; a record is made for what changed only.
 */
import type { DeviceRecord } from '@annunciator/core/device';
import type { Device } from '../inventory/device.ts';
import { lastSeenOf, recordOf } from '../inventory/device-record.ts';
import type { Inventory } from '../inventory/inventory.ts';
import type { DeviceTouch } from './messages.ts';

/** Activity is told once in a minute of packet time. */
const MINUTE = 60;

/** What of a device was told last. */
type Told = readonly (string | number | boolean | bigint | null)[];

function printOf(device: Device): Told {
  return [
    device.name,
    device.vendor,
    device.model,
    device.firmware,
    device.serial,
    device.os,
    device.fqdn,
    device.fqdnAt === null ? null : device.fqdnAt / FQDN_EVERY,
    device.mode,
    device.keySwitch,
    device.toldType,
    device.authorised,
    device.scanner,
    device.programming,
    device.programmedAt,
    device.dynamicAddress,
    device.ips.length,
    device.ips.join(),
    device.macs.join(),
    device.vlans.length,
    device.roles.size,
    device.protocols.size,
    device.serves.size,
    device.asks.size,
    device.modulesTold,
  ];
}

/** The time of a look-up changes with each; it is told once in an hour. */
const FQDN_EVERY = 3_600_000_000_000n;

/** Devices that one call looks at; the next goes on behind them. */
const LOOKS = 1 << 14;

export class DeviceReports {
  readonly #inventory: Inventory;
  readonly #told = new Map<Device, { print: Told; minute: number }>();
  #at = 0;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  /** Devices that are new or changed among those it was the turn of, and those that have only been active again. */
  next(): { devices: DeviceRecord[]; touched: DeviceTouch[] } {
    return this.#look(Math.min(LOOKS, this.#inventory.devices.length));
  }

  /** All that was not told yet. */
  rest(): { devices: DeviceRecord[]; touched: DeviceTouch[] } {
    return this.#look(this.#inventory.devices.length);
  }

  #look(looks: number): { devices: DeviceRecord[]; touched: DeviceTouch[] } {
    const all = this.#inventory.devices;
    const devices: DeviceRecord[] = [];
    const touched: DeviceTouch[] = [];
    for (let looked = 0; looked < looks; looked++) {
      if (this.#at >= all.length) this.#at = 0;
      const device = all[this.#at++];
      if (!device.sent) continue;
      const minute = Math.floor(this.#inventory.activity.lastSeconds(device.party) / MINUTE);
      const told = this.#told.get(device);
      const print = printOf(device);
      if (!told || told.print.some((value, index) => value !== print[index])) {
        devices.push(recordOf(device, this.#inventory));
        this.#told.set(device, { print, minute });
      } else if (told.minute !== minute) {
        told.minute = minute;
        touched.push({ id: device.id, lastSeen: lastSeenOf(device, this.#inventory) });
      }
    }
    return { devices, touched };
  }

  /** The device is not told any more; when it comes again, it is told anew. */
  forget(device: Device): void {
    this.#told.delete(device);
  }
}
