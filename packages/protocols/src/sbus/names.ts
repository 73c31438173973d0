/** Commands of SAIA S-Bus, as Wireshark numbers `sbus.cmd` and `sbus.att`, and what can be wrong. */
export const Attribute = { Request: 0, Response: 1, Acknowledge: 2 } as const;

const COMMANDS: Readonly<Record<number, string>> = {
  0: 'Read counters',
  1: 'Read display register',
  2: 'Read flags',
  3: 'Read inputs',
  4: 'Read real time clock',
  5: 'Read outputs',
  6: 'Read registers',
  7: 'Read timers',
  10: 'Write counters',
  11: 'Write flags',
  12: 'Write real time clock',
  13: 'Write outputs',
  14: 'Write registers',
  15: 'Write timers',
  19: 'Read write multi-medias',
  27: 'Read PCD status (own CPU)',
  29: 'Read S-Bus station number',
  30: 'Read user memory',
  31: 'Read program line',
  32: 'Read firmware version',
  33: 'Read text',
  34: 'Read active transition',
  35: 'Write user memory',
  36: 'Write program line',
  37: 'Write text',
  47: 'Run procedure (own CPU)',
  48: 'Run procedure (all CPUs)',
  56: 'Restart cold (own CPU)',
  57: 'Restart cold (all CPUs)',
  67: 'Stop procedure (own CPU)',
  68: 'Stop procedure (all CPUs)',
  70: 'Read arithmetic status and ACCU',
  71: 'Read byte',
  72: 'Read halt failure register',
  73: 'Read index register',
  74: 'Read instruction pointer',
  75: 'Find history',
  80: 'Write arithmetic status and ACCU',
  81: 'Write byte',
  82: 'Write index register',
  83: 'Write instruction pointer',
  90: 'Clear all',
  91: 'Clear flags',
  92: 'Clear outputs',
  93: 'Clear registers',
  94: 'Clear timers',
  106: 'Restart warm (own CPU)',
  107: 'Restart warm (all CPUs)',
  110: 'Change block',
  111: 'Clear history failure',
  112: 'Delete program line',
  113: 'Go conditional',
  114: 'Insert program line',
  115: 'Local cycles',
  116: 'All cycles',
  117: 'Make text',
  118: 'Execute single instruction',
  119: 'Single step',
  130: 'XOB 17 interrupt',
  131: 'XOB 18 interrupt',
  132: 'XOB 19 interrupt',
  145: 'Read hangup timeout',
  150: 'Read data block',
  151: 'Write data block',
  152: 'Make data block',
  153: 'Clear data block',
  154: 'Clear text',
  155: 'Read block address',
  156: 'Read block sizes',
  157: 'Read current block',
  158: 'Read call stack',
  159: 'Read DBX',
  161: 'Read user EEPROM register',
  163: 'Write user EEPROM register',
  165: 'Erase flash',
  166: 'Restart cold flag',
  167: 'Write system buffer',
  168: 'Read system buffer',
  169: 'Read or write block data',
  170: 'Get diagnostic',
  171: 'Read system information',
  172: 'Change blocks on run',
  173: 'Flashcard telegram',
  174: 'Download firmware',
  175: 'Web server serial communication',
};
/** Commands that name one of seven CPUs by their number. */
const PER_CPU: readonly (readonly [first: number, last: number, zero: number, name: string])[] = [
  [20, 26, 20, 'Read PCD status'],
  [40, 46, 40, 'Run procedure'],
  [50, 55, 49, 'Restart cold'],
  [60, 66, 60, 'Stop procedure'],
  [100, 105, 99, 'Restart warm'],
];
const perCpu = (command: number): (typeof PER_CPU)[number] | undefined =>
  PER_CPU.find(([first, last]) => command >= first && command <= last);

export const isCommand = (command: number): boolean => COMMANDS[command] !== undefined || perCpu(command) !== undefined;
/** Operation code of an answer whose request was not seen. */
export const ANSWER = 0x100;
export function commandName(command: number): string {
  if (command >= ANSWER) return 'Answer';
  const cpu = perCpu(command);
  return COMMANDS[command] ?? (cpu ? `${cpu[3]} (CPU ${command - cpu[2]})` : `Command 0x${command.toString(16)}`);
}

export const Command = {
  SetClock: 12,
  WriteMemory: 35,
  WriteLine: 36,
  WriteText: 37,
  FirmwareVersion: 32,
  DeleteLine: 112,
  InsertLine: 114,
  EraseFlash: 165,
  ChangeOnRun: 172,
  DownloadFirmware: 174,
  BlockData: 169,
} as const;
export const isRun = (command: number): boolean => command >= 40 && command <= 48;
export const isStop = (command: number): boolean => command >= 60 && command <= 68;
export const isRestart = (command: number): boolean => (command >= 50 && command <= 57) || (command >= 100 && command <= 107);
export const isClear = (command: number): boolean => command >= 90 && command <= 94;

/** What a telegram can break. */
export const VIOLATIONS = {
  /** The length of the header is not that of the datagram, or below the shortest telegram. */
  'sbus.length': { malformed: true },
  /** The check sequence does not fit. */
  'sbus.check': { malformed: true },
  /** An attribute that does not exist. */
  'sbus.attribute': { malformed: false },
} as const;
export type SbusViolation = keyof typeof VIOLATIONS;
