/**
 * Names of TPKT (RFC 1006) and of the transport PDUs of ISO 8073 / X.224 class 0. Type values are the high half of the
 * PDU's second octet (X.224 table 8), as Wireshark prints `cotp.type`.
 */
export const PduType = {
  ExpeditedData: 0x1,
  ExpeditedAcknowledge: 0x2,
  Reject: 0x5,
  DataAcknowledge: 0x6,
  Error: 0x7,
  DisconnectRequest: 0x8,
  DisconnectConfirm: 0xc,
  ConnectConfirm: 0xd,
  ConnectRequest: 0xe,
  Data: 0xf,
} as const;

const pduNames: Readonly<Record<number, string>> = {
  [PduType.ExpeditedData]: 'ED Expedited Data',
  [PduType.ExpeditedAcknowledge]: 'EA Expedited Data Acknowledgement',
  [PduType.Reject]: 'RJ Reject',
  [PduType.DataAcknowledge]: 'AK Data Acknowledgement',
  [PduType.Error]: 'ER TPDU Error',
  [PduType.DisconnectRequest]: 'DR Disconnect Request',
  [PduType.DisconnectConfirm]: 'DC Disconnect Confirm',
  [PduType.ConnectConfirm]: 'CC Connect Confirm',
  [PduType.ConnectRequest]: 'CR Connect Request',
  [PduType.Data]: 'DT Data',
};

/** `CR Connect Request` of 0xe; unknown types keep their number. */
export function pduName(type: number): string {
  return pduNames[type] ?? `TPDU type 0x${type.toString(16)}`;
}

/** X.224 defines a PDU of this type. */
export const isPduType = (type: number): boolean => type in pduNames;

/** `cotp.type` as Wireshark prints it, by type: a table, because every PDU carries one. */
export const TYPE_TEXT: readonly string[] = Array.from({ length: 16 }, (_, type) => `0x${type.toString(16).padStart(2, '0')}`);

/** Parameter codes of the variable part of CR and CC (X.224 13.3.4). */
export const Parameter = { TpduSize: 0xc0, CallingTsap: 0xc1, CalledTsap: 0xc2 } as const;

/** What a transport stream can do wrong, and whether the bytes do not fit (malformed) or only the value is not allowed. */
export const VIOLATIONS = {
  'cotp.tpkt-length': { malformed: true },
  'cotp.header-length': { malformed: true },
  'cotp.parameter-length': { malformed: true },
  'cotp.unknown-type': { malformed: false },
  'cotp.class': { malformed: false },
  'cotp.reassembly-limit': { malformed: false },
} as const;
export type CotpViolation = keyof typeof VIOLATIONS;
