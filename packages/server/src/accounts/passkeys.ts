/**
 * Passkeys of local users: added, named and removed by their owner, and used to sign in. A passkey alone signs in, for it is two
 * factors at once; after the password it is the second. `Accounts` counts attempts and starts the session.
 */
import { randomUUID } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { isoBase64URL } from '@simplewebauthn/server/helpers';
import type { Passkey, Session, User } from './account-store.ts';
import { type AccountState, newSecret } from './account-state.ts';
import { Challenges } from './challenges.ts';
import { newRecoveryCodes, withoutIdleCodes } from './second-factor.ts';
import { RequestError } from '../http/request-error.ts';
import { askForKey, askForNewKey, newKeyOf, type Place, useOfKey } from './webauthn.ts';

const PASSKEYS_PER_USER = 20;

/** What a browser answers when it signs in, and what it kept since it began. */
export interface PasskeyAnswer {
  readonly place: Place;
  /** Of {@link Passkeys.beginSignIn}. */
  readonly ticket: string;
  readonly response: AuthenticationResponseJSON;
}

export class Passkeys {
  readonly #state: AccountState;
  readonly #clock: () => number;
  readonly #challenges: Challenges;

  constructor(state: AccountState, clock: () => number) {
    this.#state = state;
    this.#clock = clock;
    this.#challenges = new Challenges(clock);
  }

  /** Begins a passkey of a user who is signed in: what the browser has to be asked for. */
  async beginAdding(user: User, session: Session, place: Place): Promise<PublicKeyCredentialCreationOptionsJSON> {
    checkRoom(user);
    const options = await askForNewKey(place, user);
    this.#challenges.add(session.hash, options.challenge, session.hash);
    return options;
  }

  /** Keeps the passkey that was begun in this session. Tells recovery codes to show once; none when the user has some. */
  async add(
    session: Session,
    given: { readonly name: string; readonly place: Place; readonly response: RegistrationResponseJSON },
  ): Promise<{ passkey: Passkey; recoveryCodes: string[] }> {
    const challenge = this.#challenges.take(session.hash);
    if (challenge === undefined)
      throw new RequestError(422, 'passkey_mismatch', 'No passkey was begun here within the last five minutes: begin again.');
    const key = await newKeyOf(given.place, given.response, challenge);
    const passkey: Passkey = { ...key, id: randomUUID(), name: given.name, created: this.#clock(), lastUsed: null };
    const made = newRecoveryCodes();
    let recoveryCodes: string[] = [];
    await this.#state.change((records) => {
      const user = records.users.find(({ id }) => id === session.userId);
      if (!user) throw new RequestError(404, 'not_found', 'There is no such user.');
      checkRoom(user);
      if (records.users.some(({ passkeys }) => passkeys.some(({ credential }) => credential === key.credential)))
        throw new RequestError(409, 'passkey_known', 'This passkey is registered already: choose another authenticator.');
      recoveryCodes = user.recovery.length === 0 ? made.codes : [];
      const recovery = user.recovery.length === 0 ? made.hashes : user.recovery;
      const after = { ...user, passkeys: [...user.passkeys, passkey], recovery };
      records.users = records.users.map((other) => (other === user ? after : other));
    });
    return { passkey, recoveryCodes };
  }

  /** @throws RequestError 404 when the user has no such passkey */
  async rename(userId: string, id: string, name: string): Promise<Passkey> {
    const passkey = this.#find(userId, id);
    await this.#change(userId, (passkeys) => passkeys.map((other) => (other.id === id ? { ...other, name } : other)));
    return { ...passkey, name };
  }

  /** @throws RequestError 404 when the user has no such passkey */
  async remove(userId: string, id: string): Promise<Passkey> {
    const passkey = this.#find(userId, id);
    await this.#change(userId, (passkeys) => passkeys.filter((other) => other.id !== id));
    return passkey;
  }

  /** Removes all passkeys of a user; tells how many there were. */
  async removeAll(userId: string): Promise<number> {
    const removed = this.#state.user(userId)?.passkeys.length ?? 0;
    if (removed === 0) throw new RequestError(409, 'no_passkey', 'The user has no passkey.');
    await this.#change(userId, () => []);
    return removed;
  }

  /** Begins a sign-in: what the browser has to be asked for, and the ticket that it keeps. */
  async beginSignIn(address: string, place: Place): Promise<{ options: PublicKeyCredentialRequestOptionsJSON; ticket: string }> {
    const options = await askForKey(place);
    const ticket = newSecret();
    this.#challenges.add(ticket, options.challenge, address);
    return { options, ticket };
  }

  /** Whose passkey an answer says that it is of. */
  ownerOf({ id }: Pick<AuthenticationResponseJSON, 'id'>): User | undefined {
    return this.#state.records.users.find(({ passkeys }) => passkeys.some(({ credential }) => credential === id));
  }

  /**
   * Uses a passkey and notes that. Returns its owner.
   * @param owner who it has to be, after a password
   * @throws RequestError when it is not known or not theirs, does not hold, was given before, or its counter went back
   */
  async use({ place, ticket, response }: PasskeyAnswer, owner?: User): Promise<User> {
    const challenge = this.#challenges.take(ticket);
    if (challenge === undefined)
      throw new RequestError(
        401,
        'passkey_expired',
        'This sign-in was begun too long ago or in another browser, or was answered before: begin again.',
      );
    const user = this.ownerOf(response);
    const key = user?.passkeys.find(({ credential, host }) => credential === response.id && host === place.host);
    if (!user || !key)
      throw new RequestError(401, 'passkey_unknown', 'This passkey is not known here: it was removed, or is for another address.');
    const { userHandle } = response.response;
    if ((owner && owner.id !== user.id) || (userHandle !== undefined && userHandle !== isoBase64URL.fromUTF8String(user.id)))
      throw new RequestError(401, 'passkey_unknown', 'This passkey is of another user: choose one of yours.');
    const { counter, synced } = await useOfKey(place, key, response, challenge);
    await this.#change(user.id, (passkeys) => {
      const current = passkeys.find(({ id }) => id === key.id);
      if (!current) throw new RequestError(401, 'passkey_unknown', 'This passkey was removed.');
      // Authenticators that do not count say 0 each time.
      if ((counter > 0 || current.counter > 0) && counter <= current.counter) {
        const what = `The passkey ${current.name} counts back, so there may be a copy of it`;
        throw new RequestError(401, 'passkey_copied', `${what}: remove it, and add a new one.`);
      }
      const used = { ...current, counter, synced, lastUsed: this.#clock() };
      return passkeys.map((other) => (other === current ? used : other));
    });
    return user;
  }

  #find(userId: string, id: string): Passkey {
    const passkey = this.#state.user(userId)?.passkeys.find((other) => other.id === id);
    if (!passkey) throw new RequestError(404, 'not_found', 'There is no such passkey of yours.');
    return passkey;
  }

  #change(userId: string, to: (passkeys: readonly Passkey[]) => readonly Passkey[]): Promise<void> {
    return this.#state.changeUser(userId, (user) => withoutIdleCodes({ ...user, passkeys: to(user.passkeys) }));
  }
}

function checkRoom({ passkeys }: User): void {
  if (passkeys.length >= PASSKEYS_PER_USER)
    throw new RequestError(409, 'too_many', `You have ${PASSKEYS_PER_USER} passkeys: remove one that is no longer used.`);
}
