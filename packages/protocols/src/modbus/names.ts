/**
 * Names of Modbus (MODBUS Application Protocol Specification V1.1b3, MODBUS Messaging on TCP/IP Implementation Guide
 * V1.0b) and of what this dissector says is wrong with a message. UMAS, inside function 90, is in `umas-names.ts`.
 */

/** Code given to `message` when the header is so wrong that there is no function code to speak of. */
export const UNREADABLE = 0x100;

/** Public function codes (clause 6), and the reserved and obsolete ones that have a name. */
export const FUNCTION_NAMES: Readonly<Record<number, string>> = {
  0: 'Function code 0 (not allowed)',
  1: 'Read Coils',
  2: 'Read Discrete Inputs',
  3: 'Read Holding Registers',
  4: 'Read Input Registers',
  5: 'Write Single Coil',
  6: 'Write Single Register',
  7: 'Read Exception Status',
  8: 'Diagnostics',
  9: 'Program (reserved)',
  10: 'Poll (reserved)',
  11: 'Get Comm Event Counter',
  12: 'Get Comm Event Log',
  13: 'Program Controller (reserved)',
  14: 'Poll Controller (reserved)',
  15: 'Write Multiple Coils',
  16: 'Write Multiple Registers',
  17: 'Report Server ID',
  18: 'Program 884/M84 (obsolete)',
  19: 'Reset Communication Link (obsolete)',
  20: 'Read File Record',
  21: 'Write File Record',
  22: 'Mask Write Register',
  23: 'Read/Write Multiple Registers',
  24: 'Read FIFO Queue',
  43: 'Encapsulated Interface Transport',
  90: 'Schneider Electric extension',
  [UNREADABLE]: 'Unreadable message',
};

/** `Write Multiple Registers`, or what kind of code it is. */
export function functionName(code: number): string {
  const name = FUNCTION_NAMES[code];
  if (name !== undefined) return name;
  if (isUserDefined(code)) return `User-defined function ${code}`;
  return `Function ${code} (unassigned)`;
}

/** Clause 5: user-defined ranges. */
export function isUserDefined(code: number): boolean {
  return (code >= 65 && code <= 72) || (code >= 100 && code <= 110);
}

/** Annex A: codes that companies keep for legacy products; nobody else may use them. 90 is reserved too, unless it is UMAS. */
export function isReserved(code: number): boolean {
  switch (code) {
    case 9:
    case 10:
    case 13:
    case 14:
    case 41:
    case 42:
    case 90:
    case 91:
    case 125:
    case 126:
    case 127:
      return true;
    default:
      return false;
  }
}

/** Codes with a definition: their bodies can be checked. */
export function isPublic(code: number): boolean {
  return (code >= 1 && code <= 8) || (code >= 15 && code <= 17) || (code >= 20 && code <= 24) || code === 11 || code === 12 || code === 43;
}

/** Clause 7. 7 (negative acknowledge) is from older editions. */
export const EXCEPTION_NAMES: Readonly<Record<number, string>> = {
  1: 'illegal function',
  2: 'illegal data address',
  3: 'illegal data value',
  4: 'server device failure',
  5: 'acknowledge',
  6: 'server device busy',
  7: 'negative acknowledge',
  8: 'memory parity error',
  10: 'gateway path unavailable',
  11: 'gateway target device failed to respond',
};

export function exceptionName(code: number): string {
  return EXCEPTION_NAMES[code] ?? 'unassigned exception code';
}

/** Subfunctions of function 8 (clause 6.8.1). */
export const DIAGNOSTIC_NAMES: Readonly<Record<number, string>> = {
  0: 'Return Query Data',
  1: 'Restart Communications Option',
  2: 'Return Diagnostic Register',
  3: 'Change ASCII Input Delimiter',
  4: 'Force Listen Only Mode',
  10: 'Clear Counters and Diagnostic Register',
  11: 'Return Bus Message Count',
  12: 'Return Bus Communication Error Count',
  13: 'Return Bus Exception Error Count',
  14: 'Return Server Message Count',
  15: 'Return Server No Response Count',
  16: 'Return Server NAK Count',
  17: 'Return Server Busy Count',
  18: 'Return Bus Character Overrun Count',
  20: 'Clear Overrun Counter and Flag',
};

/** Types of function 43 (clause 6.19): CANopen General Reference, Read Device Identification. */
export const Mei = { CanOpen: 13, DeviceIdentification: 14 } as const;

/** Tables as the baseline keys them (facts.ts, ModbusAddress). */
export const Table = { Coils: 0, DiscreteInputs: 1, InputRegisters: 2, HoldingRegisters: 3 } as const;
export const TABLE_NAMES = ['coils', 'discrete inputs', 'input registers', 'holding registers'] as const;

/** What can be wrong with a message, and whether the bytes do not fit (malformed) or a well-formed value is not allowed. */
export const VIOLATIONS = {
  /** The header is shorter than 8 bytes, or its length field announces no function code. */
  'modbus.length': { malformed: true },
  /** The length field exceeds 254 (unit identifier and the longest PDU of 253 bytes). */
  'modbus.length-too-long': { malformed: true },
  /** The message is shorter or longer than its function, or its datagram, says. */
  'modbus.length-mismatch': { malformed: true },
  /** The protocol identifier is not 0. */
  'modbus.protocol-id': { malformed: false },
  /** A byte count disagrees with the quantity, with the bytes present, or with what was asked for. */
  'modbus.byte-count': { malformed: true },
  /** A quantity of 0 or above the function's limit. */
  'modbus.quantity': { malformed: false },
  /** First address and quantity go past 65535. */
  'modbus.address-range': { malformed: false },
  /** Write Single Coil with a value other than 0x0000 and 0xFF00. */
  'modbus.coil-value': { malformed: false },
  /** Function code 0. */
  'modbus.function-zero': { malformed: false },
  /** A function code that the specification reserves (9, 10, 13, 14, 41, 42, 90 unless UMAS, 91, 125 to 127). */
  'modbus.reserved-function': { malformed: false },
  /** A function code that is neither public, nor user-defined, nor reserved. */
  'modbus.unassigned-function': { malformed: false },
  /** The client sent a function code with the exception bit. */
  'modbus.exception-in-request': { malformed: false },
  /** An exception code that the specification does not assign. */
  'modbus.exception-code': { malformed: false },
  /** A reserved subfunction of Diagnostics. */
  'modbus.diagnostic-code': { malformed: false },
  /** A type of Encapsulated Interface Transport other than 13 and 14. */
  'modbus.mei-type': { malformed: false },
  /** A device identification access code other than 1 to 4. */
  'modbus.read-device-id-code': { malformed: false },
  /** An object of a device identification runs past the message. */
  'modbus.object-length': { malformed: true },
  /** A group of a file record message has a reference type other than 6 or a length that does not fit. */
  'modbus.file-record': { malformed: true },
  /** A FIFO answer with more than 31 registers. */
  'modbus.fifo-count': { malformed: false },
  /** The answer's function is not the one asked for under its transaction identifier. */
  'modbus.function-mismatch': { malformed: false },
  /** An answer to a transaction that nobody began, in a connection that was seen from a matched exchange on. */
  'modbus.response-without-request': { malformed: false },
} as const satisfies Record<string, { malformed: boolean }>;
export type ModbusViolation = keyof typeof VIOLATIONS;
