/**
 * Passkeys on the wire (W3C Web Authentication): what a browser is asked for, and whether its answer holds. The user has to be
 * verified by the authenticator, by a fingerprint or a PIN, so that a passkey is two factors at once; and the key has to be
 * discoverable, so that nobody types a name.
 */
import { isIP } from 'node:net';
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { decodeAttestationObject, isoBase64URL } from '@simplewebauthn/server/helpers';
import type { Passkey, User } from './account-store.ts';
import { RequestError } from '../http/request-error.ts';

/** Milliseconds within which a browser answers. */
export const PATIENCE = 300_000;

/** Reasons quote what the browser sent, and go to the audit log. */
const LONGEST_REASON = 300;
/** Signatures that are taken (COSE): Ed25519, ECDSA with P-256, RSA; every authenticator has one of them. */
const ALGORITHMS = [-8, -7, -257];

/** The portal as browsers know it. */
export interface Place {
  /** Name of the host, which passkeys are bound to (the RP ID). */
  readonly host: string;
  /** Origins that its pages may have. */
  readonly origins: readonly string[];
}

/**
 * The portal as the address says that a request came to. Behind a proxy we speak HTTP and browsers HTTPS, so both are taken; HTTP
 * only of this machine, since browsers have passkeys nowhere else without TLS.
 * @param host `Host` header @param secure whether we speak HTTPS ourselves
 * @throws RequestError when it is an IP address: WebAuthn binds keys to names
 */
export function placeOf(host: string, secure: boolean): Place {
  const place = namedPlace(host, secure);
  if (place) return place;
  throw new RequestError(
    409,
    'passkeys_need_name',
    `Passkeys work under a name and not under an IP address such as ${host}: open the portal by its name, on its own machine as localhost.`,
  );
}

/** As {@link placeOf}; undefined for an IP address. */
export function namedPlace(host: string, secure: boolean): Place | undefined {
  const [safe, plain] = [URL.parse(`https://${host}`), URL.parse(`http://${host}`)];
  if (!safe || !plain) return undefined;
  const { hostname } = safe;
  if (hostname.startsWith('[') || isIP(hostname) !== 0) return undefined;
  const local = hostname === 'localhost' || hostname.endsWith('.localhost');
  return { host: hostname, origins: [safe.origin, ...(local && !secure ? [plain.origin] : [])] };
}

/** What `navigator.credentials.create` is asked for: a new key of this user. */
export function askForNewKey(place: Place, user: User): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: 'Annunciator',
    rpID: place.host,
    userName: user.name,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.id),
    timeout: PATIENCE,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    excludeCredentials: user.passkeys
      .filter(({ host }) => host === place.host)
      .map(({ credential, transports }) => ({ id: credential, transports: [...transports] })),
  });
}

/** What `navigator.credentials.get` is asked for: any key for this portal. */
export function askForKey(place: Place): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({ rpID: place.host, timeout: PATIENCE, userVerification: 'required' });
}

export type NewKey = Omit<Passkey, 'id' | 'name' | 'created' | 'lastUsed'>;

/** The new key of an answer. @throws RequestError `passkey_mismatch` */
export async function newKeyOf(place: Place, response: RegistrationResponseJSON, challenge: string): Promise<NewKey> {
  const { registrationInfo } = await confirmed(mismatch, () => {
    checkAttestation(response.response.attestationObject);
    return verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...place.origins],
      expectedRPID: place.host,
      supportedAlgorithmIDs: ALGORITHMS,
    });
  });
  if (!registrationInfo) throw mismatch('its attestation does not hold');
  const { credential, credentialBackedUp } = registrationInfo;
  return {
    credential: credential.id,
    publicKey: isoBase64URL.fromBuffer(credential.publicKey),
    counter: credential.counter,
    transports: credential.transports ?? [],
    host: place.host,
    synced: credentialBackedUp,
  };
}

/**
 * Checks that a key signed this challenge. Whether the counter went on is for the caller to say, who knows what it is by now.
 * @throws RequestError `passkey_refused`
 */
export async function useOfKey(
  place: Place,
  key: Passkey,
  response: AuthenticationResponseJSON,
  challenge: string,
): Promise<{ readonly counter: number; readonly synced: boolean }> {
  const { verified, authenticationInfo } = await confirmed(refused, () =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: [...place.origins],
      expectedRPID: place.host,
      credential: { id: key.credential, publicKey: isoBase64URL.toBuffer(key.publicKey), counter: 0 },
    }),
  );
  if (!verified) throw refused('the signature is not of this key');
  return { counter: authenticationInfo.newCounter, synced: authenticationInfo.credentialBackedUp };
}

/**
 * None is asked for, and browsers leave it out but for a signature of the key itself. Anything else is refused unread: the
 * certificates in it name addresses that would be asked whether they were revoked.
 */
function checkAttestation(attestationObject: string): void {
  const decoded = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject));
  const format = decoded.get('fmt');
  if (format === 'none' || (format === 'packed' && decoded.get('attStmt').get('x5c') === undefined)) return;
  throw new Error(`It has an attestation (${format}), which nobody asked for`);
}

/** What a check gives; whatever it throws is about bytes of the browser. */
async function confirmed<T>(refusal: (why: string) => RequestError, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw refusal(why.replace(/\.$/, '').slice(0, LONGEST_REASON));
  }
}

function mismatch(why: string): RequestError {
  return new RequestError(422, 'passkey_mismatch', `The passkey was not added: ${why}.`);
}

function refused(why: string): RequestError {
  return new RequestError(401, 'passkey_refused', `The passkey was not confirmed: ${why}.`);
}
