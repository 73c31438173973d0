/**
 * Builds protocol data units byte by byte: `octets().u8(3).u16(address).u16(count).take()`. Numbers are cut to their
 * width, so a test may write any value it likes. Buffers are pooled; only the result is allocated.
 */

const pool: Uint8Array[] = [];
const encoder = new TextEncoder();

export class Octets {
  #buffer = pool.pop() ?? new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** One or more bytes. */
  u8(...values: number[]): this {
    const at = this.#grow(values.length);
    for (let i = 0; i < values.length; i++) this.#buffer[at + i] = values[i];
    return this;
  }

  /** 16 bits, network order. */
  u16(value: number): this {
    const at = this.#grow(2);
    this.#buffer[at] = value >>> 8;
    this.#buffer[at + 1] = value;
    return this;
  }

  u16le(value: number): this {
    const at = this.#grow(2);
    this.#buffer[at] = value;
    this.#buffer[at + 1] = value >>> 8;
    return this;
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value);
  }

  u24le(value: number): this {
    return this.u16le(value).u8(value >>> 16);
  }

  /** 32 bits, network order; takes signed and unsigned values. */
  u32(value: number): this {
    return this.u16(value >>> 16).u16(value);
  }

  u32le(value: number): this {
    return this.u16le(value).u16le(value >>> 16);
  }

  /** Unsigned 64 bits, little-endian. */
  u64le(value: bigint): this {
    return this.u32le(Number(value & 0xffffffffn)).u32le(Number((value >> 32n) & 0xffffffffn));
  }

  /** IEEE 754 single precision. */
  f32(value: number): this {
    const at = this.#grow(4);
    new DataView(this.#buffer.buffer).setFloat32(at, value);
    return this;
  }

  f32le(value: number): this {
    const at = this.#grow(4);
    new DataView(this.#buffer.buffer).setFloat32(at, value, true);
    return this;
  }

  bytes(part: Uint8Array): this {
    const at = this.#grow(part.length);
    this.#buffer.set(part, at);
    return this;
  }

  /** Text in UTF-8; `width` pads with `fill` or cuts. */
  text(value: string, width?: number, fill = 0): this {
    const encoded = encoder.encode(value);
    if (width === undefined) return this.bytes(encoded);
    this.bytes(encoded.subarray(0, width));
    return this.zeros(width - encoded.length, fill);
  }

  /** `count` times the same byte, zero unless told. */
  zeros(count: number, value = 0): this {
    if (count <= 0) return this;
    const at = this.#grow(count);
    this.#buffer.fill(value, at, at + count);
    return this;
  }

  /** The bytes written so far. The builder is spent afterwards. */
  take(): Uint8Array {
    const result = this.#buffer.slice(0, this.#length);
    if (pool.length < 32) pool.push(this.#buffer);
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return result;
  }

  #grow(by: number): number {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(256, 2 * this.#length));
      larger.set(this.#buffer);
      this.#buffer = larger;
    }
    return at;
  }
}

export function octets(): Octets {
  return new Octets();
}

/** Bytes of hexadecimal text; blanks are skipped. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(/\s+/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** All parts in one array. */
export function join(...parts: Uint8Array[]): Uint8Array {
  const whole = octets();
  for (const part of parts) whole.bytes(part);
  return whole.take();
}

/** Bits packed with the first in the least significant bit, as Modbus and DNP3 do. */
export function packBits(bits: readonly (boolean | number)[]): Uint8Array {
  const packed = new Uint8Array((bits.length + 7) >> 3);
  for (let i = 0; i < bits.length; i++) if (bits[i]) packed[i >> 3] |= 1 << (i & 7);
  return packed;
}
