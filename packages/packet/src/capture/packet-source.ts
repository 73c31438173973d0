/** Where the packets of a sensor come from: capture files, interfaces, or a plant that is made up. */
import type { Packet } from '../packet.ts';

/**
 * Packets of a batch as they lie in the buffer of their source: records of a pcap file in little-endian order, one after the
 * other and nothing else, each 16 bytes before its packet's `start`.
 */
export interface RawRecords {
  readonly bytes: Uint8Array;
  /** Where they begin, where those that were given so far end, and where all can end at most. */
  readonly from: number;
  readonly to: number;
  readonly most: number;
  readonly linkType: number;
  /** Fractions of seconds are nanoseconds, else microseconds. */
  readonly nanoseconds: boolean;
}

export interface PacketSource {
  /** Fills the frame part of the packet with the next one. False: the batch is over, call `advance`. */
  next(packet: Packet): boolean;
  /** How many of the next packets stay valid together, until the one after them is asked for; each by itself where absent. */
  together?(): number;
  /** Gets the next batch; it may be empty. False when no packet can come any more. The bytes of packets read so far are gone afterwards. */
  advance(): Promise<boolean>;
  /** The packets of this batch as records, where they lie so; null where they do not. */
  raw?(): RawRecords | null;
  close(): Promise<void>;
  /** One sentence for each part that was not read to a regular end. */
  readonly damages: readonly string[];
}
