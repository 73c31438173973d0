/**
 * Services that read and write properties (ANSI/ASHRAE 135, clauses 15.5 to 15.10): which objects and properties a
 * request touches, and what answers tell about the device.
 *
 * Hot code: requests allocate nothing; answers allocate only for the device object.
 */
import { i32, u16 } from '@annunciator/packet/bytes';
import { Aspect, type Facts, type IdentityFact } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import type { Context } from './context.ts';
import { writeDetails } from './details.ts';
import { Confirmed, DEVICE, Property } from './names.ts';
import { Application, readTag, skipValue, Tag, unsigned } from './tags.ts';

/** Instance that stands for any device (clause 12.11.1). */
const ANY_DEVICE = 0x3fffff;

const tag = new Tag();

/** What a request to read or write properties aims at beyond the baseline. */
export const Aim = { Nothing: 0, AnyDevice: 1, DeviceProperty: 2 } as const;
export type Aim = (typeof Aim)[keyof typeof Aim];

function aimOf(object: number, aim: Aim): Aim {
  if (object >>> 22 !== DEVICE) return aim;
  return (object & 0x3fffff) === ANY_DEVICE
    ? Aim.AnyDevice
    : Math.max(aim, Aim.DeviceProperty) === Aim.DeviceProperty
      ? Aim.DeviceProperty
      : aim;
}

function used(facts: Facts, service: number, object: number, property: number): void {
  facts.use(Aspect.BacnetObject, object, (service << 24) | (property & 0xffffff));
}

/** Reads the request of one of the four services in `bytes[start, end)`. */
export function propertyRequest(facts: Facts, service: number, bytes: Uint8Array, start: number, end: number): Aim {
  const many = service === Confirmed.ReadPropertyMultiple || service === Confirmed.WritePropertyMultiple;
  let aim: Aim = Aim.Nothing;
  let object = 0;
  for (let at = start; at < end && readTag(tag, bytes, at, end); at = tag.next) {
    if (tag.is(0) && tag.length === 4) {
      object = i32(bytes, tag.value);
      aim = aimOf(object, aim);
    } else if (!many && tag.is(1)) {
      used(facts, service, object, unsigned(tag, bytes));
      if (facts.wantsDetails && service === Confirmed.WriteProperty) writeDetails(facts, bytes, tag.next, end);
      return aim;
    } else if (many && tag.opens(1)) {
      tag.next = listRequest(facts, service, object, bytes, tag.next, end);
    } else return aim;
  }
  return aim;
}

/** Properties inside one object of a Multiple request; returns the offset after its closing tag. */
function listRequest(facts: Facts, service: number, object: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && readTag(tag, bytes, at, end)) {
    at = tag.next;
    if (tag.closing) return at;
    if (tag.is(0)) used(facts, service, object, unsigned(tag, bytes));
    else if (tag.opening) at = skipValue(bytes, at, end);
  }
  return end;
}

/**
 * Does an AddListElement or RemoveListElement (clauses 15.1, 15.2) on a recipient list hold destinations? Each begins
 * with the bit string of valid days (clause 21, BACnetDestination). Other properties are not judged.
 */
export function recipientsFit(bytes: Uint8Array, start: number, end: number): boolean {
  let property = -1;
  for (let at = start; at < end && readTag(tag, bytes, at, end); at = tag.next) {
    if (tag.is(1)) property = unsigned(tag, bytes);
    else if (tag.opens(3)) {
      if (property !== Property.RecipientList || !readTag(tag, bytes, tag.next, end)) return true;
      return tag.closing || (!tag.context && tag.number === Application.BitString);
    }
  }
  return true;
}

type Told = { -readonly [Part in keyof IdentityFact]: IdentityFact[Part] };

/** Reads the answer of ReadProperty or ReadPropertyMultiple in `bytes[start, end)`. */
export function propertyAnswer(facts: Facts, context: Context, service: number, bytes: Uint8Array, start: number, end: number): void {
  const one = service === Confirmed.ReadProperty;
  const told: Told = { is: 'identity', protocol: PROTOCOLS.bacnet.index, of: 'sender' };
  let print = '';
  let object = 0;
  let property = -1;
  let inside = one;
  for (let at = start; at < end && readTag(tag, bytes, at, end); at = tag.next) {
    if (tag.is(0) && tag.length === 4 && (one || !inside)) object = i32(bytes, tag.value);
    else if (!one && tag.opens(1) && !inside) inside = true;
    else if (!one && tag.closing && tag.number === 1) inside = false;
    else if (tag.is(one ? 1 : 2) && inside) property = unsigned(tag, bytes);
    else if (tag.opens(one ? 3 : 4) && inside) {
      const value = tag.next;
      if (object >>> 22 === DEVICE && readTag(tag, bytes, value, end)) print += identityPart(told, property, bytes);
      tag.next = skipValue(bytes, value, end);
    } else if (!one && tag.opens(5) && inside) {
      const errors = tag.next;
      tag.next = listError(facts, bytes, errors, end);
    }
  }
  // A device behind a router is not the owner of the address that the answer came from.
  if (print !== '' && context.sourceNetwork < 0 && context.flow.fresh(`${facts.toServer} ${print}`)) {
    if (context.origin !== '') told.of = { ip: context.origin };
    facts.tell(told);
  }
}

function identityPart(told: Told, property: number, bytes: Uint8Array): string {
  if (tag.context || tag.number !== Application.CharacterString || tag.length < 2) return '';
  const value = characters(bytes, tag.value, tag.next);
  if (value === '') return '';
  switch (property) {
    case Property.ObjectName:
      told.name = value;
      return `name ${value}`;
    case Property.ModelName:
      told.model = value;
      return `model ${value}`;
    case Property.VendorName:
      told.vendor = value;
      return `vendor ${value}`;
    case Property.FirmwareRevision:
      told.firmware = value;
      return `firmware ${value}`;
    default:
      return '';
  }
}

/** A character string after its character set octet (clause 20.2.9): UTF-8, UCS-2 or Latin-1; 256 bytes at most. */
export function characters(bytes: Uint8Array, start: number, end: number): string {
  const to = Math.min(end, start + 257);
  let out = '';
  if (bytes[start] === 0) out = new TextDecoder().decode(bytes.subarray(start + 1, to));
  else if (bytes[start] === 4) for (let at = start + 1; at + 2 <= to; at += 2) out += String.fromCharCode(u16(bytes, at));
  else for (let at = start + 1; at < to; at++) out += String.fromCharCode(bytes[at]);
  return out.replace(/\p{Cc}/gu, '.').trim();
}

/** Lists class and code of an access error; returns the offset after its closing tag. */
function listError(facts: Facts, bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  for (let part = 0; at < end && readTag(tag, bytes, at, end); part++) {
    at = tag.next;
    if (tag.closing) return at;
    if (facts.countsFields && part < 2) facts.field(part === 0 ? 'bacapp.error_class' : 'bacapp.error_code', unsigned(tag, bytes));
  }
  return end;
}
