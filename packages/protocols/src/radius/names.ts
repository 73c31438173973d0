/** Codes of RADIUS (RFC 2865, 4; RFC 2866, 4; RFC 5176, 2.3; RFC 5997) as Wireshark numbers `radius.code`, attributes that are read, and what can be wrong. */
export const Code = { AccessRequest: 1, AccessAccept: 2, AccessReject: 3, AccessChallenge: 11 } as const;
const CODES: Readonly<Record<number, string>> = {
  [Code.AccessRequest]: 'Access-Request',
  [Code.AccessAccept]: 'Access-Accept',
  [Code.AccessReject]: 'Access-Reject',
  4: 'Accounting-Request',
  5: 'Accounting-Response',
  [Code.AccessChallenge]: 'Access-Challenge',
  12: 'Status-Server',
  13: 'Status-Client',
  40: 'Disconnect-Request',
  41: 'Disconnect-ACK',
  42: 'Disconnect-NAK',
  43: 'CoA-Request',
  44: 'CoA-ACK',
  45: 'CoA-NAK',
};
export const isCode = (code: number): boolean => code in CODES;
export const codeName = (code: number): string => CODES[code] ?? `Code ${code}`;
/** Codes that ask; all others answer. */
export const REQUESTS: ReadonlySet<number> = new Set([Code.AccessRequest, 4, 12, 13, 40, 43]);

export const Attribute = { UserName: 1, EapMessage: 79 } as const;

/** Methods of EAP that carry TLS: EAP-TLS (RFC 5216), EAP-TTLS (RFC 5281), PEAP. */
export const EAP_OF_TLS: ReadonlySet<number> = new Set([13, 21, 25]);
export const Eap = { Request: 1, Response: 2, LengthIncluded: 0x80, MoreFragments: 0x40 } as const;

/** What a RADIUS packet can break. */
export const VIOLATIONS = {
  /** The length is under 20, over 4096, or beyond the datagram. */
  'radius.length': { malformed: true },
  /** An attribute is shorter than its own header or runs past the packet. */
  'radius.attribute': { malformed: true },
  /** A code that no RADIUS has. */
  'radius.code': { malformed: false },
} as const;
export type RadiusViolation = keyof typeof VIOLATIONS;
