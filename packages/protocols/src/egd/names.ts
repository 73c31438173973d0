/** Message types of GE Ethernet Global Data (GFK-2224), as Wireshark numbers `egd.type`. */
export const DATA = 13;
export const typeName = (type: number): string => (type === DATA ? 'Data' : `Message type ${type}`);

/** What an EGD message can break. */
export const VIOLATIONS = {
  /** A datagram shorter than the header of 32 bytes. */
  'egd.length': { malformed: true },
} as const;
