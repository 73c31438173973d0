/**
 * Where users, sessions and API tokens are kept. Passwords are kept as Argon2id hashes, sessions and tokens as SHA-256
 * of a random 256-bit secret, so that a copy of the records signs nobody in.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PORTAL_ROLES } from './permissions.ts';
import { writePrivateFile } from './private-file.ts';

const user = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(PORTAL_ROLES),
  passwordHash: z.string(),
  /** Milliseconds since 1970, as all times here. */
  created: z.number(),
  /** True while the password is one that the system printed or an administrator set. */
  passwordIsTemporary: z.boolean(),
});
const session = z.object({
  hash: z.string(),
  userId: z.string(),
  /** What writes have to repeat in the `x-csrf-token` header. */
  csrf: z.string(),
  created: z.number(),
  lastSeen: z.number(),
});
const token = z.object({
  id: z.string(),
  hash: z.string(),
  name: z.string(),
  userId: z.string(),
  role: z.enum(PORTAL_ROLES),
  created: z.number(),
  expires: z.number().nullable(),
  lastUsed: z.number().nullable(),
});
const records = z.object({ users: z.array(user), sessions: z.array(session), tokens: z.array(token) });

export type User = z.infer<typeof user>;
export type Session = z.infer<typeof session>;
export type Token = z.infer<typeof token>;
export type AccountRecords = z.infer<typeof records>;

export interface AccountStore {
  load(): Promise<AccountRecords>;
  /** Durable when the promise resolves. */
  save(records: AccountRecords): Promise<void>;
}

/** Records in memory only, for tests and trials. */
export class MemoryAccountStore implements AccountStore {
  #records: AccountRecords = { users: [], sessions: [], tokens: [] };

  load(): Promise<AccountRecords> {
    return Promise.resolve(structuredClone(this.#records));
  }

  save(next: AccountRecords): Promise<void> {
    this.#records = structuredClone(next);
    return Promise.resolve();
  }
}

/** Records in one private file. Small by nature: people, not devices; sessions are bounded by {@link Accounts}. */
export class FileAccountStore implements AccountStore {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<AccountRecords> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { users: [], sessions: [], tokens: [] };
      throw error;
    }
    const parsed = records.safeParse(JSON.parse(text));
    if (!parsed.success) throw new Error(`The account file ${this.#path} is damaged: restore it from a backup or remove it to start over.`);
    return parsed.data;
  }

  save(next: AccountRecords): Promise<void> {
    return writePrivateFile(this.#path, JSON.stringify(next));
  }
}
