/**
 * The connectionless form of DCE/RPC (C706, 12.5): a header of 80 bytes in each datagram. Hot code: one header is filled
 * for every packet.
 */
import { u16, u16le, u32, u32le } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { Aspect, type Facts, Role } from '../facts.ts';
import { PROTOCOLS } from '../registry.ts';
import { PacketType } from './names.ts';
import { tellFault, violate } from './report.ts';
import { KnownUuids, uuidText } from './uuid.ts';

const DCERPC = PROTOCOLS.dcerpc.index;
export const HEADER = 80;
const VERSION = 4;
const INTERFACE = 24;

export class ConnectionlessHeader {
  type = 0;
  little = false;
  opnum = 0;
  /** Fragment number; the arguments begin in fragment 0. */
  fragment = 0;
  length = 0;

  /** Reads the header at `start`; there must be 80 bytes. */
  read(bytes: Uint8Array, start: number): void {
    this.type = bytes[start + 1];
    this.little = bytes[start + 4] >>> 4 === 1;
    this.opnum = this.little ? u16le(bytes, start + 68) : u16(bytes, start + 68);
    this.length = this.little ? u16le(bytes, start + 74) : u16(bytes, start + 74);
    this.fragment = this.little ? u16le(bytes, start + 76) : u16(bytes, start + 76);
  }
}

/** Role of a packet type in the exchange. */
export function roleOf(type: number): Role {
  if (type === PacketType.Request || type === PacketType.Ping || type === PacketType.ClCancel) return Role.Request;
  return type === PacketType.Ack || type === PacketType.Fack ? Role.Notification : Role.Response;
}

/** Version, packet type, data representation and length leave little to chance: about one in 2^40. */
export function identifyConnectionless(bytes: Uint8Array, start: number, end: number): Confidence {
  if (end - start < HEADER || bytes[start] !== VERSION || bytes[start + 1] > PacketType.CancelAck) return Confidence.No;
  const order = bytes[start + 4];
  // Integers big- or little-endian, characters ASCII or EBCDIC, four forms of numbers, the third byte reserved.
  if (order >>> 4 > 1 || (order & 15) > 1 || bytes[start + 5] > 3 || bytes[start + 6] !== 0) return Confidence.No;
  if ((bytes[start + 3] & 0xfc) !== 0 || bytes[start + 78] > 16) return Confidence.No;
  const little = order >>> 4 === 1;
  const length = little ? u16le(bytes, start + 74) : u16(bytes, start + 74);
  if (length > end - start - HEADER) return Confidence.No;
  // An interface UUID of the DCE variant, made in one of the known ways (its version stands in the third part).
  const variant = bytes[start + INTERFACE + 8] >>> 6;
  const version = bytes[start + INTERFACE + (little ? 7 : 6)] >>> 4;
  if (variant !== 2 && bytes[start + INTERFACE + 8] !== 0xc0) return Confidence.No;
  return version <= 5 ? Confidence.Certain : Confidence.Possible;
}

export class ConnectionlessFlow {
  readonly uuids = new KnownUuids();
}

const flowOf = (facts: Facts): ConnectionlessFlow => {
  if (!(facts.state instanceof ConnectionlessFlow)) facts.state = new ConnectionlessFlow();
  return facts.state as ConnectionlessFlow; // made sure of in the line before
};

/** Code of a packet in `message`: packet type, and the operation number of those that belong to a call. */
export const codeOf = (type: number, opnum: number): number => (type << 16) | opnum;

/**
 * Reads a datagram's header into `header`, tells it as a message of DCE/RPC and returns true when its body can be read:
 * `bytes[start + HEADER, start + HEADER + header.length)` cut at `end`.
 */
export function readConnectionless(facts: Facts, header: ConnectionlessHeader, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < HEADER) {
    facts.message(DCERPC, codeOf(0, 0), facts.toServer ? Role.Request : Role.Response);
    if (facts.complete) violate(facts, 'dcerpc.fragment-length', `A datagram of ${end - start} bytes, ${HEADER} for the header expected.`);
    return false;
  }
  header.read(bytes, start);
  facts.message(DCERPC, codeOf(header.type, header.opnum), roleOf(header.type));
  if (facts.countsFields) {
    facts.field('dcerpc.pkt_type', header.type);
    facts.field('dcerpc.opnum', header.opnum);
  }
  if (bytes[start] !== VERSION) {
    violate(facts, 'dcerpc.version', `Version ${bytes[start]} in a datagram, ${VERSION} expected.`);
    return false;
  }
  if (header.type > PacketType.CancelAck) {
    violate(facts, 'dcerpc.packet-type', `Packet type ${header.type} in a datagram.`);
    return false;
  }
  if (header.length > end - start - HEADER && facts.complete) {
    violate(facts, 'dcerpc.fragment-length', `${header.length} bytes announced, ${end - start - HEADER} sent.`);
    return false;
  }
  if (header.type === PacketType.Request || header.type === PacketType.Response) {
    const { uuids } = flowOf(facts);
    const at = start + INTERFACE;
    const known = uuids.find(bytes, at);
    const uuid = known >= 0 ? known : uuids.add(bytes, at, facts.intern(uuidText(bytes, at, header.little)));
    facts.use(Aspect.RpcInterface, uuid, header.opnum);
  } else if ((header.type === PacketType.Fault || header.type === PacketType.Reject) && end - start >= HEADER + 4) {
    const status = header.little ? u32le(bytes, start + HEADER) : u32(bytes, start + HEADER);
    tellFault(facts, status, header.opnum, `operation ${header.opnum} ${header.type === PacketType.Fault ? 'failed' : 'was rejected'}`);
  }
  return true;
}
