/**
 * Big- and little-endian reads from bytes. Hot code: plain functions that the engine inlines; callers check bounds
 * (a read past the end yields 0 through `| 0`, never an exception). Offsets are `(at + 1) | 0`, so that no overflow has to be
 * looked for.
 */

/** Unsigned 16-bit, network order. */
export function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 8) | bytes[(at + 1) | 0];
}

/** Unsigned 16-bit, little-endian. */
export function u16le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[(at + 1) | 0] << 8);
}

/** Unsigned 24-bit, network order. */
export function u24(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 16) | (bytes[(at + 1) | 0] << 8) | bytes[(at + 2) | 0];
}

/** Unsigned 24-bit, little-endian. */
export function u24le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[(at + 1) | 0] << 8) | (bytes[(at + 2) | 0] << 16);
}

/** Signed 32-bit, network order: the form in which hot code keeps addresses and sequence numbers (a small integer). */
export function i32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24) | (bytes[(at + 1) | 0] << 16) | (bytes[(at + 2) | 0] << 8) | bytes[(at + 3) | 0];
}

/** Signed 32-bit, little-endian. */
export function i32le(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[(at + 1) | 0] << 8) | (bytes[(at + 2) | 0] << 16) | (bytes[(at + 3) | 0] << 24);
}

/** Unsigned 32-bit, network order. */
export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}

/** Unsigned 32-bit, little-endian. */
export function u32le(bytes: Uint8Array, at: number): number {
  return i32le(bytes, at) >>> 0;
}

/** Signed 16-bit, network order. */
export function i16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) >> 16) | bytes[(at + 1) | 0];
}

/** Signed 16-bit, little-endian. */
export function i16le(bytes: Uint8Array, at: number): number {
  return ((bytes[(at + 1) | 0] << 24) >> 16) | bytes[at];
}

const real = new DataView(new ArrayBuffer(8));

/** IEEE 754 number of 32 bits, network order. */
export function f32(bytes: Uint8Array, at: number): number {
  real.setInt32(0, i32(bytes, at));
  return real.getFloat32(0);
}

/** IEEE 754 number of 32 bits, little-endian. */
export function f32le(bytes: Uint8Array, at: number): number {
  real.setInt32(0, i32le(bytes, at));
  return real.getFloat32(0);
}

/** IEEE 754 number of 64 bits, little-endian. */
export function f64le(bytes: Uint8Array, at: number): number {
  real.setInt32(0, i32le(bytes, at + 4));
  real.setInt32(4, i32le(bytes, at));
  return real.getFloat64(0);
}

/** ASCII or Latin-1 text; unprintable bytes become `.`; at most `limit` characters. */
export function text(bytes: Uint8Array, start: number, end: number, limit = 256): string {
  let out = '';
  for (let at = start; at < end && out.length < limit; at++) {
    const code = bytes[at];
    out += code >= 32 && code < 127 ? String.fromCharCode(code) : '.';
  }
  return out;
}

/** `00:1b:1b:1e:2f:30` */
export function macText(bytes: Uint8Array, at: number): string {
  let out = '';
  for (let i = 0; i < 6; i++) out += (i ? ':' : '') + bytes[at + i].toString(16).padStart(2, '0');
  return out;
}

/** Dotted IPv4 of a signed 32-bit address. */
export function ipv4Text(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

/** IPv6 of 16 bytes, in the form of RFC 5952. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(u16(bytes, at + 2 * i));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; ) {
    let run = i;
    while (run < 8 && groups[run] === 0) run++;
    if (run - i > bestLength) {
      best = i;
      bestLength = run - i;
    }
    i = run === i ? i + 1 : run;
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  return best < 0 ? hex(groups) : `${hex(groups.slice(0, best))}::${hex(groups.slice(best + bestLength))}`;
}
