/**
 * The header of a message: what its fields say, and what they do wrong (RFC 9112, 5 and 6). A header is read once, when
 * all of it is there; the object is reused. Texts are cut at 512 characters.
 */
import { text } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { controlByte, isName, lineEnd, tokenEnd } from './line.ts';
import { type HttpViolation, VIOLATIONS } from './names.ts';

const HTTP = PROTOCOLS.http.index;
const LONGEST_TEXT = 512;
/** Length from which a text element is told (facts.ts). */
const LONG = 8191;

export interface Header {
  fields: number;
  longest: number;
  host: string;
  userAgent: string;
  soapAction: string;
  contentType: string;
  /** Value of Authorization or Proxy-Authorization, empty without. */
  authorization: string;
  disposition: string;
  /** Content-Length, -1 without. */
  length: number;
  chunked: boolean;
  upgrade: boolean;
}

export const newHeader = (): Header => ({
  fields: 0,
  longest: 0,
  host: '',
  userAgent: '',
  soapAction: '',
  contentType: '',
  authorization: '',
  disposition: '',
  length: -1,
  chunked: false,
  upgrade: false,
});

function violate(facts: Facts, name: HttpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: HTTP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Tells an element of `size` bytes when it is very long. */
export function tellLength(facts: Facts, element: string, size: number): void {
  if (size >= LONG) facts.tell({ is: 'length', protocol: HTTP, element, bytes: size });
}

function readLength(facts: Facts, header: Header, value: string): void {
  // A list of equal numbers is one number (RFC 9112, 6.3).
  for (const part of value.split(',')) {
    const digits = part.trim();
    if (!/^\d{1,15}$/.test(digits)) {
      violate(facts, 'http.invalid-length', `Content-Length is not a number: ${value.slice(0, 40)}.`);
      return;
    }
    const length = Number(digits);
    if (header.length >= 0 && header.length !== length) {
      violate(facts, 'http.conflicting-length', `Content-Length says both ${header.length} and ${length}.`);
    }
    header.length = length;
  }
}

function readField(facts: Facts, header: Header, bytes: Uint8Array, at: number, nameEnd: number, value: number, end: number): void {
  const is = (name: string): boolean => isName(bytes, at, nameEnd, name);
  const valueText = (): string => text(bytes, value, end, LONGEST_TEXT);
  switch (nameEnd - at) {
    case 4:
      if (is('host')) header.host = valueText();
      break;
    case 7:
      if (is('upgrade')) header.upgrade = true;
      break;
    case 10:
      if (is('user-agent')) header.userAgent = valueText();
      else if (is('soapaction')) header.soapAction = valueText().replaceAll('"', '');
      break;
    case 12:
      if (is('content-type')) header.contentType = valueText();
      break;
    case 13:
      if (is('authorization')) header.authorization = valueText();
      break;
    case 14:
      if (is('content-length')) readLength(facts, header, valueText());
      break;
    case 17:
      if (is('transfer-encoding')) header.chunked = /(?:^|[ ,])chunked *$/i.test(valueText());
      break;
    case 19:
      if (is('proxy-authorization')) header.authorization = valueText();
      else if (is('content-disposition')) header.disposition = valueText();
      break;
  }
}

/** One line of `bytes[at, end)` without its line end: a field, or the continuation of one. */
function readLine(facts: Facts, header: Header, bytes: Uint8Array, at: number, end: number): boolean {
  const control = controlByte(bytes, at, end);
  const sound = control < 0;
  if (!sound) {
    const name: HttpViolation = bytes[control] === 13 ? 'http.bare-cr' : 'http.control-byte';
    violate(facts, name, `A header line holds the byte 0x${bytes[control].toString(16).padStart(2, '0')}.`);
  }
  // Obsolete line folding continues the field above (RFC 9112, 5.2).
  if (bytes[at] === 32 || bytes[at] === 9) return sound;
  header.fields++;
  const nameEnd = tokenEnd(bytes, at, end);
  if (nameEnd === at || nameEnd === end || bytes[nameEnd] !== 58) {
    if (sound)
      violate(
        facts,
        'http.field-name',
        `A header line begins with ${JSON.stringify(text(bytes, at, Math.min(end, at + 24)))}, which is no field name.`,
      );
    return false;
  }
  let value = nameEnd + 1;
  while (value < end && (bytes[value] === 32 || bytes[value] === 9)) value++;
  let valueEnd = end;
  while (valueEnd > value && (bytes[valueEnd - 1] === 32 || bytes[valueEnd - 1] === 9)) valueEnd--;
  readField(facts, header, bytes, at, nameEnd, value, valueEnd);
  return sound;
}

/**
 * Reads the fields in `bytes[at, end)`, which ends with the empty line, into `header`. At most one violation of each line
 * kind is told per message.
 */
export function readHeader(facts: Facts, bytes: Uint8Array, at: number, end: number, header: Header): void {
  header.fields = 0;
  header.longest = 0;
  header.host = '';
  header.userAgent = '';
  header.soapAction = '';
  header.contentType = '';
  header.authorization = '';
  header.disposition = '';
  header.length = -1;
  header.chunked = false;
  header.upgrade = false;
  let bare = false;
  let sound = true;
  while (at < end) {
    const feed = lineEnd(bytes, at, end);
    const stop = feed < 0 ? end : feed;
    const returned = stop > at && bytes[stop - 1] === 13;
    const lineStop = returned ? stop - 1 : stop;
    if (!returned && feed >= 0) bare = true;
    if (lineStop > at) {
      if (lineStop - at > header.longest) header.longest = lineStop - at;
      // After the first unsound line the others are still read, silently: one is enough to judge.
      if (sound) sound = readLine(facts, header, bytes, at, lineStop);
      else readQuietly(facts, header, bytes, at, lineStop);
    }
    at = stop + 1;
  }
  if (bare) violate(facts, 'http.bare-lf', 'A header line ends with LF alone.');
  if (header.chunked && header.length >= 0) {
    violate(facts, 'http.length-and-encoding', `Both Content-Length (${header.length}) and Transfer-Encoding: chunked are there.`);
  }
  tellLength(facts, 'header line', header.longest);
}

function readQuietly(facts: Facts, header: Header, bytes: Uint8Array, at: number, end: number): void {
  header.fields++;
  const nameEnd = tokenEnd(bytes, at, end);
  if (nameEnd === at || nameEnd >= end || bytes[nameEnd] !== 58) return;
  let value = nameEnd + 1;
  while (value < end && bytes[value] === 32) value++;
  readField(facts, header, bytes, at, nameEnd, value, end);
}
