/** TLV types and capabilities of LLDP (IEEE 802.1AB, 8.4 and 8.5.8) as Wireshark numbers `lldp.tlv.type`. */
export const ETHERTYPE = 0x88cc;
export const Tlv = {
  End: 0,
  ChassisId: 1,
  PortId: 2,
  TimeToLive: 3,
  PortDescription: 4,
  SystemName: 5,
  SystemDescription: 6,
  Capabilities: 7,
  ManagementAddress: 8,
} as const;

/** Subtypes of chassis and port ids that are no text. */
export const CHASSIS_MAC = 4;
export const CHASSIS_ADDRESS = 5;
export const PORT_MAC = 3;
export const PORT_ADDRESS = 4;

/** What an advertisement is: a device that tells itself, or one that goes (time to live 0). */
export const ADVERTISEMENT = 1;
export const SHUTDOWN = 0;
export const operationName = (code: number): string => (code === SHUTDOWN ? 'Shutdown' : 'Advertisement');

/** Device type by the enabled capabilities, the empty text when they tell none. */
export function typeOf(capabilities: number): string {
  if (capabilities & 0x0010) return 'Router';
  if (capabilities & 0x0008) return 'Wireless Access Point';
  return capabilities & 0x0006 ? 'Switch' : '';
}

/** What an LLDP frame can do wrong. */
export const VIOLATIONS = {
  'lldp.length': { malformed: true },
  'lldp.order': { malformed: true },
} as const;
export type LldpViolation = keyof typeof VIOLATIONS;
