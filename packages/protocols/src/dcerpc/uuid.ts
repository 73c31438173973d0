/** UUIDs as DCE/RPC carries them: the first three parts in the byte order of the packet. */
import { i32, i32le, u16, u16le } from '@annunciator/packet/bytes';

const hex = (value: number, digits: number): string => (value >>> 0).toString(16).padStart(digits, '0');

/** Text of the 16 bytes at `at`. */
export function uuidText(bytes: Uint8Array, at: number, little: boolean): string {
  const first = little ? i32le(bytes, at) : i32(bytes, at);
  const second = little ? u16le(bytes, at + 4) : u16(bytes, at + 4);
  const third = little ? u16le(bytes, at + 6) : u16(bytes, at + 6);
  let rest = '';
  for (let i = 8; i < 16; i++) rest += `${i === 10 ? '-' : ''}${hex(bytes[at + i], 2)}`;
  return `${hex(first, 8)}-${hex(second, 4)}-${hex(third, 4)}-${rest}`;
}

const SLOTS = 8;

/** Interned texts of the UUIDs a flow uses, so that a known one allocates nothing. Bounded: eight. */
export class KnownUuids {
  readonly #keys = new Int32Array(4 * SLOTS);
  readonly #numbers = new Int32Array(SLOTS).fill(-1);
  #next = 0;

  /** The number for the 16 bytes, -1 when they are new. */
  find(bytes: Uint8Array, at: number): number {
    for (let slot = 0; slot < SLOTS; slot++) {
      const key = 4 * slot;
      if (
        this.#keys[key] === i32(bytes, at) &&
        this.#keys[key + 1] === i32(bytes, at + 4) &&
        this.#keys[key + 2] === i32(bytes, at + 8) &&
        this.#keys[key + 3] === i32(bytes, at + 12)
      )
        return this.#numbers[slot];
    }
    return -1;
  }

  add(bytes: Uint8Array, at: number, number: number): number {
    for (let part = 0; part < 4; part++) this.#keys[4 * this.#next + part] = i32(bytes, at + 4 * part);
    this.#numbers[this.#next] = number;
    this.#next = (this.#next + 1) % SLOTS;
    return number;
  }
}
