/** A number for bytes that are only compared: equal bytes have equal numbers, others nearly always different ones. */

/** FNV-1a of `bytes[start, end)` as an unsigned 32-bit number; `before` goes on from bytes hashed earlier. */
export function hashOf(bytes: Uint8Array, start: number, end: number, before = 0x811c9dc5): number {
  let hash = before | 0;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at], 0x01000193);
  return hash >>> 0;
}
