/** SOME/IP over UDP and TCP (AUTOSAR): messages of vehicles and of machines that use their software. Hot code: nothing is allocated for a message but errors. */
import { u32 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { DISCOVERY, HIGHEST_RETURN, isType, Type, typeName, VIOLATIONS } from './names.ts';

const SOMEIP = PROTOCOLS.someip.index;
/** Message id, length (from the request id on), request id, version 1, interface, type, return code. */
const HEADER = 16;
const COUNTED = 8;
const LONGEST = 1 << 16;

function violate(facts: Facts, sentence: string): void {
  facts.tell({
    is: 'violation',
    protocol: SOMEIP,
    name: 'someip.length',
    malformed: VIOLATIONS['someip.length'].malformed,
    text: sentence,
  });
}

const fits = (bytes: Uint8Array, start: number, end: number): boolean => {
  const length = u32(bytes, start + 4);
  return (
    bytes[start + 12] === 1 &&
    isType(bytes[start + 14]) &&
    bytes[start + 15] <= HIGHEST_RETURN &&
    length >= COUNTED &&
    length <= LONGEST &&
    end - start >= HEADER
  );
};

/** Service discovery is certain by its message id; other messages by version, type and a length that is the datagram's are possible. */
function identify(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  if (end - start < HEADER) return stream && bytes[start] === 0xff ? Confidence.More : Confidence.No;
  if (!fits(bytes, start, end)) return Confidence.No;
  if (u32(bytes, start) === DISCOVERY) return Confidence.Certain;
  return stream || start + COUNTED + u32(bytes, start + 4) <= end ? Confidence.Possible : Confidence.No;
}

function readMessage(facts: Facts, bytes: Uint8Array, start: number): void {
  const type = bytes[start + 14];
  facts.message(
    SOMEIP,
    type,
    type & Type.Response ? Role.Response : type === Type.Notification || type === Type.Fire ? Role.Notification : Role.Request,
  );
  if (facts.countsFields) facts.field('someip.messagetype', `0x${type.toString(16).padStart(2, '0')}`);
  const code = bytes[start + 15];
  if (type & Type.Response && code !== 0)
    facts.tell({
      is: 'failure',
      protocol: SOMEIP,
      name: 'someip.return',
      code,
      operation: type,
      text: `service 0x${(u32(bytes, start) >>> 16).toString(16)} answered with return code ${code}`,
    });
}

export const someip: Dissector = {
  protocol: PROTOCOLS.someip,
  reports: [PROTOCOLS.someip],
  tcpPorts: [30_490],
  udpPorts: [30_490],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST + COUNTED,

  identify: (bytes, start, end, stream) => (start < end ? identify(bytes, start, end, stream) : Confidence.No),

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    if (!fits(bytes, start, end)) return -1;
    const after = start + COUNTED + u32(bytes, start + 4);
    if (after > end) return start;
    readMessage(facts, bytes, start);
    return after;
  },

  datagram(facts, bytes, start, end) {
    let at = start;
    while (end - at >= HEADER && fits(bytes, at, end) && at + COUNTED + u32(bytes, at + 4) <= end) {
      readMessage(facts, bytes, at);
      at += COUNTED + u32(bytes, at + 4);
    }
    if (at === end) return;
    if (at === start) facts.message(SOMEIP, end - start >= HEADER ? bytes[start + 14] : 0, Role.Notification);
    if (facts.complete) violate(facts, `${end - at} bytes are left after the last whole message of a datagram.`);
  },

  operationName: (_protocol, code) => typeName(code),
  aspects: {},
};
