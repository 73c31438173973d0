/**
 * One name service message (RFC 1035, 4.1): questions and records to facts. The work is bounded by the bytes: each turn of
 * a loop consumes at least five of them, and at most sixteen questions and sixteen addresses are told.
 */
import { i32, ipv4Text, ipv6Text, text, u16, u32 } from '@annunciator/packet/bytes';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS, type ProtocolName } from '../registry.ts';
import { registeredDomain } from './domain.ts';
import { countDnsFields } from './fields.ts';
import { HEADER } from './identify.ts';
import { newName, readName, skipName } from './label.ts';
import { type DnsViolation, operationOf, responseCodeName, Type, VIOLATIONS } from './names.ts';
import { decodedName, tellNodeStatus, tellOwner } from './netbios.ts';

const AT_MOST = 16;
const QUERY = 0;

const name = newName();
const owner = newName();

function violate(facts: Facts, protocol: ProtocolName, violation: DnsViolation, sentence: string): void {
  if (!facts.complete) return;
  facts.tell({ is: 'violation', protocol: protocol.index, name: violation, malformed: VIOLATIONS[violation].malformed, text: sentence });
}

/** Operation codes that exist: 0 to 6 without 3 in DNS; NetBIOS names have their own. */
function isOpcode(protocol: ProtocolName, opcode: number): boolean {
  return protocol === PROTOCOLS.nbns ? opcode <= 9 || opcode === 15 : opcode <= 6 && opcode !== 3;
}

function readQuestion(protocol: ProtocolName, bytes: Uint8Array, start: number, at: number, end: number): boolean {
  if (!readName(bytes, start, at, end, name)) return false;
  if (protocol === PROTOCOLS.nbns) {
    const decoded = decodedName(bytes, at, end);
    if (decoded !== '') name.text = decoded;
  }
  return true;
}

function tellQuery(facts: Facts, protocol: ProtocolName, type: number): void {
  const domain = protocol === PROTOCOLS.dns ? registeredDomain(name.text) : name.text;
  facts.use(Aspect.NameQuery, facts.intern(domain), 0);
  facts.tell({
    is: 'name',
    protocol: protocol.index,
    step: 'query',
    name: name.text,
    type,
    code: 0,
    addresses: [],
    ttl: 0,
    domain,
    labelBytes: name.bytes,
    longestLabel: name.longest,
    entropy: name.entropy,
  });
}

/** What the records of a response add up to. */
interface Answer {
  addresses: string[];
  ttl: number;
  bytes: number;
}

/** mDNS and LLMNR owners tell their own name with their address; NetBIOS likewise. */
function tellIdentity(
  facts: Facts,
  protocol: ProtocolName,
  bytes: Uint8Array,
  start: number,
  record: number,
  type: number,
  data: number,
  dataEnd: number,
): void {
  if (protocol === PROTOCOLS.nbns) {
    const label = bytes[record] >= 0xc0 ? start + (u16(bytes, record) & 0x3fff) : record;
    if (type === Type.NB && label < data) tellOwner(facts, bytes, label, data, dataEnd);
    else if (type === Type.SRV) tellNodeStatus(facts, bytes, data, dataEnd);
    return;
  }
  if (protocol === PROTOCOLS.dns || (type !== Type.A && type !== Type.AAAA && type !== Type.HINFO)) return;
  if (!readName(bytes, start, record, dataEnd, owner)) return;
  const hostName = owner.text.endsWith('.local') ? owner.text.slice(0, -6) : owner.text;
  if (hostName === '' || hostName.includes('.')) return;
  if (type === Type.HINFO) {
    // Two character strings: hardware and operating system (RFC 1035, 3.3.2).
    const system = data + 1 + bytes[data];
    if (system >= dataEnd || system + 1 + bytes[system] > dataEnd) return;
    const os = text(bytes, system + 1, system + 1 + bytes[system], 64);
    if (os !== '') facts.tell({ is: 'identity', protocol: protocol.index, of: 'sender', os });
    return;
  }
  const ip = type === Type.A ? ipv4Text(i32(bytes, data)) : ipv6Text(bytes, data);
  facts.tell({ is: 'identity', protocol: protocol.index, of: { ip }, name: hostName });
}

/** Reads `count` records from `at` on. Returns the offset after them, or -1 when they do not fit. */
function readRecords(
  facts: Facts,
  protocol: ProtocolName,
  bytes: Uint8Array,
  start: number,
  at: number,
  end: number,
  count: number,
  answer: Answer | undefined,
  announces: boolean,
): number {
  for (let left = count; left > 0; left--) {
    const record = at;
    at = skipName(bytes, at, end);
    if (at < 0 || at + 10 > end) {
      violate(facts, protocol, 'dns.sections', `${left} more records are announced, but the message ends in one.`);
      return -1;
    }
    const type = u16(bytes, at);
    const ttl = u32(bytes, at + 4);
    const length = u16(bytes, at + 8);
    const data = at + 10;
    at = data + length;
    if (at > end) {
      violate(facts, protocol, 'dns.record-length', `A record says ${length} bytes of data, ${end - data} are left.`);
      return -1;
    }
    const address = (type === Type.A && length === 4) || (type === Type.AAAA && length === 16);
    if (!address && (type === Type.A || type === Type.AAAA) && protocol !== PROTOCOLS.nbns && length !== 0) {
      violate(facts, protocol, 'dns.record-length', `An address record has 4 or 16 bytes of data, this one has ${length}.`);
      continue;
    }
    if (answer) {
      answer.bytes += length;
      answer.ttl = answer.ttl < 0 ? ttl : Math.min(answer.ttl, ttl);
      if (address && answer.addresses.length < AT_MOST)
        answer.addresses.push(type === Type.A ? ipv4Text(i32(bytes, data)) : ipv6Text(bytes, data));
      else if (type === Type.NB && protocol === PROTOCOLS.nbns && length >= 6 && answer.addresses.length < AT_MOST) {
        answer.addresses.push(ipv4Text(i32(bytes, data + 2)));
      }
    }
    if (announces && (address || protocol === PROTOCOLS.nbns || type === Type.HINFO)) {
      tellIdentity(facts, protocol, bytes, start, record, type, data, at);
    }
  }
  return at;
}

/** Reads the message in `bytes[start, end)` as one of `protocol` (DNS, mDNS, LLMNR or NetBIOS names). */
export function readMessage(facts: Facts, protocol: ProtocolName, bytes: Uint8Array, start: number, end: number): void {
  if (facts.countsFields && protocol !== PROTOCOLS.nbns) countDnsFields(facts, bytes, start, end);
  if (end - start < HEADER) {
    facts.message(protocol.index, 0, Role.Notification);
    violate(facts, protocol, 'dns.length', `A message has at least ${HEADER} bytes, this one has ${end - start}.`);
    return;
  }
  const flags = u16(bytes, start + 2);
  const response = flags >> 15 === 1;
  const opcode = (flags >> 11) & 15;
  const code = flags & 15;
  const questions = u16(bytes, start + 4);
  const records = u16(bytes, start + 6);
  const authorities = u16(bytes, start + 8);
  const first = skipName(bytes, start + HEADER, end);
  const firstType = questions > 0 && first >= 0 && first + 4 <= end ? u16(bytes, first) : 0;
  const operation = operationOf(opcode, firstType);
  // An unasked mDNS answer to the group is an announcement (RFC 6762, 8.3).
  facts.message(protocol.index, operation, response ? (facts.toGroup ? Role.Notification : Role.Response) : Role.Request);
  if (!isOpcode(protocol, opcode)) violate(facts, protocol, 'dns.opcode', `Operation code ${opcode} is not assigned.`);

  // A probe asks for the name that its sender is about to use (RFC 6762, 8.1): nobody is looked up.
  const asks = !response && opcode === QUERY && !(protocol === PROTOCOLS.mdns && authorities > 0);
  let at = start + HEADER;
  let asked = '';
  for (let index = 0; index < questions; index++) {
    const next = skipName(bytes, at, end);
    if (next < 0 || next + 4 > end) {
      violate(facts, protocol, 'dns.sections', `${questions} questions are announced, but number ${index + 1} does not fit.`);
      return;
    }
    if (index < AT_MOST) {
      if (!readQuestion(protocol, bytes, start, at, end)) {
        violate(
          facts,
          protocol,
          'dns.name',
          `The name of question ${index + 1} is no name: too long, or a pointer that does not point back.`,
        );
        return;
      }
      if (asks) tellQuery(facts, protocol, u16(bytes, next));
      if (index === 0) asked = name.text;
    }
    at = next + 4;
  }
  const answer: Answer | undefined = response ? { addresses: [], ttl: -1, bytes: 0 } : undefined;
  const announces = response ? code === 0 : protocol === PROTOCOLS.nbns && opcode !== QUERY;
  if (questions === 0 && response && records > 0 && readQuestion(protocol, bytes, start, at, end)) asked = name.text;
  at = readRecords(facts, protocol, bytes, start, at, end, records, answer, announces);
  const type = questions > 0 ? firstType : records > 0 && at > 0 ? ownType(bytes, start + HEADER, end) : 0;
  if (at >= 0) readRecords(facts, protocol, bytes, start, at, end, authorities + u16(bytes, start + 10), undefined, announces);
  if (!answer) return;
  tellAnswer(facts, protocol, answer, asked, type, code);
  if (code !== 0 && protocol !== PROTOCOLS.mdns) {
    const sentence = asked === '' ? responseCodeName(code) : `${responseCodeName(code)} for ${asked}`;
    facts.tell({ is: 'failure', protocol: protocol.index, name: 'dns.rcode', code, operation, text: sentence });
  }
}

/** Type of the record at `at`. */
function ownType(bytes: Uint8Array, at: number, end: number): number {
  const next = skipName(bytes, at, end);
  return next < 0 || next + 2 > end ? 0 : u16(bytes, next);
}

function tellAnswer(facts: Facts, protocol: ProtocolName, answer: Answer, asked: string, type: number, code: number): void {
  // An answer without a question has no name, and what was measured last is another message's.
  const measured = name.text === asked;
  facts.tell({
    is: 'name',
    protocol: protocol.index,
    step: 'answer',
    name: asked,
    type,
    code,
    addresses: answer.addresses,
    ttl: Math.max(0, answer.ttl),
    domain: protocol === PROTOCOLS.dns ? registeredDomain(asked) : asked,
    labelBytes: measured ? name.bytes : 0,
    longestLabel: measured ? name.longest : 0,
    entropy: measured ? name.entropy : 0,
    answerBytes: answer.bytes,
  });
}
