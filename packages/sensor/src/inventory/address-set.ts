/**
 * A set of addresses as people write it: `10.20.10.0/24`, `10.20.10.5-10.20.10.40`, `fd00::/64`, one address, or `*`. Not hot
 * code: whoever asks often keeps the answer per party.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;

export class AddressSet {
  /** As written, in lower case. */
  readonly text: string;
  readonly #list: BlockList | null;

  private constructor(text: string, list: BlockList | null) {
    this.text = text;
    this.#list = list;
  }

  /** Reads a set; undefined when the text names none. */
  static parse(written: string): AddressSet | undefined {
    const text = written.toLowerCase();
    if (text === '*' || MAC.test(text)) return new AddressSet(text, null);
    const list = new BlockList();
    if (isIP(text) !== 0) list.addAddress(text, family(text));
    else {
      const subnet = /^([^/]+)\/(\d{1,3})$/.exec(text);
      const range = /^([^-]+)-([^-]+)$/.exec(text);
      if (subnet && isIP(subnet[1]) !== 0 && Number(subnet[2]) <= (isIPv4(subnet[1]) ? 32 : 128))
        list.addSubnet(subnet[1], Number(subnet[2]), family(subnet[1]));
      else if (range && isIP(range[1]) !== 0 && isIP(range[1]) === isIP(range[2])) {
        // Node refuses a range whose end lies before its beginning.
        try {
          list.addRange(range[1], range[2], family(range[1]));
        } catch {
          return undefined;
        }
      } else return undefined;
    }
    return new AddressSet(text, list);
  }

  /** True when the address, IP or MAC as text, is in the set. */
  has(address: string): boolean {
    if (this.#list === null) return this.text === '*' || this.text === address;
    return isIP(address) !== 0 && this.#list.check(address, family(address));
  }

  /** One address only. */
  get single(): boolean {
    return MAC.test(this.text) || isIP(this.text) !== 0;
  }
}

function family(ip: string): 'ipv4' | 'ipv6' {
  return isIPv4(ip) ? 'ipv4' : 'ipv6';
}
