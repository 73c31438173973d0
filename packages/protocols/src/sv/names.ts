/** Names of sampled values (IEC 61850-9-2): the PDU, fields of an ASDU by tag number, and what can be wrong. */
export const ETHERTYPE = 0x88ba;

/** Identifier octet of `savPdu`, and of the elements in it. */
export const Tag = { SavPdu: 0x60, noASDU: 0x80, security: 0xa1, seqASDU: 0xa2, Asdu: 0x30 } as const;

export const Field = {
  svID: 0,
  datSet: 1,
  smpCnt: 2,
  confRev: 3,
  refrTm: 4,
  smpSynch: 5,
  smpRate: 6,
  seqData: 7,
  smpMod: 8,
  gmIdentity: 9,
} as const;

export const FIELD_NAMES: readonly string[] = Object.keys(Field);

/** Source of synchronisation (IEC 61850-9-2); 5 to 254 number the clock of the area. */
export const SYNCH_NAMES: readonly string[] = ['none', 'local', 'global'];

/** What the sample rate counts (`smpMod`). */
export const RATE_NAMES: readonly string[] = ['samples per period', 'samples per second', 'seconds per sample'];

/** What a frame of sampled values can do wrong, and whether the bytes do not fit (malformed) or only the value is not allowed. */
export const VIOLATIONS = {
  'sv.header-truncated': { malformed: true },
  'sv.length-mismatch': { malformed: true },
  'sv.malformed-asn1': { malformed: true },
  'sv.unknown-pdu': { malformed: true },
  'sv.missing-field': { malformed: true },
  'sv.unknown-field': { malformed: true },
  'sv.field-length': { malformed: true },
  'sv.asdu-count': { malformed: false },
} as const;
export type SvViolation = keyof typeof VIOLATIONS;
