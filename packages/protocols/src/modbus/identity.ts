/** What Modbus devices tell about themselves: Read Device Identification (clause 6.21) and Report Server ID (6.13). */
import { text } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Mei } from './names.ts';

const MODBUS = PROTOCOLS.modbus.index;

/** Object ids (clause 6.21, table): 3, the vendor's URL, is of no use here. */
const OBJECT = { VendorName: 0, ProductCode: 1, Revision: 2, ProductName: 4, ModelName: 5, ApplicationName: 6 } as const;

/** Reads a well-formed answer of function 43/14; `at` is the offset of the function code. */
export function tellDeviceIdentification(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (bytes[at + 1] !== Mei.DeviceIdentification || end - at < 7) return;
  const values: string[] = [];
  let object = at + 7;
  for (let count = bytes[at + 6]; count > 0 && object + 2 <= end; count--) {
    const id = bytes[object];
    const next = object + 2 + bytes[object + 1];
    if (next > end) break;
    if (id <= OBJECT.ApplicationName) values[id] = text(bytes, object + 2, next).trim();
    object = next;
  }
  const vendor = values[OBJECT.VendorName];
  const model = values[OBJECT.ModelName] || values[OBJECT.ProductName] || values[OBJECT.ProductCode];
  const firmware = values[OBJECT.Revision];
  const name = values[OBJECT.ApplicationName];
  if (!vendor && !model && !firmware && !name) return;
  facts.tell({
    is: 'identity',
    protocol: MODBUS,
    of: 'sender',
    ...(vendor ? { vendor } : {}),
    ...(model ? { model } : {}),
    ...(firmware ? { firmware } : {}),
    ...(name ? { name } : {}),
    place: placeOf(bytes, at),
  });
}

/** Reads a well-formed answer of function 17: server id, run indicator and additional data, laid out by each vendor. */
export function tellServerId(facts: Facts, bytes: Uint8Array, at: number, end: number): void {
  if (at + 2 >= end) return;
  const shown = text(bytes, at + 2, end);
  const words = shown.match(/[\w][\w .,\-/]{2,}[\w]/)?.[0]?.trim();
  facts.tell({
    is: 'identity',
    protocol: MODBUS,
    of: 'sender',
    revision: `server id ${shown}`,
    place: placeOf(bytes, at),
    ...(words ? { model: words } : {}),
  });
}

/** A gateway has other devices behind it, told apart by the unit identifier in front of the function code. */
function placeOf(bytes: Uint8Array, at: number): string {
  return `unit ${bytes[at - 1]}`;
}
