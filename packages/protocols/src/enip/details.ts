/** Instances, attributes and written numbers of CIP, for custom rules (volume 1, appendix C for the types). */
import { f32le, i16le, i32le, u16le, u32le } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import type { CipPath } from './cip-path.ts';
import { Service } from './cip-names.ts';

/** @param data first byte behind the path */
export function requestDetails(facts: Facts, service: number, path: CipPath, bytes: Uint8Array, data: number, end: number): void {
  if (path.instance >= 0) facts.detail(Detail.CipInstance, path.instance);
  if (path.attribute >= 0) facts.detail(Detail.CipAttribute, path.attribute);
  if (service === Service.GetAttributeList && data + 2 <= end) {
    const stop = Math.min(end - 1, data + 2 + 2 * u16le(bytes, data));
    for (let at = data + 2; at < stop; at += 2) {
      facts.detail(Detail.CipInstance, Math.max(path.instance, 0));
      facts.detail(Detail.CipAttribute, u16le(bytes, at));
    }
  }
  // Type, number of elements, then the elements.
  if (service !== Service.WriteTag || data + 5 > end) return;
  const value = numberAt(bytes, u16le(bytes, data), data + 4, end);
  if (Number.isFinite(value)) facts.detail(Detail.CipValue, value);
}

function numberAt(bytes: Uint8Array, type: number, at: number, end: number): number {
  const left = end - at;
  switch (type) {
    case 0xc1:
      return bytes[at] & 1;
    case 0xc2:
      return (bytes[at] << 24) >> 24;
    case 0xc6:
      return bytes[at];
    case 0xc3:
      return left >= 2 ? i16le(bytes, at) : Number.NaN;
    case 0xc7:
      return left >= 2 ? u16le(bytes, at) : Number.NaN;
    case 0xc4:
      return left >= 4 ? i32le(bytes, at) : Number.NaN;
    case 0xc8:
    case 0xd3:
      return left >= 4 ? u32le(bytes, at) : Number.NaN;
    case 0xca:
      return left >= 4 ? f32le(bytes, at) : Number.NaN;
    default:
      return Number.NaN;
  }
}
