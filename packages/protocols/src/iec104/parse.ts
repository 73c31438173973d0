/**
 * APCI and ASDU header of IEC 60870-5-104 as pure functions. Hot code: `readAsdu` fills one reused object.
 */
import { u16le } from '@annunciator/packet/bytes';
import { ELEMENT_BYTES } from './names.ts';

export const START = 0x68;
/** Start byte and length; the length counts what follows. */
export const APCI_HEADER = 2;
export const CONTROL = 4;
/** Longest APDU of 104 (5): 253 bytes after the length. */
export const LONGEST = 253;
/** Type, qualifier, cause (2), common address (2). */
export const ASDU_HEADER = 6;
const ADDRESS = 3;

export const Format = { Information: 0, Supervisory: 1, Unnumbered: 3 } as const;

/** Format of a frame by the low bits of its first control octet. */
export const formatOf = (control: number): number => ((control & 1) === 0 ? Format.Information : control & 3);

export interface Asdu {
  type: number;
  /** One address for a sequence of elements (SQ). */
  sequence: boolean;
  count: number;
  cause: number;
  negative: boolean;
  test: boolean;
  originator: number;
  address: number;
  /** Information object address of the first object, -1 when there is none. */
  object: number;
  /** First byte of the first element. */
  element: number;
}

export const newAsdu = (): Asdu => ({
  type: 0,
  sequence: false,
  count: 0,
  cause: 0,
  negative: false,
  test: false,
  originator: 0,
  address: 0,
  object: -1,
  element: 0,
});

/** Reads the ASDU of `bytes[start, end)`; the caller has made sure of its six bytes of header. */
export function readAsdu(bytes: Uint8Array, start: number, end: number, into: Asdu): Asdu {
  into.type = bytes[start];
  into.sequence = (bytes[start + 1] & 0x80) !== 0;
  into.count = bytes[start + 1] & 0x7f;
  into.cause = bytes[start + 2] & 0x3f;
  into.negative = (bytes[start + 2] & 0x40) !== 0;
  into.test = (bytes[start + 2] & 0x80) !== 0;
  into.originator = bytes[start + 3];
  into.address = u16le(bytes, start + 4);
  const at = start + ASDU_HEADER;
  into.object = at + ADDRESS <= end ? bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) : -1;
  into.element = at + ADDRESS;
  return into;
}

/** Bytes the objects of an ASDU must have, or -1 when the type does not say. */
export function objectBytes(type: number, sequence: boolean, count: number): number {
  const element = ELEMENT_BYTES[type];
  if (element < 0) return -1;
  if (count === 0) return 0;
  return sequence ? ADDRESS + count * element : count * (ADDRESS + element);
}

/** Time of C_CS_NA_1 (CP56Time2a, 101 7.2.6.18) as text; empty when the bytes are no time. */
export function timeText(bytes: Uint8Array, at: number, end: number): string {
  if (at + 7 > end) return '';
  const milliseconds = u16le(bytes, at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `20${two(bytes[at + 6] & 0x7f)}-${two(bytes[at + 5] & 0x0f)}-${two(bytes[at + 4] & 0x1f)}`;
  return `${date} ${two(bytes[at + 3] & 0x1f)}:${two(bytes[at + 2] & 0x3f)}:${two(Math.floor(milliseconds / 1000))}`;
}
