/** Commands of EtherCAT datagrams (IEC 61158-4-12, 5.4), as Wireshark numbers `ecat.cmd`. */
const COMMANDS: readonly string[] = [
  'No Operation',
  'Auto Increment Read',
  'Auto Increment Write',
  'Auto Increment Read Write',
  'Configured Address Read',
  'Configured Address Write',
  'Configured Address Read Write',
  'Broadcast Read',
  'Broadcast Write',
  'Broadcast Read Write',
  'Logical Memory Read',
  'Logical Memory Write',
  'Logical Memory Read Write',
  'Auto Increment Read Multiple Write',
  'Configured Read Multiple Write',
];
export const isCommand = (command: number): boolean => command < COMMANDS.length;
export const commandName = (command: number): string => COMMANDS[command] ?? `Command ${command}`;

/** Types of the EtherCAT header: datagrams, network variables, mailbox. */
export const HeaderType = { Datagrams: 1, NetworkVariables: 4, Mailbox: 5 } as const;
/** Operation code of frames that are no datagrams. */
export const OTHER = 0x100;
export const operationName = (code: number): string => (code >= OTHER ? `Frame type ${code - OTHER}` : commandName(code));

/** Register in which a slave is told its state, and the states (ETG.1000.6, 5.3.1). */
export const AL_CONTROL = 0x0120;
export const STATES: Readonly<Record<number, string>> = {
  1: 'INIT',
  2: 'PRE-OPERATIONAL',
  3: 'BOOTSTRAP',
  4: 'SAFE-OPERATIONAL',
  8: 'OPERATIONAL',
};
export const BOOTSTRAP = 3;

/** What an EtherCAT frame can break. */
export const VIOLATIONS = {
  /** Datagrams that do not fit into the frame. */
  'ethercat.length': { malformed: true },
  /** A command that is not defined. */
  'ethercat.command': { malformed: false },
} as const;
export type EthercatViolation = keyof typeof VIOLATIONS;
