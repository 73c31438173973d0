/** Why BACnet requests fail (ANSI/ASHRAE 135, clause 18): errors, reject and abort reasons. */

const rejectReasons: readonly string[] = [
  'other',
  'buffer overflow',
  'inconsistent parameters',
  'invalid parameter data type',
  'invalid tag',
  'missing required parameter',
  'parameter out of range',
  'too many arguments',
  'undefined enumeration',
  'unrecognized service',
];
export const rejectReason = (reason: number): string => rejectReasons[reason] ?? `reason ${reason}`;

const abortReasons: readonly string[] = [
  'other',
  'buffer overflow',
  'invalid APDU in this state',
  'preempted by a task of higher priority',
  'segmentation not supported',
  'security error',
  'insufficient security',
  'window size out of range',
  'application exceeded reply time',
  'out of resources',
  'transaction timeout',
  'APDU too long',
];
export const abortReason = (reason: number): string => abortReasons[reason] ?? `reason ${reason}`;

const errorClasses: readonly string[] = ['device', 'object', 'property', 'resources', 'security', 'services', 'vt', 'communication'];
const errorCodes: Readonly<Record<number, string>> = {
  0: 'other',
  3: 'device busy',
  5: 'file access denied',
  9: 'invalid data type',
  16: 'missing required parameter',
  25: 'operational problem',
  26: 'password failure',
  27: 'read access denied',
  29: 'service request denied',
  30: 'timeout',
  31: 'unknown object',
  32: 'unknown property',
  37: 'value out of range',
  40: 'write access denied',
  42: 'invalid array index',
  45: 'optional functionality not supported',
};
export function errorName(errorClass: number, code: number): string {
  return `${errorClasses[errorClass] ?? `class ${errorClass}`}: ${errorCodes[code] ?? `code ${code}`}`;
}
