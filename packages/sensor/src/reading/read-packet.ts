/**
 * One packet taken apart for people: its headers, and what the dissectors read in it. The packets before it are read too,
 * since a message may begin in an earlier one, and an answer means what its question asked.
 */
import { Decoder, IpProtocol } from '@annunciator/packet/decode';
import type { StoredFrame } from '@annunciator/packet/evidence/record-reader';
import { Packet } from '@annunciator/packet/packet';
import { AddressTable } from '@annunciator/packet/tables/address-table';
import type { Spelling } from '@annunciator/packet/tables/text-table';
import { FlowTable } from '@annunciator/packet/tables/flow-table';
import { TcpOrder } from '@annunciator/packet/tcp-order';
import type { Dissector } from '@annunciator/protocols/dissector';
import { DISSECTORS } from '@annunciator/protocols/dissectors';
import type { Fact, Facts, Role } from '@annunciator/protocols/facts';
import { PROTOCOL_BY_INDEX } from '@annunciator/protocols/registry';
import { Applications } from '../path/applications.ts';
import { headersOf, type Layer } from './headers.ts';

export interface ReadMessage {
  /** Name of the protocol, such as `Modbus/TCP`. */
  readonly protocol: string;
  /** What it does, such as `Write Multiple Registers`. */
  readonly operation: string;
  readonly role: 'request' | 'response' | 'notification' | 'unknown';
  /** Fields under Wireshark's display-filter names, in the order in which they were read. */
  readonly fields: readonly { readonly field: string; readonly value: string }[];
  /** What the dissector found worth telling, as sentences. */
  readonly notes: readonly string[];
}

export interface PacketReading {
  readonly layers: readonly Layer[];
  readonly messages: readonly ReadMessage[];
  /** Name of what is wrong with the headers; empty when nothing is. */
  readonly problem: string;
  /** Where the payload of the last header begins in the frame. */
  readonly payload: number;
}

const ROLES = ['unknown', 'request', 'response', 'notification'] as const;
const MOST_FLOWS = 4096;
/** Messages, and fields of a message, that are told of one packet. */
const MOST_MESSAGES = 50;
const MOST_FIELDS = 200;

/** Reads packet number `wanted` of some packets in their order. Undefined when there is no such packet. */
export function readPacket(frames: readonly StoredFrame[], wanted: number): PacketReading | undefined {
  const frame = frames[wanted];
  if (!frame) return undefined;
  const reader = new Reader();
  for (const before of frames.slice(0, wanted)) reader.take(before);
  reader.facts.listen();
  const packet = reader.take(frame);
  return {
    layers: headersOf(packet),
    messages: reader.facts.messages,
    problem: packet.problem,
    payload: packet.reassembled ? 0 : packet.payload - packet.start,
  };
}

/** A packet path without judgement: decode, flow, order, dissector. */
class Reader {
  readonly facts = new Listener();
  readonly #decoder = new Decoder(new AddressTable(MOST_FLOWS));
  readonly #flows = new FlowTable({ maxFlows: MOST_FLOWS });
  readonly #applications = new Applications(DISSECTORS);
  readonly #order: TcpOrder;
  readonly #known = new Map<number, { readonly dissector: Dissector; state: unknown }>();
  #frame = 0;

  constructor() {
    this.#order = new TcpOrder(this.#flows, {
      consume: (row, _direction, bytes, start, end) => this.#stream(row, bytes, start, end),
      gap: (row) => this.#known.get(row)?.dissector.gap?.(this.facts),
      restart: (row) => void this.#known.delete(row),
    });
  }

  take(frame: StoredFrame): Packet {
    const packet = new Packet();
    packet.bytes = frame.bytes;
    packet.start = 0;
    packet.end = frame.bytes.length;
    packet.frame = ++this.#frame;
    packet.seconds = frame.seconds;
    packet.nanoseconds = frame.nanoseconds;
    packet.wireLength = frame.wireLength;
    packet.linkType = frame.linkType;
    this.#decoder.decode(packet);
    const row = packet.fragment || packet.stopped ? -1 : this.#flows.touch(packet);
    if (row < 0) return packet;
    const { direction } = this.#flows;
    if (this.#flows.created && this.#flows.server(row) < 0)
      this.#flows.setServer(row, this.#applications.serverSide(packet) === 1 ? 1 - direction : direction);
    this.facts.stand(packet, this.#flows.server(row) !== direction);
    if (packet.protocol === IpProtocol.TCP && packet.ipVersion !== 0) this.#order.accept(packet, row, direction);
    else if (packet.payload < packet.payloadEnd) this.#datagram(packet, row);
    return packet;
  }

  #datagram(packet: Packet, row: number): void {
    const known = this.#known.get(row) ?? this.#meet(row, this.#applications.ofDatagram(packet));
    if (!known) return;
    this.facts.state = known.state;
    this.facts.dissector = known.dissector;
    known.dissector.datagram?.(this.facts, packet.bytes, packet.payload, packet.payloadEnd);
    known.state = this.facts.state;
  }

  #stream(row: number, bytes: Uint8Array, start: number, end: number): number {
    const { facts } = this;
    const known =
      this.#known.get(row) ?? this.#meet(row, this.#applications.ofStream(bytes, start, end, facts.sourcePort, facts.destinationPort));
    if (!known?.dissector.stream) return end - start < 64 ? start : end;
    facts.state = known.state;
    facts.dissector = known.dissector;
    let offset = start;
    while (offset < end) {
      const next = known.dissector.stream(facts, bytes, offset, end);
      if (next === offset) break;
      offset = next < offset || next > end ? end : next;
    }
    known.state = facts.state;
    return offset;
  }

  #meet(row: number, number: number): { readonly dissector: Dissector; state: unknown } | undefined {
    const dissector = number > 0 ? DISSECTORS[number - 1] : undefined;
    if (!dissector) return undefined;
    const met = { dissector, state: undefined };
    this.#known.set(row, met);
    return met;
  }
}

/** Receives facts and, once it listens, keeps them as messages. */
class Listener implements Facts {
  toServer = true;
  toGroup = false;
  vlan = -1;
  sourcePort = 0;
  destinationPort = 0;
  frame = 0;
  seconds = 0;
  complete = true;
  state: unknown = undefined;
  countsFields = false;
  readonly wantsDetails = false;
  dissector: Dissector | undefined;
  readonly messages: {
    protocol: string;
    operation: string;
    role: (typeof ROLES)[number];
    fields: { field: string; value: string }[];
    notes: string[];
  }[] = [];
  /** Fields and facts may come before the message that they belong to. */
  #listens = false;
  readonly #texts: string[] = [];

  listen(): void {
    this.#listens = true;
    this.countsFields = true;
  }

  stand(packet: Packet, toServer: boolean): void {
    this.toServer = toServer;
    this.toGroup = packet.toGroup;
    this.vlan = packet.vlan;
    this.sourcePort = packet.sourcePort;
    this.destinationPort = packet.destinationPort;
    this.frame = packet.frame;
    this.seconds = packet.seconds;
    this.complete = packet.complete;
  }

  field(name: string, value: number | string): void {
    const { fields } = this.#current();
    if (this.#listens && fields.length < MOST_FIELDS) fields.push({ field: name, value: String(value) });
  }

  message(protocol: number, code: number, role: Role): void {
    if (!this.#listens || this.messages.length >= MOST_MESSAGES) return;
    const named = {
      protocol: PROTOCOL_BY_INDEX[protocol]?.name ?? 'Unknown',
      operation: this.dissector?.operationName(protocol, code) ?? String(code),
      role: ROLES[role] ?? 'unknown',
    };
    const last = this.messages.at(-1);
    if (last && last.operation === '' && last.notes.length === 0) Object.assign(last, named);
    else this.messages.push({ ...named, fields: [], notes: [] });
  }

  use(): void {}

  detail(): void {}

  detailText(): void {}

  useRange(): void {}

  intern(text: string): number {
    const known = this.#texts.indexOf(text);
    return known >= 0 || this.#texts.length >= MOST_FIELDS ? known : this.#texts.push(text) - 1;
  }

  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number {
    return this.intern(text(bytes, start, end));
  }

  tell(fact: Fact): void {
    if (this.#listens && 'text' in fact && fact.text !== '') this.#current().notes.push(fact.text);
  }

  /** The message that is being read; fields that come before its name wait in one without. */
  #current(): (typeof this.messages)[number] {
    const last = this.messages.at(-1);
    if (last) return last;
    const waiting = { protocol: this.dissector?.protocol.name ?? '', operation: '', role: 'unknown' as const, fields: [], notes: [] };
    if (this.#listens) this.messages.push(waiting);
    return waiting;
  }
}
