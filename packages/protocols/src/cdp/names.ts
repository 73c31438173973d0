/** TLV types and capabilities of the Cisco Discovery Protocol as Wireshark numbers `cdp.tlv.type`. */
export const Tlv = { DeviceId: 1, PortId: 3, Capabilities: 4, Version: 5, Platform: 6 } as const;

export const ANNOUNCEMENT = 1;
export const operationName = (code: number): string => (code === ANNOUNCEMENT ? 'Announcement' : `Operation ${code}`);

/** Device type by the capabilities, the empty text when they tell none. */
export function typeOf(capabilities: number): string {
  if (capabilities & 0x01) return 'Router';
  return capabilities & 0x0a ? 'Switch' : '';
}

/** What a CDP frame can do wrong. */
export const VIOLATIONS = { 'cdp.length': { malformed: true } } as const;
