/**
 * Genisys of railway signalling over TCP: polls and indications, controls that are sent and executed. A message ends with 0xF6;
 * bytes from 0xF0 on are escaped as 0xF0 and their low half. Hot code: nothing is allocated for a message but controls.
 */
import { crc16Of } from '../crc16.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ESCAPE, type GenisysViolation, Header, headerName, isAnswer, isHeader, TERMINATOR, VIOLATIONS } from './names.ts';

const GENISYS = PROTOCOLS.genisys.index;
const LONGEST = 1024;
/** A whole message with a check has a header, a station, two bytes of check and the terminator. */
const CHECKED = 5;

/** A message as it was read last: one for all. */
const read = { station: -1, bytes: 0, fits: false, check: false, fault: false };

function violate(facts: Facts, name: GenisysViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: GENISYS, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** Offset of the terminator from `start + 1` on, or -1. */
function terminatorAt(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) if (bytes[at] === TERMINATOR) return at;
  return -1;
}

/**
 * Reads the message `bytes[start, stop)` without its terminator: a check over what comes before it is zero over all of it. Some
 * senders leave the two bytes of the check as they are: `raw` reads them so.
 */
function readBytes(bytes: Uint8Array, start: number, stop: number, raw: boolean): void {
  let crc = crc16Of(0xffff, bytes[start]);
  read.station = -1;
  read.bytes = 0;
  read.fault = false;
  for (let at = start + 1; at < stop; at++) {
    let byte = bytes[at];
    const escaped = !raw || at < stop - 2;
    if (escaped && byte === ESCAPE) {
      at++;
      if (at >= stop) {
        read.fault = true;
        break;
      }
      byte = ESCAPE | bytes[at];
    } else if (escaped && byte > ESCAPE) read.fault = true;
    if (read.bytes === 0) read.station = byte;
    read.bytes++;
    crc = crc16Of(crc, byte);
  }
  // Acknowledgements, and polls without security, name their station only.
  read.check = !(bytes[start] === Header.Acknowledge || (bytes[start] === Header.Poll && read.bytes < 2));
  read.fits = !read.check || (read.bytes >= 3 && crc === 0);
}

function readMessage(bytes: Uint8Array, start: number, stop: number): void {
  readBytes(bytes, start, stop, false);
  if (read.fault || !read.fits) readBytes(bytes, start, stop, true);
}

/** A header that exists, a terminator, a check that fits; messages without a check are possible on the port. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (!isHeader(bytes[start])) return Confidence.No;
  const stop = terminatorAt(bytes, start, Math.min(end, start + LONGEST));
  if (stop < 0) return end - start < 64 ? Confidence.More : Confidence.No;
  readMessage(bytes, start, stop);
  if (read.fault || !read.fits || read.bytes === 0) return Confidence.No;
  return read.check && stop + 1 - start >= CHECKED ? Confidence.Certain : Confidence.Possible;
}

export const genisys: Dissector = {
  protocol: PROTOCOLS.genisys,
  reports: [PROTOCOLS.genisys],
  tcpPorts: [10_001],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (!isHeader(bytes[start])) return -1;
    const stop = terminatorAt(bytes, start, end);
    if (stop < 0) return start;
    const header = bytes[start];
    readMessage(bytes, start, stop);
    facts.message(GENISYS, header, isAnswer(header) ? Role.Response : Role.Request);
    if (read.fault || read.bytes === 0)
      violate(facts, 'genisys.length', `A message of ${stop - start} bytes has no station, or ends within an escaped byte.`);
    else if (!read.fits) violate(facts, 'genisys.check', `The check of a message of ${stop - start} bytes does not fit.`);
    else if (header === Header.Controls || header === Header.CommonControls || header === Header.Execute) {
      const text = `${headerName(header)} to station ${read.station} (header 0x${header.toString(16)})`;
      facts.tell({
        is: 'action',
        protocol: GENISYS,
        action: 'control.operate',
        phase: 'requested',
        text,
        parameters: { station: read.station },
      });
    }
    return stop + 1;
  },

  operationName: (_protocol, code) => headerName(code),
  aspects: {},
};
