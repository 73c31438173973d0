import type { Packet } from '../packet.ts';

/** Reads the records of one file format from the chunk under it. */
export interface Records {
  /** `pcap`, `pcap (nanoseconds)`, `pcapng`. */
  readonly format: string;
  /** Decimals of the time stamps: 6 or 9. */
  readonly decimals: number;
  /** Why reading cannot go on, or null. */
  readonly damage: string | null;
  /** Fills the frame part of the packet. False when the chunk holds no further whole record, or on damage. */
  next(packet: Packet): boolean;
}
