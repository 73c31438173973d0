/**
 * Protocols of offices and servers that are only recognised: their messages are counted, nothing is read from them. They
 * exist so that traffic on the wrong port has a name. Each signature fits fixed values that random bytes and other
 * protocols do not reach.
 *
 * Hot code: every datagram that nobody has claimed comes by here, so each signature looks at one or two bytes before it
 * makes a text of more.
 */
import { text } from '@annunciator/packet/bytes';
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
  const level = Number(line[1]) & 7;
  if (facts.countsFields) facts.field('syslog.level', level);
  const severity = SYSLOG_SEVERITIES[level];
  facts.tell({ is: 'notice', protocol: PROTOCOLS.syslog.index, name: 'syslog.message', text: `${severity}: ${line[2].trim()}` });
}

const SIGNATURES: readonly Signature[] = [
  { protocol: PROTOCOLS.smtp, tcpPorts: [25, 587], stream: smtp },
  { protocol: PROTOCOLS.sip, tcpPorts: [5060], udpPorts: [5060], stream: byText(SIP), datagram: byText(SIP) },
  { protocol: PROTOCOLS.rtsp, tcpPorts: [554], stream: byText(RTSP) },
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
