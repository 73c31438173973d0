/**
 * The one place where devices change at run time. What people do is carried out one after the other, so that nobody decides on
 * an older value; it is audited and stands in the timeline. What sensors tell is written as it comes.
 */
import type { Learnable } from '@annunciator/core/alert';
import type { ConnectionRecord, DeviceRecord } from '@annunciator/core/device';
import type { EventType } from '@annunciator/core/event-types';
import { type EventDetails, type TimelineEvent, timelineEvent } from '@annunciator/core/events';
import { DAY, fromMilliseconds, type Instant, MINUTE, SECOND, toMilliseconds } from '@annunciator/core/time';
import { NOTHING_KNOWN } from '@annunciator/store/device-body';
import type { DeviceQuery, DeviceRow } from '@annunciator/store/inventory/device-query';
import type { Matching } from '@annunciator/store/inventory/devices';
import type { SubnetKind } from '@annunciator/store/inventory/subnets';
import type { Inventory } from '@annunciator/store/store';
import { StoreError } from '@annunciator/store/store-error';
import type { Place } from '../alerts/alert-desk.ts';
import type { Audit } from '../audit.ts';
import type { ErrorCode } from '../http/errors.ts';
import { RequestError } from '../http/request-error.ts';
import type { SensorLink, Undo } from '../sensor-link.ts';
import { importTable, type ImportLine, type ImportReach, type ImportReport } from './device-import.ts';
import {
  applyChanges,
  changesText,
  FIELD_WORDS,
  type DeviceChanges,
  type FieldChange,
  FLAG_ASPECT,
  FLAGS,
  type Flag,
} from './device-edits.ts';

/** What a sensor told at once. */
export interface Observed {
  /** Names the run of the sensor: its counts begin anew with each. */
  readonly run: string;
  readonly devices: readonly DeviceRecord[];
  readonly touched: readonly { readonly id: string; readonly lastSeen: Instant }[];
  readonly united: readonly { readonly into: string; readonly from: string }[];
  readonly connections: readonly ConnectionRecord[];
}

/** What a person's action changed, and what it could not change and why. */
export interface DeviceOutcome {
  readonly changed: readonly DeviceRow[];
  readonly refused: readonly Refused[];
}
export interface Refused {
  readonly number: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** A device and the version that somebody decided on. */
export interface DeviceVersion {
  readonly number: number;
  readonly version: number;
}

export interface DeviceDeskOptions {
  readonly inventory: Inventory;
  readonly sensors: Pick<SensorLink, 'learned' | 'unlearned' | 'change' | 'unite' | 'divide' | 'forget' | 'goBy' | 'isRunning'>;
  readonly audit: Audit;
  /** Takes the entries of the event timeline; they are dropped without it. */
  readonly timeline?: (events: readonly TimelineEvent[], place: Pick<Place, 'sensor'>) => void;
  /** Milliseconds since 1970, for the time of people's actions; passed in by tests. */
  readonly clock?: () => number;
}

/** A device that was active within this time cannot be deleted: it would come back at once. */
const STILL_ACTIVE = 10n * MINUTE;
/** Devices that are silent for so long are deleted, those that people worked on excepted; a notice comes before. */
const RETENTION = 90n * DAY;
const NOTICE = 60n * DAY;
/** Devices that are in memory at once when many are changed. */
const SLICE = 500;
/** Devices of one merge. */
export const MOST_MERGED = 10;

export class DeviceDesk {
  readonly inventory: Inventory;
  readonly #sensors: DeviceDeskOptions['sensors'];
  readonly #audit: Audit;
  readonly #timeline: (events: readonly TimelineEvent[], place: Pick<Place, 'sensor'>) => void;
  readonly #clock: () => number;
  /** Packet time of the newest packet, by sensor: what "now" means for a device. */
  readonly #now = new Map<string, Instant>();
  #turns: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  constructor(options: DeviceDeskOptions) {
    this.inventory = options.inventory;
    this.#sensors = options.sensors;
    this.#audit = options.audit;
    this.#timeline = options.timeline ?? (() => undefined);
    this.#clock = options.clock ?? Date.now;
  }

  /** Calls the listener after devices came, went, or became one, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  /** Takes in what a sensor told. Resolves when it is durable. @param now packet time of its last packet */
  observe(told: Observed, place: Place, now: Instant | null): Promise<void> {
    if (now !== null) this.#now.set(place.sensor, now);
    const { devices, touched, united, connections } = told;
    if (devices.length + touched.length + united.length + connections.length === 0) return Promise.resolve();
    return this.#observe(told, place);
  }

  /** Takes no turn among what people do: they may wait for their sensor, and it for this. What people said is safe in the store. */
  async #observe({ devices, touched, united, connections, run }: Observed, place: Place): Promise<void> {
    const { inventory } = this;
    await inventory.devices.put(place, devices);
    await inventory.devices.touch(place.sensor, touched);
    for (const { into, from } of united) await this.#united(place.sensor, into, from);
    await inventory.connections.put(place.sensor, run, connections);
    if (devices.length + united.length > 0) this.#changed();
  }

  /** The sensor found out that two devices are one. */
  async #united(sensor: string, into: string, from: string): Promise<void> {
    const [one, other] = await Promise.all([this.inventory.devices.byId(sensor, into), this.inventory.devices.byId(sensor, from)]);
    if (!one || !other || one.number === other.number) return;
    await this.inventory.devices.merge([other.number], one.mergedInto ?? one.number, 'sensor');
    await this.inventory.unions.put([{ part: other.number, by: '', at: this.#clock(), body: undoText(NOTHING_MOVED) }]);
    await this.inventory.connections.rename(sensor, from, into, true);
  }

  /** Packet time of a sensor's newest packet; the clock's where it has sent none since the start. */
  nowOf(sensor: string): Instant {
    return this.#now.get(sensor) ?? fromMilliseconds(this.#clock());
  }

  /**
   * Changes devices. A device whose version is another by now is refused: somebody has changed it since.
   * @throws nothing for refusals; they are told.
   */
  edit(devices: readonly DeviceVersion[], changes: DeviceChanges, by: string): Promise<DeviceOutcome> {
    return this.#turn(async () => {
      const versions = new Map(devices.map(({ number, version }) => [number, version]));
      const rows = await this.inventory.devices.byNumbers([...versions.keys()]);
      const refused: Refused[] = absent(versions.keys(), rows);
      const current: DeviceRow[] = [];
      for (const row of rows) {
        if (row.mergedInto !== null) refused.push(isPart(row));
        else if (row.version !== versions.get(row.number)) refused.push(conflict(row, changes));
        else current.push(row);
      }
      return { changed: await this.#change(current, () => changes, by), refused };
    });
  }

  /** Changes every device that matches, as it is: for what adds to what others did, such as a tag. Returns how many matched. */
  editMatching(query: Matching, changes: (row: DeviceRow) => DeviceChanges, by: string): Promise<number> {
    return this.#turn(async () => {
      const numbers = await this.inventory.devices.numbers(query);
      for await (const rows of this.#inSlices(numbers)) await this.#change(rows, changes, by);
      return numbers.length;
    });
  }

  async *#inSlices(numbers: readonly number[]): AsyncIterable<readonly DeviceRow[]> {
    for (let at = 0; at < numbers.length; at += SLICE) yield await this.inventory.devices.byNumbers(numbers.slice(at, at + SLICE));
  }

  async #change(rows: readonly DeviceRow[], changes: (row: DeviceRow) => DeviceChanges, by: string): Promise<DeviceRow[]> {
    const at = this.#clock();
    const applied = rows.flatMap((before) => {
      const { row, changed } = applyChanges(before, changes(before), by, at);
      return changed.length > 0 ? [{ before, row, changed }] : [];
    });
    if (applied.length === 0) return [...rows];
    await this.inventory.devices.edit(applied.map(({ row }) => row));
    for (const { before, row, changed } of applied) {
      for (const flag of FLAGS)
        if (changed.some(({ field }) => field === flag)) await this.#tellFlag(before, flag, row.edits[flag] ?? false, by, at);
      if (changed.some(({ field }) => field === 'name'))
        this.#sensors.goBy?.(before.sensor, { names: [[before.id, row.edits.name ?? '']] });
      await this.#audit.record({ at, who: by, action: 'device.edit', on: [String(before.number)], details: detailsOf(before, changed) });
      this.#tell('DEVICE_UPDATE', before.sensor, `${nameOf(before)} was changed by hand: ${changesText(changed)}.`, {
        devices: [before.id],
        owner: by,
      });
    }
    return this.inventory.devices.byNumbers(rows.map(({ number }) => number));
  }

  /** What a sensor takes for normal follows the flags of its devices. */
  async #tellFlag(row: DeviceRow, flag: Flag, on: boolean, by: string, at: number): Promise<void> {
    const { sensor, id } = row;
    const entry: Learnable = { aspect: FLAG_ASPECT[flag], source: id, destination: '', value: '' };
    if (!this.#sensors.change) return this.#sensors[on ? 'learned' : 'unlearned']([entry], sensor, { by, alert: '', at });
    const now = this.nowOf(sensor);
    const learn = on ? [{ ...entry, learned: now, origin: { by, at, alert: null } }] : [];
    const reason = `${FIELD_WORDS[flag]} of ${nameOf(row)}: ${on ? 'yes' : 'no'}`;
    await this.#sensors.change(
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
    return this.#turn(async () => {
      for (const { flag, id } of flags) {
        const row = await this.inventory.devices.byId(sensor, id);
        if (!row || row[flag] === on) continue;
        const { row: edited } = applyChanges(row, { [flag]: on }, 'an alert', this.#clock());
        await this.inventory.devices.edit([edited]);
      }
    });
  }

  /** Makes devices one: the first goes on with the addresses, alerts and connections of all. */
  merge(into: DeviceVersion, others: readonly DeviceVersion[], by: string): Promise<DeviceRow> {
    return this.#turn(async () => {
      const all = [into, ...others];
      if (others.length === 0 || all.length > MOST_MERGED)
        throw new RequestError(400, 'bad_request', `A merge takes 2 to ${MOST_MERGED} devices, this one has ${all.length}.`);
      const rows = await this.inventory.devices.byNumbers(all.map(({ number }) => number));
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
      const at = this.#clock();
      for (const other of rest) {
        const undo = (await this.#sensors.unite?.(one.sensor, one.id, other.id)) ?? NOTHING_MOVED;
        await this.inventory.devices.merge([other.number], one.number, 'person');
        await this.inventory.unions.put([{ part: other.number, by, at, body: undoText(undo) }]);
        if (this.#sensors.isRunning?.(one.sensor)) await this.inventory.connections.rename(one.sensor, other.id, one.id, true);
      }
      await this.inventory.devices.put(one, [joined(recordOf(one), rest.map(recordOf))]);
      await this.inventory.unions.letJoin(
        one.sensor,
        rest.flatMap(({ facts }) => [...facts.ips, ...facts.macs]),
      );
      const names = rest.map(nameOf).join(', ');
      await this.#audit.record({
        at,
        who: by,
        action: 'device.merge',
        on: all.map(({ number }) => String(number)),
        details: { into: one.number },
      });
      this.#changed();
      this.#tell('DEVICE_UNIFICATION', one.sensor, `${names} and ${nameOf(one)} are one device, says ${by}.`, {
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
    return this.#turn(async () => {
      const rows = await this.inventory.devices.byNumbers([device.number]);
      const whole = current(rows, device.number, device.version);
      const parts = await this.inventory.devices.parts(whole.number);
      const taken: DeviceRow[] = [];
      for (const number of take.parts ?? []) {
        const part = parts.find((one) => one.number === number);
        if (!part) throw new RequestError(409, 'no_part', `Device ${number} is no part of ${nameOf(whole)}.`);
        taken.push(part);
      }
      if (take.addresses && take.addresses.length > 0) taken.push(await this.#partOf(whole, take.addresses));
      if (taken.length === 0) throw new RequestError(400, 'bad_request', 'Say which parts or which addresses are to be taken out.');
      const at = this.#clock();
      let remaining = recordOf(whole);
      for (const part of taken) {
        const union = await this.inventory.unions.get(part.number);
        const undo = union ? undoOf(union.body) : NOTHING_MOVED;
        const { ips, macs } = part.facts;
        await this.inventory.unions.keepApart(whole.sensor, [...ips, ...macs]);
        await this.inventory.devices.merge([part.number], null, null);
        await this.inventory.unions.remove(part.number);
        await this.#sensors.divide?.(whole.sensor, whole.id, recordOf(part), undo);
        remaining = apart(remaining, part.facts);
        await this.inventory.devices.put(whole, [remaining]);
        await this.#audit.record({
          at,
          who: by,
          action: 'device.split',
          on: [String(whole.number), String(part.number)],
          details: { addresses: [...ips, ...macs].join(' ') },
        });
        this.#tell('DEVICE_UNIFICATION', whole.sensor, `${nameOf(part)} is a device apart from ${nameOf(whole)}, says ${by}.`, {
          devices: [whole.id, part.id],
          owner: by,
        });
      }
      this.#changed();
      return this.inventory.devices.byNumbers([whole.number, ...taken.map(({ number }) => number)]);
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
    const existing = await this.inventory.devices.byId(whole.sensor, id);
    if (!existing) {
      const { facts } = whole;
      const of = (all: readonly string[]): string[] => all.filter((address) => addresses.includes(address));
      const record: DeviceRecord = { ...recordOf(whole), id, name: '', fqdn: '', ips: of(facts.ips), macs: of(facts.macs), modules: [] };
      await this.inventory.devices.put(whole, [record]);
    }
    const made = existing ?? (await this.inventory.devices.byId(whole.sensor, id));
    if (!made) throw new StoreError('failed', `Device ${id} could not be read back.`);
    return made;
  }

  /** Takes devices out of the inventory. What was active within ten minutes stays: it would come back at once. */
  remove(devices: readonly number[], reason: string, by: string): Promise<DeviceOutcome> {
    return this.#turn(async () => {
      const rows = await this.inventory.devices.byNumbers(devices);
      const refused: Refused[] = absent(devices, rows);
      const gone: DeviceRow[] = [];
      for (const row of rows) {
        if (row.mergedInto !== null) refused.push(isPart(row));
        else if (row.origin === 'sensor' && row.lastSeen > this.nowOf(row.sensor) - STILL_ACTIVE)
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
    return this.#turn(async () => {
      const since = this.now() - BigInt(Math.round(days * 86_400)) * SECOND;
      const silent = { column: 'lastSeen', operator: 'less', values: [String(toMilliseconds(since))] } as const;
      const numbers = await this.inventory.devices.numbers({ ...query, filters: [...query.filters, silent] });
      const gone: DeviceRow[] = [];
      for await (const rows of this.#inSlices(numbers)) {
        await this.#remove(rows, reason, by);
        gone.push(...rows);
      }
      return { changed: gone, refused: [] };
    });
  }

  /** Packet time of the newest packet of all sensors. */
  now(): Instant {
    let newest: Instant | undefined;
    for (const at of this.#now.values()) if (newest === undefined || at > newest) newest = at;
    return newest ?? fromMilliseconds(this.#clock());
  }

  async #remove(rows: readonly DeviceRow[], reason: string, by: string | null): Promise<void> {
    if (rows.length === 0) return;
    const at = this.#clock();
    for (const [sensor, some] of bySensor(rows)) {
      const ids: string[] = [];
      for (const row of some) ids.push(row.id, ...(await this.inventory.devices.parts(row.number)).map(({ id }) => id));
      await this.#sensors.forget?.(sensor, ids);
      const which = some.length === 1 ? nameOf(some[0]) : `${some.length.toLocaleString('en')} devices`;
      const details = { devices: some.slice(0, 100).map(({ id }) => id), ...(by === null ? {} : { owner: by }) };
      this.#tell('DELETE_DEVICE', sensor, `${which} left the inventory${reason === '' ? '' : `: ${reason}`}.`, details);
    }
    await this.inventory.devices.remove(rows.map(({ number }) => number));
    if (by !== null)
      await this.#audit.record({ at, who: by, action: 'device.delete', on: rows.map(({ number }) => String(number)), details: { reason } });
  }

  /** Carries out a table of devices, or with `dryRun` says what it would do. `place` enters devices that nobody has seen. */
  import(
    lines: readonly ImportLine[],
    options: { readonly dryRun: boolean; readonly place: Place | null; readonly reach?: ImportReach | undefined },
    by: string,
  ): Promise<ImportReport> {
    return this.#turn(async () => {
      const { dryRun, place, reach } = options;
      const report = await importTable(
        lines,
        {
          reach,
          find: (some) => this.#meantBy(some),
          change: async (row, changes) => {
            const [after] = await this.#change([row], () => changes, by);
            return (after?.version ?? row.version) > row.version;
          },
          enter: place ? (line) => this.#enter(place, line, by) : undefined,
        },
        dryRun,
      );
      if (!dryRun) await this.#audit.record({ at: this.#clock(), who: by, action: 'device.import', on: [], details: report.counts });
      return report;
    });
  }

  async #meantBy(lines: readonly ImportLine[]): Promise<DeviceRow[]> {
    const numbers = lines.flatMap(({ number }) => number ?? []);
    const names = lines.flatMap(({ number, id, addresses }) => (number === null ? [id, ...addresses].filter(Boolean) : []));
    const [numbered, named] = await Promise.all([this.inventory.devices.byNumbers(numbers), this.inventory.devices.byAddress(names)]);
    return [...new Map([...numbered, ...named].map((row) => [row.number, row])).values()];
  }

  async #enter(place: Place, line: ImportLine, by: string): Promise<DeviceRow | null> {
    const at = fromMilliseconds(this.#clock());
    const isMac = (address: string): boolean => /^([0-9a-f]{2}:){5}/.test(address);
    const [id = ''] = line.addresses.toSorted((a, b) => Number(isMac(a)) - Number(isMac(b)));
    if (await this.inventory.devices.byId(place.sensor, id)) return null;
    const addresses = { ips: line.addresses.filter((address) => !isMac(address)), macs: line.addresses.filter(isMac) };
    await this.inventory.devices.enter(place, [{ ...NOTHING_KNOWN, ...addresses, id, firstSeen: at, lastSeen: at }]);
    const row = await this.inventory.devices.byId(place.sensor, id);
    if (!row) throw new StoreError('failed', `Device ${id} could not be read back.`);
    const [after = row] = await this.#change([row], () => ({ authorised: true, ...line.changes }), by);
    return after;
  }

  /** A person names a network: devices are told with it, and sensors go by whether it is one of the plant. */
  nameSubnet(subnet: { cidr: string; name: string; kind: SubnetKind }, by: string): Promise<void> {
    return this.#settle(() => this.inventory.subnets.put({ ...subnet, by, at: this.#clock() }), 'subnet.edit', subnet.cidr, by, {
      name: subnet.name,
      kind: subnet.kind,
    });
  }

  forgetSubnet(cidr: string, by: string): Promise<void> {
    return this.#settle(() => this.inventory.subnets.remove(cidr), 'subnet.remove', cidr, by, {});
  }

  #settle(change: () => Promise<void>, action: string, on: string, who: string, details: Record<string, string>): Promise<void> {
    return this.#turn(async () => {
      const { subnets, devices } = this.inventory;
      await change();
      await devices.resettle(subnets.of);
      for (const { value } of await devices.values({ filters: [] }, 'sensor')) this.#sensors.goBy?.(value, { subnets: subnets.named() });
      await this.#audit.record({ at: this.#clock(), who, action, on: [on], details });
    });
  }

  nameVlan(id: number, name: string, by: string): Promise<void> {
    return this.#turn(async () => {
      await this.inventory.vlans.name(id, name);
      await this.#audit.record({ at: this.#clock(), who: by, action: 'vlan.edit', on: [String(id)], details: { name } });
    });
  }

  /** Once in a while: deletes what was silent for 90 days and what nobody worked on, says what will go, trims connections. */
  tidy(now: Instant, place: Place): Promise<void> {
    return this.#turn(async () => {
      const silent = (since: Instant): Pick<DeviceQuery, 'filters'> => ({
        filters: [
          { column: 'sensor', operator: 'equals', values: [place.sensor] },
          { column: 'lastSeen', operator: 'less', values: [String(toMilliseconds(since))] },
          { column: 'dataSource', operator: 'equals', values: ['sensor'] },
        ],
      });
      const old = await this.inventory.devices.byNumbers(await this.inventory.devices.numbers(silent(now - RETENTION)));
      await this.#remove(
        old.filter(({ version }) => version === 0),
        'silent for 90 days',
        null,
      );
      const soon = await this.inventory.devices.count(silent(now - NOTICE));
      const before = this.#noticed.get(place.sensor) ?? 0;
      this.#noticed.set(place.sensor, soon);
      if (soon > before) {
        const many = soon === 1 ? 'One device has' : `${soon.toLocaleString('en')} devices have`;
        const content = `${many} sent nothing for 60 days. After 90 days they are deleted, except those that somebody worked on.`;
        this.#timeline([timelineEvent('DELETE_DEVICE_SCHEDULE', now, content)], place);
      }
      await this.inventory.connections.tidy(now - RETENTION);
    });
  }
  readonly #noticed = new Map<string, number>();

  async #again(number: number): Promise<DeviceRow> {
    const row = await this.inventory.devices.get(number);
    if (!row) throw new StoreError('failed', `Device ${number} could not be read back.`);
    return row;
  }

  #tell(type: EventType, sensor: string, content: string, details: EventDetails): void {
    this.#timeline([timelineEvent(type, fromMilliseconds(this.#clock()), content, details)], { sensor });
  }

  /** One after the other. */
  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.then(work);
    this.#turns = turn.catch(() => undefined);
    return turn;
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

/** What people call a device, with its address. */
export function nameOf({ name, facts, id }: Pick<DeviceRow, 'name' | 'facts' | 'id'>): string {
  const address = facts.ips[0] ?? facts.macs[0] ?? id;
  return name && name !== address ? `${name} (${address})` : address;
}

/** What the sensor told of a device, as it tells it. */
export function recordOf({ facts, id, firstSeen, lastSeen }: DeviceRow): DeviceRecord {
  return { ...facts, id, firstSeen, lastSeen };
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

/** The refusals of numbers for which there is no device. */
export function absent(numbers: Iterable<number>, rows: readonly DeviceRow[]): Refused[] {
  const there = new Set(rows.map(({ number }) => number));
  return [...numbers]
    .filter((number) => !there.has(number))
    .map((number) => ({ number, code: 'not_found', message: `There is no device ${number}: it may have been deleted.` }));
}

const isPart = (row: DeviceRow): Refused => ({
  number: row.number,
  code: 'is_part',
  message: `Device ${row.number} is a part of device ${row.mergedInto}: change that one, or split them first.`,
});

/** Says who changed what, so that the person can decide again. */
function conflict(row: DeviceRow, changes: DeviceChanges): Refused {
  const fields = Object.keys(changes);
  const last = Object.entries(row.notes)
    .toSorted(([a, one], [b, other]) => Number(fields.includes(b)) - Number(fields.includes(a)) || other.at - one.at)
    .at(0);
  const who = last ? `${last[1].by} changed its ${last[0]} at ${new Date(last[1].at).toISOString()}` : 'it was changed';
  return {
    number: row.number,
    code: 'changed_meanwhile',
    message: `${nameOf(row)} is not as it was when you read it: ${who}. Read version ${row.version} and decide again.`,
  };
}

/** The device if it is there, whole, and of this version. @throws RequestError otherwise */
function current(rows: readonly DeviceRow[], number: number, version: number): DeviceRow {
  const row = rows.find((one) => one.number === number);
  const refused = !row
    ? absent([number], rows)[0]
    : row.mergedInto !== null
      ? isPart(row)
      : row.version !== version
        ? conflict(row, {})
        : undefined;
  if (row && !refused) return row;
  throw new RequestError(refused?.code === 'not_found' ? 404 : 409, refused?.code ?? 'not_found', refused?.message ?? '');
}

function detailsOf(row: DeviceRow, changed: readonly FieldChange[]): Record<string, string> {
  const details: Record<string, string> = { device: row.id, sensor: row.sensor };
  for (const { field, before, after } of changed) details[field] = `${before} > ${after}`;
  return details;
}

function bySensor(rows: readonly DeviceRow[]): Map<string, DeviceRow[]> {
  return Map.groupBy(rows, ({ sensor }) => sensor);
}
