/** A number for a text, to find it by; texts with the same number have to be compared. */

/** 52 bits: two 32-bit FNV-1a sums over the UTF-16 units, with different starts. */
export function textHash(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x9747b28c;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x01000193) + at;
  }
  return (high & 0xfffff) * 2 ** 32 + (low >>> 0);
}
