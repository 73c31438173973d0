/** NTP (RFC 5905) and SNTP: which part a message plays, and servers that refuse. Only the port tells NTP. Hot code: nothing is allocated for a message that is well-formed. */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { HIGHEST_STRATUM, Mode, modeName, type NtpViolation, VIOLATIONS } from './names.ts';

const NTP = PROTOCOLS.ntp.index;
const HEADER = 48;
/** Shortest control message (RFC 9327, 2) and private message. */
const CONTROL_HEADER = 8;
const RESPONSE = 0x80;
const CONTROL_RESPONSE = 0x80;

function violate(facts: Facts, name: NtpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: NTP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function roleOf(bytes: Uint8Array, start: number, end: number, mode: number): Role {
  if (mode === Mode.Server || mode === Mode.SymmetricPassive) return Role.Response;
  if (mode === Mode.Broadcast) return Role.Notification;
  if (mode === Mode.Private && bytes[start] & RESPONSE) return Role.Response;
  if (mode === Mode.Control && start + 1 < end && bytes[start + 1] & CONTROL_RESPONSE) return Role.Response;
  return Role.Request;
}

export const ntp: Dissector = {
  protocol: PROTOCOLS.ntp,
  reports: [PROTOCOLS.ntp],
  tcpPorts: [],
  udpPorts: [123],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    if (stream || start >= end) return Confidence.No;
    const version = (bytes[start] >> 3) & 7;
    const mode = bytes[start] & 7;
    if (version < 1 || version > 4 || mode === 0) return Confidence.No;
    const fits = mode >= Mode.Control ? end - start >= CONTROL_HEADER : end - start >= HEADER && bytes[start + 1] <= HIGHEST_STRATUM;
    return fits ? Confidence.Possible : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    if (start >= end) return;
    const mode = bytes[start] & 7;
    const version = (bytes[start] >> 3) & 7;
    facts.message(NTP, mode, roleOf(bytes, start, end, mode));
    if (facts.countsFields) facts.field('ntp.flags.mode', mode);
    if (version < 1 || version > 4) violate(facts, 'ntp.version', `Version ${version} is not one of 1 to 4.`);
    const shortest = mode >= Mode.Control ? CONTROL_HEADER : HEADER;
    if (end - start < shortest) {
      if (facts.complete) violate(facts, 'ntp.length', `${modeName(mode)} has at least ${shortest} bytes, this one has ${end - start}.`);
      return;
    }
    if (mode >= Mode.Control) return;
    const stratum = bytes[start + 1];
    if (stratum > HIGHEST_STRATUM) violate(facts, 'ntp.stratum', `Stratum ${stratum} is not assigned.`);
    // Stratum 0 of a server: the reference id is a text that says why it refuses (RFC 5905, 7.4).
    if (mode === Mode.Server && stratum === 0 && bytes[start + 12] >= 65 && bytes[start + 12] <= 90) {
      const sentence = `The server refused with ${text(bytes, start + 12, start + 16, 4)}.`;
      facts.tell({ is: 'failure', protocol: NTP, name: 'ntp.kiss', code: 0, operation: Mode.Client, text: sentence });
    }
  },

  operationName: (_protocol, code) => modeName(code),
  aspects: {},
};
