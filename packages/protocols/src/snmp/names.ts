/** PDU types and error codes of SNMP (RFC 3416, 3; RFC 1157, 4.1) as Wireshark numbers `snmp.data`, and the objects that tell who a device is. */
export const Pdu = { Get: 0, GetNext: 1, Response: 2, Set: 3, TrapV1: 4, GetBulk: 5, Inform: 6, Trap: 7, Report: 8 } as const;
/** Operation code of a message of version 3 whose PDU is encrypted. */
export const ENCRYPTED = 255;

const pdus: readonly string[] = ['Get', 'Get Next', 'Response', 'Set', 'Trap (version 1)', 'Get Bulk', 'Inform', 'Trap', 'Report'];
export const HIGHEST_PDU = pdus.length - 1;
export const pduName = (pdu: number): string => (pdu === ENCRYPTED ? 'Encrypted' : (pdus[pdu] ?? `PDU ${pdu}`));

const errors: readonly string[] = [
  'noError',
  'tooBig',
  'noSuchName',
  'badValue',
  'readOnly',
  'genErr',
  'noAccess',
  'wrongType',
  'wrongLength',
  'wrongEncoding',
  'wrongValue',
  'noCreation',
  'inconsistentValue',
  'resourceUnavailable',
  'commitFailed',
  'undoFailed',
  'authorizationError',
  'notWritable',
  'inconsistentName',
];
export const errorName = (code: number): string => errors[code] ?? `error ${code}`;

/** Last part of `1.3.6.1.2.1.1.x.0` (RFC 3418, 2). */
export const SystemObject = { Description: 1, Name: 5 } as const;

/** Counters of `1.3.6.1.6.3.15.1.1.x.0` (RFC 3414, 5) whose report refuses a user. */
export const UserReport = { UnknownUser: 3, WrongDigest: 5, Decryption: 6 } as const;

/** What an SNMP message can do wrong. */
export const VIOLATIONS = {
  'snmp.length': { malformed: true },
  'snmp.version': { malformed: false },
  'snmp.pdu': { malformed: true },
} as const;
export type SnmpViolation = keyof typeof VIOLATIONS;
