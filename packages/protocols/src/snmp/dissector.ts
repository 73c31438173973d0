/**
 * SNMP, versions 1, 2c and 3: what managers ask of agents and under which community or user, what agents refuse, and what
 * they tell about themselves.
 *
 * Hot code: one reused object; what is asked is made a text once for each flow.
 */
import { text } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { ENCRYPTED, errorName, Pdu, pduName, type SnmpViolation, SystemObject, UserReport, VIOLATIONS } from './names.ts';
import { identify, Message, readMessage, Variable } from './parse.ts';

const SNMP = PROTOCOLS.snmp.index;
const OCTETS = 0x04;
const OBJECT_IDENTIFIER = 0x06;
const MOST_VARIABLES = 64;
/** Numbers of an identifier that are written out (RFC 3416 allows 128). */
const MOST_PARTS = 32;
const LONGEST_WHO = 64;
/** 1.3.6.1.2.1.1 and 1.3.6.1.6.3.15.1.1 as object identifiers are encoded. */
const SYSTEM = [0x2b, 6, 1, 2, 1, 1];
const USER_REPORTS = [0x2b, 6, 1, 6, 3, 15, 1, 1];

/** Arcs of an object identifier that the baseline tells apart: a scalar, or a table (`1.3.6.1.2.1.2.2`). */
const PREFIX_ARCS = 8;
/** Communities and prefixes of a flow whose interned text is remembered. */
const MOST_KNOWN = 32;

/** What was asked in a flow before: interned texts by a hash of community or user and prefix. */
class Known extends Map<number, number> {}

const message = new Message();
const variable = new Variable();

function violate(facts: Facts, name: SnmpViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: SNMP, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const who = (bytes: Uint8Array): string => text(bytes, message.whoStart, message.whoEnd, LONGEST_WHO);

/** End of the first arcs of the variable's name. The first byte holds two; the others end with a byte below 128 (X.690, 8.19). */
function prefixEnd(bytes: Uint8Array): number {
  let at = variable.nameStart;
  for (let arcs = 2; at < variable.nameEnd; at++) if (bytes[at] < 128 && arcs++ === PREFIX_ARCS) return at + 1;
  return at;
}

function prefixText(bytes: Uint8Array, end: number): string {
  const first = bytes[variable.nameStart];
  let out = `${Math.min(2, Math.floor(first / 40))}.${first - 40 * Math.min(2, Math.floor(first / 40))}`;
  let arc = 0;
  for (let at = variable.nameStart + 1; at < end; at++) {
    arc = arc * 128 + (bytes[at] & 127);
    if (bytes[at] >= 128) continue;
    out += `.${arc}`;
    arc = 0;
  }
  return out;
}

/** The interned text of who asks for what: `public 1.3.6.1.2.1.1.5`. */
function internAsked(facts: Facts, bytes: Uint8Array): number {
  if (!(facts.state instanceof Known)) facts.state = new Known();
  const known = facts.state as Known; // assigned in the line before when it was none
  const end = prefixEnd(bytes);
  const owner = hashOf(bytes, message.whoStart, Math.min(message.whoEnd, message.whoStart + LONGEST_WHO));
  const hash = hashOf(bytes, variable.nameStart, end, owner);
  const before = known.get(hash);
  if (before !== undefined) return before;
  const interned = facts.intern(`${who(bytes)} ${prefixText(bytes, end)}`);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(hash, interned);
  return interned;
}

/** The last number but one of the variable's name when it is `prefix`.x.0, else -1. */
function scalarOf(bytes: Uint8Array, prefix: readonly number[]): number {
  if (variable.nameEnd - variable.nameStart !== prefix.length + 2 || bytes[variable.nameEnd - 1] !== 0) return -1;
  for (let index = 0; index < prefix.length; index++) if (bytes[variable.nameStart + index] !== prefix[index]) return -1;
  return bytes[variable.nameEnd - 2];
}

const valueText = (bytes: Uint8Array): string => text(bytes, variable.start, variable.end, 128).trim();

function tellIdentity(facts: Facts, bytes: Uint8Array): void {
  const object = variable.tag === OCTETS ? scalarOf(bytes, SYSTEM) : -1;
  if (object !== SystemObject.Description && object !== SystemObject.Name) return;
  const value = valueText(bytes);
  if (value === '') return;
  if (object === SystemObject.Name) {
    facts.tell({ is: 'identity', protocol: SNMP, of: 'sender', name: value });
    return;
  }
  const os = /\b(Linux|Windows|FreeBSD|VxWorks|RouterOS|Cisco IOS|JUNOS)\b/.exec(value)?.[0];
  facts.tell({ is: 'identity', protocol: SNMP, of: 'sender', model: value, ...(os ? { os } : {}) });
}

/** 1.3.6.1.6.3.1.1.4.1.0, the name of the variable that says which trap it is (RFC 3418, 2). */
const TRAP = [0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0];
/** 1.3.6.1.6.3.1.1.5.x (RFC 3418, 2), numbers as the generic traps of version 1 plus one. */
const STANDARD_TRAPS = ['', 'coldStart', 'warmStart', 'linkDown', 'linkUp', 'authenticationFailure'];

/** The identifier in the value of the variable, dotted; bounded, and empty when it is none. */
function identifierText(bytes: Uint8Array): string {
  if (variable.tag !== OBJECT_IDENTIFIER || variable.end <= variable.start) return '';
  const first = bytes[variable.start];
  const parts = [Math.min(2, Math.floor(first / 40)), first - 40 * Math.min(2, Math.floor(first / 40))];
  for (let at = variable.start + 1, value = 0; at < variable.end && parts.length < MOST_PARTS; at++) {
    value = (value * 128 + (bytes[at] & 0x7f)) % 2 ** 32;
    if ((bytes[at] & 0x80) !== 0) continue;
    parts.push(value);
    value = 0;
  }
  return parts.join('.');
}

/** Which trap it is; empty until the variable comes that says it. */
function trapOf(bytes: Uint8Array): string {
  const { nameStart, nameEnd } = variable;
  if (nameEnd - nameStart !== TRAP.length || TRAP.some((octet, index) => bytes[nameStart + index] !== octet)) return '';
  const identifier = identifierText(bytes);
  const standard = /^1\.3\.6\.1\.6\.3\.1\.1\.5\.(\d)$/.exec(identifier);
  return (standard && STANDARD_TRAPS[Number(standard[1])]) || identifier;
}

function tellTrap(facts: Facts, which: string): void {
  const version = message.version === 1 ? '2c' : String(message.version === 0 ? 1 : message.version);
  facts.tell({ is: 'notice', protocol: SNMP, name: 'snmp.trap', text: `SNMP trap ${which && `${which} `}(version ${version}).` });
}

/** A report of the user-based security model says why a user was refused (RFC 3414, 3.2). */
function tellRefusal(facts: Facts, bytes: Uint8Array): void {
  const counter = scalarOf(bytes, USER_REPORTS);
  if (counter === UserReport.UnknownUser || counter === UserReport.WrongDigest || counter === UserReport.Decryption)
    facts.tell({ is: 'login', protocol: SNMP, outcome: 'failure', user: who(bytes) });
}

function readVariables(facts: Facts, bytes: Uint8Array): void {
  let at = message.start;
  let trap = '';
  for (let count = 0; at < message.end && count < MOST_VARIABLES; count++) {
    if (!variable.read(bytes, at, message.end)) {
      if (facts.complete) violate(facts, 'snmp.length', `Variable ${count + 1} does not fit into its message.`);
      return;
    }
    at = variable.next;
    if (isRequest(message.pdu)) facts.use(Aspect.SnmpOperation, message.pdu, internAsked(facts, bytes));
    else if (message.pdu === Pdu.Response) tellIdentity(facts, bytes);
    else if (message.pdu === Pdu.Report) tellRefusal(facts, bytes);
    else if (isTrap(message.pdu)) trap ||= trapOf(bytes);
  }
  if (isTrap(message.pdu)) tellTrap(facts, trap);
}

const isTrap = (pdu: number): boolean => pdu === Pdu.Trap || pdu === Pdu.Inform;

function roleOf(facts: Facts, pdu: number): Role {
  if (pdu === Pdu.Response || pdu === Pdu.Report) return Role.Response;
  if (pdu === Pdu.TrapV1 || pdu === Pdu.Trap) return Role.Notification;
  return pdu === ENCRYPTED && !facts.toServer ? Role.Response : Role.Request;
}

const isRequest = (pdu: number): boolean => pdu === Pdu.Get || pdu === Pdu.GetNext || pdu === Pdu.GetBulk || pdu === Pdu.Set;

function tell(facts: Facts, bytes: Uint8Array): void {
  const { pdu } = message;
  if (pdu === Pdu.Set) {
    facts.tell({ is: 'action', protocol: SNMP, action: 'configuration.write', phase: 'requested', text: 'Set request of SNMP' });
  }
  if (message.error !== 0) {
    const { error } = message;
    const sentence = `The agent answered with ${errorName(error)}.`;
    facts.tell({ is: 'failure', protocol: SNMP, name: 'snmp.error', code: error, operation: pdu, text: sentence });
  }
  if (message.start < message.end) readVariables(facts, bytes);
  else if (pdu === Pdu.TrapV1) tellTrap(facts, '');
}

export const snmp: Dissector = {
  protocol: PROTOCOLS.snmp,
  reports: [PROTOCOLS.snmp],
  tcpPorts: [],
  udpPorts: [161, 162],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    readMessage(message, bytes, start, end);
    const { version, pdu, fault } = message;
    facts.message(SNMP, pdu < 0 ? ENCRYPTED : pdu, roleOf(facts, pdu < 0 ? ENCRYPTED : pdu));
    if (facts.countsFields) {
      if (version === 0 || version === 1) {
        facts.field('snmp.version', version);
        if (message.whoEnd > 0) facts.field('snmp.community', who(bytes));
      }
      if (pdu >= 0 && pdu !== ENCRYPTED) facts.field('snmp.data', pdu);
    }
    if (version >= 0 && version !== 0 && version !== 1 && version !== 3)
      violate(facts, 'snmp.version', `Version ${version} does not exist.`);
    if (fault === 'pdu') violate(facts, 'snmp.pdu', 'The message holds a PDU of a type that does not exist.');
    else if (fault === 'length' && facts.complete)
      violate(facts, 'snmp.length', `The parts of a message do not fit into its ${end - start} bytes.`);
    else if (fault === '') tell(facts, bytes);
  },

  operationName: (_protocol, code) => pduName(code),
  aspects: {
    [Aspect.SnmpOperation]: (a, b, interned) => {
      const asked = interned(b);
      const space = asked.lastIndexOf(' ');
      return { operation: pduName(a), community: asked.slice(0, Math.max(0, space)), objects: asked.slice(space + 1) };
    },
  },
};
