/**
 * The second factor: codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds, as every app makes them)
 * and recovery codes for the day the app or the passkeys are lost. A code is good once.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { User } from '@annunciator/store/accounts';
import { Secret, TOTP } from 'otpauth';

const PERIOD = 30;
/** Steps before and after the present one whose codes are taken, for clocks that differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789';

/** A new secret in base32, 160 bits. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** What an authenticator app reads as a QR code. */
export function totpUri(secret: string, user: string): string {
  return new TOTP({ issuer: 'Annunciator', label: user, secret: Secret.fromBase32(secret), period: PERIOD }).toString();
}

/** Whether a code is written as apps show it; recovery codes are longer. */
export function isCodeOfApp(code: string): boolean {
  return /^\d{6}$/.test(withoutSpaces(code));
}

function withoutSpaces(code: string): string {
  return code.replaceAll(/\s/g, '');
}

/** Number of the time step whose code this is, null when it is none of about now. @param now milliseconds since 1970 */
export function stepOfCode(secret: string, code: string, now: number): number | null {
  if (!isCodeOfApp(code)) return null;
  const token = withoutSpaces(code);
  const delta = new TOTP({ secret: Secret.fromBase32(secret), period: PERIOD }).validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? null : Math.floor(now / 1000 / PERIOD) + delta;
}

/**
 * The user after a code of the app or a recovery code was used, null when it is wrong or was used before.
 * @param secret of the app, undefined when there is none
 */
export function afterCode(user: User, secret: string | undefined, code: string, now: number): User | null {
  const { secondFactor } = user;
  const step = secondFactor && secret !== undefined ? stepOfCode(secret, code, now) : null;
  if (secondFactor && step !== null)
    return step > secondFactor.lastStep ? { ...user, secondFactor: { ...secondFactor, lastStep: step } } : null;
  const hash = hashOfRecovery(code);
  const recovery = user.recovery.filter((other) => other !== hash);
  return recovery.length < user.recovery.length ? { ...user, recovery } : null;
}

/** Recovery codes stand in for an app or a passkey: they go with the last of them. */
export function withoutIdleCodes(user: User): User {
  return user.secondFactor || user.passkeys.length > 0 ? user : { ...user, recovery: [] };
}

/** Codes to write down, 79 bits each, and what is kept of them. */
export function newRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: RECOVERY_CODES }, () => {
    // 248 is the largest multiple of 31 in a byte: what lies above would favour the first letters.
    const letters: string[] = [];
    while (letters.length < 16)
      for (const byte of randomBytes(16)) if (byte < 248 && letters.length < 16) letters.push(LETTERS[byte % 31] ?? '');
    return [0, 4, 8, 12].map((start) => letters.slice(start, start + 4).join('')).join('-');
  });
  return { codes, hashes: codes.map(hashOfRecovery) };
}

function hashOfRecovery(code: string): string {
  return createHash('sha256')
    .update(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''))
    .digest('base64url');
}
