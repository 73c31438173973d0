/**
 * Certificate authorities of device makers. One counts for devices only after its owner has proved to have its key: the hub
 * gives a code, the owner signs a certificate whose common name is the code.
 */
import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { needRight, type ServiceCaller } from '../authentication/caller.ts';
import { commonName, leadsTo, plainThumbprint } from '../authentication/certificate-chain.ts';
import { HubError } from '../hub-error.ts';
import type { HubDocument } from '../state/hub-records.ts';
import type { Deed, HubContext } from './context.ts';

/** Certificates a hub keeps (IoT Hub limit). */
const MOST_CERTIFICATES = 25;
const NAME = /^[A-Za-z0-9\-._]{1,64}$/;

export interface HubCertificate {
  readonly name: string;
  readonly etag: string;
  /** PEM. */
  readonly certificate: string;
  readonly subject: string;
  readonly thumbprint: string;
  /** Milliseconds since 1970. */
  readonly expiry: number;
  readonly created: number;
  readonly updated: number;
  readonly isVerified: boolean;
  readonly verificationCode: string | null;
}

type Stored = Omit<HubCertificate, 'name' | 'etag'>;

export class CertificateBook {
  readonly #context: HubContext;
  #authorities: readonly X509Certificate[] = [];

  private constructor(context: HubContext) {
    this.#context = context;
  }

  static async open(context: HubContext): Promise<CertificateBook> {
    const book = new CertificateBook(context);
    await book.#load();
    return book;
  }

  /** Authorities whose owner has been verified. */
  get authorities(): readonly X509Certificate[] {
    return this.#authorities;
  }

  async list(caller: ServiceCaller): Promise<HubCertificate[]> {
    return this.#perform(caller, 'get', async () => (await this.#context.askHub('documents', { kind: 'certificate' })).map(certificateOf));
  }

  /** @throws HubError CertificateNotFound */
  async get(caller: ServiceCaller, name: string): Promise<HubCertificate> {
    return this.#perform(caller, 'get', () => this.#get(name));
  }

  /**
   * Adds an authority or replaces it.
   * @param text PEM, or base64 of DER
   * @param isVerified true when whoever adds it vouches for its owner
   * @throws HubError ArgumentInvalid, PreconditionFailed, QuotaExceeded
   */
  async put(caller: ServiceCaller, name: string, text: string, isVerified: boolean, ifMatch: string | null): Promise<HubCertificate> {
    return this.#perform(caller, 'create', async () => {
      if (!NAME.test(name))
        throw new HubError('ArgumentInvalid', `${JSON.stringify(name.slice(0, 80))} is no name: use letters, digits, - . _ (1 to 64).`);
      const parsed = parseCertificate(text);
      if (!parsed.ca) throw new HubError('ArgumentInvalid', 'The certificate is not one of a certificate authority (basic constraints).');
      const now = this.#context.clock();
      const stored: Stored = {
        certificate: parsed.toString(),
        subject: commonName(parsed) ?? parsed.subject,
        thumbprint: plainThumbprint(parsed.fingerprint),
        expiry: parsed.validToDate.getTime(),
        created: now,
        updated: now,
        isVerified,
        verificationCode: null,
      };
      return this.#write(name, stored, ifMatch);
    });
  }

  /** A new code to sign. @throws HubError CertificateNotFound, PreconditionFailed */
  async generateVerificationCode(caller: ServiceCaller, name: string, ifMatch: string | null): Promise<HubCertificate> {
    return this.#perform(caller, 'verify', async () => {
      const { etag, name: _, ...stored } = await this.#get(name);
      const verificationCode = randomBytes(30).toString('hex').toUpperCase();
      return this.#write(name, { ...stored, verificationCode, updated: this.#context.clock() }, ifMatch ?? etag);
    });
  }

  /** Takes the certificate that the owner signed with the code. @throws HubError CertificateNotFound, ArgumentInvalid */
  async verify(caller: ServiceCaller, name: string, text: string, ifMatch: string | null): Promise<HubCertificate> {
    return this.#perform(caller, 'verify', async () => {
      const { etag, name: _, ...stored } = await this.#get(name);
      const proof = parseCertificate(text);
      const now = this.#context.clock();
      if (stored.verificationCode === null) throw new HubError('InvalidOperation', `Ask for a verification code of ${name} first.`);
      if (commonName(proof) !== stored.verificationCode)
        throw new HubError('ArgumentInvalid', `The certificate's common name is not the verification code of ${name}.`);
      if (!leadsTo(proof, [new X509Certificate(stored.certificate)], now))
        throw new HubError('ArgumentInvalid', `The certificate was not signed with the key of ${name}, or is not valid now.`);
      return this.#write(name, { ...stored, isVerified: true, verificationCode: null, updated: now }, ifMatch ?? etag);
    });
  }

  /** @throws HubError CertificateNotFound, PreconditionFailed */
  async delete(caller: ServiceCaller, name: string, ifMatch: string | null): Promise<void> {
    return this.#perform(caller, 'delete', async () => {
      const { etag } = await this.#get(name);
      if (ifMatch !== null && ifMatch !== '*' && ifMatch !== etag)
        throw new HubError('PreconditionFailed', `The certificate ${name} was changed by somebody else: read it again.`);
      await this.#context.askHub('removeDocument', { kind: 'certificate', name });
      await this.#load();
    });
  }

  async #get(name: string): Promise<HubCertificate> {
    const document = await this.#context.askHub('document', { kind: 'certificate', name });
    if (!document) throw new HubError('CertificateNotFound', `There is no certificate ${name}.`);
    return certificateOf(document);
  }

  async #write(name: string, stored: Stored, ifMatch: string | null): Promise<HubCertificate> {
    const document = { name, etag: randomUUID(), body: JSON.stringify(stored) };
    await this.#context.askHub('setDocument', { kind: 'certificate', document, ifMatch, limit: MOST_CERTIFICATES });
    await this.#load();
    return certificateOf(document);
  }

  async #load(): Promise<void> {
    const documents = await this.#context.askHub('documents', { kind: 'certificate' });
    this.#authorities = documents
      .map(certificateOf)
      .flatMap(({ isVerified, certificate }) => (isVerified ? [new X509Certificate(certificate)] : []));
  }

  #perform<T>(caller: ServiceCaller, operation: 'create' | 'delete' | 'verify' | 'get', act: () => Promise<T>): Promise<T> {
    const deed: Deed = { category: 'Certificates', operation, target: null, throttle: 'registry', writes: operation !== 'get' };
    return this.#context.perform(caller, deed, () => {
      needRight(caller, operation === 'get' ? 'RegistryRead' : 'RegistryWrite', null);
      return act();
    });
  }
}

function certificateOf({ name, etag, body }: HubDocument): HubCertificate {
  // Written by CertificateBook.
  return { name, etag, ...(JSON.parse(body) as Stored) };
}

function parseCertificate(text: string): X509Certificate {
  try {
    return new X509Certificate(text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64'));
  } catch {
    throw new HubError('ArgumentInvalid', 'This is no X.509 certificate in PEM or in base64.');
  }
}
