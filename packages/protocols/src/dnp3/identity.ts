/** What outstations tell about themselves: device attributes, group 0 (IEEE 1815, A.1). */
import { text, u32le } from '@annunciator/packet/bytes';
import type { Facts, IdentityFact } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { ObjectHeader } from './objects.ts';

/** Attribute variations with a place in the inventory. 197, 199 and 200 tell the version, last change and signature of the configuration. */
const PLACES: Readonly<Record<number, 'firmware' | 'model' | 'name' | 'revision' | 'serial' | 'vendor'>> = {
  197: 'revision',
  199: 'revision',
  200: 'revision',
  242: 'firmware',
  247: 'name',
  248: 'serial',
  250: 'model',
  252: 'vendor',
};

/** Tells the first attribute of a group 0 header that was read well. */
export function tellAttribute(facts: Facts, bytes: Uint8Array, object: ObjectHeader): void {
  const place = PLACES[object.variation];
  const at = object.data + object.prefix;
  if (place === undefined || object.count < 1 || at + 2 > object.next) return;
  const value = at + 2;
  const length = bytes[at + 1];
  if (length === 0) return;
  const shown =
    bytes[at] === 1
      ? text(bytes, value, value + length).trim()
      : length === 4
        ? String(u32le(bytes, value))
        : Buffer.from(bytes.subarray(value, value + length)).toString('hex');
  const fact: IdentityFact = {
    is: 'identity',
    protocol: PROTOCOLS.dnp3.index,
    of: 'sender',
    [place]: place === 'revision' ? `attribute ${object.variation}: ${shown}` : shown,
  };
  facts.tell(fact);
}
