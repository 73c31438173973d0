/** DHCP for IPv6 (RFC 8415), recognised and counted; a client's name is told when it is in the message. */
import { macText, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type DhcpViolation, HIGHEST_TYPE6, type6Name, VIOLATIONS } from './names.ts';

const DHCPV6 = PROTOCOLS.dhcpv6.index;
const HEADER = 4;
/** Relay messages carry hop count and two addresses before their options (RFC 8415, 9). */
const RELAY_HEADER = 34;
const CLIENT_ID = 1;
const CLIENT_NAME = 39;

const headerOf = (type: number): number => (type === 12 || type === 13 ? RELAY_HEADER : HEADER);

function violate(facts: Facts, name: DhcpViolation, sentence: string): void {
  if (facts.complete) facts.tell({ is: 'violation', protocol: DHCPV6, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** True when the options that begin at `at` end exactly at `end`. */
function optionsFit(bytes: Uint8Array, at: number, end: number): boolean {
  while (at + 4 <= end) at += 4 + u16(bytes, at + 2);
  return at === end;
}

/** First label of the name in DNS form at `at` (RFC 4704, 4.2), or the empty text. */
function firstLabel(bytes: Uint8Array, at: number, end: number): string {
  let label = '';
  for (let left = bytes[at]; left > 0 && left < 64 && ++at < end; left--) {
    if (bytes[at] <= 32 || bytes[at] >= 127) return '';
    label += String.fromCharCode(bytes[at]);
  }
  return label;
}

/** MAC address in a DUID of type LLT (1) or LL (3) over Ethernet (RFC 8415, 11). */
function macOfDuid(bytes: Uint8Array, data: number, length: number): string {
  const type = u16(bytes, data);
  if (u16(bytes, data + 2) !== 1) return '';
  if (type === 1 && length === 14) return macText(bytes, data + 8);
  return type === 3 && length === 10 ? macText(bytes, data + 4) : '';
}

function readOptions(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  let mac = '';
  let name = '';
  let at = start;
  while (at + 4 <= end) {
    const code = u16(bytes, at);
    const length = u16(bytes, at + 2);
    const data = at + 4;
    at = data + length;
    if (at > end) {
      violate(facts, 'dhcpv6.option-length', `Option ${code} says ${length} bytes, ${end - data} are left.`);
      return;
    }
    if (code === CLIENT_ID) mac = macOfDuid(bytes, data, length);
    else if (code === CLIENT_NAME && length > 2) name = firstLabel(bytes, data + 1, at);
  }
  if (mac !== '' && name !== '') facts.tell({ is: 'identity', protocol: DHCPV6, of: { mac }, name });
}

export const dhcpv6: Dissector = {
  protocol: PROTOCOLS.dhcpv6,
  reports: [PROTOCOLS.dhcpv6],
  tcpPorts: [],
  udpPorts: [546, 547],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    const type = bytes[start];
    if (stream || end - start < HEADER + 4 || type === 0 || type > HIGHEST_TYPE6) return Confidence.No;
    return optionsFit(bytes, start + headerOf(type), end) ? Confidence.Possible : Confidence.No;
  },

  datagram(facts, bytes, start, end) {
    const type = start < end ? bytes[start] : 0;
    facts.message(DHCPV6, type, type === 2 || type === 7 || type === 13 ? Role.Response : type === 10 ? Role.Notification : Role.Request);
    const options = start + headerOf(type);
    if (options > end)
      violate(facts, 'dhcpv6.length', `${type6Name(type)} has at least ${headerOf(type)} bytes, this one has ${end - start}.`);
    else if (type !== 12 && type !== 13) readOptions(facts, bytes, options, end);
  },

  operationName: (_protocol, code) => type6Name(code),
  aspects: {},
};
