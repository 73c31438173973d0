/**
 * The header that GOOSE (IEC 61850-8-1) and sampled values (IEC 61850-9-2) put between EtherType and
 * APDU: APPID, length, two reserved words. Hot code: one object is filled for every frame.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Tlv } from '../ber/tlv.ts';

export const HEADER = 8;

export const HeaderFault = { None: 0, Truncated: 1, Length: 2, Apdu: 3 } as const;
export type HeaderFault = (typeof HeaderFault)[keyof typeof HeaderFault];

const apdu = new Tlv();

export class SubstationHeader {
  appid = 0;
  /** Bytes from APPID to the end of the APDU, as announced. */
  length = 0;
  /** Bit 15 of the first reserved word: the message is simulated (edition 2). */
  simulated = false;
  /** Identifier octet of the APDU and its contents; `end` is cut at the end of the bytes. */
  tag = 0;
  start = 0;
  end = 0;

  /** Reads `bytes[start, end)`. With fault `Length` or `Apdu` the parts before the fault are valid, and what was captured can be read. */
  read(bytes: Uint8Array, start: number, end: number): HeaderFault {
    this.tag = 0;
    if (end - start < HEADER + 2) return HeaderFault.Truncated;
    this.appid = u16(bytes, start);
    this.length = u16(bytes, start + 2);
    this.simulated = (bytes[start + 4] & 0x80) !== 0;
    const fits = apdu.read(bytes, start + HEADER, end);
    if (!fits && apdu.end <= end) return HeaderFault.Apdu;
    this.tag = apdu.tag;
    this.start = apdu.start;
    this.end = Math.min(apdu.end, end);
    const used = apdu.next - start;
    // IEC 62351-6: an extension of as many bytes as the low byte of the first reserved word says follows the APDU
    return fits && (used === this.length || used + bytes[start + 5] === this.length) ? HeaderFault.None : HeaderFault.Length;
  }
}
