/** Networks as people write them (`10.1.2.0/24`), and addresses in an order in which a network is one range. */

/** An address family's digit, then its bits as hexadecimal digits: `4` and 8 of them, `6` and 32. Empty for what is no address. */
export function addressOrder(ip: string): string {
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip);
  if (four) {
    const parts = four.slice(1).map(Number);
    return parts.every((part) => part < 256) ? `4${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}` : '';
  }
  return ip.includes(':') ? sixOrder(ip.toLowerCase()) : '';
}

function sixOrder(ip: string): string {
  const [left, right, more] = ip.split('::');
  if (more !== undefined) return '';
  const groups = (side: string | undefined): string[] => (side ? side.split(':') : []);
  const head = groups(left);
  const tail = groups(right);
  const missing = 8 - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return '';
  const all = [...head, ...Array.from({ length: right === undefined ? 0 : missing }, () => '0'), ...tail];
  return all.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? `6${all.map((group) => group.padStart(4, '0')).join('')}` : '';
}

/** The address behind {@link addressOrder}, as RFC 5952 writes it. */
export function addressOfOrder(order: string): string {
  const digits = order.slice(1);
  if (order.startsWith('4')) return [0, 2, 4, 6].map((at) => Number.parseInt(digits.slice(at, at + 2), 16)).join('.');
  if (!order.startsWith('6')) return '';
  return new URL(`http://[${digits.replace(/(.{4})(?=.)/g, '$1:')}]/`).hostname.slice(1, -1);
}

export interface Network {
  /** As it is written: address and prefix length, the host's bits zero. */
  readonly cidr: string;
  /** First and last address in the order of {@link addressOrder}. */
  readonly first: string;
  readonly last: string;
  /** Bits that all its addresses share. */
  readonly prefix: number;
}

/** Reads `10.1.2.0/24` or `fd00:1::/64`; undefined when it is none, or when bits of hosts are set. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length = '', more] = text.trim().split('/');
  const order = addressOrder(address);
  if (order === '' || more !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = (order.length - 1) * 4;
  const prefix = Number(length);
  if (prefix > bits) return undefined;
  const value = BigInt(`0x${order.slice(1)}`);
  const hosts = (1n << BigInt(bits - prefix)) - 1n;
  if ((value & hosts) !== 0n) return undefined;
  const hex = (number: bigint): string => order[0] + number.toString(16).padStart(bits / 4, '0');
  return { cidr: `${address.toLowerCase()}/${prefix}`, first: hex(value), last: hex(value | hosts), prefix };
}

export function contains(network: Network, order: string): boolean {
  return order.length === network.first.length && order >= network.first && order <= network.last;
}

/** The /24 (IPv4) or /64 (IPv6) an address lies in, as text: the network that is assumed where nobody said more. Empty for no address. */
export function assumedNetwork(ip: string): string {
  if (!ip.includes(':')) return ip === '' ? '' : `${ip.slice(0, ip.lastIndexOf('.'))}.0/24`;
  const order = addressOrder(ip);
  if (order === '') return '';
  const groups = [1, 5, 9, 13].map((at) => Number.parseInt(order.slice(at, at + 4), 16).toString(16));
  while (groups.at(-1) === '0') groups.pop();
  return `${groups.join(':')}::/64`;
}
