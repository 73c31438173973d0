/**
 * Commands of Mitsubishi Electric controllers: SLMP and the MC protocol (SH-080956ENG, SLMP Reference; SH-080008, MELSEC
 * Communication Protocol Reference), and MELSOFT, the maker's own protocol of engineering tools, which is not published.
 */
export const Command = {
  ReadTypeName: 0x0101,
  ReadDevices: 0x0401,
  WriteDevices: 0x1401,
  RemoteRun: 0x1001,
  RemoteStop: 0x1002,
  RemotePause: 0x1003,
  LatchClear: 0x1005,
  RemoteReset: 0x1006,
  Unlock: 0x1630,
  Lock: 0x1631,
  NewFile: 0x1820,
  DeleteFile: 0x1822,
  ReadFile: 0x1828,
  WriteFile: 0x1829,
} as const;

const COMMANDS: Readonly<Record<number, string>> = {
  0x0101: 'Read Type Name',
  0x0401: 'Device Read',
  0x0403: 'Device Read Random',
  0x0406: 'Device Read Block',
  0x0601: 'Intelligent Module Read',
  0x0613: 'Memory Read',
  0x0619: 'Self Test',
  0x0801: 'Entry Monitor Device',
  0x0802: 'Execute Monitor',
  0x0e30: 'Node Search',
  0x0e31: 'IP Address Set',
  0x1001: 'Remote Run',
  0x1002: 'Remote Stop',
  0x1003: 'Remote Pause',
  0x1005: 'Remote Latch Clear',
  0x1006: 'Remote Reset',
  0x1401: 'Device Write',
  0x1402: 'Device Write Random',
  0x1406: 'Device Write Block',
  0x1601: 'Intelligent Module Write',
  0x1613: 'Memory Write',
  0x1617: 'Clear Error',
  0x1630: 'Remote Password Unlock',
  0x1631: 'Remote Password Lock',
  0x1810: 'Read Directory',
  0x1811: 'Search Directory',
  0x1820: 'New File',
  0x1822: 'Delete File',
  0x1824: 'Copy File',
  0x1825: 'Change File State',
  0x1826: 'Change File Date',
  0x1827: 'Open File',
  0x1828: 'Read File',
  0x1829: 'Write File',
  0x182a: 'Close File',
  0x2101: 'On Demand',
};
export const isCommand = (command: number): boolean => COMMANDS[command] !== undefined;

/** Operation codes of MELSOFT get this bit; the opening of its connections. */
export const MELSOFT = 0x10000;
export const MELSOFT_OPENING = 0x20000;
/** Commands of MELSOFT that captures explain. */
export const MelsoftCommand = { ReadModel: 0x0121 } as const;

export function operationName(code: number): string {
  if (code === MELSOFT_OPENING) return 'MELSOFT Connect';
  if (code === MELSOFT + MelsoftCommand.ReadModel) return 'MELSOFT Read CPU Model';
  const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;
  return code >= MELSOFT ? `MELSOFT command ${hex(code - MELSOFT)}` : (COMMANDS[code] ?? `Command ${hex(code)}`);
}

/** What a MELSEC message can break. */
export const VIOLATIONS = {
  /** The length in the header is not what follows, or shorter than its own fields. */
  'melsec.length': { malformed: true },
} as const;
