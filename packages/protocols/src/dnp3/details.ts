/** Objects, points and commands of DNP3, for custom rules (IEEE 1815, annex A). */
import { f32le, f64le, i16le, i32le, u16le, u32le } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import type { Facts } from '../facts.ts';
import type { ObjectHeader } from './objects.ts';

/** States who speaks to whom on the link. */
export function linkDetails(facts: Facts, source: number, destination: number): void {
  facts.detail(Detail.Dnp3Source, source);
  facts.detail(Detail.Dnp3Destination, destination);
}

/** States an object header that was read; `withData` when the objects follow it. */
export function objectDetails(facts: Facts, bytes: Uint8Array, header: ObjectHeader, withData: boolean): void {
  const { count, prefix, data, next } = header;
  if (prefix === 0 || count === 0 || header.sized) {
    facts.detail(Detail.Dnp3Group, header.group);
    facts.detail(Detail.Dnp3Variation, header.variation);
    if (count > 0 && !header.sized) facts.detail(Detail.Dnp3Point, header.first, header.first + count - 1);
    return;
  }
  const size = Math.floor((next - data) / count);
  for (let at = data; at + size <= next && size >= prefix; at += size) {
    facts.detail(Detail.Dnp3Group, header.group);
    facts.detail(Detail.Dnp3Variation, header.variation);
    facts.detail(Detail.Dnp3Point, prefix === 1 ? bytes[at] : prefix === 2 ? u16le(bytes, at) : u32le(bytes, at));
    if (withData) commandDetails(facts, bytes, header, at + prefix);
  }
}

function commandDetails(facts: Facts, bytes: Uint8Array, { group, variation, next }: ObjectHeader, at: number): void {
  if (group === 12 && variation === 1 && at < next) facts.detail(Detail.Dnp3Control, bytes[at]);
  if (group !== 41) return;
  const size = [0, 4, 2, 4, 8][variation] ?? 0;
  if (size === 0 || at + size > next) return;
  const value = analogue(bytes, variation, at);
  if (Number.isFinite(value)) facts.detail(Detail.Dnp3Value, value);
}

function analogue(bytes: Uint8Array, variation: number, at: number): number {
  switch (variation) {
    case 1:
      return i32le(bytes, at);
    case 2:
      return i16le(bytes, at);
    case 3:
      return f32le(bytes, at);
    default:
      return f64le(bytes, at);
  }
}
