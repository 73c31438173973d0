/**
 * Vendor of a MAC address by the IEEE registries MA-L, MA-M and MA-S (24-, 28- and 36-bit prefixes).
 *
 * The registry is 5.5 MB of text. It is read once, on the first question, and stays bytes: an index of prefix and offset
 * costs half a megabyte where a parsed object would cost forty.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

interface Registry {
  readonly text: Buffer;
  /** Offset of the vendor's name by prefix: the number of the prefix, plus its length in hex digits in the top bits. */
  readonly offsets: Map<number, number>;
}

let registry: Registry | undefined;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** 36-bit prefixes and their length fit a double exactly. */
const prefixKey = (digits: number, prefix: number): number => digits * 2 ** 40 + prefix;

function load(): Registry {
  const text = readFileSync(createRequire(import.meta.url).resolve('oui-data'));
  const offsets = new Map<number, number>();
  // The file is one JSON object of strings: "PREFIX": "NAME\nADDRESS".
  let at = 0;
  for (;;) {
    const key = text.indexOf(QUOTE, at);
    if (key < 0) break;
    const keyEnd = text.indexOf(QUOTE, key + 1);
    const value = text.indexOf(QUOTE, keyEnd + 1);
    if (keyEnd < 0 || value < 0) break;
    const prefix = Number.parseInt(text.toString('latin1', key + 1, keyEnd), 16);
    if (Number.isFinite(prefix)) offsets.set(prefixKey(keyEnd - key - 1, prefix), value + 1);
    at = value + 1;
    while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
    at++;
  }
  return { text, offsets };
}

/** Name of the vendor that owns the prefix of `mac` (`00:1b:1b:...`), longest prefix first; empty when unknown or locally administered. */
export function vendorOf(mac: string): string {
  const value = Number.parseInt(mac.replaceAll(':', ''), 16);
  if (!Number.isFinite(value) || (Math.floor(value / 2 ** 40) & 2) !== 0) return '';
  registry ??= load();
  for (const digits of [9, 7, 6]) {
    const offset = registry.offsets.get(prefixKey(digits, Math.floor(value / 2 ** (4 * (12 - digits)))));
    if (offset === undefined) continue;
    let end = offset;
    while (end < registry.text.length && registry.text[end] !== QUOTE && registry.text[end] !== BACKSLASH) end++;
    return registry.text.toString('utf8', offset, end).trim();
  }
  return '';
}
