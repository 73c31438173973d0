/**
 * An authenticator in software (W3C Web Authentication, 6): makes P-256 keys and signs with them, with the bytes that browsers
 * send. What real ones never do can be asked of it: another origin, a counter that goes back, a user who is not verified.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

const PRESENT = 0x01;
const VERIFIED = 0x04;
const ATTESTED = 0x40;

interface Key {
  readonly id: Buffer;
  readonly host: string;
  readonly userHandle: string;
  readonly privateKey: KeyObject;
}

export class Authenticator {
  readonly keys: Key[] = [];
  /** Of signatures; 0 does not count. */
  counter = 0;
  /** Asks for a fingerprint or a PIN. */
  verifies = true;
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  create(
    options: PublicKeyCredentialCreationOptionsJSON,
    origin = this.#origin,
    format: 'none' | 'packed' = 'none',
  ): RegistrationResponseJSON {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key: Key = { id: randomBytes(16), host: options.rp.id ?? '', userHandle: options.user.id, privateKey };
    this.keys.push(key);
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    // COSE_Key: kty EC2, alg ES256, crv P-256, x, y.
    const cose = Buffer.concat([
      Buffer.from('a5010203262001215820', 'hex'),
      Buffer.from(x, 'base64url'),
      Buffer.from('225820', 'hex'),
      Buffer.from(y, 'base64url'),
    ]);
    const aaguid = Buffer.alloc(16);
    const data = Buffer.concat([this.#data(key.host, ATTESTED), aaguid, Buffer.from([0, key.id.length]), key.id, cose]);
    // An x5c of one empty certificate where an attestation is asked for.
    const statement = Buffer.from(format === 'none' ? 'a0' : 'a1637835638140', 'hex');
    const text = (word: string): Buffer => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)]);
    const attestation = [Buffer.from([0xa3]), text('fmt'), text(format), text('attStmt'), statement, text('authData')];
    const length = Buffer.from([0x59, data.length >> 8, data.length & 0xff]);
    const id = key.id.toString('base64url');
    return {
      ...envelope(id),
      response: {
        clientDataJSON: clientData('webauthn.create', options.challenge, origin).toString('base64url'),
        attestationObject: Buffer.concat([...attestation, length, data]).toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  /** Signs with its newest key, or another. */
  get(options: PublicKeyCredentialRequestOptionsJSON, origin = this.#origin, key = this.keys.at(-1)): AuthenticationResponseJSON {
    if (!key) throw new Error('The authenticator has no key.');
    const data = this.#data(options.rpId ?? '', 0);
    const client = clientData('webauthn.get', options.challenge, origin);
    const hash = createHash('sha256').update(client).digest();
    return {
      ...envelope(key.id.toString('base64url')),
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', Buffer.concat([data, hash]), key.privateKey).toString('base64url'),
        userHandle: key.userHandle,
      },
    };
  }

  #data(host: string, flags: number): Buffer {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(this.counter);
    const all = PRESENT | (this.verifies ? VERIFIED : 0) | flags;
    return Buffer.concat([createHash('sha256').update(host).digest(), Buffer.from([all]), counter]);
  }
}

function envelope(id: string) {
  return { id, rawId: id, type: 'public-key', clientExtensionResults: {} } as const;
}

function clientData(type: string, challenge: string, origin: string): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}
