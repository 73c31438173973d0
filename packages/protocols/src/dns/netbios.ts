/** Names of NetBIOS as they travel in its name service (RFC 1001, 14.1; RFC 1002, 4.2). */
import { ipv4Text, i32, u16 } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { isNetbiosLabel } from './identify.ts';

const NBNS = PROTOCOLS.nbns.index;

/** The service that a name's sixteenth byte stands for: workstation and file server name the machine itself. */
const WORKSTATION = 0x00;
const FILE_SERVER = 0x20;
/** Group names belong to many machines (NB_FLAGS and NAME_FLAGS, RFC 1002, 4.2.1.3 and 4.2.18). */
const GROUP = 0x8000;

function nameText(at: number, length: number, step: (at: number) => number): string {
  let text = '';
  for (let index = 0; index < length; index++) {
    const code = step(at + index);
    text += code >= 32 && code < 127 ? String.fromCharCode(code) : '';
  }
  return text.trimEnd();
}

/** The fifteen characters of the encoded name whose label begins at `at`, or the empty text when it is none. */
export function decodedName(bytes: Uint8Array, at: number, end: number): string {
  if (!isNetbiosLabel(bytes, at, end)) return '';
  return nameText(0, 15, (index) => decodedByte(bytes, at, index));
}

function decodedByte(bytes: Uint8Array, label: number, index: number): number {
  return ((bytes[label + 1 + 2 * index] - 65) << 4) | (bytes[label + 2 + 2 * index] - 65);
}

/** The record at `data` tells that the owner of its addresses bears the name at `label`. */
export function tellOwner(facts: Facts, bytes: Uint8Array, label: number, data: number, dataEnd: number): void {
  const name = decodedName(bytes, label, dataEnd);
  if (name === '' || data + 6 > dataEnd || (u16(bytes, data) & GROUP) !== 0) return;
  const suffix = decodedByte(bytes, label, 15);
  const address = i32(bytes, data + 2);
  if ((suffix !== WORKSTATION && suffix !== FILE_SERVER) || address === 0) return;
  facts.tell({ is: 'identity', protocol: NBNS, of: { ip: ipv4Text(address) }, name });
}

/** A node status answer lists the names of its sender (RFC 1002, 4.2.18). */
export function tellNodeStatus(facts: Facts, bytes: Uint8Array, data: number, dataEnd: number): void {
  const count = bytes[data];
  for (let index = 0, at = data + 1; index < count && at + 18 <= dataEnd; index++, at += 18) {
    const unique = (u16(bytes, at + 16) & GROUP) === 0;
    const name = nameText(at, 15, (next) => bytes[next]);
    if (!unique || bytes[at + 15] !== WORKSTATION || name === '') continue;
    facts.tell({ is: 'identity', protocol: NBNS, of: 'sender', name });
    return;
  }
}
