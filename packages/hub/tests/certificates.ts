/** Certificates for tests: an authority, server certificates, device certificates of every kind. */
import 'reflect-metadata';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY = 86_400_000;

export interface KeyAndCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface Authority extends KeyAndCertificate {
  readonly issuer: x509.X509Certificate;
  readonly signingKey: CryptoKey;
}

async function pem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const issuer = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + 365 * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return { issuer, signingKey: keys.privateKey, key: await pem(keys.privateKey), cert: issuer.toString('pem') };
}

/** A certificate of an authority. @param days until it ends; negative for one that has expired */
export async function issue(
  authority: Authority,
  name: string,
  { names = [], days = 30, ca = false }: { names?: string[]; days?: number; ca?: boolean } = {},
): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: authority.issuer.subject,
    notBefore: new Date(Date.now() - 60 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(ca, undefined, true),
      ...(names.length > 0
        ? [
            new x509.SubjectAlternativeNameExtension(
              names.map((one) => ({ type: isIP(one) ? ('ip' as const) : ('dns' as const), value: one })),
            ),
          ]
        : []),
    ],
  });
  return { issuer: certificate, signingKey: keys.privateKey, key: await pem(keys.privateKey), cert: certificate.toString('pem') };
}

/** A certificate that signed itself. */
export async function selfSigned(name: string, days = 30): Promise<KeyAndCertificate & { thumbprint: string }> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - 60 * DAY),
    notAfter: new Date(Date.now() + days * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
  });
  const thumbprint = Buffer.from(await certificate.getThumbprint('SHA-256')).toString('hex');
  return { key: await pem(keys.privateKey), cert: certificate.toString('pem'), thumbprint };
}
