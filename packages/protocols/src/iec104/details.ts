/** Causes, objects and values of IEC 60870-5-104, for custom rules (IEC 60870-5-101, clause 7.2.6). */
import { f32le, i16le, i32le, u24le, u32le } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import { ELEMENT_BYTES } from './names.ts';
import type { Asdu } from './parse.ts';

const ADDRESS = 3;

export function asduDetails(facts: Facts, asdu: Asdu, bytes: Uint8Array, end: number): void {
  facts.detail(Detail.Iec104Cause, asdu.cause);
  facts.detail(Detail.Iec104Negative, asdu.negative ? 1 : 0);
  if (asdu.object < 0) return;
  const size = ELEMENT_BYTES[asdu.type];
  let at = asdu.element;
  for (let index = 0; index < asdu.count && at <= end; index++) {
    const object = asdu.sequence || index === 0 ? asdu.object + (asdu.sequence ? index : 0) : u24le(bytes, at - ADDRESS);
    facts.detail(Detail.Iec104Object, object);
    if (size > 0 && at + size <= end) {
      const value = valueOf(asdu.type, bytes, at);
      if (Number.isFinite(value)) facts.detail(Detail.Iec104Value, value);
    }
    if (size < 0) return;
    at += size + (asdu.sequence ? 0 : ADDRESS);
  }
}

/** Number that an information element carries; NaN when it carries none. Normalised values are shares of one. */
function valueOf(type: number, bytes: Uint8Array, at: number): number {
  switch (type) {
    case 1:
    case 2:
    case 30:
    case 45:
    case 58:
      return bytes[at] & 1;
    case 3:
    case 4:
    case 31:
    case 46:
    case 47:
    case 59:
    case 60:
      return bytes[at] & 3;
    case 5:
    case 6:
    case 32:
      return (bytes[at] << 25) >> 25;
    case 7:
    case 8:
    case 33:
    case 51:
    case 64:
      return u32le(bytes, at);
    case 9:
    case 10:
    case 21:
    case 34:
    case 48:
    case 61:
      return i16le(bytes, at) / 32_768;
    case 11:
    case 12:
    case 35:
    case 49:
    case 62:
      return i16le(bytes, at);
    case 13:
    case 14:
    case 36:
    case 50:
    case 63:
      return f32le(bytes, at);
    case 15:
    case 16:
    case 37:
      return i32le(bytes, at);
    default:
      return Number.NaN;
  }
}
