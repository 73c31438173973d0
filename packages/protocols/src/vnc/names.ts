/** Security types and client messages of the remote framebuffer protocol (RFC 6143, 7.2 and 7.5) as Wireshark numbers `vnc.security_type` and `vnc.client_message_type`. */
export const Security = { Invalid: 0, None: 1, Password: 2 } as const;
export const Result = { Ok: 0, Failed: 1, TooMany: 2 } as const;

export const ClientMessage = { SetPixelFormat: 0, SetEncodings: 2, UpdateRequest: 3, Key: 4, Pointer: 5, CutText: 6 } as const;

/** Bytes of a client message without its variable part; 0 for messages of extensions. */
export function clientMessageBytes(type: number): number {
  return [20, 0, 4, 10, 8, 6, 8][type] ?? 0;
}

/** Operation codes given to messages that have no number of their own. */
export const Step = {
  Version: 0x100,
  SecurityTypes: 0x101,
  SecurityType: 0x102,
  Challenge: 0x103,
  Answer: 0x104,
  SecurityResult: 0x105,
  Init: 0x106,
  Screen: 0x107,
} as const;

const names: Readonly<Record<number, string>> = {
  [ClientMessage.SetPixelFormat]: 'Set Pixel Format',
  [ClientMessage.SetEncodings]: 'Set Encodings',
  [ClientMessage.UpdateRequest]: 'Framebuffer Update Request',
  [ClientMessage.Key]: 'Key Event',
  [ClientMessage.Pointer]: 'Pointer Event',
  [ClientMessage.CutText]: 'Client Cut Text',
  [Step.Version]: 'Protocol Version',
  [Step.SecurityTypes]: 'Security Types',
  [Step.SecurityType]: 'Security Type',
  [Step.Challenge]: 'Authentication Challenge',
  [Step.Answer]: 'Authentication Response',
  [Step.SecurityResult]: 'Security Result',
  [Step.Init]: 'Initialisation',
  [Step.Screen]: 'Data',
};
export const messageName = (code: number): string => names[code] ?? `Message ${code}`;

/** What a stream of the protocol can do wrong. */
export const VIOLATIONS = {
  'vnc.security-type': { malformed: false },
  'vnc.security-result': { malformed: false },
} as const;
export type VncViolation = keyof typeof VIOLATIONS;
