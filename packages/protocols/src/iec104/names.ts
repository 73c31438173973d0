/**
 * Names and sizes of IEC 60870-5-104: type identifications and causes of transmission of IEC 60870-5-101 (7.2.1.1 and
 * 7.2.3) with the additions of IEC 60870-5-104 (6 and 8), frame formats of IEC 60870-5-104 (5).
 */
const types: readonly (readonly [id: number, name: string, bytes: number])[] = [
  [1, 'M_SP_NA_1', 1],
  [2, 'M_SP_TA_1', 4],
  [3, 'M_DP_NA_1', 1],
  [4, 'M_DP_TA_1', 4],
  [5, 'M_ST_NA_1', 2],
  [6, 'M_ST_TA_1', 5],
  [7, 'M_BO_NA_1', 5],
  [8, 'M_BO_TA_1', 8],
  [9, 'M_ME_NA_1', 3],
  [10, 'M_ME_TA_1', 6],
  [11, 'M_ME_NB_1', 3],
  [12, 'M_ME_TB_1', 6],
  [13, 'M_ME_NC_1', 5],
  [14, 'M_ME_TC_1', 8],
  [15, 'M_IT_NA_1', 5],
  [16, 'M_IT_TA_1', 8],
  [17, 'M_EP_TA_1', 6],
  [18, 'M_EP_TB_1', 7],
  [19, 'M_EP_TC_1', 7],
  [20, 'M_PS_NA_1', 5],
  [21, 'M_ME_ND_1', 2],
  [30, 'M_SP_TB_1', 8],
  [31, 'M_DP_TB_1', 8],
  [32, 'M_ST_TB_1', 9],
  [33, 'M_BO_TB_1', 12],
  [34, 'M_ME_TD_1', 10],
  [35, 'M_ME_TE_1', 10],
  [36, 'M_ME_TF_1', 12],
  [37, 'M_IT_TB_1', 12],
  [38, 'M_EP_TD_1', 10],
  [39, 'M_EP_TE_1', 11],
  [40, 'M_EP_TF_1', 11],
  [41, 'S_IT_TC_1', 14],
  [45, 'C_SC_NA_1', 1],
  [46, 'C_DC_NA_1', 1],
  [47, 'C_RC_NA_1', 1],
  [48, 'C_SE_NA_1', 3],
  [49, 'C_SE_NB_1', 3],
  [50, 'C_SE_NC_1', 5],
  [51, 'C_BO_NA_1', 4],
  [58, 'C_SC_TA_1', 8],
  [59, 'C_DC_TA_1', 8],
  [60, 'C_RC_TA_1', 8],
  [61, 'C_SE_TA_1', 10],
  [62, 'C_SE_TB_1', 10],
  [63, 'C_SE_TC_1', 12],
  [64, 'C_BO_TA_1', 11],
  [70, 'M_EI_NA_1', 1],
  [81, 'S_CH_NA_1', -1],
  [82, 'S_RP_NA_1', -1],
  [83, 'S_AR_NA_1', -1],
  [84, 'S_KR_NA_1', -1],
  [85, 'S_KS_NA_1', -1],
  [86, 'S_KC_NA_1', -1],
  [87, 'S_ER_NA_1', -1],
  [90, 'S_US_NA_1', -1],
  [91, 'S_UQ_NA_1', -1],
  [92, 'S_UR_NA_1', -1],
  [93, 'S_UK_NA_1', -1],
  [94, 'S_UA_NA_1', -1],
  [95, 'S_UC_NA_1', -1],
  [100, 'C_IC_NA_1', 1],
  [101, 'C_CI_NA_1', 1],
  [102, 'C_RD_NA_1', 0],
  [103, 'C_CS_NA_1', 7],
  [104, 'C_TS_NA_1', 2],
  [105, 'C_RP_NA_1', 1],
  [106, 'C_CD_NA_1', 2],
  [107, 'C_TS_TA_1', 9],
  [110, 'P_ME_NA_1', 3],
  [111, 'P_ME_NB_1', 3],
  [112, 'P_ME_NC_1', 5],
  [113, 'P_AC_NA_1', 1],
  [120, 'F_FR_NA_1', 6],
  [121, 'F_SR_NA_1', 7],
  [122, 'F_SC_NA_1', 4],
  [123, 'F_LS_NA_1', 5],
  [124, 'F_AF_NA_1', 4],
  [125, 'F_SG_NA_1', -1],
  [126, 'F_DR_TA_1', 13],
  [127, 'F_SC_NB_1', 16],
];

/** Bytes of one element without its address: -1 when it varies, -2 when the type is not known. A table for hot code. */
export const ELEMENT_BYTES = new Int8Array(256).fill(-2);
const typeNames: string[] = [];
for (const [id, name, bytes] of types) {
  ELEMENT_BYTES[id] = bytes;
  typeNames[id] = name;
}

/** `C_SC_NA_1` of 45; private and reserved types keep their number. */
export const typeName = (id: number): string => typeNames[id] ?? (id >= 128 ? `private type ${id}` : `type ${id}`);

/** Types from 128 on are for private use (101, 7.2.1): neither named nor judged. */
export const isPrivate = (id: number): boolean => id >= 128;

/** Causes of transmission that are not reserved (101, table 14). */
export const Cause = {
  Activation: 6,
  ActivationConfirmation: 7,
  Deactivation: 8,
  DeactivationConfirmation: 9,
  ActivationTermination: 10,
  UnknownType: 44,
  UnknownCause: 45,
  UnknownCommonAddress: 46,
  UnknownObjectAddress: 47,
} as const;

const causeNames: Readonly<Record<number, string>> = {
  1: 'per/cyc',
  2: 'back',
  3: 'spont',
  4: 'init',
  5: 'req',
  6: 'act',
  7: 'actcon',
  8: 'deact',
  9: 'deactcon',
  10: 'actterm',
  11: 'retrem',
  12: 'retloc',
  13: 'file',
  14: 'auth',
  15: 'seskey',
  16: 'usrkey',
  44: 'unknown type identification',
  45: 'unknown cause of transmission',
  46: 'unknown common address',
  47: 'unknown information object address',
};

/** `actcon` of 7, `inrogen` of 20, `reqcogen` of 37. */
export function causeName(cause: number): string {
  if (cause >= 20 && cause <= 36) return cause === 20 ? 'inrogen' : `inro${cause - 20}`;
  if (cause >= 37 && cause <= 41) return cause === 37 ? 'reqcogen' : `reqco${cause - 37}`;
  return causeNames[cause] ?? `cause ${cause}`;
}

/** Causes 17 to 19, 42 and 43 are reserved, 0 is not used, 48 to 63 are for special use. */
export const isCause = (cause: number): boolean => (cause >= 1 && cause <= 16) || (cause >= 20 && cause <= 41) || cause >= 44;

/** U frames (104, figure 8): the first control octet without its two low bits. */
const unnumbered: Readonly<Record<number, string>> = {
  0x01: 'STARTDT act',
  0x02: 'STARTDT con',
  0x04: 'STOPDT act',
  0x08: 'STOPDT con',
  0x10: 'TESTFR act',
  0x20: 'TESTFR con',
};
export const isUnnumbered = (function_: number): boolean => function_ in unnumbered;
/** Confirmations are the even ones of each pair. */
export const confirms = (function_: number): boolean => function_ === 0x02 || function_ === 0x08 || function_ === 0x20;

/** Operation codes given to `message`: type identification of I frames, and these for the others. */
export const SUPERVISORY = 0x200;
export const UNNUMBERED = 0x100;

export function operationName(code: number): string {
  if (code === SUPERVISORY) return 'S frame';
  if (code & UNNUMBERED) return unnumbered[code & 0xff] ?? `U frame 0x${(code & 0xff).toString(16)}`;
  return typeName(code);
}

/** `0x00000010`, as Wireshark prints `iec60870_104.type` and `.utype`: a table, because every frame carries one. */
export const HEX32: readonly string[] = Array.from({ length: 64 }, (_, value) => `0x${value.toString(16).padStart(8, '0')}`);

/** What a peer can do wrong, and whether the bytes do not fit. */
export const VIOLATIONS = {
  'iec104.start-byte': { malformed: true },
  'iec104.apdu-length': { malformed: true },
  'iec104.control-field': { malformed: true },
  'iec104.asdu-truncated': { malformed: true },
  'iec104.length-mismatch': { malformed: true },
  'iec104.object-address': { malformed: true },
  'iec104.unknown-u-function': { malformed: false },
  'iec104.unknown-type': { malformed: false },
  'iec104.unknown-cause': { malformed: false },
  'iec104.no-objects': { malformed: false },
  'iec104.common-address': { malformed: false },
  'iec104.sequence-gap': { malformed: false },
} as const;
export type Iec104Violation = keyof typeof VIOLATIONS;
