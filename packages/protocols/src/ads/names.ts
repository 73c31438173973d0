/** ADS of Beckhoff TwinCAT in AMS packets (Beckhoff Information System, TwinCAT ADS/AMS specification), as Wireshark numbers `ams.cmdid`. */
export const Command = {
  ReadDeviceInfo: 1,
  Read: 2,
  Write: 3,
  ReadState: 4,
  WriteControl: 5,
  AddNotification: 6,
  DeleteNotification: 7,
  Notification: 8,
  ReadWrite: 9,
} as const;

const COMMANDS: readonly string[] = [
  'Invalid',
  'Read Device Info',
  'Read',
  'Write',
  'Read State',
  'Write Control',
  'Add Device Notification',
  'Delete Device Notification',
  'Device Notification',
  'Read Write',
];
export const isCommand = (command: number): boolean => command >= Command.ReadDeviceInfo && command <= Command.ReadWrite;

/** Operation codes of the discovery service get this bit. */
export const DISCOVERY = 0x10000;
export const Service = { Identify: 1, AddRoute: 6 } as const;

export function operationName(code: number): string {
  if (code < DISCOVERY) return COMMANDS[code] ?? `Command ${code}`;
  return code === DISCOVERY + Service.Identify
    ? 'Identify'
    : code === DISCOVERY + Service.AddRoute
      ? 'Add Route'
      : `Discovery service ${code - DISCOVERY}`;
}

/** State flags: an answer, an ADS command, by UDP. */
export const StateFlag = { Response: 0x0001, Command: 0x0004 } as const;
export const KNOWN_FLAGS = 0x01ff;

/** States of ADS devices. */
const STATES: readonly string[] = [
  'INVALID',
  'IDLE',
  'RESET',
  'INIT',
  'START',
  'RUN',
  'STOP',
  'SAVECFG',
  'LOADCFG',
  'POWERFAILURE',
  'POWERGOOD',
  'ERROR',
  'SHUTDOWN',
  'SUSPEND',
  'RESUME',
  'CONFIG',
  'RECONFIG',
  'STOPPING',
];
export const State = { Reset: 2, Start: 4, Run: 5, Stop: 6, Shutdown: 12, Config: 15, Reconfig: 16 } as const;
export const stateName = (state: number): string => STATES[state] ?? `state ${state}`;

/** Index groups with a meaning of their own. */
const GROUPS: Readonly<Record<number, string>> = {
  0x4020: 'memory',
  0x4021: 'memory bits',
  0x4040: 'data',
  0xf003: 'handle by name',
  0xf004: 'value by name',
  0xf005: 'value by handle',
  0xf006: 'release handle',
  0xf00b: 'symbol upload',
  0xf020: 'inputs',
  0xf021: 'input bits',
  0xf030: 'outputs',
  0xf031: 'output bits',
  0xf080: 'several reads',
  0xf081: 'several writes',
  0xf082: 'several reads and writes',
};
export const groupName = (group: number): string => GROUPS[group] ?? '';
/** Groups whose offsets are handles, lengths or counts, other ones in each session. */
export const HANDLE_GROUPS: ReadonlySet<number> = new Set([
  0xf003, 0xf004, 0xf005, 0xf006, 0xf007, 0xf009, 0xf00b, 0xf00c, 0xf00f, 0xf080, 0xf081, 0xf082, 0xf083, 0xf084,
]);

const ERRORS: Readonly<Record<number, string>> = {
  0x0006: 'target port not found',
  0x0007: 'target machine not found',
  0x0008: 'unknown command',
  0x0019: 'timed out',
  0x0701: 'service not supported',
  0x0702: 'invalid index group',
  0x0703: 'invalid index offset',
  0x0704: 'access not permitted',
  0x0705: 'invalid size',
  0x0706: 'invalid data',
  0x0707: 'not ready',
  0x0710: 'symbol not found',
  0x0712: 'invalid state',
  0x0723: 'access denied',
};
export const errorName = (code: number): string => {
  const hex = `0x${code.toString(16)}`;
  const name = ERRORS[code];
  return name ? `${name} (${hex})` : `error ${hex}`;
};

/** Tags of the discovery service. */
export const Tag = { Password: 2, Version: 3, HostName: 5, RouteName: 12, UserName: 13 } as const;

/** What an AMS packet can break. */
export const VIOLATIONS = {
  /** Lengths of the TCP header, the AMS header and the packet that do not fit. */
  'ads.length': { malformed: true },
  /** A command that does not exist. */
  'ads.command': { malformed: false },
} as const;
export type AdsViolation = keyof typeof VIOLATIONS;
