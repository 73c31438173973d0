/** Modes of NTP (RFC 5905, 7.3) as Wireshark numbers `ntp.flags.mode`, and codes of a server that refuses (7.4). */
export const Mode = { SymmetricActive: 1, SymmetricPassive: 2, Client: 3, Server: 4, Broadcast: 5, Control: 6, Private: 7 } as const;

const modes: readonly string[] = [
  'Reserved',
  'Symmetric Active',
  'Symmetric Passive',
  'Client',
  'Server',
  'Broadcast',
  'Control Message',
  'Private',
];
export const modeName = (mode: number): string => modes[mode] ?? `Mode ${mode}`;

/** Highest stratum that is assigned; 16 stands for a clock that is not synchronised. */
export const HIGHEST_STRATUM = 16;

/** What an NTP message can do wrong. */
export const VIOLATIONS = {
  'ntp.length': { malformed: true },
  'ntp.version': { malformed: false },
  'ntp.stratum': { malformed: false },
} as const;
export type NtpViolation = keyof typeof VIOLATIONS;
