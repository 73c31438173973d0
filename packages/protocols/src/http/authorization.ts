/** Credentials of a request (RFC 7617, RFC 7616): the user is read, the password only compared by a hash; it never leaves the packet. */
import { hashOf } from '../hash.ts';

export interface Credentials {
  /** User of Basic and Digest; `?` for another scheme or an unreadable one, empty without credentials. */
  readonly user: string;
  /** Hash of a Basic password. */
  readonly secret: number | undefined;
}

const NONE: Credentials = { user: '', secret: undefined };

/** Reads an Authorization value; an empty one has no credentials. */
export function readAuthorization(value: string): Credentials {
  if (value === '') return NONE;
  const basic = /^basic +([a-z0-9+/=_-]+)/i.exec(value);
  if (!basic) return { user: /^digest .*?username="([^"]{1,128})"/i.exec(value)?.[1] ?? '?', secret: undefined };
  const decoded = Buffer.from(basic[1], 'base64');
  const colon = decoded.indexOf(0x3a);
  const user = decoded.toString('latin1', 0, Math.max(0, colon)).replace(/[^\x20-\x7e]/g, '.');
  return { user: user === '' ? '?' : user, secret: hashOf(decoded, colon + 1, decoded.length) };
}
