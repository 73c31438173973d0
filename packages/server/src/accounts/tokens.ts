/** API tokens: secrets for programs, of which only the hash is kept. */
import { randomUUID } from 'node:crypto';
import { type Access, accessOf, everywhere, grantsProblem, grantsText, includes } from '@annunciator/core/access';
import type { Console, Role } from '@annunciator/core/roles';
import type { Token } from './account-store.ts';
import { type AccountState, hashSecret, newSecret } from './account-state.ts';
import { RequestError } from '../http/request-error.ts';
import { NOTED_EVERY } from './sessions.ts';

const TOKENS_PER_USER = 100;
export const TOKEN_PREFIX = 'ann_';

export class Tokens {
  readonly #state: AccountState;
  readonly #clock: () => number;
  readonly #console: Console;

  constructor(state: AccountState, clock: () => number, console: Console) {
    this.#state = state;
    this.#clock = clock;
    this.#console = console;
  }

  of(userId: string): readonly Token[] {
    return this.#state.records.tokens.filter((token) => token.userId === userId);
  }

  /** Makes a token of a user. Returns the secret to show once. */
  async create(
    maker: { readonly userId: string; readonly access: Access },
    given: { readonly name: string; readonly role: Role; readonly expires: number | null },
  ): Promise<{ token: Token; secret: string }> {
    const problem = grantsProblem([everywhere(given.role)], this.#console);
    if (problem !== null) throw new RequestError(400, 'bad_request', problem);
    if (!includes(maker.access, accessOf([everywhere(given.role)]))) {
      const own = grantsText(maker.access.grants);
      throw new RequestError(403, 'role_too_high', `You are ${own}: a token of yours cannot be ${given.role}.`);
    }
    const secret = `${TOKEN_PREFIX}${newSecret()}`;
    const { userId } = maker;
    const token: Token = { id: randomUUID(), hash: hashSecret(secret), userId, ...given, created: this.#clock(), lastUsed: null };
    await this.#state.change((records) => {
      if (records.tokens.filter((other) => other.userId === userId).length >= TOKENS_PER_USER)
        throw new RequestError(409, 'too_many_tokens', `You have ${TOKENS_PER_USER} tokens: revoke one that is no longer used.`);
      records.tokens = [...records.tokens, token];
    });
    return { token, secret };
  }

  /** @throws RequestError 404 when the user has no such token */
  async revoke(userId: string, id: string): Promise<Token> {
    const token = this.of(userId).find((other) => other.id === id);
    if (!token) throw new RequestError(404, 'not_found', 'There is no such token of yours.');
    await this.#state.change((records) => {
      records.tokens = records.tokens.filter((other) => other.id !== id);
    });
    return token;
  }

  /** The token of a secret, or undefined when it was revoked or has expired. */
  find(secret: string): Token | undefined {
    const hash = hashSecret(secret);
    const now = this.#clock();
    const token = this.#state.records.tokens.find((other) => other.hash === hash);
    if (!token || (token.expires !== null && token.expires <= now)) return undefined;
    if (token.lastUsed === null || now - token.lastUsed >= NOTED_EVERY)
      this.#state.note(({ tokens }) => ({ tokens: tokens.map((other) => (other.id === token.id ? { ...other, lastUsed: now } : other)) }));
    return token;
  }
}
