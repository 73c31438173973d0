/** Codes that are asked for beside the password: those of an authenticator app, whose secret is sealed, and recovery codes. */
import type { SecondFactor, Session, User } from './account-store.ts';
import type { AccountState } from './account-state.ts';
import { RequestError } from '../http/request-error.ts';
import { afterCode, isCodeOfApp, newRecoveryCodes, newTotpSecret, stepOfCode, withoutIdleCodes } from './second-factor.ts';

/** Milliseconds within which an app that was begun has to be confirmed. */
const ENROLMENT = 600_000;

/** Secrets at rest, sealed: `Secrets` of the store. */
export interface SealedSecrets {
  get(name: string): Promise<string | undefined>;
  set(name: string, secret: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export class Codes {
  readonly #state: AccountState;
  readonly #secrets: SealedSecrets;
  readonly #clock: () => number;
  /** Apps that were begun and not confirmed, by user. */
  readonly #enrolling = new Map<string, { readonly secret: string; readonly until: number }>();

  constructor(state: AccountState, secrets: SealedSecrets, clock: () => number) {
    this.#state = state;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** Begins an authenticator app: the secret for it, to be confirmed with a code of it within ten minutes. */
  begin(user: User): string {
    if (user.secondFactor) throw new RequestError(409, 'has_second_factor', 'There is a second factor already: take it away first.');
    const secret = newTotpSecret();
    this.#enrolling.set(user.id, { secret, until: this.#clock() + ENROLMENT });
    return secret;
  }

  /** Confirms it with a code of the app. Returns recovery codes to show once; none when the user has some. */
  async confirm(userId: string, code: string): Promise<string[]> {
    const begun = this.#enrolling.get(userId);
    if (!begun || begun.until < this.#clock())
      throw new RequestError(409, 'no_second_factor', 'No second factor was begun within the last ten minutes: begin again.');
    const lastStep = stepOfCode(begun.secret, code, this.#clock());
    if (lastStep === null)
      throw new RequestError(422, 'code_mismatch', 'The code is wrong: look whether the clocks of this computer and of the phone agree.');
    await this.#secrets.set(secretName(userId), begun.secret);
    const secondFactor: SecondFactor = { since: this.#clock(), lastStep };
    const made = newRecoveryCodes();
    let shown: string[] = [];
    await this.#state.changeUser(userId, (user) => {
      shown = user.recovery.length === 0 ? made.codes : [];
      return { ...user, secondFactor, recovery: user.recovery.length === 0 ? made.hashes : user.recovery };
    });
    this.#enrolling.delete(userId);
    return shown;
  }

  /** Takes the authenticator app of a user away. */
  async end(userId: string): Promise<void> {
    if (!this.#state.user(userId)?.secondFactor) throw new RequestError(409, 'no_second_factor', 'There is no second factor.');
    await this.#state.changeUser(userId, (user) => withoutIdleCodes({ ...user, secondFactor: null }));
    await this.forget(userId);
  }

  /** Forgets the secret of a user who is gone. */
  forget(userId: string): Promise<void> {
    return this.#secrets.remove(secretName(userId));
  }

  /** New recovery codes in place of those that are left, to show once. */
  async renew(userId: string): Promise<string[]> {
    const { codes, hashes } = newRecoveryCodes();
    await this.#state.changeUser(userId, (user) => {
      if (!user.secondFactor && user.passkeys.length === 0)
        throw new RequestError(409, 'no_second_factor', 'Recovery codes stand in for a second factor or a passkey: set one up first.');
      return { ...user, recovery: hashes };
    });
    return codes;
  }

  /** Uses up a code. @throws RequestError `wrong_code` */
  async use(user: User, code: string): Promise<Session['method']> {
    const secret = user.secondFactor ? await this.#secrets.get(secretName(user.id)) : undefined;
    let isRight = false;
    await this.#state.changeUser(user.id, (current) => {
      const after = afterCode(current, secret, code, this.#clock());
      isRight = after !== null;
      return after ?? current;
    });
    if (!isRight) throw new RequestError(401, 'wrong_code', 'The code is wrong or was used before: wait for the next one.');
    return isCodeOfApp(code) ? 'password and code' : 'password and recovery code';
  }
}

function secretName(userId: string): string {
  return `second-factor/${userId}`;
}

/** Secrets in memory, for tests and commands. */
export function memorySecrets(): SealedSecrets {
  const kept = new Map<string, string>();
  return {
    get: async (name) => kept.get(name),
    set: async (name, secret) => void kept.set(name, secret),
    remove: async (name) => void kept.delete(name),
  };
}
