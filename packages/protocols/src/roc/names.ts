/** Opcodes of ROC and ROC Plus (Emerson D301053X012, ROC Protocol; D301180X012, ROC Plus Protocol Specifications). */
const OPCODES: Readonly<Record<number, string>> = {
  0: 'System Status',
  6: 'System Configuration',
  7: 'Read Real-time Clock',
  8: 'Set Real-time Clock',
  10: 'Read Configurable Opcode Point Data',
  11: 'Write Configurable Opcode Point Data',
  17: 'Login Request',
  24: 'Store and Forward',
  50: 'Request I/O Point Position',
  100: 'Access User-defined Information',
  105: 'Request Today And Yesterday Minimum And Maximum',
  108: 'Request History Tag And Periodic Index',
  118: 'Request Alarm Data',
  119: 'Request Event Data',
  120: 'Request Alarm, Event And History Pointers',
  121: 'Request Alarms',
  122: 'Request Events',
  135: 'Request Single History Point Data',
  136: 'Request Multiple History Point Data',
  137: 'Request History Index',
  138: 'Request Daily And Periodic History',
  139: 'History Information Data',
  166: 'Set Single Point Parameters',
  167: 'Request Single Point Parameters',
  180: 'Request Parameters',
  181: 'Write Parameters',
  203: 'General File Transfer',
  205: 'Peer-to-peer Network Messages',
  206: 'Read Transaction History',
  224: 'Signal Report By Exception',
  225: 'Acknowledge Report By Exception',
  255: 'Error Indicator',
};
export const isOpcode = (opcode: number): boolean => OPCODES[opcode] !== undefined;
export const opcodeName = (opcode: number): string => OPCODES[opcode] ?? `Opcode ${opcode}`;

export const Opcode = {
  SystemConfiguration: 6,
  SetClock: 8,
  WriteConfigurable: 11,
  Login: 17,
  SetPoint: 166,
  WriteParameters: 181,
  File: 203,
  Report: 224,
  Error: 255,
} as const;

/** What a ROC message can break. */
export const VIOLATIONS = {
  /** The check sequence does not fit. */
  'roc.check': { malformed: true },
  /** A datagram that ends within its message. */
  'roc.length': { malformed: true },
} as const;
export type RocViolation = keyof typeof VIOLATIONS;
