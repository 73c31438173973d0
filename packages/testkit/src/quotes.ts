/** What an alert quotes from its packets, and whether a text of tshark about these packets contains it. */
import type { Alert } from '@annunciator/core/alert';

export interface Quote {
  readonly name: string;
  /** Any of these is enough. */
  readonly values: readonly string[];
}

/**
 * Parameters that no frame of the alert holds: counts and times that were measured, what was known before, the names and numbers of our
 * own for what was seen, and what the sensor knows from elsewhere.
 */
const NOT_QUOTED: ReadonlySet<string> = new Set(
  `addresses attempts halfOpen names requests sessions period interval classes before
   expected last vendor vlan sourceNetwork destinationNetwork access communication frame kind
   function indication meaning mode now operation seen setting table traffic transport violation what`.split(/\s+/),
);

/** Addresses and ports of both ends, and the parameters that stand in the packets. */
export function quotesOf(alert: Alert): Quote[] {
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
  for (const [name, value] of Object.entries(alert.parameters))
    if (!NOT_QUOTED.has(name) && value !== '' && typeof value !== 'boolean') quotes.push({ name, values: [String(value)] });
  return quotes;
}

/** The text of tshark (with bytes in hexadecimal) has the value: as a number in any notation, as text, or word for word. */
export function isContained(value: string, text: string): boolean {
  const lower = text.toLowerCase();
  const wanted = value.toLowerCase();
  if (isNumber(wanted)) return hasNumber(wanted, lower);
  if (lower.includes(wanted)) return true;
  // What has a name of ours is quoted by its number: `Program (0x68)`.
  const code = /\((0x[0-9a-f]+|\d+)\)$/.exec(wanted);
  if (code) return hasNumber(code[1], lower);
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
