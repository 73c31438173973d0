/** What an alert quotes from its packets, and whether what tshark tells about these packets contains it. */
import type { Alert } from '@annunciator/core/alert';

export interface Quote {
  readonly name: string;
  /** Any of these is enough. */
  readonly values: readonly string[];
}

/**
 * Parameters that no frame of the alert holds: counts and times that were measured, what was known before, names and numbers
 * of our own for what was seen, and what the sensor knows from elsewhere.
 */
const NOT_QUOTED: ReadonlySet<string> = new Set(
  `addresses attempts halfOpen names requests sessions period interval classes before
   expected last vendor vlan sourceNetwork destinationNetwork access communication frame kind
   indication meaning mode now operation seen setting table traffic transport violation what`.split(/\s+/),
);
/** Names of our own for what has a number beside. */
const NAMES: ReadonlySet<string> = new Set(['function', 'name', 'service']);
const NUMBERS = ['class', 'code', 'command', 'functionCode', 'object'];

/** Addresses and ports of both ends, and the parameters that stand in the packets. */
export function quotesOf(alert: Pick<Alert, 'source' | 'destination' | 'parameters' | 'protocol'>): Quote[] {
  const quotes: Quote[] = [];
  for (const [side, end] of [
    ['source', alert.source],
    ['destination', alert.destination],
  ] as const) {
    // Frames without IP tell their sender and receiver by MAC address.
    const values = [end?.ip, end?.mac].filter((address) => typeof address === 'string');
    if (values.length > 0) quotes.push({ name: `${side} address`, values });
    if (end?.port) quotes.push({ name: `${side} port`, values: [String(end.port)] });
  }
  const named = NUMBERS.some((number) => number in alert.parameters);
  for (const [name, value] of Object.entries(alert.parameters)) {
    if (NOT_QUOTED.has(name) || value === '' || typeof value === 'boolean') continue;
    if (NAMES.has(name) && (named || /^s7comm-plus|umas/.test(alert.protocol ?? '')) && !String(value).startsWith('0x')) continue;
    quotes.push({ name, values: [String(value)] });
  }
  return quotes;
}

/**
 * The text of tshark (`-V -x`: in words, then the bytes in hexadecimal) has the value: as a number in any notation, as text
 * or word for word; a number that tshark does not spell out, among the bytes.
 */
export function isContained(value: string, text: string): boolean {
  const lower = text.toLowerCase();
  const wanted = value.toLowerCase();
  if (isNumber(wanted)) return hasNumber(wanted, lower) || hasBytes(Number(wanted), lower);
  if (lower.includes(wanted)) return true;
  // What has a name of ours is quoted by its number: `Program (0x68)`, `DB 1`.
  const code = /\((0x[0-9a-f]+|\d+)\)$/.exec(wanted) ?? / (0x[0-9a-f]+)$/.exec(wanted) ?? /^[a-z]{2,3} (\d+)$/.exec(wanted);
  if (code) return hasNumber(code[1], lower) || hasBytes(Number(code[1]), lower);
  const words = wanted.split(/[^a-z0-9_.-]+/).filter((word) => word !== '');
  return words.length > 0 && words.every((word) => lower.includes(word) || (isNumber(word) && hasNumber(word, lower)));
}

function isNumber(value: string): boolean {
  return /^-?\d+$/.test(value) || /^0x[0-9a-f]+$/.test(value);
}

function hasNumber(value: string, text: string): boolean {
  const number = Number(value);
  return new RegExp(`(?<![0-9a-z.])(${number}|0x0*${number.toString(16)})(?![0-9a-z])`).test(text);
}

/** As one, two or four bytes in either order, or in seven-bit groups (S7comm-plus). */
function hasBytes(number: number, text: string): boolean {
  const dump = [...text.matchAll(/^[0-9a-f]{4} {2}((?:[0-9a-f]{2} )+)/gm)].map(([, bytes]) => bytes).join('');
  return encodings(number).some((bytes) => dump.includes(`${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')} `));
}

function encodings(number: number): number[][] {
  const found: number[][] = [];
  for (const length of [1, 2, 4]) {
    if (number < 0 || number >= 2 ** (8 * length)) continue;
    const bytes = Array.from({ length }, (_, i) => Math.floor(number / 2 ** (8 * (length - 1 - i))) & 255);
    found.push(bytes, bytes.toReversed());
  }
  const groups: number[] = [];
  for (let rest = number; rest > 0; rest = Math.floor(rest / 128)) groups.unshift((rest % 128) | (groups.length === 0 ? 0 : 128));
  if (groups.length > 0) found.push(groups);
  return found;
}
