/**
 * Certificates for HTTPS: issued by a certificate authority of our own that is made on the first start, or the user's.
 *
 * EC P-256. The authority lives ten years and signs nothing but this server's certificate, which lives 90 days and is
 * renewed 30 days before its end. Keys are kept sealed by the store.
 */
import 'reflect-metadata';
import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);

const DAY = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 90;
const RENEW_DAYS = 30;
/** Clocks of clients may be slow. */
const BACKDATED = DAY;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Key and chain as PEM. */
export interface Tls {
  readonly key: string;
  readonly cert: string;
}

/** Where keys are kept; `Secrets` of the store. */
export interface KeyStore {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
}

export interface Issued extends Tls {
  /** The authority's certificate, for clients to trust. */
  readonly authority: string;
  /** Milliseconds since 1970 at which to renew. */
  readonly renewAt: number;
}

/** Names and addresses of this machine, and those given. */
export function serverNames(given: readonly string[] = []): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).filter((entry) => !entry.address.startsWith('fe80')).map((entry) => entry.address),
  );
  return [...new Set(['localhost', hostname(), ...addresses, ...given])].sort();
}

/** The server's certificate: the kept one while it is good and names the same, else a new one from the kept authority. */
export async function issuedCertificate(store: KeyStore, names: readonly string[], now = Date.now()): Promise<Issued> {
  const authority = await openAuthority(store, now);
  const kept = await readKept(store);
  if (kept && kept.renewAt > now && kept.names === names.join() && kept.authority === authority.certificate) return kept;
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=Annunciator',
    issuer: new x509.X509Certificate(authority.certificate).subject,
    notBefore: new Date(now - BACKDATED),
    notAfter: new Date(now + CERTIFICATE_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: authority.key,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
    ],
  });
  const issued = {
    key: await keyPem(keys.privateKey),
    cert: `${certificate.toString('pem')}\n${authority.certificate}\n`,
    authority: authority.certificate,
    renewAt: now + (CERTIFICATE_DAYS - RENEW_DAYS) * DAY,
    names: names.join(),
  };
  await store.set('tls.server', JSON.stringify(issued));
  return issued;
}

async function openAuthority(store: KeyStore, now: number): Promise<{ certificate: string; key: CryptoKey }> {
  const kept = await store.get('tls.authority');
  if (kept !== undefined) {
    // Written by the lines below and sealed by the store.
    const { certificate, key } = JSON.parse(kept) as { certificate: string; key: string };
    return {
      certificate,
      key: await crypto.subtle.importKey('pkcs8', x509.PemConverter.decode(key)[0] ?? new ArrayBuffer(0), ALGORITHM, false, ['sign']),
    };
  }
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const created = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=Annunciator authority of ${hostname().replace(/[^A-Za-z0-9.-]/g, '-')}`,
    notBefore: new Date(now - BACKDATED),
    notAfter: new Date(now + AUTHORITY_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  const certificate = created.toString('pem');
  await store.set('tls.authority', JSON.stringify({ certificate, key: await keyPem(keys.privateKey) }));
  return { certificate, key: keys.privateKey };
}

async function readKept(store: KeyStore): Promise<(Issued & { names: string }) | undefined> {
  const kept = await store.get('tls.server');
  // Written above and sealed by the store.
  return kept === undefined ? undefined : (JSON.parse(kept) as Issued & { names: string });
}

async function keyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** 128 random bits, positive (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
