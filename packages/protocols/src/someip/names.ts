/** Message types and return codes of SOME/IP (AUTOSAR PRS SOME/IP, 4.2.1.3), as Wireshark numbers `someip.messagetype`. */
const TYPES: Readonly<Record<number, string>> = {
  0x00: 'Request',
  0x01: 'Request Without Return',
  0x02: 'Notification',
  0x40: 'Request Acknowledge',
  0x41: 'Request Without Return Acknowledge',
  0x42: 'Notification Acknowledge',
  0x80: 'Response',
  0x81: 'Error',
  0xc0: 'Response Acknowledge',
  0xc1: 'Error Acknowledge',
};
/** Segmented messages have this bit. */
export const SEGMENTED = 0x20;
export const isType = (type: number): boolean => TYPES[type & ~SEGMENTED] !== undefined;
export const typeName = (type: number): string =>
  `${TYPES[type & ~SEGMENTED] ?? `Message type 0x${type.toString(16)}`}${type & SEGMENTED ? ' (segment)' : ''}`;
export const Type = { Request: 0x00, Fire: 0x01, Notification: 0x02, Response: 0x80, Error: 0x81 } as const;
export const HIGHEST_RETURN = 0x5e;

/** Service and method of service discovery. */
export const DISCOVERY = 0xffff8100;

/** What a SOME/IP message can break. */
export const VIOLATIONS = {
  /** A length below 8 or beyond the datagram. */
  'someip.length': { malformed: true },
} as const;
