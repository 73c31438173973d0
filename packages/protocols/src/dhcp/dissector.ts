/** DHCP for IPv4 (RFC 2131): steps of a lease, and what clients tell about themselves. A message is a whole datagram; options consume two bytes each at least. */
import { i32, ipv4Text, macText, text, u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, type LeaseFact, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { type DhcpViolation, HIGHEST_TYPE, isClientSoftware, Option, systemOf, Type, typeName, VIOLATIONS } from './names.ts';

const DHCP = PROTOCOLS.dhcp.index;
const COOKIE = 0x63825363;
/** Fixed part of BOOTP, then the cookie, then options (RFC 2131, 2). */
const FIXED = 236;
const OPTIONS = FIXED + 4;

const STEPS: Readonly<Record<number, LeaseFact['step']>> = {
  [Type.Discover]: 'discover',
  [Type.Offer]: 'offer',
  [Type.Request]: 'request',
  [Type.Decline]: 'decline',
  [Type.Ack]: 'ack',
  [Type.Nak]: 'nak',
  [Type.Release]: 'release',
  [Type.Inform]: 'inform',
};

interface Options {
  type: number;
  hostName: string;
  vendorClass: string;
  requested: number;
}

function violate(facts: Facts, name: DhcpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: DHCP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function readOptions(facts: Facts, bytes: Uint8Array, start: number, end: number): Options {
  const options: Options = { type: 0, hostName: '', vendorClass: '', requested: 0 };
  let at = start;
  while (at < end && bytes[at] !== Option.End) {
    if (bytes[at] === Option.Pad) {
      at++;
      continue;
    }
    const code = bytes[at];
    const data = at + 2;
    const length = at + 1 < end ? bytes[at + 1] : 0;
    if (data + length > end) {
      if (facts.complete) violate(facts, 'dhcp.option-length', `Option ${code} says ${length} bytes, ${Math.max(0, end - data)} are left.`);
      break;
    }
    at = data + length;
    if (code === Option.MessageType && length >= 1) {
      options.type = bytes[data];
      if (facts.countsFields) facts.field('dhcp.option.dhcp', options.type);
    } else if (code === Option.HostName) options.hostName = text(bytes, data, at, 255);
    else if (code === Option.FullName && length > 3 && options.hostName === '' && (bytes[data] & 4) === 0)
      options.hostName = text(bytes, data + 3, at, 255);
    else if (code === Option.VendorClass) options.vendorClass = text(bytes, data, at, 255);
    else if (code === Option.RequestedAddress && length === 4) options.requested = i32(bytes, data);
  }
  return options;
}

function tellClient(facts: Facts, mac: string, options: Options): void {
  const { hostName, vendorClass } = options;
  if (hostName === '' && vendorClass === '') return;
  const os = systemOf(vendorClass);
  facts.tell({
    is: 'identity',
    protocol: DHCP,
    of: { mac },
    ...(hostName === '' ? {} : { name: hostName }),
    ...(os === '' ? {} : { os }),
    ...(vendorClass === '' || isClientSoftware(vendorClass) ? {} : { model: vendorClass }),
  });
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const operation = bytes[start];
  const typed = end - start >= OPTIONS && u32(bytes, start + FIXED) === COOKIE;
  const options = typed ? readOptions(facts, bytes, start + OPTIONS, end) : { type: 0, hostName: '', vendorClass: '', requested: 0 };
  const role = operation === 1 ? Role.Request : operation === 2 ? Role.Response : Role.Notification;
  facts.message(DHCP, options.type, role);
  if (operation !== 1 && operation !== 2) violate(facts, 'dhcp.operation', `Operation ${operation} is neither request (1) nor reply (2).`);
  if (bytes[start + 2] > 16)
    violate(facts, 'dhcp.hardware-size', `A hardware address has at most 16 bytes, the message says ${bytes[start + 2]}.`);
  if (options.type > HIGHEST_TYPE) violate(facts, 'dhcp.message-type', `Message type ${options.type} is not assigned.`);
  const step = STEPS[options.type];
  if (!step) return;
  const clientMac = bytes[start + 2] === 6 ? macText(bytes, start + 28) : '';
  const given = i32(bytes, start + 16);
  const own = i32(bytes, start + 12);
  facts.tell({
    is: 'lease',
    step,
    clientMac,
    transaction: u32(bytes, start + 4),
    address: ipv4Text(given || options.requested || own),
    hostName: options.hostName,
    vendorClass: options.vendorClass,
  });
  if (operation === 1 && clientMac !== '') tellClient(facts, clientMac, options);
  if (options.type === Type.Nak) {
    const sentence = `The server refused an address to ${clientMac || 'a client'}.`;
    facts.tell({ is: 'failure', protocol: DHCP, name: 'dhcp.nak', code: Type.Nak, operation: Type.Request, text: sentence });
  }
}

export const dhcp: Dissector = {
  protocol: PROTOCOLS.dhcp,
  reports: [PROTOCOLS.dhcp],
  tcpPorts: [],
  udpPorts: [67, 68],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify(bytes, start, end, stream) {
    if (stream || end - start < OPTIONS) return Confidence.No;
    if ((bytes[start] !== 1 && bytes[start] !== 2) || bytes[start + 2] > 16) return Confidence.No;
    return u32(bytes, start + FIXED) === COOKIE ? Confidence.Certain : Confidence.Possible;
  },

  datagram(facts, bytes, start, end) {
    if (end - start >= FIXED) {
      readMessage(facts, bytes, start, end);
      return;
    }
    facts.message(DHCP, 0, Role.Notification);
    if (facts.complete) violate(facts, 'dhcp.length', `A message has at least ${FIXED} bytes, this one has ${end - start}.`);
  },

  operationName: (_protocol, code) => typeName(code),
  aspects: {},
};
