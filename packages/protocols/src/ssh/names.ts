/** Message numbers of the SSH transport (RFC 4253, 12; RFC 4419, RFC 5656) as Wireshark prints `ssh.message_code`. */
export const KEY_EXCHANGE_INIT = 20;
export const NEW_KEYS = 21;
/** Operation code of an identification line, which has no number of its own. */
export const BANNER = 0;

const names: Readonly<Record<number, string>> = {
  [BANNER]: 'Identification',
  1: 'Disconnect',
  2: 'Ignore',
  4: 'Debug',
  5: 'Service Request',
  6: 'Service Accept',
  [KEY_EXCHANGE_INIT]: 'Key Exchange Init',
  [NEW_KEYS]: 'New Keys',
  30: 'Key Exchange Request',
  31: 'Key Exchange Reply',
  32: 'Group Exchange Init',
  33: 'Group Exchange Reply',
  34: 'Group Exchange Request',
};
export const messageName = (code: number): string => names[code] ?? `Message ${code}`;

/** What an SSH stream can do wrong. */
export const VIOLATIONS = { 'ssh.banner-length': { malformed: false } } as const;
