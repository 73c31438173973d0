/** Checks tokens and certificates of devices and back ends. */
import type { X509Certificate } from 'node:crypto';
import type { HubAuthentication, HubReason } from '@annunciator/rules/hub-operation';
import { HubError } from '../hub-error.ts';
import { type Identity, type IdentityName, nameText } from '../identity/identity.ts';
import type { DeviceCaller, Origin, ServiceCaller } from './caller.ts';
import { commonName, hasThumbprint, isExpired, leadsTo, type PeerCertificate } from './certificate-chain.ts';
import type { HubNames } from './hub-names.ts';
import type { Policy } from './policies.ts';
import { isSignedBy, parseSasToken, type SasToken } from './sas-token.ts';

export interface Credentials {
  /** `SharedAccessSignature ...` */
  readonly token?: string | undefined;
  readonly certificate?: PeerCertificate | undefined;
}

/** What the authenticator needs to know. */
export interface AuthenticatorSources {
  readonly names: HubNames;
  readonly clock: () => number;
  find(name: IdentityName): Promise<Identity | undefined>;
  policy(name: string): Policy | undefined;
  /** Certificate authorities whose owner has been verified. */
  authorities(): readonly X509Certificate[];
}

/** Later expiries are as good as this one; keeps times within what dates can hold. */
const LATEST_EXPIRY = 253_402_300_799_000;

export class Authenticator {
  readonly #sources: AuthenticatorSources;

  constructor(sources: AuthenticatorSources) {
    this.#sources = sources;
  }

  /** @throws HubError IotHubUnauthorized with the reason */
  async device(name: IdentityName, credentials: Credentials, origin: Origin): Promise<DeviceCaller> {
    const identity = await this.#sources.find(name);
    const proof = this.#prove(name, identity, credentials);
    if (!identity) throw refused(`There is no device ${nameText(name)} with this key.`, 'unknownIdentity');
    if (identity.status === 'disabled') throw refused(`The device ${nameText(name)} is disabled.`, 'identityDisabled');
    return { side: 'device', identity, ...proof, ...origin };
  }

  #prove(
    name: IdentityName,
    identity: Identity | undefined,
    credentials: Credentials,
  ): { authentication: HubAuthentication; policy: string | null; expires: number | null } {
    if (credentials.token !== undefined) {
      const token = this.#parse(credentials.token);
      if (!this.#covers(token, name)) throw refused(`The token is for ${token.resource}, not for ${nameText(name)}.`, 'otherIdentity');
      if (token.policy !== null) {
        const policy = this.#checkPolicy(token, token.policy);
        if (!policy.rights.includes('DeviceConnect'))
          throw refused(`The policy ${policy.name} lacks the right DeviceConnect.`, 'missingRight');
        return { authentication: 'policy', policy: policy.name, expires: expiryOf(token) };
      }
      const { type, primaryKey, secondaryKey } = identity?.authentication ?? { type: 'sas', primaryKey: null, secondaryKey: null };
      if (identity && type !== 'sas')
        throw refused(`The device ${nameText(name)} must show its certificate; it has no key.`, 'noCredentials');
      // A stranger's id costs as much time as a wrong key.
      if (!isSignedBy(token, [primaryKey ?? '', secondaryKey]))
        throw refused(
          identity ? `The token fits neither key of ${nameText(name)}.` : `There is no device ${nameText(name)} with this key.`,
          identity ? 'tokenSignature' : 'unknownIdentity',
        );
      this.#checkExpiry(token);
      return { authentication: 'sas', policy: null, expires: expiryOf(token) };
    }
    if (!credentials.certificate) throw refused(`${nameText(name)} sent neither a token nor a certificate.`, 'noCredentials');
    if (!identity) throw refused(`There is no device ${nameText(name)}.`, 'unknownIdentity');
    return { authentication: this.#checkCertificate(identity, credentials.certificate), policy: null, expires: null };
  }

  #checkCertificate(identity: Identity, certificate: PeerCertificate): HubAuthentication {
    const { type, primaryThumbprint, secondaryThumbprint } = identity.authentication;
    const now = this.#sources.clock();
    switch (type) {
      case 'selfSigned':
        if (!hasThumbprint(certificate, [primaryThumbprint, secondaryThumbprint]))
          throw refused(`The certificate has neither thumbprint of ${nameText(identity)}.`, 'thumbprintMismatch');
        if (isExpired(certificate, now)) throw refused(`The certificate of ${nameText(identity)} has expired.`, 'certificateExpired');
        return 'x509SelfSigned';
      case 'certificateAuthority':
        if (isExpired(certificate, now)) throw refused(`The certificate of ${nameText(identity)} has expired.`, 'certificateExpired');
        if (!leadsTo(certificate, this.#sources.authorities(), now))
          throw refused(`The certificate of ${nameText(identity)} leads to no verified authority of the hub.`, 'certificateUntrusted');
        if (commonName(certificate) !== nameText(identity))
          throw refused(`The certificate is for ${commonName(certificate)}, not for ${nameText(identity)}.`, 'otherIdentity');
        return 'x509CertificateAuthority';
      default:
        throw refused(`${nameText(identity)} must send a token; it has no certificate.`, 'noCredentials');
    }
  }

  /** A back end by its token. @throws HubError IotHubUnauthorized with the reason */
  service(token: string | undefined, origin: Origin): ServiceCaller {
    if (token === undefined) throw refused('A token of a shared access policy is missing: send one as Authorization.', 'noCredentials');
    const parsed = this.#parse(token);
    if (parsed.policy === null) throw refused('The token names no shared access policy (skn).', 'missingRight');
    const policy = this.#checkPolicy(parsed, parsed.policy);
    return {
      side: 'service',
      ...origin,
      authentication: 'policy',
      policy: policy.name,
      rights: new Set(policy.rights),
      expires: expiryOf(parsed),
      scope: scopeOf(this.#sources.names.pathOf(parsed.resource) ?? '/'),
    };
  }

  #parse(text: string): SasToken {
    const token = parseSasToken(text);
    if (!token) throw refused('The credentials are no shared access signature: sr, sig and se are needed.', 'notAToken');
    if (this.#sources.names.pathOf(token.resource) === undefined)
      throw refused(`The token is for ${token.resource.slice(0, 100)}, not for this hub (${this.#sources.names.host}).`, 'otherHub');
    return token;
  }

  #checkPolicy(token: SasToken, name: string): Policy {
    const policy = this.#sources.policy(name);
    if (!policy) throw refused(`There is no shared access policy ${name.slice(0, 64)}.`, 'unknownPolicy');
    if (!isSignedBy(token, [policy.primaryKey, policy.secondaryKey], ['base64', 'utf8']))
      throw refused(`The token fits neither key of ${name}.`, 'tokenSignature');
    this.#checkExpiry(token);
    return policy;
  }

  #checkExpiry(token: SasToken): void {
    if (token.expiry * 1000 > this.#sources.clock()) return;
    throw refused(
      `The token expired at ${new Date(Math.min(token.expiry * 1000, LATEST_EXPIRY)).toISOString()}: make a new one.`,
      'tokenExpired',
    );
  }

  /** True when the token's resource is the identity's or lies above it. */
  #covers(token: SasToken, name: IdentityName): boolean {
    const path = this.#sources.names.pathOf(token.resource);
    if (path === undefined) return false;
    const given = segments(path);
    const wanted = ['devices', name.deviceId, ...(name.moduleId === null ? [] : ['modules', name.moduleId])];
    return given.length <= wanted.length && given.every((segment, at) => segment === wanted[at] || plain(segment) === wanted[at]);
  }
}

function expiryOf(token: SasToken): number {
  return Math.min(token.expiry * 1000, LATEST_EXPIRY);
}

function segments(path: string): string[] {
  return path.split('/').filter((segment) => segment !== '');
}

function plain(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function scopeOf(path: string): IdentityName | null {
  const [devices, deviceId, modules, moduleId] = segments(path);
  if (devices !== 'devices' || deviceId === undefined) return null;
  return { deviceId: plain(deviceId), moduleId: modules === 'modules' && moduleId !== undefined ? plain(moduleId) : null };
}

function refused(message: string, reason: HubReason): HubError {
  return new HubError('IotHubUnauthorized', message, reason);
}
