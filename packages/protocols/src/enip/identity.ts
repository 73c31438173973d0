/**
 * The Identity object (class 0x01; volume 1, 5A-2) wherever it is told: List Identity replies, Get Attributes All,
 * Get Attribute Single and Get Attribute List. An identity read through another module describes that module, not the
 * device that owns the address, so only its operating mode is taken.
 */
import { text, u16le, u32le } from '@annunciator/packet/bytes';
import type { Facts, IdentityFact } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Service } from './cip-names.ts';
import type { Connection, EnipFlow } from './flow.ts';

/** Vendors by ODVA vendor id, as short as inventories write them. */
const vendors: Readonly<Record<number, string>> = {
  1: 'Rockwell Automation/Allen-Bradley',
  3: 'Honeywell',
  5: 'Rockwell Automation/Reliance Electric',
  26: 'Festo',
  40: 'WAGO',
  44: 'Yaskawa',
  46: 'ABB',
  47: 'Omron',
  48: 'Turck',
  50: 'Real Time Automation',
  58: 'Spectrum Controls',
  77: 'Rockwell Software',
  90: 'HMS Industrial Networks',
  108: 'Beckhoff',
  145: 'Siemens',
  161: 'Mitsubishi Electric',
  243: 'Schneider Electric',
  283: 'Hilscher',
  287: 'Bosch Rexroth',
  345: 'Endress+Hauser',
  356: 'Fanuc Robotics America',
  482: 'Koyo Electronics',
  562: 'Phoenix Contact',
  678: 'Cognex',
  808: 'SICK',
};

/** Inventory types by CIP device type (volume 1, table 6-7); types that say nothing about the device are left out. */
const deviceTypes: Readonly<Record<number, string>> = {
  0x02: 'Variable Frequency Drive',
  0x07: 'I/O Adapter',
  0x0c: 'I/O Adapter',
  0x0e: 'PLC',
  0x18: 'HMI',
  0x2c: 'Switch',
};

interface Attributes {
  vendor: number;
  type: number;
  revision: number;
  status: number;
  serial: number;
  name: string;
}

const nothing = (): Attributes => ({ vendor: -1, type: -1, revision: -1, status: -1, serial: -1, name: '' });

/** Tells the identity in a List Identity item, in `bytes[start, end)`: protocol version and socket address stand first. */
export function listIdentityItem(facts: Facts, flow: EnipFlow, bytes: Uint8Array, start: number, end: number): void {
  const all = readAll(bytes, start + 18, end);
  if (all !== null) tellIdentity(facts, flow, null, all, false);
}

/** Tells what the reply to a get service of the Identity object holds, in `bytes[start, end)`. */
export function identityReply(
  facts: Facts,
  flow: EnipFlow,
  connection: Connection | null,
  through: boolean,
  service: number,
  attribute: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  let read: Attributes | null = null;
  if (service === Service.GetAttributesAll) read = readAll(bytes, start, end);
  else if (service === Service.GetAttributeSingle) {
    read = nothing();
    if (readOne(read, attribute, bytes, start, end) < 0) read = null;
  } else if (service === Service.GetAttributeList) read = readList(bytes, start, end);
  if (read !== null) tellIdentity(facts, flow, connection, read, through);
}

function readAll(bytes: Uint8Array, start: number, end: number): Attributes | null {
  const all = nothing();
  let at = start;
  for (let attribute = 1; attribute <= 7; attribute++) {
    at = readOne(all, attribute, bytes, at, end);
    if (at < 0) return null;
  }
  return all;
}

/** Attribute id and status (two bytes each) before each value; stops at the first attribute it does not know. */
function readList(bytes: Uint8Array, start: number, end: number): Attributes {
  const some = nothing();
  for (let at = start + 2; at + 4 <= end; ) {
    const attribute = u16le(bytes, at);
    if (u16le(bytes, at + 2) !== 0) {
      at += 4;
      continue;
    }
    at = readOne(some, attribute, bytes, at + 4, end);
    if (at < 0) break;
  }
  return some;
}

/** Reads one attribute and returns the offset after it, or -1 when it does not fit or is unknown. */
function readOne(into: Attributes, attribute: number, bytes: Uint8Array, at: number, end: number): number {
  const size = attribute === 6 ? 4 : attribute === 7 ? 1 + bytes[at] : 2;
  if (attribute < 1 || attribute > 7 || at >= end || at + size > end) return -1;
  if (attribute === 1) into.vendor = u16le(bytes, at);
  else if (attribute === 2) into.type = u16le(bytes, at);
  else if (attribute === 4) into.revision = u16le(bytes, at);
  else if (attribute === 5) into.status = u16le(bytes, at);
  else if (attribute === 6) into.serial = u32le(bytes, at);
  else if (attribute === 7) into.name = text(bytes, at + 1, at + size).trim();
  return at + size;
}

function tellIdentity(facts: Facts, flow: EnipFlow, connection: Connection | null, read: Attributes, through: boolean): void {
  const fact: { -readonly [Part in keyof IdentityFact]: IdentityFact[Part] } = {
    is: 'identity',
    protocol: PROTOCOLS.cip.index,
    of: 'sender',
  };
  let known = false;
  if (!through) {
    let print = '';
    if (read.vendor >= 0) print += fact.vendor = vendors[read.vendor] ?? `ODVA vendor ${read.vendor}`;
    if (read.name !== '') print += fact.model = read.name;
    if (read.revision >= 0) print += fact.firmware = `${read.revision & 0xff}.${(read.revision >> 8).toString().padStart(3, '0')}`;
    if (read.serial >= 0) print += fact.serial = read.serial.toString(16).padStart(8, '0');
    const type = deviceTypes[read.type];
    if (type !== undefined) print += fact.type = type;
    known = print !== '' && print !== flow.identity;
    if (known) flow.identity = print;
  }
  const mode = read.status < 0 ? '' : operatingMode(read.status);
  const last = connection ?? flow;
  if (mode !== '' && mode !== last.mode) {
    last.mode = mode;
    fact.mode = mode;
    known = true;
  }
  if (known) facts.tell(fact);
}

/**
 * Operating mode of a Logix controller from its identity status word: key switch in bits 12 and 13, a running change in
 * bits 14 and 15, state in bits 4 to 7. Empty when the word is no controller's (no key position) or a change is running.
 */
export function operatingMode(status: number): string {
  const position = (status >> 12) & 3;
  const transition = (status >> 14) & 3;
  if (position === 0 || transition === 1) return '';
  const remote = position === 3 ? 'REMOTE ' : '';
  switch ((status >> 4) & 0xf) {
    case 1:
      return 'FLASH UPDATE';
    case 4:
      return 'FLASH BAD';
    case 5:
      return `${remote}FAULTED`;
    case 6:
      return transition === 2 ? `${remote}TEST` : `${remote}RUN`;
    case 7:
      return `${remote}PROGRAM`;
    default:
      return '';
  }
}
