/**
 * Vendor of a MAC address by the IEEE registries MA-L, MA-M and MA-S (24-, 28- and 36-bit prefixes).
 *
 * The registry is 5.5 MB of text with a line for each prefix: the short prefixes first, each length in order. So it stays
 * text, and a question is a binary search; an index would cost a fifth of a second at the first question.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const NEW_LINE = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Hex digits of a prefix, the longest first, and of a whole address. */
const DIGITS = [9, 7, 6];
const ADDRESS_DIGITS = 12;

let registry: Buffer | undefined;

/** Name of the vendor that owns the prefix of `mac` (`00:1b:1b:...`), longest prefix first; empty when unknown or locally administered. */
export function vendorOf(mac: string): string {
  const address = Number.parseInt(mac.replaceAll(':', ''), 16);
  if (!Number.isFinite(address) || (Math.floor(address / 2 ** 40) & 2) !== 0) return '';
  registry ??= readFileSync(createRequire(import.meta.url).resolve('oui-data'));
  for (const digits of DIGITS) {
    const name = find(registry, digits, Math.floor(address / 16 ** (ADDRESS_DIGITS - digits)));
    if (name !== '') return name;
  }
  return '';
}

/** Name on the line of a prefix: `"PREFIX": "NAME\nADDRESS",`; empty without such a line. */
function find(text: Buffer, digits: number, prefix: number): string {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    let line = middle;
    while (line > low && text[line - 1] !== NEW_LINE) line--;
    let key = line;
    while (key < high && text[key] !== QUOTE && text[key] !== NEW_LINE) key++;
    let keyEnd = ++key;
    let found = 0;
    while (keyEnd < high && text[keyEnd] !== QUOTE && text[keyEnd] !== NEW_LINE) found = found * 16 + digitOf(text[keyEnd++]);
    const order = keyEnd - key - digits || found - prefix;
    if (order === 0) return nameFrom(text, text.indexOf(QUOTE, keyEnd + 1) + 1);
    if (order > 0) high = line;
    else {
      low = middle;
      while (low < high && text[low++] !== NEW_LINE);
    }
  }
  return '';
}

function nameFrom(text: Buffer, start: number): string {
  let end = start;
  while (end < text.length && text[end] !== QUOTE && text[end] !== BACKSLASH) end++;
  return text.toString('utf8', start, end).trim();
}

/** Value of a hexadecimal digit in ASCII: `0` to `9`, `A` to `F`. */
function digitOf(code: number): number {
  return (code & 15) + (code >> 6) * 9;
}
