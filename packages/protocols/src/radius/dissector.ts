/**
 * RADIUS (RFC 2865, 2866, 5176): what access servers ask, whom the server rejects, and the handshakes of TLS that EAP
 * carries within it (RFC 3579, 5216).
 *
 * A rejection is told as a failure, not as a sign-in: the client of RADIUS is a switch or an access point that asks for many.
 */
import { text, u16 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readRecords, Side } from '../tls/handshake.ts';
import { Attribute, Code, codeName, Eap, EAP_OF_TLS, isCode, type RadiusViolation, REQUESTS, VIOLATIONS } from './names.ts';

const RADIUS = PROTOCOLS.radius.index;
const HEADER = 20;
const LONGEST_PACKET = 4096;
const LONGEST_NAME = 128;
/** Longest run of TLS records that is put together out of fragments. */
const LONGEST_FLIGHT = 0x8000;
/** Code, identifier, length, method, flags. */
const EAP_HEADER = 6;

/** One direction of EAP: the fragments of a flight that have come. */
class Flight {
  readonly side = new Side();
  #parts: Uint8Array[] = [];
  #size = 0;

  /** Takes a fragment; gives the flight back once the last has come. Flights that grow too long are dropped. */
  add(fragment: Uint8Array, more: boolean): Uint8Array | undefined {
    this.#size += fragment.length;
    if (this.#size <= LONGEST_FLIGHT) this.#parts.push(fragment.slice());
    if (more) return undefined;
    const whole = this.#size <= LONGEST_FLIGHT ? Buffer.concat(this.#parts) : undefined;
    this.forget();
    return whole;
  }

  forget(): void {
    this.#parts = [];
    this.#size = 0;
  }
}

/** User names of requests by identifier, and EAP in both directions. */
class Session {
  readonly users = new Map<number, string>();
  readonly client = new Flight();
  readonly server = new Flight();
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** Code, identifier, length of the packet, authenticator, attributes that fill it (RFC 2865, 3). */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  const length = u16(bytes, start + 2);
  if (end - start < HEADER || !isCode(bytes[start]) || length < HEADER || length > end - start) return Confidence.No;
  let at = start + HEADER;
  while (at + 2 <= start + length && bytes[at + 1] >= 2) at += bytes[at + 1];
  return at === end && length > HEADER + 6 ? Confidence.Certain : Confidence.Possible;
}

function violate(facts: Facts, name: RadiusViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: RADIUS, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

/** EAP packet put together out of the attributes of one packet (RFC 3579, 3.1). */
function readEap(facts: Facts, eap: Uint8Array): void {
  const type = eap[4];
  if (eap.length < EAP_HEADER || (eap[0] !== Eap.Request && eap[0] !== Eap.Response) || !EAP_OF_TLS.has(type)) return;
  const end = Math.min(eap.length, u16(eap, 2));
  const flags = eap[5];
  const from = EAP_HEADER + (flags & Eap.LengthIncluded ? 4 : 0);
  const session = sessionOf(facts);
  const flight = facts.toServer ? session.client : session.server;
  if (from >= end) return;
  const records = flight.add(eap.subarray(from, end), (flags & Eap.MoreFragments) !== 0);
  if (records) readRecords(facts, flight.side, records, 0, records.length);
}

function readAttributes(facts: Facts, bytes: Uint8Array, start: number, end: number): string {
  const eap: Uint8Array[] = [];
  let user = '';
  let at = start;
  while (at + 2 <= end && bytes[at + 1] >= 2 && at + bytes[at + 1] <= end) {
    const next = at + bytes[at + 1];
    if (bytes[at] === Attribute.UserName) user = text(bytes, at + 2, next, LONGEST_NAME);
    else if (bytes[at] === Attribute.EapMessage) eap.push(bytes.subarray(at + 2, next));
    at = next;
  }
  if (at !== end) {
    const sentence = `Attribute ${bytes[at]} has a length of ${at + 1 < end ? bytes[at + 1] : 0}, ${end - at} bytes are left.`;
    violate(facts, 'radius.attribute', sentence);
  }
  if (eap.length > 0) readEap(facts, eap.length === 1 ? eap[0] : Buffer.concat(eap));
  return user;
}

export const radius: Dissector = {
  protocol: PROTOCOLS.radius,
  reports: [PROTOCOLS.radius],
  tcpPorts: [],
  udpPorts: [1812, 1813, 1645, 1646, 3799],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_PACKET,

  identify: (bytes, start, end, stream) => (stream || start >= end ? Confidence.No : identify(bytes, start, end)),

  datagram(facts, bytes, start, end) {
    if (end - start < HEADER) {
      if (facts.complete) violate(facts, 'radius.length', `A packet has ${HEADER} bytes or more, this one has ${end - start}.`);
      return;
    }
    const code = bytes[start];
    const length = u16(bytes, start + 2);
    const request = REQUESTS.has(code);
    facts.message(RADIUS, code, request ? Role.Request : Role.Response);
    if (facts.countsFields) facts.field('radius.code', code);
    if (!isCode(code)) violate(facts, 'radius.code', `Code ${code} is none of RADIUS.`);
    if (length < HEADER || length > LONGEST_PACKET || (facts.complete && length > end - start)) {
      violate(facts, 'radius.length', `The length says ${length}, the datagram has ${end - start} bytes.`);
      return;
    }
    const user = readAttributes(facts, bytes, start + HEADER, Math.min(end, start + length));
    const { users } = sessionOf(facts);
    const identifier = bytes[start + 1];
    if (code === Code.AccessRequest) users.set(identifier, user);
    else if (code === Code.AccessReject) {
      const who = users.get(identifier);
      const sentence = `access rejected${who ? ` for ${who}` : ''}`;
      facts.tell({ is: 'failure', protocol: RADIUS, name: 'radius.reject', code, operation: Code.AccessRequest, text: sentence });
    }
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.client.forget();
    facts.state.server.forget();
  },

  operationName: (_protocol, code) => codeName(code),
  aspects: {},
};
