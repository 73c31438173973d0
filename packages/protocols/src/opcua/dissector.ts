/**
 * OPC UA over TCP (OPC 10000-6, 7.1 and 6.7; port 4840, or any by content). Channels without security and channels that
 * only sign are read; what is encrypted is counted as a secured message and left alone.
 *
 * Hot code: one cursor is reused; state per flow is bounded (see flow.ts).
 */
import { u16le, u32le } from '@annunciator/packet/bytes';
import { type Dissector, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { Cursor, CursorFault } from './cursor.ts';
import { OpcuaFlow, type Pending, Security } from './flow.ts';
import { HEADER, identifyOpcua, LONGEST, tagOf } from './identify.ts';
import {
  hex8,
  isRequest,
  isResponse,
  type OpcuaViolation,
  operationName,
  requestOf,
  SERVICE_FAULT,
  Service,
  serviceName,
  statusText,
  TRANSPORTS,
  type TransportType,
  Transport,
  VIOLATIONS,
} from './names.ts';
import { readRequest } from './requests.ts';
import { readResponse } from './responses.ts';

const OPCUA = PROTOCOLS.opcua.index;
const FINAL = 0x46;
const CONTINUED = 0x43;
const ABORTED = 0x41;
/** Buffers are at least as large (OPC 10000-6, 7.1.2.3), URLs at most. */
const LEAST_BUFFER = 8_192;
const LONGEST_URL = 4_096;
/** Security, channel and token ids, then sequence number and request id (OPC 10000-6, 6.7.2). */
const CHANNEL_TOKEN = 8;
const SEQUENCE = 8;
const NONE = '#None';

const cursor = new Cursor();

function violate(facts: Facts, name: OpcuaViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: OPCUA, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

function flowOf(facts: Facts): OpcuaFlow {
  if (!(facts.state instanceof OpcuaFlow)) facts.state = new OpcuaFlow();
  return facts.state as OpcuaFlow; // made sure of in the line before
}

/** Hello, Acknowledge, Error and ReverseHello (OPC 10000-6, 7.1.2). */
function readConnection(facts: Facts, tag: number, type: TransportType, bytes: Uint8Array, start: number, end: number): void {
  facts.message(OPCUA, type.code, tag === Transport.HEL ? Role.Request : tag === Transport.RHE ? Role.Notification : Role.Response);
  if (facts.countsFields) facts.field('opcua.transport.type', type.name);
  cursor.set(bytes, start + HEADER, end, facts);
  if (tag === Transport.HEL || tag === Transport.ACK) {
    const version = cursor.u32();
    const receive = cursor.u32();
    const send = cursor.u32();
    cursor.skip(8);
    if (version !== 0) violate(facts, 'opcua.protocol-version', `${type.title} with protocol version ${version}, 0 expected.`);
    if (receive < LEAST_BUFFER || send < LEAST_BUFFER)
      violate(facts, 'opcua.buffer-size', `Buffers of ${receive} and ${send} bytes, at least ${LEAST_BUFFER} expected.`);
    if (tag === Transport.HEL) readUrl(facts);
  } else if (tag === Transport.ERR) {
    const status = cursor.u32();
    cursor.string();
    if (cursor.good) {
      const reason = cursor.text();
      const text = `connection refused: ${statusText(status)}${reason === '' ? '' : `, ${reason}`}`;
      tellFailure(facts, status, type.code, text, { service: 'connection' });
    }
  } else {
    cursor.string();
    readUrl(facts);
  }
  if (!cursor.good) violate(facts, 'opcua.length-mismatch', `${type.title} of ${end - start} bytes ends within a field.`);
  else if (cursor.at !== end) violate(facts, 'opcua.length-mismatch', `${end - cursor.at} bytes follow the fields of ${type.title}.`);
}

function readUrl(facts: Facts): void {
  cursor.string();
  const length = cursor.textEnd - cursor.textStart;
  if (length > LONGEST_URL) violate(facts, 'opcua.endpoint-url', `Endpoint URL of ${length} bytes, at most ${LONGEST_URL} expected.`);
}

function tellFailure(facts: Facts, code: number, operation: number, text: string, parameters: Record<string, string>): void {
  facts.tell({
    is: 'failure',
    protocol: OPCUA,
    name: 'opcua.status',
    code,
    operation,
    text,
    parameters: { ...parameters, status: statusText(code) },
  });
}

/** A secured message that is not read: counted, its direction tells its role. */
function secured(facts: Facts, type: TransportType): void {
  facts.message(OPCUA, type.code, facts.toServer ? Role.Request : Role.Response);
  facts.use(Aspect.OpcuaService, type.code, 0);
}

/** OpenSecureChannel: an asymmetric header with the policy, encrypted after it unless the policy is None. */
function readOpening(facts: Facts, flow: OpcuaFlow, type: TransportType, bytes: Uint8Array, start: number, end: number): void {
  cursor.set(bytes, start + HEADER + 4, end, facts);
  cursor.string();
  const policy = cursor.text(128);
  cursor.string();
  cursor.string();
  if (!cursor.good) {
    secured(facts, type);
    countType(facts, type);
    violate(facts, 'opcua.length-mismatch', 'The security header goes past the end of the message.');
    return;
  }
  flow.security = policy.endsWith(NONE) ? Security.None : Security.Secured;
  if (flow.security === Security.None) readBody(facts, flow, type, bytes, cursor.at, end);
  else secured(facts, type);
  countType(facts, type);
}

function countType(facts: Facts, type: TransportType): void {
  if (facts.countsFields) facts.field('opcua.transport.type', type.name);
}

/** MSG and CLO: channel id and token id stand before the sequence header. */
function readChunk(facts: Facts, flow: OpcuaFlow, type: TransportType, bytes: Uint8Array, start: number, end: number): void {
  const from = start + HEADER + CHANNEL_TOKEN;
  const chunk = bytes[start + 3];
  const parts = facts.toServer ? flow.toServer : flow.toClient;
  if (flow.security === Security.Secured && !looksPlain(bytes, from + SEQUENCE, end) && parts.length === 0) {
    secured(facts, type);
    countType(facts, type);
    return;
  }
  const id = u32le(bytes, from + 4);
  if (chunk === ABORTED) {
    parts.clear();
    facts.message(OPCUA, type.code, facts.toServer ? Role.Request : Role.Response);
  } else if (chunk === CONTINUED || parts.length > 0) {
    if (parts.length > 0 && parts.id !== id) parts.clear();
    parts.id = id;
    // The first part keeps its sequence header, so that all bodies begin alike.
    parts.add(bytes, parts.length === 0 ? from : from + SEQUENCE, end);
    if (chunk === CONTINUED) facts.message(OPCUA, type.code, facts.toServer ? Role.Request : Role.Response);
    else {
      if (parts.overflow) secured(facts, type);
      else readBody(facts, flow, type, parts.bytes, 0, parts.length);
      parts.clear();
    }
  } else readBody(facts, flow, type, bytes, from, end);
  countType(facts, type);
}

/** A signed message begins with the four-byte node id of a service; an encrypted one once in millions. */
function looksPlain(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 4 > end || bytes[at] !== 1 || bytes[at + 1] !== 0) return false;
  const service = bytes[at + 2] | (bytes[at + 3] << 8);
  return isRequest(service) || isResponse(service);
}

/** Sequence header, type and parameters of a whole message. */
function readBody(facts: Facts, flow: OpcuaFlow, type: TransportType, bytes: Uint8Array, start: number, end: number): void {
  if (flow.security !== Security.None && !looksPlain(bytes, start + SEQUENCE, end)) {
    secured(facts, type);
    return;
  }
  cursor.set(bytes, start, end, facts);
  cursor.skip(4);
  const id = cursor.u32();
  cursor.nodeId();
  const service = cursor.good && cursor.namespace === 0 ? cursor.numeric : -1;
  const asks = isRequest(service);
  if (!asks && !isResponse(service)) {
    facts.message(OPCUA, type.code, facts.toServer ? Role.Request : Role.Response);
    if (facts.countsFields && cursor.good && cursor.numeric >= 0) facts.field('opcua.servicenodeid.numeric', cursor.numeric);
    if (!cursor.good) tellFault(facts, type.title);
    else violate(facts, 'opcua.unknown-service', `The type of the message is ${cursor.nodeText()}, which is no service.`);
    return;
  }
  facts.message(OPCUA, service, asks ? Role.Request : Role.Response);
  if (facts.countsFields) facts.field('opcua.servicenodeid.numeric', service);
  facts.use(Aspect.OpcuaService, service, 0);
  if (asks) {
    cursor.requestHeader();
    readRequest(facts, flow, flow.open(id, service), cursor, service);
  } else respond(facts, flow, service, id);
  if (!cursor.good) tellFault(facts, operationName(service));
}

function respond(facts: Facts, flow: OpcuaFlow, service: number, id: number): void {
  const pending = flow.take(id);
  const request = service === SERVICE_FAULT ? (pending?.service ?? 0) : requestOf(service);
  const result = cursor.responseHeader();
  if (!cursor.good) return;
  // A good result with a fault is no answer either.
  if (result >= 0x80000000 || service === SERVICE_FAULT) {
    const name = request === 0 ? 'a request' : serviceName(request);
    tellFailure(facts, result, request, `${name} answered with ${statusText(result)}`, { service: name });
  }
  if (service !== SERVICE_FAULT && result < 0x80000000) readResponse(facts, flow, matching(pending, request), cursor, request);
}

const matching = (pending: Pending | null, request: number): Pending | null => (pending?.service === request ? pending : null);

function tellFault(facts: Facts, what: string): void {
  if (cursor.fault === CursorFault.Encoding)
    violate(facts, 'opcua.encoding', `${what} holds a value that is encoded in no known way, before byte ${cursor.at}.`);
  else violate(facts, 'opcua.length-mismatch', `${what} goes past the end of its message.`);
}

/** Header of a message without encryption, up to the id of its service: channel, token, sequence and request number. */
const SERVICE_ID = HEADER + 16;

function speaker(bytes: Uint8Array, start: number, end: number): Speaker {
  const tag = end - start < HEADER ? 0 : tagOf(bytes, start);
  if (tag === Transport.HEL) return Speaker.Client;
  if (tag === Transport.ACK || tag === Transport.RHE) return Speaker.Server;
  const at = start + SERVICE_ID;
  // The usual form of a NodeId: four bytes, namespace 0.
  if (tag !== Transport.MSG || end - at < 4 || bytes[at] !== 1 || bytes[at + 1] !== 0) return Speaker.Unknown;
  const service = u16le(bytes, at + 2);
  return isRequest(service) ? Speaker.Client : isResponse(service) ? Speaker.Server : Speaker.Unknown;
}

export const opcua: Dissector = {
  protocol: PROTOCOLS.opcua,
  reports: [PROTOCOLS.opcua],
  tcpPorts: [4840],
  udpPorts: [],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: LONGEST,

  identify: identifyOpcua,
  speaker,

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    const tag = tagOf(bytes, start);
    const type = TRANSPORTS.get(tag);
    const size = u32le(bytes, start + 4);
    if (!type || size < type.least || size > LONGEST) {
      facts.message(OPCUA, type?.code ?? 0, facts.toServer ? Role.Request : Role.Response);
      if (!type) violate(facts, 'opcua.message-type', `A message begins with ${hex8(u32le(bytes, start))} (little-endian).`);
      else violate(facts, 'opcua.message-size', `${type.title} of ${size} bytes, ${type.least} to ${LONGEST} expected.`);
      return -1;
    }
    if (start + size > end) return start;
    const flow = flowOf(facts);
    const chunk = bytes[start + 3];
    const to = start + size;
    if (tag === Transport.OPN) readOpening(facts, flow, type, bytes, start, to);
    else if (tag === Transport.MSG || tag === Transport.CLO) readChunk(facts, flow, type, bytes, start, to);
    else readConnection(facts, tag, type, bytes, start, to);
    if (chunk !== FINAL && !(tag === Transport.MSG && (chunk === CONTINUED || chunk === ABORTED)))
      violate(facts, 'opcua.chunk-type', `The fourth byte of ${type.title} is 0x${chunk.toString(16)}.`);
    return to;
  },

  gap(facts) {
    if (facts.state instanceof OpcuaFlow) facts.state.forget();
  },

  operationName: (_protocol, code) => (code === 0 ? 'Unreadable message' : operationName(code)),

  aspects: {
    [Aspect.OpcuaService]: (a) => ({ service: operationName(a) }),
    [Aspect.OpcuaActivity]: (a, b, interned) =>
      a === Service.GetEndpoints || a === Service.CreateSession
        ? { service: serviceName(a), endpoint: interned(b) }
        : { service: serviceName(a), node: interned(b) },
  },
};
