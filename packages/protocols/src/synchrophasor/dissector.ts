/**
 * Synchrophasors (IEEE C37.118.2): measurement units and concentrators. Commands, configurations with the names of stations,
 * data frames counted. Hot code: a data frame of a stream of fifty a second allocates nothing.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { COMMAND, commandName, Frame, HIGHEST_FRAME, operationName, type SynchrophasorViolation, VIOLATIONS } from './names.ts';

const SYNCHROPHASOR = PROTOCOLS.synchrophasor.index;
const SYNC = 0xaa;
/** Sync, size, id, seconds, fraction, check (table 2). */
const SHORTEST = 16;
const COMMAND_FRAME = 18;
/** Frames up to this many bytes are checked when they are to be recognised; more are not shown. */
const SHOWN = 64;
const TIME_BASE = 4;
const STATION = 16;
/** Seconds of 1990 and 2100. */
const EARLIEST = 631_152_000;
const LATEST = 4_102_444_800;

/** CRC-CCITT: x^16 + x^12 + x^5 + 1, from -1, as Annex B computes it. */
export function check(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0xffff;
  for (let at = start; at < end; at++) {
    const temp = (crc >>> 8) ^ bytes[at];
    crc = (crc << 8) & 0xffff;
    const quick = temp ^ (temp >>> 4);
    crc ^= quick ^ ((quick << 5) & 0xffff) ^ ((quick << 12) & 0xffff);
  }
  return crc & 0xffff;
}

class Flow {
  /** Hash of the last configuration told, so that a repeated one costs nothing. */
  told = 0;
}

function violate(facts: Facts, name: SynchrophasorViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SYNCHROPHASOR, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const typeOf = (bytes: Uint8Array, start: number): number => (bytes[start + 1] >> 4) & 7;

/** A frame whose check fits is certain; one too long to be seen whole is possible by sync byte, type, version and time. */
function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (bytes[start] !== SYNC) return Confidence.No;
  if (end - start < SHORTEST) return stream ? Confidence.More : Confidence.No;
  const size = u16(bytes, start + 2);
  const version = bytes[start + 1] & 15;
  if ((bytes[start + 1] & 0x80) !== 0 || typeOf(bytes, start) > HIGHEST_FRAME || version < 1 || version > 3 || size < SHORTEST)
    return Confidence.No;
  if (start + size <= end)
    return check(bytes, start, start + size - 2) === u16(bytes, start + size - 2) ? Confidence.Certain : Confidence.No;
  if (stream && end - start < Math.min(size, SHOWN)) return Confidence.More;
  // Commands may leave the time out; whatever else is long has one.
  const seconds = u32(bytes, start + 6);
  return seconds >= EARLIEST && seconds <= LATEST ? Confidence.Possible : Confidence.No;
}

function readFrame(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const type = typeOf(bytes, start);
  const command = type === Frame.Command && end - start >= COMMAND_FRAME ? u16(bytes, start + 14) : 0;
  const code = type === Frame.Command ? COMMAND + command : type;
  facts.message(SYNCHROPHASOR, code, type === Frame.Command ? Role.Request : type === Frame.Data ? Role.Notification : Role.Response);
  if (facts.countsFields) {
    facts.field('synphasor.frtype', `0x${type.toString(16).padStart(4, '0')}`);
    if (type === Frame.Command) facts.field('synphasor.command', `0x${command.toString(16).padStart(4, '0')}`);
  }
  if (check(bytes, start, end - 2) !== u16(bytes, end - 2)) {
    violate(facts, 'synchrophasor.check', `The check of a frame of ${end - start} bytes does not fit.`);
    return;
  }
  if (type > HIGHEST_FRAME) violate(facts, 'synchrophasor.undefined', `Frame type ${type} is not defined.`);
  if (type === Frame.Command && (command === 0 || command === 7 || (command > 8 && command < 0x100)))
    violate(facts, 'synchrophasor.undefined', `Command ${command} is not defined.`);
  if (type === Frame.Command && command === 1)
    facts.tell({
      is: 'action',
      protocol: SYNCHROPHASOR,
      action: 'control.operate',
      phase: 'requested',
      text: `Command: ${commandName(command)}`,
    });
  if (type === Frame.Configuration1 || type === Frame.Configuration2) tellStation(facts, bytes, start, end);
}

/** The first station of a configuration names the unit; one of a concentrator names its first source (table 9). */
function tellStation(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const at = start + 14 + TIME_BASE;
  if (at + 2 + STATION > end) return;
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  const flow = facts.state as Flow; // assigned in the line before when it was none
  const hash = hashOf(bytes, at, end - 2);
  if (flow.told === hash) return;
  flow.told = hash;
  const stations = u16(bytes, at);
  const name = text(bytes, at + 2, at + 2 + STATION, STATION).replace(/[.\s]+$/, '');
  const type = stations > 1 ? {} : { type: 'Meter' };
  facts.tell({
    is: 'identity',
    protocol: SYNCHROPHASOR,
    of: 'sender',
    ...type,
    ...(name && { name }),
    revision: `configuration: ${hash.toString(16)}`,
  });
}

export const synchrophasor: Dissector = {
  protocol: PROTOCOLS.synchrophasor,
  reports: [PROTOCOLS.synchrophasor],
  tcpPorts: [4712],
  udpPorts: [4713, 4712],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify,
  speaker: (bytes, start, end) =>
    end - start < 2 ? Speaker.Unknown : typeOf(bytes, start) === Frame.Command ? Speaker.Client : Speaker.Server,

  stream(facts, bytes, start, end) {
    if (end - start < 4) return start;
    const size = u16(bytes, start + 2);
    if (bytes[start] !== SYNC) return -1;
    if (size < SHORTEST) {
      facts.message(SYNCHROPHASOR, typeOf(bytes, start), Role.Notification);
      violate(facts, 'synchrophasor.frame-size', `A frame has at least ${SHORTEST} bytes, this one says ${size}.`);
      return -1;
    }
    if (end - start < size) return start;
    readFrame(facts, bytes, start, start + size);
    return start + size;
  },

  datagram(facts, bytes, start, end) {
    const size = end - start >= 4 ? u16(bytes, start + 2) : 0;
    if (size < SHORTEST || size > end - start || bytes[start] !== SYNC) {
      facts.message(SYNCHROPHASOR, end - start >= 2 ? typeOf(bytes, start) : 0, Role.Notification);
      if (facts.complete) violate(facts, 'synchrophasor.frame-size', `A frame says ${size} bytes in a datagram of ${end - start}.`);
      return;
    }
    readFrame(facts, bytes, start, start + size);
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {},
};
