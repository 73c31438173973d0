/**
 * Shared access signature tokens: `SharedAccessSignature sr={resource}&sig={signature}&se={expiry}[&skn={policy}]`.
 *
 * The signature is the base64 of HMAC-SHA256 over the resource exactly as it was sent, a line feed and the expiry, with the
 * base64-decoded key (IoT Hub, control access with shared access signatures).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

const PREFIX = 'SharedAccessSignature ';
/** Longer ones are no tokens; bounds the work on what strangers send. */
const MAX_LENGTH = 4096;

export interface SasToken {
  /** The resource as sent, still encoded: what was signed. */
  readonly signedResource: string;
  /** Decoded, such as `hub.example/devices/pump-7`. */
  readonly resource: string;
  /** Base64. */
  readonly signature: string;
  /** The expiry as sent: what was signed. */
  readonly signedExpiry: string;
  /** Seconds since 1970. */
  readonly expiry: number;
  /** Name of a shared access policy, null for a device's own key. */
  readonly policy: string | null;
}

/** The parts of a token, undefined when the text is none. */
export function parseSasToken(text: string): SasToken | undefined {
  if (text.length > MAX_LENGTH || !text.startsWith(PREFIX)) return undefined;
  const fields = new Map<string, string>();
  for (const field of text.slice(PREFIX.length).split('&')) {
    const equals = field.indexOf('=');
    if (equals < 1) return undefined;
    const name = field.slice(0, equals).trim();
    if (fields.has(name)) return undefined;
    fields.set(name, field.slice(equals + 1).trim());
  }
  const signedResource = fields.get('sr');
  const signedExpiry = fields.get('se');
  const signature = decoded(fields.get('sig'));
  const resource = decoded(signedResource);
  const policy = fields.has('skn') ? decoded(fields.get('skn')) : '';
  if (!signedResource || !resource || !signature || policy === undefined || !signedExpiry || !/^\d{1,15}$/.test(signedExpiry))
    return undefined;
  return { signedResource, resource, signature, signedExpiry, expiry: Number(signedExpiry), policy: policy || null };
}

function decoded(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What of a key signs: the bytes that its base64 stands for, or, with clients of Event Hubs, the characters themselves. */
export type KeyForm = 'base64' | 'utf8';

/** Base64 of the signature. @param key base64 */
export function sign(key: string, signedResource: string, signedExpiry: string, form: KeyForm = 'base64'): string {
  return createHmac('sha256', Buffer.from(key, form)).update(`${signedResource}\n${signedExpiry}`).digest('base64');
}

/** True when the token was signed with one of the keys. Takes the same time wherever signatures differ. */
export function isSignedBy(token: SasToken, keys: readonly (string | null)[], forms: readonly KeyForm[] = ['base64']): boolean {
  const given = Buffer.from(token.signature, 'base64');
  let signed = false;
  for (const key of keys) {
    if (!key) continue;
    for (const form of forms) {
      const expected = Buffer.from(sign(key, token.signedResource, token.signedExpiry, form), 'base64');
      if (given.length === expected.length && timingSafeEqual(given, expected)) signed = true;
    }
  }
  return signed;
}

/** A token. @param expiry seconds since 1970 */
export function createSasToken(resource: string, key: string, expiry: number, policy: string | null = null): string {
  const signedResource = encodeURIComponent(resource);
  const signature = encodeURIComponent(sign(key, signedResource, String(expiry)));
  return `${PREFIX}sr=${signedResource}&sig=${signature}&se=${expiry}${policy === null ? '' : `&skn=${encodeURIComponent(policy)}`}`;
}
