/** Operation codes of the IANA registry "ARP Parameters", as Wireshark prints `arp.opcode` (RFC 826, RFC 903, RFC 2390). */
export const Opcode = { Request: 1, Reply: 2 } as const;

const names: Readonly<Record<number, string>> = {
  1: 'Request',
  2: 'Reply',
  3: 'Reverse Request',
  4: 'Reverse Reply',
  5: 'DRARP Request',
  6: 'DRARP Reply',
  7: 'DRARP Error',
  8: 'Inverse Request',
  9: 'Inverse Reply',
  10: 'ARP NAK',
};

/** Highest operation code the registry has given; 65535 is reserved. */
export const HIGHEST_OPCODE = 25;

/** `Reply` of 2; codes without a name keep their number. */
export function opcodeName(code: number): string {
  return names[code] ?? `Operation ${code}`;
}

/** What an ARP packet can do wrong. */
export const VIOLATIONS = {
  'arp.length': { malformed: true },
  'arp.address-size': { malformed: true },
  'arp.opcode': { malformed: false },
  'arp.sender-group-address': { malformed: false },
} as const;
export type ArpViolation = keyof typeof VIOLATIONS;
