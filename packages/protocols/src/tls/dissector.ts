/**
 * TLS and SSL 3.0 on any port: the record layer, and the handshake messages that travel in clear. Nothing is decrypted.
 * Records are passed over as they come; only those that carry a handshake in clear are waited for.
 *
 * Hot code: one object per connection, nothing per record.
 */
import { u16, u24 } from '@annunciator/packet/bytes';
import { Confidence, type Dissector } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { readHandshake, Side, tell } from './handshake.ts';
import { Content, contentName, Handshake } from './names.ts';

const TLS = PROTOCOLS.tls.index;
const HEADER = 5;
/** Ciphertext may be 2048 bytes longer than the 16,384 of plaintext (RFC 5246, 6.2.3). */
const LONGEST_RECORD = 16_384 + 2048;

class Session {
  readonly client = new Side();
  readonly server = new Side();
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

/** True when a connection that began as another protocol has gone over to TLS (STARTTLS and the like). */
export const hasGoneOver = (facts: Facts): boolean => facts.state instanceof Session;

const isRecord = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] >= Content.ChangeCipherSpec && bytes[at] <= Content.Heartbeat && bytes[at + 1] === 3 && bytes[at + 2] <= 4;

/** Hello messages are recognised by how their lengths nest; any other record is only possible. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (start < end && (bytes[start] < Content.ChangeCipherSpec || bytes[start] > Content.Heartbeat)) return Confidence.No;
  if (start + 1 < end && bytes[start + 1] !== 3) return Confidence.No;
  if (end - start < HEADER) return Confidence.More;
  const length = u16(bytes, start + 3);
  if (!isRecord(bytes, start) || length === 0 || length > LONGEST_RECORD) return Confidence.No;
  if (bytes[start] === Content.Alert)
    return length === 2 && bytes[start + HEADER] >= 1 && bytes[start + HEADER] <= 2 ? Confidence.Possible : Confidence.No;
  if (bytes[start] !== Content.Handshake) return Confidence.Possible;
  if (end - start < HEADER + 6) return Confidence.More;
  const message = start + HEADER;
  const type = bytes[message];
  if (type !== Handshake.ClientHello && type !== Handshake.ServerHello) return Confidence.Possible;
  const size = u24(bytes, message + 1);
  return size >= 38 && size < 65_536 && bytes[message + 4] === 3 && bytes[message + 5] <= 4 ? Confidence.Certain : Confidence.No;
}

export const tls: Dissector = {
  protocol: PROTOCOLS.tls,
  reports: [PROTOCOLS.tls],
  tcpPorts: [443, 8443, 465, 636, 853, 989, 990, 993, 995, 8883, 5671, 4843, 3390],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST_RECORD + HEADER,

  identify: (bytes, start, end, stream) => (stream ? identify(bytes, start, end) : Confidence.No),

  stream(facts, bytes, start, end) {
    const session = sessionOf(facts);
    const side = facts.toServer ? session.client : session.server;
    if (side.left > 0) {
      const passed = Math.min(side.left, end - start);
      side.left -= passed;
      return start + passed;
    }
    if (end - start < HEADER)
      return start < end && (bytes[start] < Content.ChangeCipherSpec || bytes[start] > Content.Heartbeat) ? -1 : start;
    if (!isRecord(bytes, start)) {
      if (bytes[start] >= Content.ChangeCipherSpec && bytes[start] <= Content.ApplicationData && u16(bytes, start + 3) <= LONGEST_RECORD) {
        tell(
          facts,
          'tls.version',
          `A record names version 0x${u16(bytes, start + 1)
            .toString(16)
            .padStart(4, '0')}.`,
        );
      }
      return -1;
    }
    const type = bytes[start];
    const length = u16(bytes, start + 3);
    if (length > LONGEST_RECORD) {
      tell(facts, 'tls.record-length', `A record says ${length} bytes, ${LONGEST_RECORD} is the most.`);
      return -1;
    }
    const clear = type === Content.Handshake && !side.encrypted;
    if (clear && end - start < HEADER + length) return start;
    facts.message(TLS, type, facts.toServer ? Role.Request : Role.Response);
    if (type === Content.ChangeCipherSpec) side.encrypted = true;
    if (clear) {
      readHandshake(facts, side, bytes, start + HEADER, start + HEADER + length);
      return start + HEADER + length;
    }
    const passed = Math.min(length, end - start - HEADER);
    side.left = length - passed;
    return start + HEADER + passed;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    for (const side of [facts.state.client, facts.state.server]) {
      side.left = 0;
      side.forget();
    }
  },

  operationName: (_protocol, code) => contentName(code),
  aspects: {},
};
