/** Message types of IGMP (RFC 1112, 2236, 3376 and 9776) as Wireshark prints `igmp.type`, and what can be wrong. */
export const Type = { Query: 0x11, ReportV1: 0x12, ReportV2: 0x16, Leave: 0x17, ReportV3: 0x22 } as const;
const TYPES: Readonly<Record<number, string>> = {
  [Type.Query]: 'Membership Query',
  [Type.ReportV1]: 'Membership Report v1',
  [Type.ReportV2]: 'Membership Report v2',
  [Type.Leave]: 'Leave Group',
  [Type.ReportV3]: 'Membership Report v3',
};
export const typeName = (type: number): string => TYPES[type] ?? `Type 0x${type.toString(16).padStart(2, '0')}`;

/** What an IGMP message can break. */
export const VIOLATIONS = {
  /** Fewer than the 8 bytes of every message (RFC 2236, 2). */
  'igmp.length': { malformed: true },
  /** The checksum is wrong (RFC 2236, 2.3). */
  'igmp.checksum': { malformed: true },
} as const;
export type IgmpViolation = keyof typeof VIOLATIONS;
