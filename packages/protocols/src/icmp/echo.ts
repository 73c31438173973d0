/** The data of an echo message: normally the sender's own pattern, which comes back unchanged. */
import { u16 } from '@annunciator/packet/bytes';

/** True when `bytes[start, end)` is a whole IPv4 packet with a right header checksum (RFC 791), or an IPv6 packet of that length. */
export function carriesIp(bytes: Uint8Array, start: number, end: number): boolean {
  const size = end - start;
  if (size >= 40 && bytes[start] >> 4 === 6) return u16(bytes, start + 4) + 40 === size && bytes[start + 7] > 0;
  const header = (bytes[start] & 15) * 4;
  if (size < 20 || bytes[start] >> 4 !== 4 || header < 20 || header > size || u16(bytes, start + 2) > size) return false;
  if (u16(bytes, start + 2) < header) return false;
  let sum = 0;
  for (let at = start; at < start + header; at += 2) sum += u16(bytes, at);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  return sum === 0xffff;
}
