/** The state of a controller in the product's words, from the words of its protocol. */

export const PLC_KEY_STATES = ['Run', 'Program', 'Remote', 'Stop', 'Invalid', 'Programming Disabled'] as const;
export type PlcKeyState = (typeof PLC_KEY_STATES)[number];

export const PLC_RUN_STATES = ['Run', 'Program', 'Stop', 'Paused', 'Exception', 'Halted', 'Trapped', 'Idle', 'Offline'] as const;
export type PlcRunState = (typeof PLC_RUN_STATES)[number];

/** What the controller does, and the position of its key switch; empty when nobody told. */
export interface PlcMode {
  readonly run: PlcRunState | '';
  readonly key: PlcKeyState | '';
}

/** Words that protocols use, in lower case and without the prefix of a Logix key switch. */
const RUN_WORDS: Readonly<Record<string, PlcRunState>> = {
  run: 'Run',
  running: 'Run',
  test: 'Run',
  starting: 'Run',
  resuming: 'Run',
  startup: 'Run',
  program: 'Program',
  'flash update': 'Program',
  resetting: 'Program',
  stop: 'Stop',
  stopped: 'Stop',
  stopping: 'Stop',
  hold: 'Paused',
  paused: 'Paused',
  faulted: 'Exception',
  defect: 'Exception',
  unrunnable: 'Exception',
  'flash bad': 'Exception',
  halted: 'Halted',
  idle: 'Idle',
  'non-existent': 'Offline',
};

const KEY_WORDS: Readonly<Record<string, PlcKeyState>> = {
  run: 'Run',
  'run-p': 'Remote',
  remote: 'Remote',
  program: 'Program',
  stop: 'Stop',
  mres: 'Stop',
};

/**
 * Reads what a protocol told: `mode` such as `REMOTE RUN` or `STOP`, `keySwitch` such as `RUN-P`, both empty when not told. A
 * Logix controller tells its key switch within the mode, which `logix` says.
 */
export function plcMode(mode: string, keySwitch: string, logix: boolean): PlcMode {
  const word = mode.toLowerCase();
  const remote = word.startsWith('remote ');
  const run = RUN_WORDS[remote ? word.slice('remote '.length) : word] ?? '';
  const key = KEY_WORDS[keySwitch.toLowerCase()] ?? (remote ? 'Remote' : logix && (run === 'Run' || run === 'Program') ? run : '');
  return { run, key };
}

/** One word where both say the same, else both: `Run`, `Remote, Run`. */
export function plcModeText({ run, key }: PlcMode): string {
  return run === key ? run : [key, run].filter(Boolean).join(', ');
}

/** Whether nobody can program the controller from the network: the key switch decides. Null when it is not known. */
export function isPlcSecured({ key }: PlcMode): boolean | null {
  if (key === '') return null;
  return key !== 'Program' && key !== 'Remote';
}
