/** Record content types and handshake types of TLS (RFC 8446, 4 and 5.1; RFC 5246) as Wireshark prints `tls.handshake.type`. */
export const Content = { ChangeCipherSpec: 20, Alert: 21, Handshake: 22, ApplicationData: 23, Heartbeat: 24 } as const;
export const Handshake = { ClientHello: 1, ServerHello: 2, Certificate: 11 } as const;

const contents: Readonly<Record<number, string>> = {
  [Content.ChangeCipherSpec]: 'Change Cipher Spec',
  [Content.Alert]: 'Alert',
  [Content.Handshake]: 'Handshake',
  [Content.ApplicationData]: 'Application Data',
  [Content.Heartbeat]: 'Heartbeat',
};
export const contentName = (type: number): string => contents[type] ?? `Content type ${type}`;

/** Handshake types that exist, by number. */
export const HANDSHAKE_TYPES: ReadonlySet<number> = new Set([0, 1, 2, 3, 4, 5, 6, 8, 11, 12, 13, 14, 15, 16, 20, 21, 22, 23, 24, 67, 254]);

/** What a TLS stream can do wrong. */
export const VIOLATIONS = {
  'tls.version': { malformed: false },
  'tls.record-length': { malformed: true },
  /** The lengths within a ClientHello do not nest. */
  'tls.hello': { malformed: true },
  /** A certificate that cannot be decoded. */
  'tls.certificate': { malformed: true },
} as const;
