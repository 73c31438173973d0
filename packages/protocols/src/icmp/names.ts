/** Message types of ICMP (RFC 792 and the IANA registry) and ICMPv6 (RFC 4443, 4861, 2710, 3810). */
export const Type = {
  EchoReply: 0,
  Unreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  Echo: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
} as const;

export const Type6 = {
  Unreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  Echo: 128,
  EchoReply: 129,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  Redirect: 137,
} as const;

const names: Readonly<Record<number, string>> = {
  0: 'Echo Reply',
  3: 'Destination Unreachable',
  4: 'Source Quench',
  5: 'Redirect',
  8: 'Echo',
  9: 'Router Advertisement',
  10: 'Router Solicitation',
  11: 'Time Exceeded',
  12: 'Parameter Problem',
  13: 'Timestamp',
  14: 'Timestamp Reply',
  15: 'Information Request',
  16: 'Information Reply',
  17: 'Address Mask Request',
  18: 'Address Mask Reply',
  42: 'Extended Echo Request',
  43: 'Extended Echo Reply',
};

const names6: Readonly<Record<number, string>> = {
  1: 'Destination Unreachable',
  2: 'Packet Too Big',
  3: 'Time Exceeded',
  4: 'Parameter Problem',
  128: 'Echo Request',
  129: 'Echo Reply',
  130: 'Multicast Listener Query',
  131: 'Multicast Listener Report',
  132: 'Multicast Listener Done',
  133: 'Router Solicitation',
  134: 'Router Advertisement',
  135: 'Neighbor Solicitation',
  136: 'Neighbor Advertisement',
  137: 'Redirect',
  138: 'Router Renumbering',
  143: 'Multicast Listener Report v2',
};

export function typeName(type: number): string {
  return names[type] ?? `Type ${type}`;
}

export function type6Name(type: number): string {
  return names6[type] ?? `Type ${type}`;
}

/** What an ICMP message can do wrong. */
export const VIOLATIONS = {
  'icmp.length': { malformed: true },
  'icmpv6.length': { malformed: true },
  'icmpv6.option-length': { malformed: true },
} as const;
export type IcmpViolation = keyof typeof VIOLATIONS;
