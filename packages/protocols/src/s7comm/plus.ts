/**
 * S7comm-plus (protocol id 0x72): header, opcode, function and the object a request names. A user of COTP. What is
 * inside encrypted or integrity-protected sessions (version 3) is read as far as it is plain.
 *
 * Hot code: nothing is allocated for variable requests and notifications.
 */
import { u16 } from '@annunciator/packet/bytes';
import type { CotpReader, CotpUser } from '../cotp/user.ts';
import { Confidence, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { HEX } from './names.ts';
import { blockName, functionName, NOTIFICATION, Opcode, Version } from './plus-names.ts';
import { readRequest, tellController } from './plus-objects.ts';
import { violate } from './report.ts';

const PLUS = PROTOCOLS.s7commPlus.index;
const PROTOCOL_ID = 0x72;
const HEADER = 4;
const TRAILER = 4;

const isVersion = (version: number): boolean => version >= Version.First && version <= Version.Third;

/** Where the opcode stands: after the header, and in version 3 after an integrity part with its length in front. */
const opcodeAt = (bytes: Uint8Array, start: number): number =>
  start + HEADER + (bytes[start + 1] === Version.Third ? 1 + bytes[start + HEADER] : 0);

const isOpcode = (value: number): boolean => value === Opcode.Request || value === Opcode.Response || value === Opcode.Notification;

/** Counts version, opcode and function of every TSDU that has room for them, parts of longer messages included. */
function countFields(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const version = bytes[start + 1];
  if (end - start < 9 || !isVersion(version)) return;
  facts.field('x.s7plus.version', version);
  const at = opcodeAt(bytes, start);
  if (at + 5 >= end || !isOpcode(bytes[at])) return;
  facts.field('x.s7plus.opcode', HEX[bytes[at]]);
  facts.field(
    'x.s7plus.function',
    `0x${u16(bytes, at + 3)
      .toString(16)
      .padStart(4, '0')}`,
  );
}

function speakerOf(bytes: Uint8Array, start: number, end: number): Speaker {
  const at = end - start > HEADER && isVersion(bytes[start + 1]) ? opcodeAt(bytes, start) : end;
  if (at >= end || !isOpcode(bytes[at])) return Speaker.Unknown;
  return bytes[at] === Opcode.Request ? Speaker.Client : Speaker.Server;
}

class PlusReader implements CotpReader {
  /** The last PDU of the direction had no trailer: the next one carries on without opcode. */
  #toServerGoesOn = false;
  #toClientGoesOn = false;

  read(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
    const version = bytes[start + 1];
    const continues = facts.toServer ? this.#toServerGoesOn : this.#toClientGoesOn;
    if (facts.toServer) this.#toServerGoesOn = false;
    else this.#toClientGoesOn = false;
    const body = start + HEADER + u16(bytes, start + 2);
    const hasTrailer = body + TRAILER === end && bytes[body] === PROTOCOL_ID;
    if (end - start < HEADER || !isVersion(version) || body > end || continues)
      this.#readPlain(facts, bytes, start, end, version, continues);
    else this.#readMessage(facts, bytes, start, end, Math.min(body, end));
    if (end - start < HEADER) return;
    if (facts.countsFields) countFields(facts, bytes, start, end);
    if (isVersion(version) && body === end) {
      if (facts.toServer) this.#toServerGoesOn = true;
      else this.#toClientGoesOn = true;
    } else if (isVersion(version) && !hasTrailer) {
      violate(
        facts,
        's7comm-plus.length-mismatch',
        `The PDU announces ${body - start} bytes and a trailer of ${TRAILER}, ${end - start} were sent.`,
      );
    }
  }

  gap(): void {
    this.#toServerGoesOn = false;
    this.#toClientGoesOn = false;
  }

  /** Parts of longer messages, events, keep-alives and what is broken. Parts are no messages of their own. */
  #readPlain(facts: Facts, bytes: Uint8Array, start: number, end: number, version: number, continues: boolean): void {
    if (continues && isVersion(version)) return;
    const known = version === Version.SystemEvent || version === Version.KeepAlive;
    facts.message(PLUS, known ? version : 0, Role.Notification);
    if (end - start < HEADER)
      violate(facts, 's7comm-plus.header-truncated', `An S7comm-plus header needs ${HEADER} bytes, ${end - start} were sent.`);
    else if (!known && !isVersion(version))
      violate(facts, 's7comm-plus.unknown-version', `Version ${HEX[bytes[start + 1]]} is none of 1, 2, 3, 0xfe and 0xff.`);
  }

  #readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number, body: number): void {
    const at = opcodeAt(bytes, start);
    const opcode = at < body ? bytes[at] : -1;
    if (opcode === Opcode.Notification) {
      facts.message(PLUS, NOTIFICATION, Role.Notification);
      return;
    }
    if ((opcode !== Opcode.Request && opcode !== Opcode.Response) || at + 5 > body) {
      facts.message(PLUS, 0, Role.Notification);
      if (opcode < 0 || isOpcode(opcode))
        violate(facts, 's7comm-plus.header-truncated', `${end - start} bytes leave no room for a function.`);
      else violate(facts, 's7comm-plus.unknown-opcode', `Opcode ${HEX[opcode]} is none of 0x31, 0x32 and 0x33.`);
      return;
    }
    const func = u16(bytes, at + 3);
    facts.message(PLUS, func, opcode === Opcode.Request ? Role.Request : Role.Response);
    facts.use(Aspect.S7PlusFunction, func, 0);
    if (opcode === Opcode.Response) {
      tellController(facts, func, bytes, at + 14, body);
      return;
    }
    // sequence (2), session (4), transport flags (1), then the object
    if (at + 18 <= body) readRequest(facts, func, bytes, at + 14, body);
  }
}

/** The first bytes are an S7comm-plus PDU of `length` bytes: with trailer, or without when the message goes on. */
function looksLikePlus(bytes: Uint8Array, start: number, end: number, length: number): boolean {
  if (end - start < HEADER + 1 || length < 0 || bytes[start] !== PROTOCOL_ID || !isVersion(bytes[start + 1])) return false;
  const body = HEADER + u16(bytes, start + 2);
  if (body !== length && body + TRAILER !== length) return false;
  const at = opcodeAt(bytes, start);
  return at >= end || isOpcode(bytes[at]) ? true : body === length;
}

export const s7commPlus: CotpUser = {
  protocol: PROTOCOLS.s7commPlus,
  reports: [PROTOCOLS.s7commPlus],
  identify: (bytes, start, end, length) => (looksLikePlus(bytes, start, end, length) ? Confidence.Certain : Confidence.No),
  claims: (bytes, start, end) => start < end && bytes[start] === PROTOCOL_ID,
  speaker: speakerOf,
  open: () => new PlusReader(),
  operationName: (_protocol, code) => functionName(code),
  aspects: {
    [Aspect.S7PlusFunction]: (a) => ({ function: functionName(a) }),
    [Aspect.S7PlusObject]: (a, b) => ({ function: functionName(a), object: `0x${(b >>> 0).toString(16).padStart(8, '0')}` }),
    [Aspect.S7PlusBlock]: (a, b) => ({ function: functionName(a), block: blockName(b >>> 16, b & 0xffff) }),
  },
};
