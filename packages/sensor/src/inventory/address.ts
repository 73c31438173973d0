/** Kinds of IP addresses, from the IANA special-purpose registries (RFC 6890). Texts, because only rare paths ask. */

/** Reads a dotted IPv4 address as an unsigned number; undefined for anything else. */
export function ipv4Number(ip: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(ip);
  if (!match) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const part = Number(match[i]);
    if (part > 255) return undefined;
    value = value * 256 + part;
  }
  return value;
}

/** Addresses that never leave a site: RFC 1918, shared space, link-local, loopback, IPv6 unique-local. */
export function isPrivate(ip: string): boolean {
  const value = ipv4Number(ip);
  if (value === undefined) return /^(f[cd]|fe[89ab])/i.test(ip) || ip === '::1' || ip === '::';
  const first = value >>> 24;
  const two = value >>> 16;
  return (
    first === 10 ||
    first === 127 ||
    first === 0 ||
    two === 0xc0a8 ||
    two === 0xa9fe ||
    (two >= 0xac10 && two <= 0xac1f) ||
    (two >= 0x6440 && two <= 0x647f)
  );
}

/** Multicast or limited broadcast. */
export function isGroup(ip: string): boolean {
  const value = ipv4Number(ip);
  if (value === undefined) return /^ff/i.test(ip);
  return value >>> 28 === 14 || value === 0xffffffff;
}

/** Networks set aside for benchmarks (RFC 2544): laboratories use them as their own. */
function isBenchmark(value: number): boolean {
  return value >>> 17 === 0xc612 >>> 1;
}

/** A unicast address outside of any site. Those for documentation (RFC 5737, RFC 3849) stand for the Internet where they are used. */
export function isPublic(ip: string): boolean {
  if (ip === '' || isPrivate(ip) || isGroup(ip)) return false;
  const value = ipv4Number(ip);
  if (value === undefined) return /^[23]/.test(ip);
  return value >>> 28 < 14 && !isBenchmark(value);
}
