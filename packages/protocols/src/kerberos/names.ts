/** Message types of Kerberos 5 (RFC 4120, 7.5.7) as Wireshark numbers `kerberos.msg_type`, error codes (7.5.9), and what can be wrong. */
export const Message = { AsRequest: 10, AsReply: 11, TgsRequest: 12, TgsReply: 13, ApRequest: 14, ApReply: 15, Error: 30 } as const;
const MESSAGES: Readonly<Record<number, string>> = {
  [Message.AsRequest]: 'AS-REQ',
  [Message.AsReply]: 'AS-REP',
  [Message.TgsRequest]: 'TGS-REQ',
  [Message.TgsReply]: 'TGS-REP',
  [Message.ApRequest]: 'AP-REQ',
  [Message.ApReply]: 'AP-REP',
  [Message.Error]: 'KRB-ERROR',
};
export const isMessage = (type: number): boolean => type in MESSAGES;
export const messageName = (type: number): string => MESSAGES[type] ?? `Message type ${type}`;

/** Pre-authentication data that proves who asks (RFC 4120, 7.5.2; RFC 4556, RFC 6113): a sign-in. */
export const PROOFS: ReadonlySet<number> = new Set([2, 14, 16, 138]);
/** Pre-authentication data that holds an AP-REQ. */
export const TGS_PROOF = 1;

/** Errors by which a sign-in is refused: client unknown, revoked, password expired, pre-authentication failed. */
export const REFUSALS: ReadonlySet<number> = new Set([6, 18, 23, 24]);
/** Errors that belong to every exchange: pre-authentication is wanted, the answer needs TCP. */
export const USUAL: ReadonlySet<number> = new Set([25, 52]);
const ERRORS: Readonly<Record<number, string>> = {
  6: 'client not found',
  7: 'server not found',
  12: 'policy rejects the request',
  14: 'encryption type not supported',
  18: 'client credentials revoked',
  23: 'password expired',
  24: 'pre-authentication failed',
  31: 'integrity check failed',
  32: 'ticket expired',
  37: 'clock skew too great',
  41: 'message modified',
  68: 'wrong realm',
};
export const errorName = (code: number): string => ERRORS[code] ?? `error code ${code}`;

/** What a Kerberos message can break. */
export const VIOLATIONS = {
  /** The elements do not fit into the message. */
  'kerberos.message': { malformed: true },
} as const;
