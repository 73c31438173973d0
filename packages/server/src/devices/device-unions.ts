/** Devices that become one, and devices that are taken out of one again. */
import type { DeviceRecord } from '@annunciator/core/device';
import type { DeviceRow } from '@annunciator/store/inventory/device-query';
import { StoreError } from '@annunciator/store/store-error';
import { RequestError } from '../http/request-error.ts';
import type { Undo } from '../sensor-link.ts';
import type { DeskWork } from './desk-work.ts';
import { nameOf, recordOf } from './device-name.ts';
import { current, type DeviceVersion } from './device-refusals.ts';

/** Devices of one merge. */
export const MOST_MERGED = 10;

export class DeviceUnions {
  readonly #work: DeskWork;

  constructor(work: DeskWork) {
    this.#work = work;
  }

  /** The sensor found out that two devices are one. */
  async found(sensor: string, into: string, from: string): Promise<void> {
    const [one, other] = await Promise.all([
      this.#work.inventory.devices.byId(sensor, into),
      this.#work.inventory.devices.byId(sensor, from),
    ]);
    if (!one || !other || one.number === other.number) return;
    await this.#work.inventory.devices.merge([other.number], one.mergedInto ?? one.number, 'sensor');
    await this.#work.inventory.unions.put([{ part: other.number, by: '', at: this.#work.clock(), body: undoText(NOTHING_MOVED) }]);
    await this.#work.inventory.connections.rename(sensor, from, into, true);
  }

  /** Makes devices one: the first goes on with the addresses, alerts and connections of all. */
  merge(into: DeviceVersion, others: readonly DeviceVersion[], by: string): Promise<DeviceRow> {
    return this.#work.turn(async () => {
      const all = [into, ...others];
      if (others.length === 0 || all.length > MOST_MERGED)
        throw new RequestError(400, 'bad_request', `A merge takes 2 to ${MOST_MERGED} devices, this one has ${all.length}.`);
      const rows = await this.#work.inventory.devices.byNumbers(all.map(({ number }) => number));
      const [one, ...rest] = all.map(({ number, version }) => current(rows, number, version));
      for (const other of rest) {
        if (other.sensor !== one.sensor || other.zone !== one.zone)
          throw new RequestError(
            409,
            'other_place',
            `${nameOf(other)} is seen by another sensor than ${nameOf(one)}: only devices of one sensor can be one.`,
          );
        if (other.class !== one.class && other.class === 'ICS')
          throw new RequestError(
            409,
            'other_class',
            `${nameOf(other)} is a device of the plant, ${nameOf(one)} is none: change its type first.`,
          );
      }
      const at = this.#work.clock();
      for (const other of rest) {
        const undo = (await this.#work.sensors.unite?.(one.sensor, one.id, other.id)) ?? NOTHING_MOVED;
        await this.#work.inventory.devices.merge([other.number], one.number, 'person');
        await this.#work.inventory.unions.put([{ part: other.number, by, at, body: undoText(undo) }]);
        if (this.#work.sensors.isRunning?.(one.sensor)) await this.#work.inventory.connections.rename(one.sensor, other.id, one.id, true);
      }
      await this.#work.inventory.devices.put(one, [joined(recordOf(one), rest.map(recordOf))]);
      await this.#work.inventory.unions.letJoin(
        one.sensor,
        rest.flatMap(({ facts }) => [...facts.ips, ...facts.macs]),
      );
      const names = rest.map(nameOf).join(', ');
      await this.#work.audit.record({
        at,
        who: by,
        action: 'device.merge',
        on: all.map(({ number }) => String(number)),
        details: { into: one.number },
      });
      this.#work.changed();
      this.#work.tell('DEVICE_UNIFICATION', one.sensor, `${names} and ${nameOf(one)} are one device, says ${by}.`, {
        devices: [one.id],
        owner: by,
      });
      return this.#again(one.number);
    });
  }

  /**
   * Takes parts out of a device: they are devices of their own again, whoever joined them, with what the sensor had learned of
   * them before. Addresses that came together without ever having been two devices are taken out by `addresses`.
   */
  split(
    device: DeviceVersion,
    take: { readonly parts?: readonly number[]; readonly addresses?: readonly string[] },
    by: string,
  ): Promise<DeviceRow[]> {
    return this.#work.turn(async () => {
      const rows = await this.#work.inventory.devices.byNumbers([device.number]);
      const whole = current(rows, device.number, device.version);
      const parts = await this.#work.inventory.devices.parts(whole.number);
      const taken: DeviceRow[] = [];
      for (const number of take.parts ?? []) {
        const part = parts.find((one) => one.number === number);
        if (!part) throw new RequestError(409, 'no_part', `Device ${number} is no part of ${nameOf(whole)}.`);
        taken.push(part);
      }
      if (take.addresses && take.addresses.length > 0) taken.push(await this.#partOf(whole, take.addresses));
      if (taken.length === 0) throw new RequestError(400, 'bad_request', 'Say which parts or which addresses are to be taken out.');
      const at = this.#work.clock();
      let remaining = recordOf(whole);
      for (const part of taken) {
        const union = await this.#work.inventory.unions.get(part.number);
        const undo = union ? undoOf(union.body) : NOTHING_MOVED;
        const { ips, macs } = part.facts;
        await this.#work.inventory.unions.keepApart(whole.sensor, [...ips, ...macs]);
        await this.#work.inventory.devices.merge([part.number], null, null);
        await this.#work.inventory.unions.remove(part.number);
        await this.#work.sensors.divide?.(whole.sensor, whole.id, recordOf(part), undo);
        remaining = apart(remaining, part.facts);
        await this.#work.inventory.devices.put(whole, [remaining]);
        await this.#work.audit.record({
          at,
          who: by,
          action: 'device.split',
          on: [String(whole.number), String(part.number)],
          details: { addresses: [...ips, ...macs].join(' ') },
        });
        this.#work.tell('DEVICE_UNIFICATION', whole.sensor, `${nameOf(part)} is a device apart from ${nameOf(whole)}, says ${by}.`, {
          devices: [whole.id, part.id],
          owner: by,
        });
      }
      this.#work.changed();
      return this.#work.inventory.devices.byNumbers([whole.number, ...taken.map(({ number }) => number)]);
    });
  }

  /** Addresses of a device as a device of its own: entered as a part of it, for `split` to take out. */
  async #partOf(whole: DeviceRow, addresses: readonly string[]): Promise<DeviceRow> {
    const known = new Set([...whole.facts.ips, ...whole.facts.macs]);
    const strange = addresses.find((address) => !known.has(address));
    if (strange !== undefined) throw new RequestError(409, 'no_address', `${nameOf(whole)} has no address ${strange}.`);
    if (addresses.includes(whole.id))
      throw new RequestError(
        409,
        'naming_address',
        `${whole.id} names the device and stays with it: take out its other addresses instead.`,
      );
    const [id = ''] = addresses;
    const existing = await this.#work.inventory.devices.byId(whole.sensor, id);
    if (!existing) {
      const { facts } = whole;
      const of = (all: readonly string[]): string[] => all.filter((address) => addresses.includes(address));
      const record: DeviceRecord = { ...recordOf(whole), id, name: '', fqdn: '', ips: of(facts.ips), macs: of(facts.macs), modules: [] };
      await this.#work.inventory.devices.put(whole, [record]);
    }
    const made = existing ?? (await this.#work.inventory.devices.byId(whole.sensor, id));
    if (!made) throw new StoreError('failed', `Device ${id} could not be read back.`);
    return made;
  }

  async #again(number: number): Promise<DeviceRow> {
    const row = await this.#work.inventory.devices.get(number);
    if (!row) throw new StoreError('failed', `Device ${number} could not be read back.`);
    return row;
  }
}

const NOTHING_MOVED: Undo = { entries: [], kept: [] };

/** As text for the store. Entries carry times, which JSON has no numbers for. */
function undoText(undo: Undo): string {
  return JSON.stringify(undo, (_key, value: unknown) => (typeof value === 'bigint' ? { nanoseconds: String(value) } : value));
}

function undoOf(text: string): Undo {
  const revive = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'nanoseconds' in value ? BigInt(String(value.nanoseconds)) : value;
  // Written by undoText.
  return JSON.parse(text, revive) as Undo;
}

/** What is known of a device that others became part of, until its sensor tells it anew. */
function joined(record: DeviceRecord, others: readonly DeviceRecord[]): DeviceRecord {
  const all = <T>(part: (one: DeviceRecord) => readonly T[]): T[] => [...new Set([record, ...others].flatMap(part))];
  const earliest = others.reduce((at, { firstSeen }) => (firstSeen < at ? firstSeen : at), record.firstSeen);
  const latest = others.reduce((at, { lastSeen }) => (lastSeen > at ? lastSeen : at), record.lastSeen);
  return {
    ...record,
    ips: all(({ ips }) => ips),
    macs: all(({ macs }) => macs),
    vlans: all(({ vlans }) => vlans),
    protocols: all(({ protocols }) => protocols).sort(),
    otProtocols: all(({ otProtocols }) => otProtocols).sort(),
    roles: all(({ roles }) => roles).sort(),
    firstSeen: earliest,
    lastSeen: latest,
  };
}

/** The device without the addresses of what was taken out of it. */
function apart(record: DeviceRecord, { ips, macs }: Pick<DeviceRecord, 'ips' | 'macs'>): DeviceRecord {
  return { ...record, ips: record.ips.filter((ip) => !ips.includes(ip)), macs: record.macs.filter((mac) => !macs.includes(mac)) };
}
