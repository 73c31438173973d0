/**
 * The handshake messages of TLS that travel in clear: their types, what a client offers, the certificate a side shows. One
 * message may go on in the next record; only those that are read are kept until they are whole.
 */
import { u16, u24 } from '@annunciator/packet/bytes';
import type { Facts } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readCertificates } from './certificate.ts';
import { readClientHello } from './hello.ts';
import { Content, HANDSHAKE_TYPES, Handshake, VIOLATIONS } from './names.ts';

const TLS = PROTOCOLS.tls.index;
const MESSAGE_HEADER = 4;
const RECORD_HEADER = 5;
/** Longest handshake message that is believed, and longest that is kept while it is unfinished. */
const LONGEST_MESSAGE = 0x20000;
const LONGEST_KEPT = 0x8000;

/** What is remembered of one side of a session. */
export class Side {
  /** What follows is encrypted: the change of cipher has been seen. */
  encrypted = false;
  /** Bytes of a record that are passed over. */
  left = 0;
  /** Bytes of a handshake message that continue in the next record. */
  continues = 0;
  /** The part of that message that has come, when it is to be read. */
  #kept: Uint8Array | undefined;
  #filled = 0;

  forget(): void {
    this.continues = 0;
    this.#kept = undefined;
  }

  /** Keeps the part that has come of a message of `size` bytes. */
  keep(bytes: Uint8Array, start: number, end: number, size: number): void {
    if (size > LONGEST_KEPT) return;
    this.#kept = new Uint8Array(size);
    this.#kept.set(bytes.subarray(start, end));
    this.#filled = end - start;
  }

  /** Takes more of the message that continues; gives the message back when it is whole. */
  resume(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    this.continues -= end - start;
    const kept = this.#kept;
    if (!kept) return undefined;
    kept.set(bytes.subarray(start, end), this.#filled);
    this.#filled += end - start;
    if (this.continues > 0) return undefined;
    this.#kept = undefined;
    return kept;
  }
}

export function tell(facts: Facts, name: keyof typeof VIOLATIONS, text: string): void {
  facts.tell({ is: 'violation', protocol: TLS, name, malformed: VIOLATIONS[name].malformed, text });
}

const isRead = (type: number): boolean => type === Handshake.ClientHello || type === Handshake.Certificate;

/** A whole message with its header in `bytes[start, end)`. */
function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const body = start + MESSAGE_HEADER;
  if (bytes[start] === Handshake.ClientHello) {
    const hello = readClientHello(bytes, body, end);
    if (hello) facts.tell({ is: 'fingerprint', protocol: TLS, kind: 'ja4', value: hello.ja4, about: hello.serverName });
    else tell(facts, 'tls.hello', `The lengths within a ClientHello of ${end - body} bytes do not fit.`);
  } else if (bytes[start] === Handshake.Certificate) {
    const certificate = readCertificates(bytes, body, end);
    if (certificate === 'broken') tell(facts, 'tls.certificate', `A certificate message of ${end - body} bytes cannot be decoded.`);
    else if (certificate !== 'none') facts.tell({ is: 'certificate', protocol: TLS, ...certificate });
  }
}

function checkVersion(facts: Facts, version: number): void {
  const digits = `0x${version.toString(16).padStart(4, '0')}`;
  if (facts.countsFields) facts.field('tls.handshake.version', digits);
  if (version < 0x0300 || version > 0x0304) tell(facts, 'tls.version', `A hello names version ${digits}.`);
}

/** Handshake messages in the record body `bytes[at, end)`; one may go on in the next record. */
export function readHandshake(facts: Facts, side: Side, bytes: Uint8Array, at: number, end: number): void {
  if (side.continues > 0) {
    const passed = Math.min(side.continues, end - at);
    const whole = side.resume(bytes, at, at + passed);
    if (whole) readMessage(facts, whole, 0, whole.length);
    at += passed;
  }
  while (at + MESSAGE_HEADER <= end) {
    const type = bytes[at];
    const length = u24(bytes, at + 1);
    if (!HANDSHAKE_TYPES.has(type) || length > LONGEST_MESSAGE) return;
    if (facts.countsFields) facts.field('tls.handshake.type', type);
    const hello = type === Handshake.ClientHello || type === Handshake.ServerHello;
    if (hello && at + 6 <= end) checkVersion(facts, u16(bytes, at + MESSAGE_HEADER));
    const next = at + MESSAGE_HEADER + length;
    if (isRead(type) && next <= end) readMessage(facts, bytes, at, next);
    else if (isRead(type)) side.keep(bytes, at, end, MESSAGE_HEADER + length);
    at = next;
  }
  side.continues = Math.max(side.continues, at > end ? at - end : 0);
}

/** Whole records in `bytes[at, end)`, as another protocol carries a handshake (EAP-TLS). */
export function readRecords(facts: Facts, side: Side, bytes: Uint8Array, at: number, end: number): void {
  while (at + RECORD_HEADER <= end) {
    const next = at + RECORD_HEADER + u16(bytes, at + 3);
    if (next > end) return;
    if (bytes[at] === Content.ChangeCipherSpec) side.encrypted = true;
    if (bytes[at] === Content.Handshake && !side.encrypted) readHandshake(facts, side, bytes, at + RECORD_HEADER, next);
    at = next;
  }
}
