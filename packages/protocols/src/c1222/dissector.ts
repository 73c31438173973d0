/**
 * ANSI C12.22: meters over TCP and UDP. Services inside an association of ACSE; sign-ins, tables written, refusals. Encrypted
 * messages are counted and left alone. Messages come seldom, so the plain way is taken.
 */
import { text } from '@annunciator/packet/bytes';
import { Tlv } from '../ber/tlv.ts';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import { ANSWER, ENCRYPTED, isResponse, isWrite, responseName, Service, serviceName, VIOLATIONS } from './names.ts';

const C1222 = PROTOCOLS.c1222.index;
/** Tags: the association, its user information, an external, octets (C12.22, 5.3.4.4). */
const ASSOCIATION = 0x60;
const USER_INFORMATION = 0xbe;
const EXTERNAL = 0x28;
const OCTETS = 0x81;
/** Elements of an association: context, titles, qualifiers, invocation ids, mechanism, authentication, user information. */
const ELEMENTS: ReadonlySet<number> = new Set([0xa1, 0xa2, 0xa4, 0xa6, 0xa7, 0xa8, 0xab, 0xac, USER_INFORMATION]);
/** Bits of the control byte: how the message is secured (5.3.4.4.1). */
const SECURITY = 0x0c;
const CIPHERTEXT = 0x08;
const LONGEST = 65_535;
const MOST_SERVICES = 16;
const USER_NAME = 10;
const PASSWORD = 20;

class Flow {
  /** Service asked last, and the user whose sign-in waits. */
  last = -1;
  user: string | undefined;
}

const tlv = new Tlv();

/** Bytes of the whole association at `start`; 0 while its length is not there, -1 when it is none. */
function sizeOf(bytes: Uint8Array, start: number, end: number): number {
  if (bytes[start] !== ASSOCIATION) return -1;
  if (end - start < 2) return 0;
  const first = bytes[start + 1];
  if (first < 0x80) return 2 + first;
  const more = first & 0x7f;
  if (more === 0 || more > 2) return -1;
  if (end - start < 2 + more) return 0;
  return 2 + more + (more === 1 ? bytes[start + 2] : (bytes[start + 2] << 8) | bytes[start + 3]);
}

/** Reads the element at `at` into `tlv` and says whether it has this tag. */
const isElement = (bytes: Uint8Array, at: number, end: number, tag: number): boolean => tlv.read(bytes, at, end) && tlv.tag === tag;

/** The octets of the user information in the association `bytes[start, end)`: sets `tlv`, or says that there are none. */
function findServices(bytes: Uint8Array, start: number, end: number): boolean {
  if (!tlv.read(bytes, start, end)) return false;
  let at = tlv.start;
  while (at < end && tlv.read(bytes, at, end)) {
    const element: number = tlv.tag;
    if (!ELEMENTS.has(element)) return false;
    if (element === USER_INFORMATION) {
      const stop = tlv.end;
      if (!isElement(bytes, tlv.start, stop, EXTERNAL)) return false;
      const inner = tlv.end;
      at = tlv.start;
      // An external may name its encoding before the octets.
      for (let step = 0; step < 4; step++) {
        if (isElement(bytes, at, inner, OCTETS)) return true;
        at = tlv.next;
      }
      return false;
    }
    at = tlv.next;
  }
  return false;
}

function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  const size = sizeOf(bytes, start, end);
  if (size < 0) return Confidence.No;
  if (size === 0) return stream ? Confidence.More : Confidence.No;
  if (end - start >= size) return findServices(bytes, start, start + size) ? Confidence.Certain : Confidence.No;
  if (!stream) return Confidence.No;
  if (end - start < 64) return Confidence.More;
  return ELEMENTS.has(bytes[start + (bytes[start + 1] < 0x80 ? 2 : 2 + (bytes[start + 1] & 0x7f))]) ? Confidence.Possible : Confidence.No;
}

function readRequest(facts: Facts, flow: Flow, service: number, bytes: Uint8Array, at: number, end: number): void {
  flow.last = service;
  facts.message(C1222, service, Role.Request);
  if (facts.countsFields) facts.field('c1222.cmd', `0x${service.toString(16).padStart(2, '0')}`);
  if (service === Service.Identify)
    facts.tell({ is: 'action', protocol: C1222, action: 'identity.request', phase: 'requested', text: 'Identify (service 0x20)' });
  else if (isWrite(service))
    facts.tell({
      is: 'action',
      protocol: C1222,
      action: 'configuration.write',
      phase: 'requested',
      text: `${serviceName(service)} (service 0x${service.toString(16)})`,
    });
  else if (service === Service.Logon && end - at >= 2 + USER_NAME) {
    flow.user = text(bytes, at + 2, at + 2 + USER_NAME, USER_NAME).replace(/[.\s]+$/, '');
    facts.tell({ is: 'login', protocol: C1222, outcome: 'attempt', user: flow.user });
  } else if (service === Service.Security) {
    flow.user = '';
    facts.tell({
      is: 'login',
      protocol: C1222,
      outcome: 'attempt',
      user: '',
      passwordHash: hashOf(bytes, at, Math.min(end, at + PASSWORD)),
    });
  }
}

function readAnswer(facts: Facts, flow: Flow, code: number): void {
  const service = flow.last;
  facts.message(C1222, service < 0 ? ANSWER : service, Role.Response);
  if (facts.countsFields) facts.field('c1222.err', `0x${code.toString(16).padStart(2, '0')}`);
  if (code !== 0) {
    const sentence = `${service < 0 ? 'A service' : serviceName(service)} was refused: ${responseName(code)}`;
    facts.tell({ is: 'failure', protocol: C1222, name: 'c1222.response', code, operation: Math.max(0, service), text: sentence });
  }
  if (flow.user !== undefined) facts.tell({ is: 'login', protocol: C1222, outcome: code === 0 ? 'success' : 'failure', user: flow.user });
  flow.user = undefined;
}

/** Control byte, title of the class where it says so, then services, each with its length (5.3.4.4). */
function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  if (!(facts.state instanceof Flow)) facts.state = new Flow();
  const flow = facts.state as Flow; // assigned in the line before when it was none
  const role = facts.toServer ? Role.Request : Role.Response;
  if (!findServices(bytes, start, end)) {
    facts.message(C1222, ANSWER, role);
    const { malformed } = VIOLATIONS['c1222.length'];
    const sentence = `The elements of an association of ${end - start} bytes do not fit.`;
    if (facts.complete) facts.tell({ is: 'violation', protocol: C1222, name: 'c1222.length', malformed, text: sentence });
    return;
  }
  const stop = tlv.end;
  let at = tlv.start + 1;
  if ((bytes[tlv.start] & SECURITY) === CIPHERTEXT) {
    facts.message(C1222, ENCRYPTED, role);
    return;
  }
  for (let count = 0; count < MOST_SERVICES && at + 2 <= stop; count++) {
    const size = bytes[at];
    const service = bytes[at + 1];
    if (size === 0 || size > 0x7f) break;
    if (isResponse(service)) readAnswer(facts, flow, service);
    else readRequest(facts, flow, service, bytes, at + 2, Math.min(stop, at + 1 + size));
    at += 1 + size;
  }
}

export const c1222: Dissector = {
  protocol: PROTOCOLS.c1222,
  reports: [PROTOCOLS.c1222],
  tcpPorts: [1153],
  udpPorts: [1153],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: (bytes, start, end, stream) => (start < end ? identify(bytes, start, end, stream) : Confidence.No),

  stream(facts, bytes, start, end) {
    const size = sizeOf(bytes, start, end);
    if (size < 0) return -1;
    if (size === 0 || end - start < size) return start;
    readMessage(facts, bytes, start, start + size);
    return start + size;
  },

  datagram(facts, bytes, start, end) {
    readMessage(facts, bytes, start, end);
  },

  operationName: (_protocol, code) => serviceName(code),
  aspects: {},
};
