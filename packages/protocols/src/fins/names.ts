/**
 * FINS of Omron (W342, Communications Commands Reference; W421 for FINS over Ethernet): commands, end codes, modes, and what
 * can be wrong. Codes are main code << 8 | sub code, as Wireshark prints `omron.command` and `omron.response.code`.
 */
export const Command = {
  MemoryRead: 0x0101,
  MemoryWrite: 0x0102,
  MemoryFill: 0x0103,
  MemoryTransfer: 0x0105,
  ParameterRead: 0x0201,
  ParameterWrite: 0x0202,
  ParameterClear: 0x0203,
  ProgramProtect: 0x0304,
  ProgramProtectClear: 0x0305,
  ProgramRead: 0x0306,
  ProgramWrite: 0x0307,
  ProgramClear: 0x0308,
  Run: 0x0401,
  Stop: 0x0402,
  Reset: 0x0403,
  ControllerData: 0x0501,
  ConnectionData: 0x0502,
  ControllerStatus: 0x0601,
  ClockWrite: 0x0702,
  FileRead: 0x2202,
  FileWrite: 0x2203,
  FileDelete: 0x2205,
  FileMemory: 0x220a,
  FileProgram: 0x220c,
  ForcedSet: 0x2301,
  ForcedCancel: 0x2302,
} as const;

const COMMANDS: Readonly<Record<number, string>> = {
  0x0101: 'Memory Area Read',
  0x0102: 'Memory Area Write',
  0x0103: 'Memory Area Fill',
  0x0104: 'Multiple Memory Area Read',
  0x0105: 'Memory Area Transfer',
  0x0201: 'Parameter Area Read',
  0x0202: 'Parameter Area Write',
  0x0203: 'Parameter Area Clear',
  0x0220: 'Data Link Table Read',
  0x0221: 'Data Link Table Write',
  0x0304: 'Program Area Protect',
  0x0305: 'Program Area Protect Clear',
  0x0306: 'Program Area Read',
  0x0307: 'Program Area Write',
  0x0308: 'Program Area Clear',
  0x0401: 'Run',
  0x0402: 'Stop',
  0x0403: 'Reset',
  0x0501: 'Controller Data Read',
  0x0502: 'Connection Data Read',
  0x0601: 'Controller Status Read',
  0x0602: 'Network Status Read',
  0x0603: 'Data Link Status Read',
  0x0620: 'Cycle Time Read',
  0x0701: 'Clock Read',
  0x0702: 'Clock Write',
  0x0801: 'Loop Back Test',
  0x0802: 'Broadcast Test Results Read',
  0x0803: 'Broadcast Test Data Send',
  0x0920: 'Message Read or Clear',
  0x0c01: 'Access Right Acquire',
  0x0c02: 'Access Right Forced Acquire',
  0x0c03: 'Access Right Release',
  0x2101: 'Error Clear',
  0x2102: 'Error Log Read',
  0x2103: 'Error Log Clear',
  0x2140: 'Access Log Read',
  0x2141: 'Access Log Clear',
  0x2201: 'File Name Read',
  0x2202: 'Single File Read',
  0x2203: 'Single File Write',
  0x2204: 'File Memory Format',
  0x2205: 'File Delete',
  0x2206: 'Volume Label Create or Delete',
  0x2207: 'File Copy',
  0x2208: 'File Name Change',
  0x2209: 'File Data Check',
  0x220a: 'Memory Area File Transfer',
  0x220b: 'Parameter Area File Transfer',
  0x220c: 'Program Area File Transfer',
  0x220f: 'File Memory Index Read',
  0x2210: 'File Memory Read',
  0x2211: 'File Memory Write',
  0x2215: 'Directory Create or Delete',
  0x2220: 'Memory Cassette Transfer',
  0x2301: 'Forced Set or Reset',
  0x2302: 'Forced Set or Reset Cancel',
  0x230a: 'Multiple Forced Status Read',
  0x2601: 'Name Set',
  0x2602: 'Name Delete',
  0x2603: 'Name Read',
};

/** Commands of FINS/TCP itself (W421, 7-4) get operation codes of their own. */
export const TCP_COMMAND = 0x10000;
const TCP_COMMANDS: Readonly<Record<number, string>> = {
  0: 'Node Address Request',
  1: 'Node Address',
  2: 'FINS Frame',
  3: 'Error Notification',
  6: 'Connection Confirmation',
};
export const TcpCommand = { NodeAddressRequest: 0, NodeAddress: 1, Frame: 2, Error: 3, Confirmation: 6 } as const;

export const isCommand = (code: number): boolean => COMMANDS[code] !== undefined;
export const isTcpCommand = (code: number): boolean => TCP_COMMANDS[code] !== undefined;
export const commandName = (code: number): string =>
  code >= TCP_COMMAND
    ? (TCP_COMMANDS[code - TCP_COMMAND] ?? `FINS/TCP command ${code - TCP_COMMAND}`)
    : (COMMANDS[code] ?? `Command 0x${code.toString(16).padStart(4, '0')}`);

/** Main codes of end codes (W342, 5-1-3). */
const ENDS: Readonly<Record<number, string>> = {
  0x01: 'local node error',
  0x02: 'destination node error',
  0x03: 'controller error',
  0x04: 'not executable: not supported',
  0x05: 'routing error',
  0x10: 'command format error',
  0x11: 'parameter error',
  0x20: 'read not possible',
  0x21: 'write not possible',
  0x22: 'not executable in the current mode',
  0x23: 'no such unit',
  0x24: 'start or stop not possible',
  0x25: 'unit error',
  0x26: 'command error: protected or busy',
  0x30: 'access right error',
  0x40: 'abort',
};

/** An end code without the flags of a relay error and of errors of the CPU (W342, 5-1-3). */
export const endCode = (code: number): number => code & 0x7f3f;
export const endName = (code: number): string => ENDS[code >> 8] ?? (code === 1 ? 'service was interrupted' : `end code ${code >> 8}`);

/** Byte 2 of Controller Status Read (W342, 5-3-18). */
export const modeName = (mode: number): string =>
  mode === 0 ? 'PROGRAM' : mode === 1 ? 'DEBUG' : mode === 2 ? 'MONITOR' : mode === 4 ? 'RUN' : `mode ${mode}`;

/** What a FINS message can do wrong. */
export const VIOLATIONS = {
  /** The length in the FINS/TCP header is shorter than its own fields, or the frame ends within its header. */
  'fins.length': { malformed: true },
  /** Reserved bits of the information control field are set (W342, 5-1-1). */
  'fins.control-field': { malformed: false },
  /** A command of FINS/TCP that does not exist. */
  'fins.tcp-command': { malformed: false },
} as const;
export type FinsViolation = keyof typeof VIOLATIONS;
