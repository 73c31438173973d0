/** GE Ethernet Global Data: controllers that publish their values to one another over UDP. Hot code: nothing is allocated for a message. */
import { i32, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { DATA, typeName, VIOLATIONS } from './names.ts';

const EGD = PROTOCOLS.egd.index;
/** Type, version, request id, producer, exchange, time, status, configuration signature, reserved (GFK-2224, appendix). */
const HEADER = 32;
const EARLIEST = 631_152_000;
const LATEST = 4_102_444_800;

/** Data of version 1 with zeros in the reserved bytes, and a time that can be or none. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER || bytes[start] !== DATA || bytes[start + 1] !== 1 || i32(bytes, start + 28) !== 0) return Confidence.No;
  const seconds = u32le(bytes, start + 12);
  return seconds === 0 || (seconds >= EARLIEST && seconds <= LATEST) ? Confidence.Certain : Confidence.Possible;
}

export const egd: Dissector = {
  protocol: PROTOCOLS.egd,
  reports: [PROTOCOLS.egd],
  tcpPorts: [],
  udpPorts: [18_246],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: 65_535,

  identify: (bytes, start, end, stream) => (stream ? Confidence.No : identify(bytes, start, end)),

  datagram(facts: Facts, bytes, start, end) {
    const type = start < end ? bytes[start] : 0;
    facts.message(EGD, type, Role.Notification);
    if (facts.countsFields) facts.field('egd.type', type);
    if (end - start < HEADER && facts.complete) {
      const { malformed } = VIOLATIONS['egd.length'];
      facts.tell({
        is: 'violation',
        protocol: EGD,
        name: 'egd.length',
        malformed,
        text: `A message has at least ${HEADER} bytes, this one has ${end - start}.`,
      });
    }
  },

  operationName: (_protocol, code) => typeName(code),
  aspects: {},
};
