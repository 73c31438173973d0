/** BPDU types of the spanning tree (IEEE 802.1D, 9.3; IEEE 802.1Q, 14.1) as Wireshark numbers `stp.type`. */
export const Bpdu = { Configuration: 0x00, Rapid: 0x02, TopologyChange: 0x80 } as const;

export function bpduName(type: number): string {
  if (type === Bpdu.Configuration) return 'Configuration';
  if (type === Bpdu.Rapid) return 'Rapid or Multiple Spanning Tree';
  return type === Bpdu.TopologyChange ? 'Topology Change Notification' : `BPDU ${type}`;
}

/** What a BPDU can do wrong. */
export const VIOLATIONS = { 'stp.length': { malformed: true } } as const;
