/** Tokens by which a device writes one file: `?sv=..&sr=b&se=..&sp=rw&sig=..`, good for an hour. */
import { createHmac, timingSafeEqual } from 'node:crypto';

const LIFETIME_MS = 3_600_000;
const VERSION = '2018-03-28';

/** The query of a token, with the question mark. @param now milliseconds since 1970 */
export function createBlobToken(key: string, blob: string, now: number): string {
  const expiry = new Date(now + LIFETIME_MS).toISOString();
  const query = new URLSearchParams({ sv: VERSION, sr: 'b', se: expiry, sp: 'rw', sig: signature(key, blob, expiry) });
  return `?${query.toString()}`;
}

/** True when the query holds a token for the blob that is good now. */
export function isBlobToken(key: string, blob: string, query: URLSearchParams, now: number): boolean {
  const expiry = query.get('se') ?? '';
  const given = Buffer.from(query.get('sig') ?? '', 'base64');
  const expected = Buffer.from(signature(key, blob, expiry), 'base64');
  return given.length === expected.length && timingSafeEqual(given, expected) && Date.parse(expiry) > now;
}

function signature(key: string, blob: string, expiry: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(`${blob}\n${expiry}\nrw`).digest('base64');
}
