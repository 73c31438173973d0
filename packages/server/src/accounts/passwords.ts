/**
 * Password hashing with Argon2id (RFC 9106) from node:crypto, always off the main thread.
 *
 * 19 MiB, two passes, one lane: the OWASP minimum for Argon2id, about 33 ms a check. Stored as a PHC string, so that
 * the cost can be raised later and old hashes still verify.
 */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';

const MEMORY_KIB = 19 * 1024;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
/** Bounds on what a stored string may ask for, so that a damaged record cannot take all memory. */
const MAX_MEMORY_KIB = 1024 * 1024;

export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 256;
const MIN_NAME = 4;

/** Why a new password is refused, or undefined when it is fine. Length counts, composition rules do not (NIST SP 800-63B). */
export function passwordProblem(password: string, userName: string): string | undefined {
  if (password.length < MIN_PASSWORD_LENGTH) return `The password is too short: use at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (password.length > MAX_PASSWORD_LENGTH) return `The password is too long: use at most ${MAX_PASSWORD_LENGTH} characters.`;
  if (new Set(password).size < 4) return 'The password repeats the same few characters: choose one that is harder to guess.';
  // Shorter names stand in any good password by chance.
  if (userName.length >= MIN_NAME && password.toLowerCase().includes(userName.toLowerCase()))
    return 'The password contains the user name: choose another.';
  if (isCommon(password))
    return 'The password is among the first that are tried: choose several words that have nothing to do with each other.';
  return undefined;
}

/** Words that passwords are made of most, without digits and signs. */
const COMMON = new Set(
  (
    'password passwort passw pass admin administrator annunciator welcome letmein changeme default secret iloveyou monkey dragon ' +
    'football baseball sunshine princess master login qwerty qwertz azerty qwertyuiop asdfghjkl qwertyuiopasdfghjkl abcdefghijkl ' +
    'operator engineer siemens schneider rockwell scada control plant factory security company summer winter spring autumn'
  ).split(' '),
);
const RUNS = ['01234567890123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiopasdfghjklzxcvbnm'];

/** One common word or a run of keys, however often, with digits and signs around it. */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  const spelt = plain.replaceAll('0', 'o').replaceAll('@', 'a').replaceAll('$', 's');
  for (const letters of [plain, spelt].map((text) => text.replaceAll(/[^a-z]/g, '')))
    if ([...COMMON].some((word) => letters !== '' && letters.replaceAll(word, '') === '')) return true;
  return RUNS.some((run) => run.includes(plain) || [...run].reverse().join('').includes(plain));
}

/** Argon2id hash of a password with a fresh salt, as `$argon2id$v=19$m=...,t=...,p=...$salt$tag`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await derive(password, salt, MEMORY_KIB, PASSES, LANES, TAG_BYTES);
  return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
}

/** Whether the password belongs to the stored hash. An unreadable hash belongs to no password. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(stored);
  if (!match || password.length > MAX_PASSWORD_LENGTH) return false;
  const [, memory = '', passes = '', lanes = '', salt = '', tag = ''] = match;
  if (Number(memory) > MAX_MEMORY_KIB) return false;
  const expected = Buffer.from(tag, 'base64');
  const actual = await derive(password, Buffer.from(salt, 'base64'), Number(memory), Number(passes), Number(lanes), expected.length);
  return timingSafeEqual(actual, expected);
}

/** A password for people to copy once: 120 bits, no characters that look alike. */
export function oneTimePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const letters = Array.from(randomBytes(24), (byte) => alphabet[byte % alphabet.length] ?? '');
  return [0, 6, 12, 18].map((start) => letters.slice(start, start + 6).join('')).join('-');
}

function derive(password: string, nonce: Buffer, memory: number, passes: number, parallelism: number, tagLength: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message: password.normalize('NFC'), nonce, memory, passes, parallelism, tagLength }, (error, tag) => {
      if (error) reject(error);
      else resolve(Buffer.from(tag));
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
