/**
 * Protocols of offices and servers that are only recognised: their messages are counted, nothing is read from them. They
 * exist so that traffic on the wrong port has a name. Each signature fits fixed values that random bytes and other
 * protocols do not reach.
 *
 * Hot code: every datagram that nobody has claimed comes by here, so each signature looks at one or two bytes before it
 * makes a text of more.
 */
import { text, u16, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS, type ProtocolName } from '../registry.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';

type Judge = (bytes: Uint8Array, start: number, end: number) => Confidence;

interface Signature {
  readonly protocol: ProtocolName;
  readonly tcpPorts?: readonly number[];
  readonly udpPorts?: readonly number[];
  /** First bytes of a stream direction. */
  readonly stream?: Judge;
  /** A datagram. */
  readonly datagram?: Judge;
  /** What is told of each datagram beyond that it came. */
  readonly tell?: (facts: Facts, bytes: Uint8Array, start: number, end: number) => void;
}

const certainIf = (fits: boolean): Confidence => (fits ? Confidence.Certain : Confidence.No);
const possibleIf = (fits: boolean): Confidence => (fits ? Confidence.Possible : Confidence.No);
const beginning = (bytes: Uint8Array, start: number, end: number): string => text(bytes, start, Math.min(end, start + 48), 48);

const smtp: Judge = (bytes, start, end) => {
  if (bytes[start] !== 50 && bytes[start] !== 69 && bytes[start] !== 72) return Confidence.No;
  if (end - start < 24) return Confidence.More;
  const line = beginning(bytes, start, end);
  if (/^220[ -].*\bE?SMTP\b/.test(line)) return Confidence.Certain;
  return possibleIf(/^(220[ -]|EHLO |HELO )/.test(line));
};

const SIP =
  /^(?:SIP\/2\.0 [1-6]\d\d |(?:INVITE|REGISTER|OPTIONS|ACK|BYE|CANCEL|SUBSCRIBE|NOTIFY|MESSAGE|INFO|PRACK|UPDATE|REFER|PUBLISH) sips?:)/;
const RTSP =
  /^(?:RTSP\/1\.0 [1-5]\d\d |(?:OPTIONS|DESCRIBE|SETUP|PLAY|PAUSE|TEARDOWN|ANNOUNCE|GET_PARAMETER|SET_PARAMETER|RECORD) rtsp:\/\/)/;
const byText =
  (pattern: RegExp): Judge =>
  (bytes, start, end) => {
    if (bytes[start] < 65 || bytes[start] > 90) return Confidence.No;
    if (end - start < 20) return Confidence.More;
    return certainIf(pattern.test(beginning(bytes, start, end)));
  };

/** LDAPMessage (RFC 4511, 4.1.1): SEQUENCE, INTEGER id, then an application tag; a bind request of version 3 is certain. */
const ldap: Judge = (bytes, start, end) => {
  if (bytes[start] !== 0x30) return Confidence.No;
  if (end - start < 12) return Confidence.More;
  const long = bytes[start + 1] & 0x80 ? bytes[start + 1] & 0x7f : 0;
  if (long > 4) return Confidence.No;
  const id = start + 2 + long;
  if (bytes[id] !== 2 || bytes[id + 1] === 0 || bytes[id + 1] > 4) return Confidence.No;
  const at = id + 2 + bytes[id + 1];
  const tag = bytes[at];
  if (tag === BIND_REQUEST && at + 6 < end) {
    const body = at + 2 + (bytes[at + 1] & 0x80 ? bytes[at + 1] & 0x7f : 0);
    if (body + 3 < end && u32(bytes, body) >>> 8 === 0x020103 && bytes[body + 3] === 4) return Confidence.Certain;
  }
  return possibleIf((tag >= 0x60 && tag <= 0x79) || tag === 0x42 || tag === 0x4a || tag === 0x50);
};
const BIND_REQUEST = 0x60;

/** Kerberos messages (RFC 4120, 5): an application tag around a SEQUENCE, protocol version 5 close behind. */
function kerberosAt(bytes: Uint8Array, at: number, end: number): Confidence {
  const tag = bytes[at];
  if (end - at < 16 || ((tag < 0x6a || tag > 0x6f) && tag !== 0x7e)) return Confidence.No;
  for (let next = at + 2; next < at + 12; next++) {
    if (
      (bytes[next] === 0xa0 || bytes[next] === 0xa1) &&
      bytes[next + 1] === 3 &&
      bytes[next + 2] === 2 &&
      bytes[next + 3] === 1 &&
      bytes[next + 4] === 5
    )
      return Confidence.Certain;
  }
  return Confidence.No;
}

/** Code, identifier, length of the datagram, authenticator, attributes that fill it (RFC 2865, 3). */
const radius: Judge = (bytes, start, end) => {
  const length = u16(bytes, start + 2);
  if (end - start < 20 || length !== end - start || ![1, 2, 3, 4, 5, 11, 12, 13, 40, 41, 42, 43, 44, 45].includes(bytes[start]))
    return Confidence.No;
  let at = start + 20;
  while (at + 2 <= end && bytes[at + 1] >= 2) at += bytes[at + 1];
  return at === end ? (length > 26 ? Confidence.Certain : Confidence.Possible) : Confidence.No;
};

/** Priority in angle brackets, 0 to 191 (RFC 5424, 6.2.1; RFC 3164). */
const syslog: Judge = (bytes, start, end) => {
  if (bytes[start] !== 60 || end - start < 8) return Confidence.No;
  const line = beginning(bytes, start, end);
  const priority = /^<(\d{1,3})>/.exec(line);
  if (!priority || Number(priority[1]) > 191) return Confidence.No;
  return /^<\d{1,3}>(?:1 \d{4}-\d\d-\d\dT|[A-Z][a-z]{2} [ 0-3]\d \d\d:\d\d:\d\d )/.test(line) ? Confidence.Certain : Confidence.Possible;
};

/** Severities of syslog (RFC 5424, 6.2.1). */
const SYSLOG_SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'];
const LONGEST_LINE = 300;

function tellSyslog(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const line = /^<(\d{1,3})>(?:1 )?(.*)/s.exec(text(bytes, start, Math.min(end, start + LONGEST_LINE), LONGEST_LINE));
  if (!line) return;
  const severity = SYSLOG_SEVERITIES[Number(line[1]) & 7];
  facts.tell({ is: 'notice', protocol: PROTOCOLS.syslog.index, name: 'syslog.message', text: `${severity}: ${line[2].trim()}` });
}

const SIGNATURES: readonly Signature[] = [
  { protocol: PROTOCOLS.smtp, tcpPorts: [25, 587], stream: smtp },
  { protocol: PROTOCOLS.sip, tcpPorts: [5060], udpPorts: [5060], stream: byText(SIP), datagram: byText(SIP) },
  { protocol: PROTOCOLS.rtsp, tcpPorts: [554], stream: byText(RTSP) },
  { protocol: PROTOCOLS.ldap, tcpPorts: [389, 3268], stream: ldap },
  {
    protocol: PROTOCOLS.kerberos,
    tcpPorts: [88],
    udpPorts: [88],
    stream: (bytes, start, end) =>
      end - start < 20 ? (bytes[start] === 0 ? Confidence.More : Confidence.No) : kerberosAt(bytes, start + 4, end),
    datagram: kerberosAt,
  },
  { protocol: PROTOCOLS.radius, udpPorts: [1812, 1813, 1645, 1646], datagram: radius },
  { protocol: PROTOCOLS.syslog, udpPorts: [514], datagram: syslog, tell: tellSyslog },
];

const NONE: readonly number[] = [];

function recognise(signature: Signature): Dissector {
  const { protocol } = signature;
  const count = (facts: Facts): void => facts.message(protocol.index, 0, facts.toServer ? Role.Request : Role.Response);
  // Where one message ends is not read: every piece of the stream counts as one.
  const readStream = (facts: Facts, bytes: Uint8Array, start: number, end: number): number => {
    // STARTTLS and its like: from a hello on, the connection is TLS.
    if (hasGoneOver(facts) || (facts.toServer && tls.identify?.(bytes, start, end, true) === Confidence.Certain)) {
      return tls.stream?.(facts, bytes, start, end) ?? end;
    }
    if (start < end) count(facts);
    return end;
  };
  return {
    protocol,
    reports: signature.stream ? [protocol, PROTOCOLS.tls] : [protocol],
    tcpPorts: signature.tcpPorts ?? NONE,
    udpPorts: signature.udpPorts ?? NONE,
    etherTypes: NONE,
    ipProtocols: NONE,
    longestMessage: 65_535,

    identify(bytes, start, end, stream) {
      const judge = stream ? signature.stream : signature.datagram;
      return judge && start < end ? judge(bytes, start, end) : Confidence.No;
    },

    ...(signature.stream ? { stream: readStream } : {}),
    ...(signature.datagram
      ? {
          datagram(facts: Facts, bytes: Uint8Array, start: number, end: number) {
            count(facts);
            signature.tell?.(facts, bytes, start, end);
          },
        }
      : {}),

    operationName: (of, code) => (of === protocol.index ? 'Data' : tls.operationName(of, code)),
    aspects: {},
  };
}

/** One dissector for each signature. */
export const recognised: readonly Dissector[] = SIGNATURES.map(recognise);
