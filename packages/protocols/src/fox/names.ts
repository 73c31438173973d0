/**
 * Fox, the protocol of Tridium Niagara stations and workbenches. Its maker has not published it; the form used here is the
 * one that public tools and captures agree on: a line `fox TYPE SEQUENCE REPLY CHANNEL COMMAND`, then properties in braces,
 * each `name=type:value`, and `};;` at the end.
 */
export const Frame = { Asynchronous: 'a', Synchronous: 's', Reply: 'r', Error: 'e' } as const;

/** Commands of the session's own channel, by operation code; the other channels share one code each. */
const SESSION: readonly string[] = [
  '',
  'hello',
  'challenge',
  'login',
  'authenticate',
  'rejected',
  'welcome',
  'keepAlive',
  'close',
  'fatal',
];
const CHANNELS: readonly string[] = ['', 'station', 'sys', 'nav', 'file', 'history', 'alarm', 'schedule', 'program', 'platform', 'service'];
const CHANNEL = 0x100;

export const Operation = { Hello: 1, Challenge: 2, Login: 3 } as const;

/** Operation code of a command on a channel; 0 for one that is not known. */
export function operationOf(channel: string, command: string): number {
  if (channel === 'fox') return Math.max(0, SESSION.indexOf(command));
  const index = CHANNELS.indexOf(channel);
  return CHANNEL + Math.max(0, index);
}

export function operationName(code: number): string {
  if (code >= CHANNEL) return code === CHANNEL ? 'Other channel' : `Channel ${CHANNELS[code - CHANNEL] ?? ''}`;
  return SESSION[code] || 'Other session command';
}

/** What a Fox message can do wrong. */
export const VIOLATIONS = {
  /** The first line does not have the parts it must have. */
  'fox.first-line': { malformed: true },
} as const;
export type FoxViolation = keyof typeof VIOLATIONS;
