/**
 * ADS/AMS of Beckhoff TwinCAT over TCP, and its discovery service over UDP: commands, index groups and offsets, states of
 * controllers and what they run, routes that are added.
 *
 * Hot code: what the baseline learns of a flow is interned once; a usual message allocates nothing.
 */
import { text, u16le, u32, u32le } from '@annunciator/packet/bytes';
import { Confidence, type Dissector, Speaker } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { hashOf } from '../hash.ts';
import { PROTOCOLS } from '../registry.ts';
import {
  type AdsViolation,
  Command,
  DISCOVERY,
  errorName,
  groupName,
  HANDLE_GROUPS,
  isCommand,
  KNOWN_FLAGS,
  operationName,
  Service,
  State,
  StateFlag,
  stateName,
  Tag,
  VIOLATIONS,
} from './names.ts';

const ADS = PROTOCOLS.ads.index;
const TCP_HEADER = 6;
const AMS_HEADER = 32;
const LONGEST_PACKET = 1 << 20;
/** Bytes of a packet that are read; the rest is passed over. */
const READ_AT_MOST = 512;
const COOKIE = 0x03661471;
const DISCOVERY_HEADER = 24;
const ANSWER = 0x80;
const MOST_TAGS = 32;
const MOST_KNOWN = 64;

class Flow {
  client = 0;
  server = 0;
  /** Interned `port 851 Read 0x4020` by port, command and index group. */
  readonly groups = new Map<number, number>();
}

function flowOf(facts: Facts): Flow {
  if (facts.state instanceof Flow) return facts.state;
  const flow = new Flow();
  facts.state = flow;
  return flow;
}

function violate(facts: Facts, name: AdsViolation, sentence: string): void {
  facts.tell({ is: 'violation', protocol: ADS, name, malformed: VIOLATIONS[name].malformed, text: sentence });
}

const hex = (value: number): string => `0x${(value >>> 0).toString(16)}`;

/** Reserved bytes, a length that the AMS header and its data explain, a command that exists, flags of an ADS command: one in 2^70. */
function identify(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== 0 || (end - start > 1 && bytes[start + 1] !== 0)) return Confidence.No;
  if (end - start < TCP_HEADER + AMS_HEADER) return Confidence.More;
  const length = u32le(bytes, start + 2);
  const at = start + TCP_HEADER;
  const data = u32le(bytes, at + 20);
  if (length !== data + AMS_HEADER || length > LONGEST_PACKET || !isCommand(u16le(bytes, at + 16))) return Confidence.No;
  const flags = u16le(bytes, at + 18);
  return (flags & StateFlag.Command) !== 0 && (flags & ~KNOWN_FLAGS) === 0 ? Confidence.Certain : Confidence.No;
}

/** Learns port, command and index group, and the offset where it is an address. */
function useGroup(facts: Facts, flow: Flow, port: number, command: number, group: number, offset: number): void {
  facts.use(Aspect.AmsGroup, (port << 8) | command, group | 0);
  if (HANDLE_GROUPS.has(group)) return;
  const key = (port * 16 + command) * 2 ** 32 + group;
  let interned = flow.groups.get(key);
  if (interned === undefined) {
    interned = facts.intern(`port ${port} ${operationName(command)} ${hex(group)}`);
    if (flow.groups.size >= MOST_KNOWN) flow.groups.clear();
    flow.groups.set(key, interned);
  }
  facts.use(Aspect.AmsOffset, interned, offset | 0);
}

function readRequest(facts: Facts, flow: Flow, port: number, command: number, bytes: Uint8Array, at: number, end: number): void {
  switch (command) {
    case Command.Read:
    case Command.Write:
    case Command.ReadWrite:
    case Command.AddNotification:
      if (end - at >= 8) useGroup(facts, flow, port, command, u32le(bytes, at), u32le(bytes, at + 4));
      return;
    case Command.ReadDeviceInfo:
      facts.tell({ is: 'action', protocol: ADS, action: 'identity.request', phase: 'requested', text: 'Read Device Info (ADS command 1)' });
      return;
    case Command.WriteControl:
      if (end - at >= 4) tellControl(facts, u16le(bytes, at), port, 'requested');
      return;
    default:
  }
}

function tellControl(facts: Facts, state: number, port: number, phase: 'requested' | 'accepted' | 'refused'): void {
  const action =
    state === State.Stop || state === State.Shutdown
      ? 'controller.stop'
      : state === State.Run || state === State.Start
        ? 'controller.start'
        : state === State.Reset
          ? 'controller.reset'
          : 'controller.mode';
  const parameters = { mode: stateName(state), port };
  facts.tell({
    is: 'action',
    protocol: ADS,
    action,
    phase,
    text: `Write Control to ${stateName(state)} (ADS command 5, AMS port ${port})`,
    parameters,
  });
}

/** A result of four bytes comes first in every answer. */
function readAnswer(facts: Facts, port: number, command: number, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4) return;
  const result = u32le(bytes, at);
  if (result !== 0) {
    fail(facts, result, command);
    return;
  }
  if (command === Command.ReadDeviceInfo && end - at >= 24) {
    const firmware = `${bytes[at + 4]}.${bytes[at + 5]}.${u16le(bytes, at + 6)}`;
    const model = text(bytes, at + 8, at + 24, 16).replace(/\.+$/, '');
    facts.tell({
      is: 'identity',
      protocol: ADS,
      of: 'sender',
      vendor: 'Beckhoff',
      type: 'PLC',
      firmware: `${model} ${firmware}`,
      place: `AMS port ${port}`,
    });
  } else if (command === Command.ReadState && end - at >= 8)
    facts.tell({ is: 'identity', protocol: ADS, of: 'sender', mode: stateName(u16le(bytes, at + 4)), place: `AMS port ${port}` });
}

function fail(facts: Facts, code: number, command: number): void {
  facts.tell({
    is: 'failure',
    protocol: ADS,
    name: 'ads.error',
    code,
    operation: command,
    text: `${operationName(command)}: ${errorName(code)}`,
  });
}

function readPacket(facts: Facts, flow: Flow, bytes: Uint8Array, at: number, end: number): void {
  const command = u16le(bytes, at + 16);
  const answer = (u16le(bytes, at + 18) & StateFlag.Response) !== 0;
  const notification = command === Command.Notification;
  facts.message(ADS, command, notification ? Role.Notification : answer ? Role.Response : Role.Request);
  const error = u32le(bytes, at + 24);
  if (facts.countsFields) {
    facts.field('ams.cmdid', command);
    facts.field('ams.errorcode', `0x${error.toString(16).padStart(8, '0')}`);
  }
  if (!isCommand(command)) {
    violate(facts, 'ads.command', `ADS has no command ${command}.`);
    return;
  }
  if (notification) return;
  // The port of the device that is asked: the target of a request, the source of an answer.
  const port = u16le(bytes, at + (answer ? 14 : 6));
  facts.use(Aspect.AmsCommand, port, command);
  if (!answer) readRequest(facts, flow, port, command, bytes, at + AMS_HEADER, end);
  else if (error !== 0) fail(facts, error, command);
  else readAnswer(facts, port, command, bytes, at + AMS_HEADER, end);
}

/** One tag of the discovery service: id, length, value. */
function readTags(
  facts: Facts,
  bytes: Uint8Array,
  at: number,
  end: number,
  count: number,
  see: (tag: number, start: number, stop: number) => void,
): void {
  for (let left = Math.min(count, MOST_TAGS); left > 0; left--) {
    const stop = at + 4 + u16le(bytes, at + 2);
    if (at + 4 > end || stop > end) {
      if (facts.complete) violate(facts, 'ads.length', `${count} tags are announced, the datagram ends before the last ${left}.`);
      return;
    }
    see(u16le(bytes, at), at + 4, stop);
    at = stop;
  }
}

function readDiscovery(facts: Facts, bytes: Uint8Array, start: number, end: number): void {
  const service = u16le(bytes, start + 8);
  const answer = (bytes[start + 11] & ANSWER) !== 0;
  facts.message(ADS, DISCOVERY + service, answer ? Role.Response : Role.Request);
  if (end - start < DISCOVERY_HEADER) return;
  let name = '';
  let route = '';
  let user = '';
  let version = '';
  let secret: number | undefined;
  readTags(facts, bytes, start + DISCOVERY_HEADER, end, u32le(bytes, start + 20), (tag, from, to) => {
    const value = text(bytes, from, to, 64).replace(/\.+$/, '');
    if (tag === Tag.HostName) name = value;
    else if (tag === Tag.RouteName) route = value;
    else if (tag === Tag.UserName) user = value;
    else if (tag === Tag.Password) secret = hashOf(bytes, from, to);
    else if (tag === Tag.Version && to - from >= 4) version = `${bytes[from]}.${bytes[from + 1]}.${u16le(bytes, from + 2)}`;
  });
  if (service === Service.Identify) {
    if (answer)
      facts.tell({
        is: 'identity',
        protocol: ADS,
        of: 'sender',
        vendor: 'Beckhoff',
        type: 'PLC',
        ...(name && { name }),
        ...(version && { firmware: `TwinCAT ${version}` }),
      });
    else facts.tell({ is: 'action', protocol: ADS, action: 'identity.request', phase: 'requested', text: 'Identify (AMS discovery)' });
  } else if (service === Service.AddRoute && !answer) {
    facts.tell({ is: 'login', protocol: ADS, outcome: 'attempt', user, ...(secret !== undefined && { passwordHash: secret }) });
    facts.tell({
      is: 'action',
      protocol: ADS,
      action: 'configuration.write',
      phase: 'requested',
      text: `Add Route: ${route || name} (AMS discovery)`,
    });
  }
}

export const ads: Dissector = {
  protocol: PROTOCOLS.ads,
  reports: [PROTOCOLS.ads],
  tcpPorts: [48_898],
  udpPorts: [48_899],
  etherTypes: [],
  ipProtocols: [],
  longestMessage: READ_AT_MOST + TCP_HEADER,

  identify(bytes, start, end, stream) {
    if (stream) return identify(bytes, start, end);
    return end - start >= DISCOVERY_HEADER && u32(bytes, start) === COOKIE ? Confidence.Certain : Confidence.No;
  },

  speaker(bytes, start, end) {
    if (end - start < TCP_HEADER + AMS_HEADER || u32(bytes, start) === COOKIE) return Speaker.Unknown;
    return u16le(bytes, start + TCP_HEADER + 18) & StateFlag.Response ? Speaker.Server : Speaker.Client;
  },

  stream(facts, bytes, start, end) {
    const flow = flowOf(facts);
    const left = facts.toServer ? flow.client : flow.server;
    if (left > 0) {
      const passed = Math.min(left, end - start);
      if (facts.toServer) flow.client -= passed;
      else flow.server -= passed;
      return start + passed;
    }
    if (end - start < TCP_HEADER + AMS_HEADER) return start;
    const length = u32le(bytes, start + 2);
    const at = start + TCP_HEADER;
    if (bytes[start] !== 0 || bytes[start + 1] !== 0 || length > LONGEST_PACKET) return -1;
    if (length < AMS_HEADER || u32le(bytes, at + 20) + AMS_HEADER !== length) {
      facts.message(ADS, u16le(bytes, at + 16), Role.Notification);
      violate(
        facts,
        'ads.length',
        `A packet of ${length} bytes holds ${u32le(bytes, at + 20)} bytes of data after a header of ${AMS_HEADER}.`,
      );
      return -1;
    }
    if (end - at < Math.min(length, READ_AT_MOST)) return start;
    const stop = Math.min(end, at + length);
    readPacket(facts, flow, bytes, at, stop);
    if (facts.toServer) flow.client = length - (stop - at);
    else flow.server = length - (stop - at);
    return stop;
  },

  datagram(facts, bytes, start, end) {
    if (end - start >= 12 && u32(bytes, start) === COOKIE) readDiscovery(facts, bytes, start, end);
  },

  gap(facts) {
    if (!(facts.state instanceof Flow)) return;
    facts.state.client = 0;
    facts.state.server = 0;
  },

  operationName: (_protocol, code) => operationName(code),
  aspects: {
    [Aspect.AmsCommand]: (a, b) => ({ port: a, command: b, name: operationName(b) }),
    [Aspect.AmsGroup]: (a, b) => {
      const name = groupName(b >>> 0);
      return { port: a >>> 8, command: operationName(a & 0xff), group: name ? `${hex(b)} (${name})` : hex(b) };
    },
    [Aspect.AmsOffset]: (a, b, interned) => ({ access: interned(a), offset: hex(b) }),
  },
};
