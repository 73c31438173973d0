/** Names of GOOSE (IEC 61850-8-1, annex A): PDUs, fields of `IECGoosePdu` in their order, and what can be wrong. */
export const ETHERTYPE = 0x88b8;

/** Identifier octets of the APDU. */
export const Apdu = { Management: 0x60, Goose: 0x61 } as const;

export const APDU_NAMES: Readonly<Record<number, string>> = {
  [Apdu.Management]: 'GSE management PDU',
  [Apdu.Goose]: 'GOOSE PDU',
};

/** Fields by tag number. */
export const Field = {
  gocbRef: 0,
  timeAllowedtoLive: 1,
  datSet: 2,
  goID: 3,
  t: 4,
  stNum: 5,
  sqNum: 6,
  simulation: 7,
  confRev: 8,
  ndsCom: 9,
  numDatSetEntries: 10,
  allData: 11,
} as const;

export const FIELD_NAMES: readonly string[] = Object.keys(Field);

/** What a GOOSE frame can do wrong, and whether the bytes do not fit (malformed) or only the value is not allowed. */
export const VIOLATIONS = {
  'goose.header-truncated': { malformed: true },
  'goose.length-mismatch': { malformed: true },
  'goose.malformed-asn1': { malformed: true },
  'goose.unknown-pdu': { malformed: true },
  'goose.missing-field': { malformed: true },
  'goose.unknown-field': { malformed: true },
  'goose.field-length': { malformed: true },
  'goose.entry-count': { malformed: false },
} as const;
export type GooseViolation = keyof typeof VIOLATIONS;
