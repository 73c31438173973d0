/** A network interface of a device: who sends and who receives. */
export interface Host {
  readonly name: string;
  readonly mac: Uint8Array;
  /** IPv4 or IPv6 text as given. */
  readonly ip: string;
  /** 4 or 16 bytes. */
  readonly address: Uint8Array;
  /** 802.1Q VLAN id; 0 is untagged. */
  readonly vlan: number;
  /** Time to live of its packets where the network is watched; 64 when absent, less when routers lie between. */
  readonly timeToLive?: number;
}

/** A host. The MAC is derived from the address (locally administered) unless given: `host('plc-1', '10.0.0.5', '00:80:f4:01:02:03')`. */
export function host(name: string, ip: string, mac?: string, vlan = 0): Host {
  const address = addressBytes(ip);
  const derived = mac === undefined ? Uint8Array.of(2, 0, ...address.slice(-4)) : macBytes(mac);
  return { name, ip, address, mac: derived, vlan };
}

/** The receiver of multicast and broadcast: `group('255.255.255.255')`, `group('10.1.2.255')`, `group('224.0.0.251')`, `group('ff02::fb')`. */
export function group(ip: string): Host {
  const address = addressBytes(ip);
  if (address.length === 16) return { name: ip, ip, address, mac: Uint8Array.of(0x33, 0x33, ...address.slice(12)), vlan: 0 };
  const multicast = address[0] >= 224 && address[0] < 240;
  const mac = multicast ? Uint8Array.of(1, 0, 0x5e, address[1] & 0x7f, address[2], address[3]) : new Uint8Array(6).fill(255);
  return { name: ip, ip, address, mac, vlan: 0 };
}

export function isGroup(mac: Uint8Array): boolean {
  return (mac[0] & 1) === 1;
}

/** Six bytes of `00:80:f4:01:02:03`. */
export function macBytes(text: string): Uint8Array {
  const parts = text.split(/[:-]/);
  if (parts.length !== 6) throw new Error(`"${text}" is no MAC address: write six pairs of digits as 00:80:f4:01:02:03`);
  return Uint8Array.from(parts, (part) => Number.parseInt(part, 16));
}

/** 4 bytes of dotted IPv4 or 16 bytes of IPv6. */
export function addressBytes(text: string): Uint8Array {
  if (!text.includes(':')) {
    const parts = text.split('.').map(Number);
    if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part < 256)))
      throw new Error(`"${text}" is no IP address: write it as 10.0.0.5 or fd00::5`);
    return Uint8Array.from(parts);
  }
  const [left, right] = text.split('::');
  const groups = (side: string | undefined): number[] => (side ? side.split(':').map((part) => Number.parseInt(part, 16)) : []);
  const head = groups(left);
  const tail = groups(right);
  const all = [...head, ...new Uint8Array(8 - head.length - tail.length), ...tail];
  return Uint8Array.from(all.flatMap((part) => [part >> 8, part & 255]));
}
