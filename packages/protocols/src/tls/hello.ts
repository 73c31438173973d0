/**
 * What a ClientHello (RFC 8446, 4.1.2; RFC 5246, 7.4.1.2) tells of the program that sent it: the name of the server it wants,
 * and its JA4 fingerprint (FoxIO, "JA4: TLS Client Fingerprinting", BSD licence), which programs share that use the same
 * library with the same settings.
 */
import { hash as digest } from 'node:crypto';
import { text, u16 } from '@annunciator/packet/bytes';

export interface ClientHello {
  readonly ja4: string;
  /** Host name asked for (RFC 6066, 3); empty without one. */
  readonly serverName: string;
}

const Extension = { ServerName: 0, SignatureAlgorithms: 13, ApplicationProtocols: 16, SupportedVersions: 43 } as const;
const VERSIONS: Readonly<Record<number, string>> = { 0x0304: '13', 0x0303: '12', 0x0302: '11', 0x0301: '10', 0x0300: 's3', 0x0002: 's2' };
const NO_HASH = '0'.repeat(12);
/** Legacy version and random, before the session id. */
const FIXED = 34;

/** Values that are sent to be ignored (RFC 8701): 0x0a0a, 0x1a1a ... */
const isGrease = (value: number): boolean => (value & 0x0f0f) === 0x0a0a && value >>> 8 === (value & 0xff);
const word = (value: number): string => value.toString(16).padStart(4, '0');

/** Few programs open most sessions: their lists come again and again. */
const hashes = new Map<string, string>();
const MAX_HASHES = 1024;

function hash(parts: string): string {
  const known = hashes.get(parts);
  if (known !== undefined) return known;
  if (hashes.size >= MAX_HASHES) hashes.clear();
  const made = digest('sha256', parts).slice(0, 12);
  hashes.set(parts, made);
  return made;
}

const count = (of: number): string => String(Math.min(of, 99)).padStart(2, '0');

/** The 16-bit values in `bytes[start, end)` without those that are to be ignored. */
function words(bytes: Uint8Array, start: number, end: number): number[] {
  const found: number[] = [];
  for (let at = start; at + 2 <= end; at += 2) {
    const value = u16(bytes, at);
    if (!isGrease(value)) found.push(value);
  }
  return found;
}

/** First and last character of a protocol's name; of their hexadecimal digits when one is no letter or digit. */
function ends(bytes: Uint8Array, start: number, end: number): string {
  const [first, last] = [bytes[start], bytes[end - 1]];
  const plain = (code: number): boolean => /[0-9A-Za-z]/.test(String.fromCharCode(code));
  if (plain(first) && plain(last)) return String.fromCharCode(first, last);
  return (first >>> 4).toString(16) + (last & 15).toString(16);
}

/** Reads the body of a ClientHello, `bytes[start, end)`; undefined when its lengths do not nest. */
export function readClientHello(bytes: Uint8Array, start: number, end: number): ClientHello | undefined {
  let at = start + FIXED;
  if (at >= end) return undefined;
  let version = u16(bytes, start);
  at += 1 + bytes[at];
  if (at + 2 > end) return undefined;
  const ciphersEnd = at + 2 + u16(bytes, at);
  if (ciphersEnd >= end) return undefined;
  const ciphers = words(bytes, at + 2, ciphersEnd);
  at = ciphersEnd + 1 + bytes[ciphersEnd];
  if (at > end) return undefined;

  const extensions: number[] = [];
  let serverName = '';
  let named = false;
  let protocol = '00';
  let signatures: readonly number[] = [];
  const stop = at + 2 <= end ? Math.min(end, at + 2 + u16(bytes, at)) : at;
  for (at += 2; at + 4 <= stop; ) {
    const type = u16(bytes, at);
    const from = at + 4;
    const to = from + u16(bytes, at + 2);
    if (to > stop) return undefined;
    at = to;
    if (isGrease(type)) continue;
    extensions.push(type);
    if (type === Extension.ServerName) {
      named = true;
      if (to - from > 5) serverName = text(bytes, from + 5, Math.min(to, from + 5 + u16(bytes, from + 3)), 253);
    } else if (type === Extension.ApplicationProtocols && to - from > 3 && bytes[from + 2] > 0 && from + 3 + bytes[from + 2] <= to)
      protocol = ends(bytes, from + 3, from + 3 + bytes[from + 2]);
    else if (type === Extension.SignatureAlgorithms) signatures = words(bytes, from + 2, to);
    else if (type === Extension.SupportedVersions) version = Math.max(...words(bytes, from + 1, to), 0);
  }

  const kept = extensions.filter((type) => type !== Extension.ServerName && type !== Extension.ApplicationProtocols);
  const sorted = (values: readonly number[]): string => values.map(word).sort().join(',');
  const list = sorted(kept) + (signatures.length > 0 ? `_${signatures.map(word).join(',')}` : '');
  const a = `t${VERSIONS[version] ?? '00'}${named ? 'd' : 'i'}${count(ciphers.length)}${count(extensions.length)}${protocol}`;
  const b = ciphers.length > 0 ? hash(sorted(ciphers)) : NO_HASH;
  const c = extensions.length > 0 ? hash(list) : NO_HASH;
  return { ja4: `${a}_${b}_${c}`, serverName };
}
