/**
 * Secrets at rest (private keys, passwords of mail servers), sealed with AES-256-GCM.
 *
 * The key is in the environment (`ANNUNCIATOR_KEY`, 32 bytes in base64), or in a file of the data directory that only its
 * owner may read. The name of a secret is bound to it, so that one cannot be put in another's place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, sqlite, statement } from './database.ts';
import { StoreError } from './store-error.ts';

const KEY_BYTES = 32;
const KEY_FILE = 'secret.key';

/** The key from the environment, else from the data directory, where it is made on the first start. */
export async function openKey(directory: string, environment: string | undefined = process.env['ANNUNCIATOR_KEY']): Promise<Buffer> {
  if (environment) return checked(environment, 'ANNUNCIATOR_KEY');
  const path = join(directory, KEY_FILE);
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return checked(await readFile(path, 'utf8'), path);
}

function checked(text: string, origin: string): Buffer {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new StoreError('bad-key', `${origin} must hold ${KEY_BYTES} bytes in base64, it holds ${key.length}: restore it from a backup.`);
}

export class Secrets {
  readonly #database: Database;
  readonly #key: Buffer;

  constructor(database: Database, key: Buffer) {
    this.#database = database;
    this.#key = key;
  }

  async names(): Promise<string[]> {
    return (await this.#database.read(sqlite.selectFrom('secrets').select('name').orderBy('name'))).map((row) => row.name);
  }

  /** The secret, undefined when there is none. @throws StoreError `bad-key` when it was sealed with another key or changed. */
  async get(name: string): Promise<string | undefined> {
    const row = await this.#database.readFirst(sqlite.selectFrom('secrets').select('sealed').where('name', '=', name));
    return row && this.#unseal(name, row.sealed);
  }

  set(name: string, secret: string): Promise<void> {
    const row = { name, sealed: this.#seal(name, secret) };
    return this.#database.write([
      statement(
        sqlite
          .insertInto('secrets')
          .values(row)
          .onConflict((conflict) => conflict.column('name').doUpdateSet(row)),
      ),
    ]);
  }

  remove(name: string): Promise<void> {
    return this.#database.write([statement(sqlite.deleteFrom('secrets').where('name', '=', name))]);
  }

  #seal(name: string, secret: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(name));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return [nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url')).join('.');
  }

  #unseal(name: string, text: string): string {
    try {
      const [nonce, tag, sealed] = text.split('.').map((part) => Buffer.from(part, 'base64url'));
      const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(name)).setAuthTag(tag);
      return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
    } catch {
      throw new StoreError(
        'bad-key',
        `The secret "${name}" does not open with the present key: restore the key it was saved with, or enter it again.`,
      );
    }
  }
}
