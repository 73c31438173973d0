/**
 * MQTT 3.1, 3.1.1 and 5 (OASIS): control packets, who signs in and how it ends, and packets that break the order or the
 * fixed header. What is published is passed over.
 *
 * Hot code: one object per connection, nothing per packet but for CONNECT and what fails. Of a long packet only the
 * beginning is waited for.
 */
import { u16 } from '@annunciator/packet/bytes';
import { Detail } from '../details.ts';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { hasGoneOver, tls } from '../tls/dissector.ts';
import { filterDetails, publishDetails } from './details.ts';
import {
  codeName,
  flagsOf,
  isClientPacket,
  isResponse,
  type MqttViolation,
  Packet,
  packetName,
  refusesLogin,
  VERSION_5,
  VIOLATIONS,
} from './names.ts';
import { afterName, afterProperties, afterText, identify, integerBytes, readConnect, remainingLength } from './parse.ts';

const MQTT = PROTOCOLS.mqtt.index;
/** Bytes of a packet that are read; the rest is passed over. */
const READ_AT_MOST = 4096;
const MOST_SUBACK_CODES = 64;

class Session {
  version = 0;
  user = '';
  named = false;
  connected = false;
  /** The client has sent another packet than CONNECT. */
  spoke = false;
  /** Bytes were lost: what came before is not known. */
  lost = false;
  /** Bytes of the current packet to pass over, from the client and from the server. */
  clientLeft = 0;
  serverLeft = 0;
}

function sessionOf(facts: Facts): Session {
  if (facts.state instanceof Session) return facts.state;
  const session = new Session();
  facts.state = session;
  return session;
}

function violate(facts: Facts, name: MqttViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: MQTT, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function fail(facts: Facts, code: number, operation: number): void {
  const sentence = `${packetName(operation)} was refused: ${codeName(code)}.`;
  facts.tell({ is: 'failure', protocol: MQTT, name: 'mqtt.reason', code, operation, text: sentence });
}

function connect(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number, whole: boolean): void {
  if (session.connected) violate(facts, 'mqtt.connect-again', 'A client sends CONNECT once for each connection, this one sent it again.');
  else if (session.spoke && !session.lost)
    violate(facts, 'mqtt.missing-connect', 'The first packet of a client is CONNECT; this one sent others before it.');
  session.connected = true;
  const level = afterName(bytes, start, end);
  if (level < 0) {
    if (whole) violate(facts, 'mqtt.protocol-name', 'CONNECT does not begin with a protocol name that exists.');
    return;
  }
  session.version = bytes[level];
  const read = readConnect(bytes, level, end);
  if (!read) {
    if (whole) violate(facts, 'mqtt.length', `CONNECT of ${end - start} bytes ends within its fields.`);
    return;
  }
  if (facts.wantsDetails) facts.detailText(Detail.MqttClient, read.client);
  const quality = (read.flags >> 3) & 3;
  if (read.flags & 1 || quality === 3 || ((read.flags & 4) === 0 && (read.flags & 0x38) !== 0))
    violate(facts, 'mqtt.connect-flags', `The connect flags 0x${read.flags.toString(16)} are not allowed.`);
  session.named = (read.flags & 0x80) !== 0;
  session.user = session.named ? read.user : read.client;
  if (!session.named) return;
  const secret = read.secret === undefined ? {} : { passwordHash: read.secret };
  facts.tell({ is: 'login', protocol: MQTT, outcome: 'attempt', user: session.user, ...secret });
}

function connack(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): void {
  if (!session.connected && !session.lost)
    violate(facts, 'mqtt.missing-connect', 'The server answers a CONNECT that the client did not send.');
  if (end - start < 2) {
    violate(facts, 'mqtt.length', `CONNACK has at least 2 bytes, this one has ${end - start}.`);
    return;
  }
  const code = bytes[start + 1];
  if (facts.countsFields && session.version !== VERSION_5) facts.field('mqtt.conack.val', code);
  if (code !== 0) fail(facts, code, Packet.Connect);
  const { user } = session;
  if (code === 0 && session.named) facts.tell({ is: 'login', protocol: MQTT, outcome: 'success', user });
  if (refusesLogin(code)) facts.tell({ is: 'login', protocol: MQTT, outcome: 'failure', user });
}

function publish(facts: Facts, flags: number, bytes: Uint8Array, start: number, end: number): void {
  if ((flags & 6) === 6) violate(facts, 'mqtt.qos', 'PUBLISH has QoS 3, which does not exist.');
  const topic = afterText(bytes, start, end);
  if (facts.wantsDetails) publishDetails(facts, flags, bytes, start, topic);
  if (topic < 0 && (end - start < READ_AT_MOST || start + 2 > end))
    violate(facts, 'mqtt.length', `The topic of a PUBLISH runs past its ${end - start} bytes.`);
  else if (topic >= 0 && (flags & 6) !== 0 && topic + 2 > end)
    violate(facts, 'mqtt.length', `A PUBLISH of QoS ${(flags >> 1) & 3} ends before its packet identifier.`);
}

/** Reason codes of acknowledgements: after the packet identifier (3.4.2.1), or first (3.14.2.1). */
function acknowledge(facts: Facts, session: Session, type: number, bytes: Uint8Array, start: number, end: number): void {
  const identified = type !== Packet.Disconnect && type !== Packet.Auth;
  if (identified && end - start < 2) {
    violate(facts, 'mqtt.length', `${packetName(type)} carries a packet identifier of 2 bytes, this one has ${end - start} bytes.`);
    return;
  }
  let at = identified ? start + 2 : start;
  if (type === Packet.Suback || type === Packet.Unsuback) {
    if (session.version === VERSION_5) at = afterProperties(bytes, at, end);
    if (at < 0) return;
    const stop = Math.min(end, at + MOST_SUBACK_CODES);
    for (; at < stop; at++) if (bytes[at] >= 0x80) fail(facts, bytes[at], type - 1);
  } else if (session.version === VERSION_5 && at < end && bytes[at] >= 0x80) fail(facts, bytes[at], type);
}

function readBody(facts: Facts, session: Session, head: number, bytes: Uint8Array, start: number, end: number, whole: boolean): void {
  const type = head >> 4;
  switch (type) {
    case Packet.Connect:
      return connect(facts, session, bytes, start, end, whole);
    case Packet.Connack:
      return connack(facts, session, bytes, start, end);
    case Packet.Publish:
      return publish(facts, head & 15, bytes, start, end);
    case Packet.Subscribe:
    case Packet.Unsubscribe:
      if (facts.wantsDetails) filterDetails(facts, type, session.version, bytes, start, end);
      if (end - start < 5 || u16(bytes, start) === 0)
        violate(
          facts,
          'mqtt.length',
          `${packetName(type)} names one topic filter at least and has an identifier; it has ${end - start} bytes.`,
        );
      return undefined;
    case Packet.Pingreq:
    case Packet.Pingresp:
      if (end > start) violate(facts, 'mqtt.length', `${packetName(type)} has no content, this one has ${end - start} bytes.`);
      return undefined;
    default:
      return acknowledge(facts, session, type, bytes, start, end);
  }
}

function readPacket(facts: Facts, session: Session, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 2) return start;
  const type = bytes[start] >> 4;
  const length = remainingLength(bytes, start + 1, end);
  if (length === -1) return start;
  if (type === 0 || length === -2) {
    if (type === 0) violate(facts, 'mqtt.packet-type', 'Packet type 0 is reserved.');
    else violate(facts, 'mqtt.remaining-length', 'The remaining length has more than four bytes.');
    return -1;
  }
  const body = start + 1 + integerBytes(bytes, start + 1);
  const stop = body + Math.min(length, READ_AT_MOST);
  if (stop > end) return start;
  const flags = bytes[start] & 15;
  const acknowledged = type === Packet.Publish && (flags & 6) === 0;
  facts.message(
    MQTT,
    type,
    isResponse(type) ? Role.Response : acknowledged || type === Packet.Disconnect ? Role.Notification : Role.Request,
  );
  if (facts.countsFields) facts.field('mqtt.msgtype', type);
  if (type !== Packet.Publish && flags !== flagsOf(type))
    violate(facts, 'mqtt.flags', `${packetName(type)} has the flags ${flagsOf(type)}, this one has ${flags}.`);
  readBody(facts, session, bytes[start], bytes, body, stop, length <= READ_AT_MOST);
  if (type !== Packet.Connect && (facts.toServer || isClientPacket(type))) session.spoke = true;
  const rest = body + length;
  const passed = Math.min(rest, end);
  if (facts.toServer) session.clientLeft = rest - passed;
  else session.serverLeft = rest - passed;
  return passed;
}

export const mqtt: Dissector = {
  protocol: PROTOCOLS.mqtt,
  reports: [PROTOCOLS.mqtt, PROTOCOLS.tls],
  tcpPorts: [1883],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: READ_AT_MOST + 5,

  identify: (bytes, start, end, stream) => (stream && start < end ? identify(bytes, start, end) : Confidence.No),

  speaker(bytes, start) {
    const type = bytes[start] >> 4;
    // Both sides publish, and acknowledge what the other published.
    if (type >= Packet.Publish && type <= Packet.Pubcomp) return Speaker.Unknown;
    return isClientPacket(type) ? Speaker.Client : isResponse(type) ? Speaker.Server : Speaker.Unknown;
  },

  stream(facts, bytes, start, end) {
    // A flow whose first bytes are a hello is TLS, even on this port.
    if (hasGoneOver(facts) || (facts.state === undefined && tls.identify?.(bytes, start, end, true) === Confidence.Certain))
      return tls.stream?.(facts, bytes, start, end) ?? end;
    const session = sessionOf(facts);
    const left = facts.toServer ? session.clientLeft : session.serverLeft;
    if (left === 0) return readPacket(facts, session, bytes, start, end);
    const passed = Math.min(left, end - start);
    if (facts.toServer) session.clientLeft = left - passed;
    else session.serverLeft = left - passed;
    return start + passed;
  },

  gap(facts) {
    if (!(facts.state instanceof Session)) return;
    facts.state.lost = true;
    facts.state.clientLeft = 0;
    facts.state.serverLeft = 0;
  },

  operationName: (of, code) => (of === MQTT ? packetName(code) : tls.operationName(of, code)),
  aspects: {},
};
