/**
 * Encryption of secrets at rest (private keys, passwords of mail servers) with AES-256-GCM.
 *
 * The key is a file of its own, readable by its owner only, so that a copy of the data without it discloses nothing.
 * Text form: `v1.<nonce>.<tag>.<ciphertext>`, base64url; the name of the secret is bound to it as associated data.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writePrivateFile } from './private-file.ts';

const KEY_BYTES = 32;

export class SecretBox {
  readonly #key: Buffer;

  constructor(key: Buffer) {
    if (key.length !== KEY_BYTES) throw new Error(`The secret key must have ${KEY_BYTES} bytes, this one has ${key.length}.`);
    this.#key = key;
  }

  /** Opens the key file, or makes one on the first start. */
  static async open(path: string): Promise<SecretBox> {
    try {
      return new SecretBox(Buffer.from((await readFile(path, 'utf8')).trim(), 'base64'));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    const key = randomBytes(KEY_BYTES);
    await writePrivateFile(path, `${key.toString('base64')}\n`);
    return new SecretBox(key);
  }

  seal(name: string, secret: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name));
    const body = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return ['v1', nonce.toString('base64url'), cipher.getAuthTag().toString('base64url'), body.toString('base64url')].join('.');
  }

  /** Throws when the text was changed, belongs to another name, or was sealed with another key. */
  unseal(name: string, sealed: string): string {
    const [version, nonce = '', tag = '', body = ''] = sealed.split('.');
    if (version !== 'v1') throw new Error(`The secret ${name} has an unknown form: restore it from a backup or set it again.`);
    const decipher = createDecipheriv('aes-256-gcm', this.#key, Buffer.from(nonce, 'base64url'), { authTagLength: 16 })
      .setAAD(Buffer.from(name))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    return Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]).toString('utf8');
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
