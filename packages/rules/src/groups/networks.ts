/** Networks in lists of custom alerts: `10.0.0.0/8`, `fd00::/8`, or a bare address. Bits beyond the prefix are left out. */
import { addressOrder } from '@annunciator/core/subnet';

/** Bits that all addresses of the network share, as the letters `0` and `1` behind the digit of the family. */
export type NetworkPrefix = string;

/** Reads an address or network; undefined when it is none. An IPv4 address written as IPv6 is the IPv4 address. */
export function networkPrefix(text: string): NetworkPrefix | undefined {
  const [address = '', length, more] = text.trim().split('/');
  const bits = addressBits(address);
  if (bits === undefined || more !== undefined) return undefined;
  if (length === undefined) return bits;
  if (!/^\d{1,3}$/.test(length)) return undefined;
  const mapped = isMapped(address) ? 96 : 0;
  const prefix = Number(length) - mapped;
  return prefix < 0 || prefix > bits.length - 1 ? undefined : bits.slice(0, 1 + prefix);
}

/** The bits of an address; undefined when it is none. */
export function addressBits(address: string): string | undefined {
  const plain = isMapped(address) ? address.slice(address.lastIndexOf(':') + 1) : address;
  const order = addressOrder(plain);
  if (order === '') return undefined;
  const bits = Array.from(order.slice(1), (digit) => Number.parseInt(digit, 16).toString(2).padStart(4, '0')).join('');
  return order[0] + bits;
}

/** `::ffff:10.1.2.3`, as sockets that serve both families show IPv4 addresses. */
function isMapped(address: string): boolean {
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address);
}

const LOOPBACK = ['127.0.0.0/8', '::1'].map((network) => networkPrefix(network) ?? '-');

/** True for addresses by which a device talks to itself. */
export function isLoopback(bits: string): boolean {
  return LOOPBACK.some((prefix) => bits.startsWith(prefix));
}
