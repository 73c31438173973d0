/**
 * Where users, sessions and API tokens are kept; `Accounts` of the store is one. Passwords are kept as Argon2id hashes,
 * sessions and tokens as SHA-256 of a random 256-bit secret, so that a copy of the records signs nobody in.
 */
import type { AccountRecords, Passkey, SecondFactor, Session, Token, User } from '@annunciator/store/accounts';

export type { AccountRecords, Passkey, SecondFactor, Session, Token, User };

export interface AccountStore {
  load(): Promise<AccountRecords>;
  /** Replaces all records at once; durable when the promise resolves. */
  save(records: AccountRecords): Promise<void>;
}

/** Records in memory only, for tests and trials. */
export class MemoryAccountStore implements AccountStore {
  #records: AccountRecords = { users: [], sessions: [], tokens: [] };

  load(): Promise<AccountRecords> {
    return Promise.resolve(this.#records);
  }

  save(next: AccountRecords): Promise<void> {
    this.#records = structuredClone(next);
    return Promise.resolve();
  }
}
