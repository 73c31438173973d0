/**
 * EtherNet/IP over TCP and UDP (port 44818, or any by content): the encapsulation and the CIP messages in it.
 *
 * Hot code: one exchange and one list of items are reused; state per flow is bounded (see flow.ts).
 */
import { i32le, u16le, u32le } from '@annunciator/packet/bytes';
import { type Dissector, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { ASPECT_TEXTS } from './aspects.ts';
import { Class } from './cip-names.ts';
import { cipOperationName, listConnection, REPLY, readCip } from './cip-message.ts';
import { HEADER, Items, identifyEnip, itemsStart, readItems } from './encapsulation.ts';
import { Exchange, violation } from './exchange.ts';
import { type Connection, EnipFlow } from './flow.ts';
import { listIdentityItem } from './identity.ts';
import { Command, commandName, hex4, hex8, Item, isCommand, isStatus, PROTOCOL_VERSION, statusName } from './names.ts';
import { pcccName } from './pccc.ts';

const ENIP = PROTOCOLS.enip.index;

/** Scope of a pending request: unconnected, or connected through a connection that is not known. */
const UNCONNECTED = -1;
const UNKNOWN_CONNECTION = -2;

const items = new Items();
const exchange = new Exchange();

function flowOf(facts: Facts): EnipFlow {
  if (!(facts.state instanceof EnipFlow)) facts.state = new EnipFlow();
  return facts.state as EnipFlow; // Just made sure of.
}

/** Reads one message with its header at `start`; its data ends at `end`. */
function readMessage(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const flow = flowOf(facts);
  const command = u16le(bytes, start);
  const status = u32le(bytes, start + 8);
  const body = start + HEADER;
  const from = itemsStart(command, body);
  const carries = from >= 0 && from < end;
  const readable = carries && readItems(items, bytes, from, end);
  if (!carries) items.count = 0;
  const role = roleOf(command, bytes, start, end) ?? (facts.toServer ? Role.Request : Role.Response);

  facts.message(ENIP, command, role);
  if (facts.countsFields) {
    facts.field('enip.command', hex4(command));
    facts.field('enip.status', hex8(status));
    for (let i = 0; i < items.count; i++) facts.field('enip.cpf.typeid', hex4(items.types[i]));
  }
  if (role === Role.Request) {
    facts.use(Aspect.EnipCommand, command, 0);
    if (command === Command.ListIdentity)
      facts.tell({
        is: 'action',
        protocol: ENIP,
        action: 'identity.request',
        phase: 'requested',
        text: 'List Identity (EtherNet/IP command 0x0063)',
      });
  } else if (status !== 0) {
    const text = `${commandName(command)} answered with ${statusName(status)} (${hex8(status)})`;
    facts.tell({
      is: 'failure',
      protocol: ENIP,
      name: 'enip.status',
      code: status,
      operation: command,
      text,
      parameters: { command: commandName(command) },
    });
  }
  checkHeader(facts, command, bytes, start, end);
  if (!carries) return;
  if (!readable || items.overrun)
    violation(facts, 'enip.item-overrun', true, `${items.announced} items announced, ${items.count} read, ${end - from} bytes`);
  else if (items.end !== end)
    violation(facts, 'enip.length-mismatch', true, `items end at byte ${items.end - start}, the message at ${end - start}`);
  readData(facts, flow, command, bytes, start);
}

/**
 * A request or a reply? The header does not say: the CIP service does, or the data each command has in one of the two.
 * Undefined when neither tells. `items` are those of the message.
 */
function roleOf(command: number, bytes: Uint8Array, start: number, end: number): Role | undefined {
  switch (command) {
    case Command.SendRRData:
    case Command.SendUnitData: {
      for (let i = 0; i < items.count; i++) {
        const at = items.starts[i] + (items.types[i] === Item.ConnectedData ? 2 : 0);
        if ((items.types[i] === Item.ConnectedData || items.types[i] === Item.UnconnectedData) && at < items.ends[i])
          return bytes[at] & REPLY ? Role.Response : Role.Request;
      }
      break;
    }
    case Command.ListServices:
    case Command.ListIdentity:
    case Command.ListInterfaces:
    case Command.ListTargets:
      // A refusal carries no data either, but a status.
      return end - start > HEADER || u32le(bytes, start + 8) !== 0 ? Role.Response : Role.Request;
    case Command.RegisterSession:
      return u32le(bytes, start + 4) === 0 && u32le(bytes, start + 8) === 0 ? Role.Request : Role.Response;
    default:
  }
  return undefined;
}

function speaker(bytes: Uint8Array, start: number, end: number): Speaker {
  const to = end - start < HEADER ? end + 1 : start + HEADER + u16le(bytes, start + 2);
  if (to > end) return Speaker.Unknown;
  const command = u16le(bytes, start);
  const from = itemsStart(command, start + HEADER);
  if (from < 0 || from >= to || !readItems(items, bytes, from, to)) items.count = 0;
  const role = roleOf(command, bytes, start, to);
  if (role === undefined) return Speaker.Unknown;
  return role === Role.Request ? Speaker.Client : Speaker.Server;
}

function checkHeader(facts: Facts, command: number, bytes: Uint8Array, start: number, end: number): void {
  if (!isCommand(command)) violation(facts, 'enip.unknown-command', false, `command ${hex4(command)}`);
  const options = u32le(bytes, start + 20);
  if (options !== 0) violation(facts, 'enip.options', false, `options ${hex8(options)}, 0 expected`);
  const size = end - start - HEADER;
  if (command === Command.RegisterSession && size >= 2) {
    const version = u16le(bytes, start + HEADER);
    if (version !== PROTOCOL_VERSION) violation(facts, 'enip.protocol-version', false, `version ${version}, ${PROTOCOL_VERSION} expected`);
  }
  const least = command === Command.SendRRData || command === Command.SendUnitData ? 6 : command === Command.RegisterSession ? 4 : 0;
  if (size < least && u32le(bytes, start + 8) === 0)
    violation(facts, 'enip.length-mismatch', true, `${commandName(command)} with ${size} bytes of data, at least ${least} expected`);
}

/** Reads what the items carry. */
function readData(facts: Facts, flow: EnipFlow, command: number, bytes: Uint8Array, start: number): void {
  const address = items.indexOf(Item.ConnectedAddress);
  const connectionId = address >= 0 && items.ends[address] - items.starts[address] >= 4 ? u32le(bytes, items.starts[address]) : -1;
  // Reading a message does not touch `items`: messages hold no items.
  for (let i = 0; i < items.count; i++) {
    const from = items.starts[i];
    const to = items.ends[i];
    if (items.types[i] === Item.ListIdentity) listIdentityItem(facts, flow, bytes, from, to);
    else if (items.types[i] === Item.UnconnectedData) {
      if (command !== Command.SendRRData) violation(facts, 'enip.item-order', false, `unconnected data in ${commandName(command)}`);
      carried(facts, flow, null, UNCONNECTED, i32le(bytes, start + 12), i32le(bytes, start + 16), bytes, from, to);
    } else if (items.types[i] === Item.ConnectedData) {
      if (connectionId < 0) violation(facts, 'enip.item-order', false, 'connected data without the address of a connection');
      if (from + 2 > to) {
        violation(facts, 'cip.short-message', true, `connected data of ${to - from} bytes`);
        continue;
      }
      const connection = connectionId < 0 ? null : flow.connection(connectionId);
      if (connection !== null && facts.countsFields) listConnection(facts, connection.classes, connection.widths);
      // A connection that ends elsewhere than at the message router carries that object's own bytes.
      if (connection !== null && connection.classId !== 0 && connection.classId !== Class.MessageRouter) continue;
      carried(facts, flow, connection, connection?.serial ?? UNKNOWN_CONNECTION, u16le(bytes, from), 0, bytes, from + 2, to);
    }
  }
}

function carried(
  facts: Facts,
  flow: EnipFlow,
  connection: Connection | null,
  scope: number,
  low: number,
  high: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  if (from >= to) return;
  exchange.flow = flow;
  exchange.entry = 0;
  exchange.depth = 0;
  exchange.connection = connection;
  exchange.connected = scope !== UNCONNECTED;
  // What an unknown connection leads to is unknown too.
  exchange.through = scope === UNKNOWN_CONNECTION || (connection?.routed ?? false);
  exchange.pending = bytes[from] & REPLY ? flow.take(scope, low, high, facts.toServer) : flow.open(scope, low, high, facts.toServer);
  readCip(facts, exchange, bytes, from, to);
  exchange.pending = null;
}

export const enip: Dissector = {
  protocol: PROTOCOLS.enip,
  reports: [PROTOCOLS.enip, PROTOCOLS.cip, PROTOCOLS.pccc],
  tcpPorts: [44818],
  udpPorts: [44818],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: HEADER + 0xffff,

  identify: identifyEnip,
  speaker,

  stream(facts, bytes, start, end) {
    if (end - start < HEADER) return start;
    const to = start + HEADER + u16le(bytes, start + 2);
    // Bytes that are no header at all: the stream was joined in the middle of a message.
    if (!isStatus(u32le(bytes, start + 8)) || (!isCommand(u16le(bytes, start)) && u32le(bytes, start + 20) !== 0)) return -1;
    if (to > end) return start;
    readMessage(facts, bytes, start, to);
    return to;
  },

  datagram(facts, bytes, start, end) {
    if (end - start < HEADER)
      return violation(facts, 'enip.length-mismatch', true, `datagram of ${end - start} bytes, at least ${HEADER} expected`);
    const to = start + HEADER + u16le(bytes, start + 2);
    if (to !== end)
      violation(
        facts,
        'enip.length-mismatch',
        true,
        `length ${to - start - HEADER}, the datagram has ${end - start - HEADER} bytes of data`,
      );
    readMessage(facts, bytes, start, Math.min(to, end));
  },

  gap(facts) {
    if (facts.state instanceof EnipFlow) facts.state.forget();
  },

  operationName(protocol, code) {
    if (protocol === PROTOCOLS.cip.index) return cipOperationName(code);
    return protocol === PROTOCOLS.pccc.index ? pcccName(code) : commandName(code);
  },

  aspects: ASPECT_TEXTS,
};
