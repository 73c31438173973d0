/** Frames of synchrophasors (IEEE C37.118.2-2011, 6.2 and table 15), as Wireshark numbers `synphasor.frtype` and `synphasor.command`. */
export const Frame = { Data: 0, Header: 1, Configuration1: 2, Configuration2: 3, Command: 4, Configuration3: 5 } as const;
const FRAMES: readonly string[] = ['Data', 'Header', 'Configuration 1', 'Configuration 2', 'Command', 'Configuration 3'];
export const HIGHEST_FRAME = FRAMES.length - 1;

const COMMANDS: Readonly<Record<number, string>> = {
  1: 'data transmission off',
  2: 'data transmission on',
  3: 'send header frame',
  4: 'send configuration 1 frame',
  5: 'send configuration 2 frame',
  6: 'send configuration 3 frame',
  8: 'extended frame',
};
export const commandName = (command: number): string => COMMANDS[command] ?? `command ${command}`;

/** Operation codes: the frame type, commands 0x100 more. */
export const COMMAND = 0x100;
export const operationName = (code: number): string =>
  code >= COMMAND ? `Command: ${commandName(code - COMMAND)}` : (FRAMES[code] ?? `Frame type ${code}`);

/** What a synchrophasor frame can break. */
export const VIOLATIONS = {
  /** The check sequence does not fit (6.2.1). */
  'synchrophasor.check': { malformed: true },
  /** The size of the frame is not that of its datagram, or less than its own fields need. */
  'synchrophasor.frame-size': { malformed: true },
  /** A frame type or command that is not defined. */
  'synchrophasor.undefined': { malformed: false },
} as const;
export type SynchrophasorViolation = keyof typeof VIOLATIONS;
