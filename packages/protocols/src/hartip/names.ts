/** HART-IP (FieldComm TS20085) as Wireshark numbers its fields, and the commands of HART (HCF SPEC-127 and -151) that are told. */
export const Message = { Request: 0, Response: 1, Publish: 2, Refusal: 3 } as const;
export const Id = { Initiate: 0, Close: 1, KeepAlive: 2, PassThrough: 3, DirectPdu: 4, ReadAuditLog: 5, Discovery: 128 } as const;
const IDS: Readonly<Record<number, string>> = {
  0: 'Session Initiate',
  1: 'Session Close',
  2: 'Keep Alive',
  3: 'Pass Through',
  4: 'Direct PDU',
  5: 'Read Audit Log',
  128: 'Discovery',
};
export const isId = (id: number): boolean => IDS[id] !== undefined;

const COMMANDS: Readonly<Record<number, string>> = {
  0: 'Read Unique Identifier',
  1: 'Read Primary Variable',
  2: 'Read Loop Current And Percent Of Range',
  3: 'Read Dynamic Variables And Loop Current',
  6: 'Write Polling Address',
  7: 'Read Loop Configuration',
  8: 'Read Dynamic Variable Classifications',
  9: 'Read Device Variables With Status',
  11: 'Read Unique Identifier Associated With Tag',
  12: 'Read Message',
  13: 'Read Tag, Descriptor, Date',
  14: 'Read Primary Variable Transducer Information',
  15: 'Read Device Information',
  16: 'Read Final Assembly Number',
  17: 'Write Message',
  18: 'Write Tag, Descriptor, Date',
  19: 'Write Final Assembly Number',
  20: 'Read Long Tag',
  21: 'Read Unique Identifier Associated With Long Tag',
  22: 'Write Long Tag',
  33: 'Read Device Variables',
  34: 'Write Primary Variable Damping Value',
  35: 'Write Primary Variable Range Values',
  36: 'Set Primary Variable Upper Range Value',
  37: 'Set Primary Variable Lower Range Value',
  38: 'Reset Configuration Changed Flag',
  39: 'EEPROM Control',
  40: 'Enter Or Exit Fixed Current Mode',
  41: 'Perform Self Test',
  42: 'Perform Device Reset',
  43: 'Set Primary Variable Zero',
  44: 'Write Primary Variable Units',
  45: 'Trim Loop Current Zero',
  46: 'Trim Loop Current Gain',
  47: 'Write Primary Variable Transfer Function',
  48: 'Read Additional Device Status',
  49: 'Write Primary Variable Transducer Serial Number',
  50: 'Read Dynamic Variable Assignments',
  51: 'Write Dynamic Variable Assignments',
  52: 'Set Device Variable Zero',
  53: 'Write Device Variable Units',
  54: 'Read Device Variable Information',
  55: 'Write Device Variable Damping Value',
  56: 'Write Device Variable Transducer Serial Number',
  59: 'Write Number Of Response Preambles',
  70: 'Lock Process Automation',
  71: 'Lock Device',
  72: 'Squawk',
  73: 'Find Device',
  74: 'Read I/O System Capabilities',
  79: 'Write Device Variable',
  80: 'Read Device Variable Trim Points',
  82: 'Write Device Variable Trim Point',
  83: 'Reset Device Variable Trim',
  89: 'Set Real-Time Clock',
  95: 'Read Device Communication Statistics',
  103: 'Write Burst Period',
  104: 'Write Burst Trigger',
  105: 'Read Burst Mode Configuration',
  107: 'Write Burst Device Variables',
  108: 'Write Burst Mode Command Number',
  109: 'Burst Mode Control',
};

/** Operation codes: the message id, commands of HART 0x100 more. */
export const COMMAND = 0x100;
export const operationName = (code: number): string =>
  code >= COMMAND ? (COMMANDS[code - COMMAND] ?? `HART command ${code - COMMAND}`) : (IDS[code] ?? `Message ${code}`);

/** Commands that change the device's settings. */
export const WRITES: ReadonlySet<number> = new Set([
  6, 17, 18, 19, 22, 34, 35, 36, 37, 39, 43, 44, 45, 46, 47, 49, 51, 52, 53, 55, 56, 59, 71, 82, 83, 103, 104, 107, 108, 109,
]);
export const Command = {
  ReadIdentifier: 0,
  ByTag: 11,
  ByLongTag: 21,
  Reset: 42,
  FixedCurrent: 40,
  WriteVariable: 79,
  SetClock: 89,
  FindDevice: 73,
} as const;

const RESPONSES: Readonly<Record<number, string>> = {
  2: 'invalid selection',
  3: 'parameter too large',
  4: 'parameter too small',
  5: 'too few data bytes',
  6: 'device-specific error',
  7: 'write protected',
  16: 'access restricted',
  32: 'busy',
  64: 'command not implemented',
};
export const responseName = (code: number): string => RESPONSES[code] ?? `response code ${code}`;
/** Codes that only warn. */
export const isWarning = (code: number): boolean =>
  code === 0 || code === 8 || code === 14 || code === 24 || code === 25 || code === 26 || code === 30 || (code >= 96 && code <= 127);

/** What a HART-IP message can break. */
export const VIOLATIONS = {
  /** A length shorter than the header, or other than that of the datagram. */
  'hartip.length': { malformed: true },
  /** The check byte of the HART frame inside does not fit. */
  'hartip.check': { malformed: true },
} as const;
export type HartIpViolation = keyof typeof VIOLATIONS;
