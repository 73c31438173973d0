/** A device as the value that leaves the sensor, and back again when a later run meets it. */
import type { DeviceRecord } from '@annunciator/core/device';
import { purdueLevelOf } from '@annunciator/core/device-types';
import { plcMode } from '@annunciator/core/plc-mode';
import { instant } from '@annunciator/core/time';
import { PROTOCOL_BY_INDEX, PROTOCOLS } from '@annunciator/protocols/registry';
import { type Device, type DeviceRole, TEXT_PARTS } from './device.ts';
import type { Inventory } from './inventory.ts';
import { judgeType } from './type-judge.ts';

const INDEX_OF: ReadonlyMap<string, number> = new Map(
  Object.values(PROTOCOLS).flatMap(({ id, name, index }) => [
    [id, index],
    [name, index],
  ]),
);
const idOf = (index: number): string => PROTOCOL_BY_INDEX[index]?.id ?? '';
const LOGIX: ReadonlySet<number> = new Set([PROTOCOLS.cip.index, PROTOCOLS.enip.index]);

/** Protocols below all others: a device that has them is no different from one that has not. */
const SILENT: ReadonlySet<number> = new Set([PROTOCOLS.unknown.index]);

function protocols(indices: Iterable<number>, text: 'id' | 'name', otOnly = false): string[] {
  return [...indices]
    .flatMap((index) => PROTOCOL_BY_INDEX[index] ?? [])
    .filter(({ index, ot }) => !SILENT.has(index) && (ot || !otOnly))
    .map((protocol) => protocol[text])
    .sort();
}

/** What the sensor says of a device now. */
export function recordOf(device: Device, inventory: Inventory): DeviceRecord {
  const { type, subtype, confidence, reasons } = judgeType(device);
  const mode = plcMode(device.mode, device.keySwitch, LOGIX.has(device.modeBy));
  const { id, name, vendor, model, firmware, serial, os, fqdn, fqdnAt, authorised, scanner, programming, programmedAt, firstSeen } = device;
  return {
    id,
    name,
    type,
    subtype,
    confidence,
    reasons,
    purdueLevel: purdueLevelOf(type),
    vendor,
    model,
    firmware,
    serial,
    os,
    fqdn,
    fqdnAt,
    plcRun: mode.run,
    plcKey: mode.key,
    modules: [...device.modules.values()],
    ips: [...device.ips],
    macs: [...device.macs],
    vlans: device.vlans.toSorted((a, b) => a - b),
    protocols: protocols(device.protocols, 'name'),
    otProtocols: protocols(device.protocols, 'name', true),
    serves: protocols(device.serves, 'id'),
    asks: protocols(device.asks, 'id'),
    roles: [...device.roles].sort(),
    networkLocation: device.macs.length > 0 ? 'local' : 'routed',
    dynamicAddress: device.dynamicAddress,
    ot: device.ot,
    authorised,
    scanner,
    programming,
    programmedAt,
    appearedLate: device.appearedLate,
    told: {
      type: device.toldType,
      typeBy: idOf(device.toldTypeBy),
      mode: device.mode,
      modeBy: idOf(device.modeBy),
      keySwitch: device.keySwitch,
    },
    firstSeen,
    lastSeen: lastSeenOf(device, inventory),
  };
}

/** Packet time of the last packet of a device; that of its first when none was counted yet. */
export function lastSeenOf(device: Device, inventory: Inventory): bigint {
  const { party } = device;
  const { activity } = inventory;
  return activity.packets(party) > 0 ? instant(activity.lastSeconds(party), activity.lastNanoseconds(party)) : device.firstSeen;
}

/** Gives a device that appears in this run what an earlier one knew of it. */
export function recall(device: Device, record: DeviceRecord): void {
  for (const part of TEXT_PARTS) {
    if (part === 'mode' || part === 'keySwitch') device[part] ||= record.told[part];
    else if (part === 'toldType') device.toldType ||= record.told.type;
    else device[part] ||= record[part];
  }
  device.toldTypeBy ||= INDEX_OF.get(record.told.typeBy) ?? 0;
  device.modeBy ||= INDEX_OF.get(record.told.modeBy) ?? 0;
  const add = (into: Set<number>, names: readonly string[]): void => {
    for (const name of names) {
      const index = INDEX_OF.get(name);
      if (index !== undefined) into.add(index);
    }
  };
  add(device.protocols, record.protocols);
  add(device.serves, record.serves);
  add(device.asks, record.asks);
  // Written by recordOf: roles of this program, or of an older one that had no other.
  for (const role of record.roles) device.roles.add(role as DeviceRole);
  for (const vlan of record.vlans) device.seenIn(vlan);
  for (const module of record.modules) if (!device.modules.has(module.place)) device.tellModule(module.place, module);
  device.fqdnAt ??= record.fqdnAt;
  device.programmedAt ??= record.programmedAt;
  device.dynamicAddress ||= record.dynamicAddress;
  device.appearedLate = record.appearedLate;
  device.authorised = record.authorised;
  device.scanner ||= record.scanner;
  device.programming ||= record.programming;
}
