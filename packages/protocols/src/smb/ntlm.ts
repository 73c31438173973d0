/**
 * NTLM messages inside sign-ins (MS-NLMP, 2.2.1): who signs in, and what the server tells about itself. They travel as they
 * are or wrapped in SPNEGO, so the signature is looked for in a bounded blob. Proofs of passwords are not read.
 */
import { u16le, u32le } from '@annunciator/packet/bytes';

export const NtlmMessage = { Negotiate: 1, Challenge: 2, Authenticate: 3 } as const;

const SIGNATURE = 'NTLMSSP\0';
const LONGEST_NAME = 256;
/** Flag of the challenge and the authenticate message: texts are UTF-16 (MS-NLMP, 2.2.2.5). */
const UNICODE = 1;
/** The version field is there. */
const VERSION = 0x02000000;
/** Names in the target information (MS-NLMP, 2.2.2.1). */
const AV_COMPUTER = 1;

/** Offset of an NTLM message in `bytes[start, end)`, or -1. */
export function findNtlm(bytes: Uint8Array, start: number, end: number): number {
  search: for (let at = start; at + 12 <= end; at++) {
    for (let i = 0; i < SIGNATURE.length; i++) if (bytes[at + i] !== SIGNATURE.charCodeAt(i)) continue search;
    return at;
  }
  return -1;
}

export const ntlmType = (bytes: Uint8Array, at: number): number => u32le(bytes, at + 8);

/** Text in UTF-16 or ASCII, without what cannot be printed. */
export function windowsText(bytes: Uint8Array, start: number, end: number, unicode: boolean, limit = LONGEST_NAME): string {
  let out = '';
  for (let at = start; at < end && out.length < limit; at += unicode ? 2 : 1) {
    const code = unicode ? (at + 1 < end ? u16le(bytes, at) : bytes[at]) : bytes[at];
    if (code === 0) break;
    out +=
      code >= 32 && code !== 127 && (code < 0x80 || code >= 0xa0) && (code < 0xd800 || code > 0xdfff) ? String.fromCharCode(code) : '.';
  }
  return out;
}

/** A field of length, room and offset at `at`, of the message that begins at `message`. */
function field(bytes: Uint8Array, message: number, at: number, end: number, unicode: boolean): string {
  if (at + 8 > end) return '';
  const length = u16le(bytes, at);
  const start = message + u32le(bytes, at + 4);
  return start + length > end ? '' : windowsText(bytes, start, start + length, unicode);
}

/** `DOMAIN\user` of an authenticate message, and the name of the client's computer; the user is empty for an anonymous sign-in. */
export function readAuthenticate(bytes: Uint8Array, at: number, end: number): { readonly user: string; readonly computer: string } {
  const unicode = at + 64 > end || (u32le(bytes, at + 60) & UNICODE) !== 0;
  const domain = field(bytes, at, at + 28, end, unicode);
  const user = field(bytes, at, at + 36, end, unicode);
  return { user: user && domain ? `${domain}\\${user}` : user, computer: field(bytes, at, at + 44, end, unicode) };
}

/** Name and system of the server from its challenge. */
export function readChallenge(bytes: Uint8Array, at: number, end: number): { readonly computer: string; readonly os: string } {
  const flags = at + 24 <= end ? u32le(bytes, at + 20) : 0;
  const told = at + 56 <= end && (flags & VERSION) !== 0;
  const os = told && bytes[at + 48] >= 5 ? `Windows ${bytes[at + 48]}.${bytes[at + 49]} (build ${u16le(bytes, at + 50)})` : '';
  let computer = '';
  if (at + 48 <= end) {
    const length = u16le(bytes, at + 40);
    let pair = at + u32le(bytes, at + 44);
    const stop = Math.min(end, pair + length);
    while (pair + 4 <= stop && u16le(bytes, pair) !== 0) {
      const next = pair + 4 + u16le(bytes, pair + 2);
      if (u16le(bytes, pair) === AV_COMPUTER && next <= stop) computer = windowsText(bytes, pair + 4, next, true);
      pair = next;
    }
  }
  return { computer, os };
}
