/** Messages of the frontend/backend protocol of PostgreSQL, version 3 (PostgreSQL documentation, 55.7), by their type byte. */
const TO_SERVER: Readonly<Record<string, string>> = {
  B: 'Bind',
  C: 'Close',
  d: 'Copy data',
  c: 'Copy completion',
  f: 'Copy failure',
  D: 'Describe',
  E: 'Execute',
  H: 'Flush',
  F: 'Function call',
  p: 'Password message',
  P: 'Parse',
  Q: 'Simple query',
  S: 'Sync',
  X: 'Termination',
};
const TO_CLIENT: Readonly<Record<string, string>> = {
  R: 'Authentication request',
  K: 'Backend key data',
  '2': 'Bind completion',
  '3': 'Close completion',
  C: 'Command completion',
  d: 'Copy data',
  c: 'Copy completion',
  G: 'Copy in response',
  H: 'Copy out response',
  D: 'Data row',
  I: 'Empty query',
  E: 'Error',
  V: 'Function call response',
  v: 'Negotiate protocol version',
  n: 'No data',
  N: 'Notice',
  A: 'Notification',
  t: 'Parameter description',
  S: 'Parameter status',
  '1': 'Parse completion',
  s: 'Portal suspended',
  Z: 'Ready for query',
  T: 'Row description',
};

export const isRequest = (type: number): boolean => TO_SERVER[String.fromCharCode(type)] !== undefined;
export const isAnswer = (type: number): boolean => TO_CLIENT[String.fromCharCode(type)] !== undefined;

/** Operation codes: the type byte, 0x100 more from the server, and the steps without one. */
export const ANSWER = 0x100;
export const Step = { Startup: 0x200, Tls: 0x201, Cancel: 0x202 } as const;

export function operationName(code: number): string {
  if (code >= Step.Startup) return ['Startup message', 'SSL request', 'Cancel request'][code - Step.Startup] ?? `Step ${code}`;
  const type = String.fromCharCode(code & 0xff);
  return (code >= ANSWER ? TO_CLIENT[type] : TO_SERVER[type]) ?? `Message ${type}`;
}

/** Codes in the place of a protocol version (55.2.10, 55.7). */
export const VERSION_3 = 3;
export const SSL_REQUEST = 80_877_103;
export const GSS_REQUEST = 80_877_104;
export const CANCEL_REQUEST = 80_877_102;

/** States of SQL that refuse a sign-in: invalid authorization, invalid password (Appendix A, class 28). */
export const refusesSignIn = (state: string): boolean => state === '28000' || state === '28P01';

/** What a PostgreSQL message can break. */
export const VIOLATIONS = {
  /** A length shorter than its own four bytes. */
  'postgresql.length': { malformed: true },
} as const;
