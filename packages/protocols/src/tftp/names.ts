/** Operations and error codes of TFTP (RFC 1350, 5; RFC 2347) as Wireshark numbers `tftp.opcode`. */
export const Operation = { Read: 1, Write: 2, Data: 3, Acknowledgement: 4, Error: 5, Options: 6 } as const;

const operations: readonly string[] = ['', 'Read Request', 'Write Request', 'Data', 'Acknowledgement', 'Error', 'Option Acknowledgement'];
export const HIGHEST_OPERATION = operations.length - 1;
export const operationName = (code: number): string => operations[code] || `Operation ${code}`;

const errors: readonly string[] = [
  'not defined',
  'file not found',
  'access violation',
  'disk full',
  'illegal operation',
  'unknown transfer id',
  'file already exists',
  'no such user',
  'option refused',
];
export const errorName = (code: number): string => errors[code] ?? `error ${code}`;

/** What a TFTP message can do wrong. */
export const VIOLATIONS = {
  'tftp.length': { malformed: true },
  'tftp.operation': { malformed: false },
  'tftp.request': { malformed: true },
} as const;
export type TftpViolation = keyof typeof VIOLATIONS;
