/**
 * The records of users, sessions and tokens: read from memory, changed one after the other, and shown only when they are
 * durable. Values are never changed in place: what another request holds stays as it was.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccountRecords, AccountStore, User } from './account-store.ts';

/** The records while a change is made: lists are replaced, never changed in place. */
export type Draft = { -readonly [Key in keyof AccountRecords]: AccountRecords[Key] };

export class AccountState {
  readonly #store: AccountStore;
  #records: AccountRecords;
  #writes: Promise<unknown> = Promise.resolve();
  readonly #listeners = new Set<() => void>();

  private constructor(store: AccountStore, records: AccountRecords) {
    this.#store = store;
    this.#records = records;
  }

  static async open(store: AccountStore): Promise<AccountState> {
    return new AccountState(store, await store.load());
  }

  get records(): AccountRecords {
    return this.#records;
  }

  user(id: string): User | undefined {
    return this.#records.users.find((user) => user.id === id);
  }

  userNamed(name: string): User | undefined {
    return this.#records.users.find((user) => sameName(user.name, name));
  }

  /** Applies a change to a copy, saves it, then shows it; a failed save changes nothing. */
  change(apply: (records: Draft) => void): Promise<void> {
    const turn = this.#writes.then(async () => {
      const next: Draft = { ...this.#records };
      apply(next);
      await this.#store.save(next);
      this.#records = next;
      for (const listener of this.#listeners) listener();
    });
    this.#writes = turn.catch(() => undefined);
    return turn;
  }

  /** Calls the listener after each change that is durable, until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changeUser(id: string, to: (user: User) => User): Promise<void> {
    return this.change((records) => {
      records.users = records.users.map((user) => (user.id === id ? to(user) : user));
    });
  }

  /** Shows a change at once that reaches the store with the next one: when something was used last. */
  note(apply: (records: AccountRecords) => Partial<AccountRecords>): void {
    this.#records = { ...this.#records, ...apply(this.#records) };
  }
}

/** Compares two texts in a time that does not tell where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());
}

export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** 256 random bits. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret: no salt is needed for what cannot be guessed. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
