/**
 * Numbers for addresses that do not fit an int32: IPv6 addresses and MACs. Bounded: addresses beyond the bound share
 * number 0, and each time one is met it is counted.
 *
 * Hot code: interning allocates nothing.
 */
import { i32, ipv6Text, macText, u16 } from '../bytes.ts';
import { TupleTable, WIDTH } from './tuple-table.ts';

export class AddressTable {
  readonly #table: TupleTable;

  /** `maxAddresses`: beyond it all addresses share number 0. */
  constructor(maxAddresses: number) {
    this.#table = new TupleTable({ maxRows: maxAddresses });
  }

  /** Number of the 16 bytes of an IPv6 address, from 1 on. */
  ipv6(bytes: Uint8Array, at: number): number {
    return this.#table.insert(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12), 0, 0) + 1;
  }

  /** Number of the 6 bytes of a MAC, from 1 on. Use a table of its own: numbers of both kinds mix otherwise. */
  mac(bytes: Uint8Array, at: number): number {
    return this.#table.insert(u16(bytes, at), i32(bytes, at + 2), 0, 0, 0, 0) + 1;
  }

  /** Addresses met while the table was full. */
  get overflow(): number {
    return this.#table.refused;
  }

  get size(): number {
    return this.#table.size;
  }

  /** The 16 bytes of an IPv6 address by its number; zeros for number 0. */
  ipv6Bytes(number: number): Uint8Array {
    const bytes = new Uint8Array(16);
    if (number < 1 || number > this.#table.size) return bytes;
    const view = new DataView(bytes.buffer);
    for (let word = 0; word < 4; word++) view.setInt32(word * 4, this.#table.rows[(number - 1) * WIDTH + word]);
    return bytes;
  }

  /** RFC 5952 text of an IPv6 address by its number. */
  ipv6Text(number: number): string {
    return ipv6Text(this.ipv6Bytes(number), 0);
  }

  /** Text of a MAC by its number. */
  macText(number: number): string {
    const bytes = new Uint8Array(8);
    if (number >= 1 && number <= this.#table.size) {
      const view = new DataView(bytes.buffer);
      view.setInt32(0, this.#table.rows[(number - 1) * WIDTH]);
      view.setInt32(4, this.#table.rows[(number - 1) * WIDTH + 1]);
    }
    return macText(bytes, 2);
  }
}
