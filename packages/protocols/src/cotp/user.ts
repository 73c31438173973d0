/**
 * Who uses the transport connection: a protocol whose messages are the TSDUs of COTP. S7comm, S7comm-plus and MMS
 * plug in here, listed in `dissector.ts`.
 */
import type { AspectText, Confidence, Speaker } from '../dissector.ts';
import type { Facts } from '../facts.ts';
import type { ProtocolName } from '../registry.ts';

/** Reads the messages of one connection and holds what the protocol remembers about it. */
export interface CotpReader {
  /**
   * Reads one complete TSDU. `bytes` are valid during the call only. Never throws; work is bounded by the length.
   */
  read(facts: Facts, bytes: Uint8Array, start: number, end: number): void;
  /** Bytes were lost: forget half-read things. */
  gap(): void;
}

export interface CotpUser {
  readonly protocol: ProtocolName;
  readonly reports: readonly ProtocolName[];
  /**
   * Judges the first bytes of a TSDU; `length` is what is known of its whole length, which may be more than
   * `end - start`, or -1 when further DTs follow. `Certain` claims the flow.
   */
  identify(bytes: Uint8Array, start: number, end: number, length: number): Confidence;
  /** The TSDU of an identified connection is for this user, well-formed or not: its first byte says so. */
  claims(bytes: Uint8Array, start: number, end: number): boolean;
  /** Which side sends a TSDU that is claimed; `end` is that of its first DT. */
  speaker(bytes: Uint8Array, start: number, end: number): Speaker;
  /** A reader for a connection that has just shown this protocol; called once per flow. */
  open(): CotpReader;
  operationName(protocol: number, code: number): string;
  readonly aspects: Readonly<Record<number, AspectText>>;
}
