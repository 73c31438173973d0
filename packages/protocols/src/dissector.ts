/**
 * How a protocol plugs into the packet path. A dissector is one object for all flows: what it remembers about a flow is
 * in `facts.state`.
 *
 * Hot code: nothing is allocated per message on the usual path, bytes are read in place through `bytes.ts`.
 */
import type { Facts } from './facts.ts';
import type { ProtocolName } from './registry.ts';

/** How sure a dissector is that bytes are its protocol, judged by content alone. */
export const Confidence = {
  /** Too few bytes to say; ask again with more (at most 64). */
  More: -1,
  /** They are not. */
  No: 0,
  /** They may be; enough on the protocol's own port. */
  Possible: 1,
  /** They are; enough on any port. Random bytes and other protocols reach this less than once in a million. */
  Certain: 2,
} as const;
export type Confidence = (typeof Confidence)[keyof typeof Confidence];

/** Which side sends some bytes, judged by content alone. */
export const Speaker = {
  /** Both sides may send them, or more bytes are needed. */
  Unknown: 0,
  Client: 1,
  Server: 2,
} as const;
export type Speaker = (typeof Speaker)[keyof typeof Speaker];

/** Human texts for one aspect of the baseline: names and values from the two numbers. */
export type AspectText = (a: number, b: number, text: (interned: number) => string) => Readonly<Record<string, string | number>>;

export interface Dissector {
  /** Name of the carrier; messages may name protocols inside it (CIP in EtherNet/IP, UMAS in Modbus). */
  readonly protocol: ProtocolName;
  /** All protocols this dissector may name in `message`. */
  readonly reports: readonly ProtocolName[];
  readonly tcpPorts: readonly number[];
  readonly udpPorts: readonly number[];
  /** EtherTypes (ARP 0x0806) and IP protocol numbers (ICMP 1) handed over without identification, or empty. */
  readonly etherTypes: readonly number[];
  readonly ipProtocols: readonly number[];
  /** Longest message a stream may leave unfinished, in bytes; a longer one is skipped and counted. */
  readonly longestMessage: number;

  /** Judges the first bytes of a stream direction (`stream`) or a datagram, in `bytes[start, end)`. */
  identify?(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence;

  /**
   * Tells which side sends a message that begins at `start`, of which more may follow after `end`. Asked of flows whose
   * beginning was not seen, before each message, until it tells.
   */
  speaker?(bytes: Uint8Array, start: number, end: number): Speaker;

  /**
   * Reads one message of a TCP stream from `bytes[start, end)`, contiguous and in order. Returns the offset after it,
   * `start` when more bytes are needed, or -1 when these bytes are no message (the rest of the segment is skipped and
   * reading resumes where `identify` says yes again).
   */
  stream?(facts: Facts, bytes: Uint8Array, start: number, end: number): number;

  /** Reads a whole datagram (UDP payload, Ethernet payload, ICMP message). */
  datagram?(facts: Facts, bytes: Uint8Array, start: number, end: number): void;

  /** Bytes were lost in this flow: forget half-read things in `facts.state`. */
  gap?(facts: Facts): void;

  /** Name of an operation code given to `message` with one of `reports`: `Write Multiple Registers`. */
  operationName(protocol: number, code: number): string;

  /** Texts for the aspects this dissector uses, by aspect number. */
  readonly aspects: Readonly<Record<number, AspectText>>;
}
