/**
 * Names of S7 communication as Siemens' manuals and Wireshark's display filters spell them: functions, user data groups,
 * areas, return codes and error classes. S7comm has no public standard; field names are Wireshark's.
 */

/** `0x84` by byte: fields are listed for every item, so their texts are made once. */
export const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => `0x${byte.toString(16).padStart(2, '0')}`);

/** Remote operating service control: the kind of PDU. */
export const Rosctr = { Job: 1, Ack: 2, AckData: 3, UserData: 7 } as const;

/** Functions of jobs. */
export const Func = {
  CpuServices: 0x00,
  ReadVar: 0x04,
  WriteVar: 0x05,
  RequestDownload: 0x1a,
  DownloadBlock: 0x1b,
  DownloadEnded: 0x1c,
  StartUpload: 0x1d,
  Upload: 0x1e,
  EndUpload: 0x1f,
  PlcControl: 0x28,
  PlcStop: 0x29,
  SetupCommunication: 0xf0,
} as const;

export const FUNCTION_NAMES: Readonly<Record<number, string>> = {
  [Func.CpuServices]: 'CPU services',
  [Func.ReadVar]: 'Read Var',
  [Func.WriteVar]: 'Write Var',
  [Func.RequestDownload]: 'Request download',
  [Func.DownloadBlock]: 'Download block',
  [Func.DownloadEnded]: 'Download ended',
  [Func.StartUpload]: 'Start upload',
  [Func.Upload]: 'Upload',
  [Func.EndUpload]: 'End upload',
  [Func.PlcControl]: 'PI-Service',
  [Func.PlcStop]: 'PLC Stop',
  [Func.SetupCommunication]: 'Setup communication',
};

/** Function groups of user data. */
export const Group = {
  ModeTransition: 0,
  Programmer: 1,
  Cyclic: 2,
  Block: 3,
  Cpu: 4,
  Security: 5,
  PbcBsend: 6,
  Time: 7,
  NcProgramming: 15,
} as const;

export const GROUP_NAMES: Readonly<Record<number, string>> = {
  [Group.ModeTransition]: 'Mode-transition',
  [Group.Programmer]: 'Programmer commands',
  [Group.Cyclic]: 'Cyclic services',
  [Group.Block]: 'Block functions',
  [Group.Cpu]: 'CPU functions',
  [Group.Security]: 'Security',
  [Group.PbcBsend]: 'PBC BSEND/BRECV',
  [Group.Time]: 'Time functions',
  [Group.NcProgramming]: 'NC programming',
};

/** Subfunctions by `group << 8 | subfunction`. */
export const SUBFUNCTION_NAMES: Readonly<Record<number, string>> = {
  0x0000: 'STOP',
  0x0001: 'Warm Restart',
  0x0002: 'RUN',
  0x0003: 'Hot Restart',
  0x0004: 'HOLD',
  0x0006: 'Cold Restart',
  0x0009: 'RUN_R (H-System redundant)',
  0x000b: 'LINK-UP',
  0x000c: 'UPDATE',
  0x0101: 'Block status',
  0x0102: 'Variable status',
  0x0103: 'Output ISTACK',
  0x0104: 'Output BSTACK',
  0x0105: 'Output LSTACK',
  0x0106: 'Time measurement from to',
  0x0107: 'Force selection',
  0x0108: 'Modify variable',
  0x0109: 'Force',
  0x010a: 'Breakpoint',
  0x010b: 'Exit HOLD',
  0x010c: 'Memory reset',
  0x010d: 'Disable job',
  0x010e: 'Enable job',
  0x010f: 'Delete job',
  0x0110: 'Read job list',
  0x0111: 'Read job',
  0x0112: 'Replace job',
  0x0113: 'Block status v2',
  0x0116: 'Flash LED',
  0x0201: 'Cyclic transfer',
  0x0204: 'Unsubscribe',
  0x0205: 'Change driven transfer',
  0x0207: 'Change driven transfer modify',
  0x0208: 'RDREC',
  0x0301: 'List blocks',
  0x0302: 'List blocks of type',
  0x0303: 'Get block info',
  0x0401: 'Read SZL',
  0x0402: 'Message service',
  0x0403: 'Diagnostic message',
  0x0405: 'ALARM_8 indication',
  0x0406: 'NOTIFY indication',
  0x0407: 'ALARM_8 lock',
  0x0408: 'ALARM_8 unlock',
  0x0409: 'SCAN indication',
  0x040b: 'ALARM acknowledgement',
  0x040c: 'ALARM acknowledgement indication',
  0x040d: 'ALARM lock indication',
  0x040e: 'ALARM unlock indication',
  0x0411: 'ALARM_SQ indication',
  0x0412: 'ALARM_S indication',
  0x0413: 'ALARM query',
  0x0416: 'NOTIFY_8 indication',
  0x0501: 'PLC password',
  0x0502: 'Clear PLC password',
  0x0701: 'Read clock',
  0x0702: 'Set clock',
  0x0703: 'Read clock (following)',
  0x0704: 'Set clock',
};

/** Memory areas of an item (`s7comm.param.item.area`). */
export const Area = { DataBlock: 0x84, InstanceDataBlock: 0x85 } as const;

/** Return codes of data items and of user data. */
export const RETURN_CODES: Readonly<Record<number, string>> = {
  0x00: 'reserved',
  0x01: 'hardware error',
  0x03: 'accessing the object not allowed',
  0x05: 'invalid address',
  0x06: 'data type not supported',
  0x07: 'data type inconsistent',
  0x0a: 'object does not exist',
  0xff: 'success',
};
export const ReturnCode = { Reserved: 0x00, ObjectDoesNotExist: 0x0a, Success: 0xff } as const;

/** Error classes of the header (`s7comm.header.errcls`). */
const errorClasses: Readonly<Record<number, string>> = {
  0x00: 'no error',
  0x81: 'application relationship error',
  0x82: 'object definition error',
  0x83: 'no resources available',
  0x84: 'error on service processing',
  0x85: 'error on supplies',
  0x87: 'access error',
};

/** Error codes that operators meet, class in the high byte. */
const errorCodes: Readonly<Record<number, string>> = {
  0x8104: 'this service is not implemented on the module',
  0x8404: 'the function is already occupied or in the wrong mode',
  0x8500: 'wrong PDU size',
  0xd002: 'the download is out of sequence',
  0xd041: 'the block is too large',
  0xd201: 'syntax error in the block name',
  0xd203: 'the block type is wrong',
  0xd206: 'the block number is too large',
  0xd209: 'the block does not exist',
  0xd20c: 'the block is of the wrong version',
  0xd241: 'the operation is not permitted at this protection level',
  0xd402: 'the information function is not available',
  0xd602: 'wrong password',
  0xd604: 'a password has already been entered',
  0xd605: 'no password is set',
};

/** A sentence part for an error code, class in the high byte. */
export function errorText(code: number): string {
  const hex = `0x${code.toString(16).padStart(4, '0')}`;
  const known = errorCodes[code] ?? errorClasses[code >> 8];
  return known ? `${hex} (${known})` : hex;
}

/** `cpu functions: Read SZL` and the like. */
export function subfunctionName(group: number, subfunction: number): string {
  return SUBFUNCTION_NAMES[(group << 8) | subfunction] ?? `${GROUP_NAMES[group] ?? `group ${group}`} ${subfunction}`;
}

/** What an S7 message can do wrong, and whether the bytes do not fit. */
export const VIOLATIONS = {
  's7comm.header-truncated': { malformed: true },
  's7comm.length-mismatch': { malformed: true },
  's7comm.unknown-rosctr': { malformed: false },
  's7comm.unknown-function': { malformed: false },
  's7comm.item-count-mismatch': { malformed: true },
  's7comm.item-length': { malformed: true },
  's7comm.parameter-truncated': { malformed: true },
  's7comm.file-name': { malformed: true },
  's7comm.userdata-header': { malformed: true },
  's7comm.data-truncated': { malformed: true },
  's7comm.szl-length': { malformed: true },
  's7comm.reassembly-limit': { malformed: false },
  's7comm-plus.length-mismatch': { malformed: true },
  's7comm-plus.header-truncated': { malformed: true },
  's7comm-plus.unknown-version': { malformed: false },
  's7comm-plus.unknown-opcode': { malformed: false },
} as const;
export type S7Violation = keyof typeof VIOLATIONS;
