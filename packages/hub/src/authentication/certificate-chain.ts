/** Device certificates: thumbprints, and chains up to a certificate authority that the hub trusts. */
import { X509Certificate } from 'node:crypto';

/** Certificates between a device's and the authority's; longer chains are refused. */
const MAX_CHAIN = 6;

/** The certificate a client presented; its issuers hang on it as far as the client sent them. */
export type PeerCertificate = X509Certificate;

/** Hex without separators, upper case, as thumbprints are compared. */
export function plainThumbprint(text: string): string {
  return text.replaceAll(/[:\s]/g, '').toUpperCase();
}

/** True when the certificate's SHA-1 or SHA-256 is one of the thumbprints. */
export function hasThumbprint(certificate: PeerCertificate, thumbprints: readonly (string | null)[]): boolean {
  const own = [plainThumbprint(certificate.fingerprint), plainThumbprint(certificate.fingerprint256)];
  return thumbprints.some((thumbprint) => thumbprint !== null && own.includes(plainThumbprint(thumbprint)));
}

export function isExpired(certificate: X509Certificate, now: number): boolean {
  return certificate.validToDate.getTime() < now;
}

function isValidAt(certificate: X509Certificate, now: number): boolean {
  return !isExpired(certificate, now) && certificate.validFromDate.getTime() <= now;
}

function wasIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    // A key of a kind that cannot verify this signature.
    return false;
  }
}

/** True when the certificate leads, over what the client sent, to one of the authorities, all of them valid now. */
export function leadsTo(certificate: PeerCertificate, authorities: readonly X509Certificate[], now: number): boolean {
  let current: X509Certificate | undefined = certificate;
  for (let depth = 0; depth < MAX_CHAIN && current; depth++) {
    const subject: X509Certificate = current;
    if (!isValidAt(subject, now)) return false;
    if (authorities.some((authority) => isValidAt(authority, now) && wasIssuedBy(subject, authority))) return true;
    const issuer: X509Certificate | undefined = subject.issuerCertificate;
    current = issuer && issuer.fingerprint256 !== subject.fingerprint256 && wasIssuedBy(subject, issuer) ? issuer : undefined;
  }
  return false;
}

/** The common name of the subject, undefined when there is none. */
export function commonName(certificate: X509Certificate): string | undefined {
  const line = certificate.subject?.split('\n').findLast((part) => part.startsWith('CN='));
  return line?.slice(3);
}
