/**
 * The connection-oriented form of DCE/RPC (C706, 12.6; MS-RPCE, 2.2.2): packets with a common header of 16 bytes; a bind
 * gives numbers to interfaces, requests use them. Hot code: one packet is read in place, a request allocates nothing.
 */
import { u16, u16le, u32, u32le } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { codeOf } from './connectionless.ts';
import { interfaceName, PacketType } from './names.ts';
import { tellFault, violate } from './report.ts';
import { uuidText } from './uuid.ts';
import { Managed, ManagedCalls, managedBy, readManagedCall } from './windows.ts';

const DCERPC = PROTOCOLS.dcerpc.index;
export const COMMON_HEADER = 16;
const CONTEXTS = 16;
const CALLS = 32;
const FIRST_FRAGMENT = 1;
/** Bytes of an abstract or transfer syntax: UUID and version. */
const SYNTAX = 20;
/** Offset of the arguments of a request or response, the flag for an object before them, the security trailer. */
const STUB = 24;
const OBJECT = 0x80;
const SECURITY_TRAILER = 8;
const PRIVACY = 6;

/** Contexts of a connection (number and interned interface) and calls that wait for their answer. Bounded: 16 and 32. */
export class ConnectionFlow {
  readonly #contexts = new Int32Array(CONTEXTS).fill(-1);
  readonly #interfaces = new Int32Array(CONTEXTS);
  readonly #managed = new Uint8Array(CONTEXTS);
  #nextContext = 0;
  readonly #calls = new Int32Array(CALLS).fill(-1);
  readonly #opnums = new Int32Array(CALLS);
  readonly #ofCall = new Int32Array(CALLS);
  #nextCall = 0;
  /** Interface of the call taken last; -1 when it is not known. */
  interface = -1;
  /** Made when the connection manages a Windows machine. */
  managed: ManagedCalls | undefined;

  bind(context: number, interned: number, managed: Managed = Managed.None): void {
    let slot = this.#contexts.indexOf(context);
    if (slot < 0) {
      slot = this.#nextContext;
      this.#nextContext = (this.#nextContext + 1) % CONTEXTS;
    }
    this.#contexts[slot] = context;
    this.#interfaces[slot] = interned;
    this.#managed[slot] = managed;
    if (managed !== Managed.None) this.managed ??= new ManagedCalls();
  }

  /** Whether calls of a context manage a Windows machine, and how. */
  managedBy(context: number): number {
    const slot = this.#contexts.indexOf(context);
    return slot < 0 ? Managed.None : this.#managed[slot];
  }

  /** Interned interface of a context, -1 when its bind was not seen. */
  interfaceOf(context: number): number {
    const slot = this.#contexts.indexOf(context);
    return slot < 0 ? -1 : this.#interfaces[slot];
  }

  call(id: number, opnum: number, interned: number): void {
    this.#calls[this.#nextCall] = id & 0x7fffffff;
    this.#opnums[this.#nextCall] = opnum;
    this.#ofCall[this.#nextCall] = interned;
    this.#nextCall = (this.#nextCall + 1) % CALLS;
  }

  /** Operation number of the call with this id, -1 when it was not seen; its interface is in `interface`. */
  answered(id: number): number {
    const slot = this.#calls.indexOf(id & 0x7fffffff);
    this.interface = slot < 0 ? -1 : this.#ofCall[slot];
    return slot < 0 ? -1 : this.#opnums[slot];
  }

  forget(): void {
    this.#calls.fill(-1);
  }
}

const isType = (type: number): boolean =>
  type === 0 || type === 2 || type === 3 || (type >= PacketType.Bind && type <= PacketType.Orphaned);

/** Version 5.0 or 5.1, a packet type of this form, a data representation and a length that fit: one in 2^40 and more. */
export function identifyConnection(bytes: Uint8Array, start: number, end: number): Confidence {
  if (bytes[start] !== 5) return Confidence.No;
  if (end - start < COMMON_HEADER) return Confidence.More;
  if (bytes[start + 1] > 1 || !isType(bytes[start + 2])) return Confidence.No;
  const order = bytes[start + 4];
  if ((order !== 0x10 && order !== 0x00) || bytes[start + 5] > 3 || bytes[start + 6] !== 0 || bytes[start + 7] !== 0) return Confidence.No;
  const little = order === 0x10;
  const length = little ? u16le(bytes, start + 8) : u16(bytes, start + 8);
  const auth = little ? u16le(bytes, start + 10) : u16(bytes, start + 10);
  return length >= leastOf(bytes[start + 2]) && auth + COMMON_HEADER <= length ? Confidence.Certain : Confidence.No;
}

/** Least fragment length by packet type. */
function leastOf(type: number): number {
  switch (type) {
    case PacketType.Request:
    case PacketType.Response:
      return 24;
    case PacketType.Fault:
      return 28;
    case PacketType.Bind:
    case PacketType.AlterContext:
      return 28;
    case PacketType.BindNak:
      return 18;
    default:
      return COMMON_HEADER;
  }
}

const roleOf = (type: number): Role => {
  switch (type) {
    case PacketType.Request:
    case PacketType.Bind:
    case PacketType.AlterContext:
    case PacketType.Auth3:
    case PacketType.CoCancel:
    case PacketType.Orphaned:
      return Role.Request;
    case PacketType.Shutdown:
      return Role.Notification;
    default:
      return Role.Response;
  }
};

/** Reads one packet of a stream; returns as `Dissector.stream` does. `flow` is the connection, a pipe of SMB for instance. */
export function readConnection(facts: Facts, flow: ConnectionFlow, bytes: Uint8Array, start: number, end: number): number {
  if (end - start < COMMON_HEADER) return start;
  const type = bytes[start + 2];
  const little = bytes[start + 4] >>> 4 === 1;
  const length = little ? u16le(bytes, start + 8) : u16(bytes, start + 8);
  if (bytes[start] !== 5 || bytes[start + 1] > 1) {
    facts.message(DCERPC, codeOf(0, 0), facts.toServer ? Role.Request : Role.Response);
    violate(facts, 'dcerpc.version', `Version ${bytes[start]}.${bytes[start + 1]} in a connection, 5.0 or 5.1 expected.`);
    return -1;
  }
  if (length < leastOf(type)) {
    facts.message(DCERPC, codeOf(type, 0), roleOf(type));
    violate(facts, 'dcerpc.fragment-length', `${length} bytes announced, at least ${leastOf(type)} expected.`);
    return -1;
  }
  const to = start + length;
  if (to > end) return start;
  readPacket(facts, flow, type, little, bytes, start, to);
  return to;
}

/** Reads the first piece of a packet whose other pieces are not looked at, and returns how many bytes they have. The piece has a whole common header. */
export function readPart(facts: Facts, flow: ConnectionFlow, bytes: Uint8Array, start: number, end: number): number {
  const type = bytes[start + 2];
  const little = bytes[start + 4] >>> 4 === 1;
  const length = little ? u16le(bytes, start + 8) : u16(bytes, start + 8);
  if (end - start >= leastOf(type)) readPacket(facts, flow, type, little, bytes, start, end);
  return Math.max(0, length - (end - start));
}

function readPacket(
  facts: Facts,
  flow: ConnectionFlow,
  type: number,
  little: boolean,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const call = little ? u32le(bytes, start + 12) : u32(bytes, start + 12);
  let opnum = 0;
  if (type === PacketType.Request) opnum = little ? u16le(bytes, start + 22) : u16(bytes, start + 22);
  else if (type === PacketType.Response || type === PacketType.Fault) opnum = Math.max(0, flow.answered(call));
  facts.message(DCERPC, codeOf(type, opnum), roleOf(type));
  if (facts.countsFields) facts.field('dcerpc.pkt_type', type);
  switch (type) {
    case PacketType.Bind:
    case PacketType.AlterContext:
      readBind(facts, flow, little, bytes, start, end);
      return;
    case PacketType.Request: {
      if (facts.countsFields) facts.field('dcerpc.opnum', opnum);
      const context = little ? u16le(bytes, start + 20) : u16(bytes, start + 20);
      const interned = flow.interfaceOf(context);
      if ((bytes[start + 3] & FIRST_FRAGMENT) === 0) return;
      flow.call(call, opnum, interned);
      if (interned >= 0) facts.use(Aspect.RpcInterface, interned, opnum);
      if (flow.managed && little) readManaged(facts, flow, flow.managed, context, opnum, call, bytes, start, end);
      return;
    }
    case PacketType.Response:
      // Wireshark shows the operation number of the request with a response.
      if (flow.answered(call) < 0) return;
      if (facts.countsFields) facts.field('dcerpc.opnum', opnum);
      if (flow.managed && little && !isEncrypted(bytes, start, end))
        flow.managed.answered(call, bytes, start + STUB, end - trailer(bytes, start));
      if (flow.interface >= 0 && (bytes[start + 3] & FIRST_FRAGMENT) !== 0) facts.use(Aspect.RpcInterface, flow.interface, opnum);
      return;
    case PacketType.Fault: {
      if (facts.countsFields && flow.answered(call) >= 0) facts.field('dcerpc.opnum', opnum);
      const status = little ? u32le(bytes, start + 24) : u32(bytes, start + 24);
      tellFault(facts, status, opnum, `operation ${opnum} failed`);
      return;
    }
    case PacketType.BindNak: {
      const reason = little ? u16le(bytes, start + 16) : u16(bytes, start + 16);
      tellFault(facts, reason, -1, 'bind refused with reason');
      return;
    }
    default:
      if (!isType(type)) violate(facts, 'dcerpc.packet-type', `Packet type ${type} in a connection.`);
  }
}

/** Bytes of the security trailer and of what it carries (MS-RPCE, 2.2.2.11), without the padding before it. */
function trailer(bytes: Uint8Array, start: number): number {
  const size = u16le(bytes, start + 10);
  return size === 0 ? 0 : size + SECURITY_TRAILER;
}

/** The stub is encrypted: authentication level privacy (C706, 13.1.2.1). */
function isEncrypted(bytes: Uint8Array, start: number, end: number): boolean {
  const size = trailer(bytes, start);
  const at = start + u16le(bytes, start + 8) - size;
  return size > 0 && (at + 1 >= end || bytes[at + 1] === PRIVACY);
}

function readManaged(
  facts: Facts,
  flow: ConnectionFlow,
  calls: ManagedCalls,
  context: number,
  opnum: number,
  call: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  const of = flow.managedBy(context) as Managed; // only values of Managed are put there
  // The object of the call, when there is one, comes before the stub.
  const at = start + STUB + (bytes[start + 3] & OBJECT ? 16 : 0);
  if (of !== Managed.None && at < end && !isEncrypted(bytes, start, end)) readManagedCall(facts, calls, of, opnum, call, bytes, at, end);
}

/** Presentation contexts: number, transfer syntaxes, the interface (C706, 12.6.4.3). */
function readBind(facts: Facts, flow: ConnectionFlow, little: boolean, bytes: Uint8Array, start: number, end: number): void {
  const count = bytes[start + 24];
  for (let left = count, at = start + 28; left > 0; left--) {
    const after = at + 4 + SYNTAX + SYNTAX * bytes[at + 2];
    if (at + 4 + SYNTAX > end || after > end) {
      violate(facts, 'dcerpc.bind-length', `${count} contexts announced, the packet ends within context ${count - left + 1}.`);
      return;
    }
    const uuid = uuidText(bytes, at + 4, little);
    if (facts.countsFields) facts.field('dcerpc.cn_bind_to_uuid', uuid);
    flow.bind(little ? u16le(bytes, at) : u16(bytes, at), facts.intern(uuid), managedBy(interfaceName(uuid)));
    at = after;
  }
}
