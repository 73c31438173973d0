/**
 * The one place where devices change at run time. What people do is carried out one after the other, so that nobody decides on
 * an older value; it is audited and stands in the timeline. What sensors tell is written as it comes.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import type { Instant } from '@annunciator/core/time';
import type { Inventory } from '@annunciator/store/store';
import type { Place } from '../alerts/alert-desk.ts';
import { DeskWork, type DeviceDeskOptions } from './desk-work.ts';
import { DeviceChanging } from './device-changing.ts';
import { DeviceRemoval } from './device-removal.ts';
import { DeviceTables } from './device-tables.ts';
import { DeviceUnions } from './device-unions.ts';
import { NetworkNames } from './network-names.ts';

/** What a sensor told at once. */
export interface Observed {
  /** Names the run of the sensor: its counts begin anew with each. */
  readonly run: string;
  readonly devices: readonly DeviceRecord[];
  readonly touched: readonly { readonly id: string; readonly lastSeen: Instant }[];
  readonly united: readonly { readonly into: string; readonly from: string }[];
  readonly connections: readonly ConnectionRecord[];
}

export class DeviceDesk {
  readonly inventory: Inventory;
  /** Changes of fields and flags. */
  readonly changing: DeviceChanging;
  /** Merging and splitting. */
  readonly unions: DeviceUnions;
  readonly removal: DeviceRemoval;
  readonly tables: DeviceTables;
  readonly networks: NetworkNames;
  readonly #work: DeskWork;

  constructor(options: DeviceDeskOptions) {
    this.#work = new DeskWork(options);
    this.inventory = options.inventory;
    this.changing = new DeviceChanging(this.#work);
    this.unions = new DeviceUnions(this.#work);
    this.removal = new DeviceRemoval(this.#work);
    this.tables = new DeviceTables(this.#work, this.changing);
    this.networks = new NetworkNames(this.#work);
  }

  /** Calls the listener after devices came, went, or became one, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    return this.#work.subscribe(listener);
  }

  /** Takes in what a sensor told. Resolves when it is durable. @param now packet time of its last packet */
  observe(told: Observed, place: Place, now: Instant | null): Promise<void> {
    if (now !== null) this.#work.reached(place.sensor, now);
    const { devices, touched, united, connections } = told;
    if (devices.length + touched.length + united.length + connections.length === 0) return Promise.resolve();
    return this.#observe(told, place);
  }

  /** Takes no turn among what people do: they may wait for their sensor, and it for this. What people said is safe in the store. */
  async #observe({ devices, touched, united, connections, run }: Observed, place: Place): Promise<void> {
    const { inventory } = this;
    await inventory.devices.put(place, devices);
    await inventory.devices.touch(place.sensor, touched);
    for (const { into, from } of united) await this.unions.found(place.sensor, into, from);
    await inventory.connections.put(place.sensor, run, connections);
    if (devices.length + united.length > 0) this.#work.changed();
  }

  /** Packet time of a sensor's newest packet; the clock's where it has sent none since the start. */
  nowOf(sensor: string): Instant {
    return this.#work.nowOf(sensor);
  }

  /** Packet time of the newest packet of all sensors. */
  now(): Instant {
    return this.#work.now();
  }

  /** Somebody learned an alert, or took that back: flags of devices that the entries carry follow. */
  flagged(entries: readonly Learnable[], on: boolean, sensor: string): Promise<void> {
    return this.changing.flagged(entries, on, sensor);
  }

  /** Once in a while: deletes what was silent for long and what nobody worked on, says what will go, trims connections. */
  tidy(now: Instant, place: Place): Promise<void> {
    return this.removal.tidy(now, place);
  }
}
