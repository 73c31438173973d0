/** Where the packets of a sensor come from: capture files, interfaces, or a plant that is made up. */
import type { Packet } from '../packet.ts';

export interface PacketSource {
  /** Fills the frame part of the packet with the next one. False: the batch is over, call `advance`. */
  next(packet: Packet): boolean;
  /** Gets the next batch; it may be empty. False when no packet can come any more. The bytes of packets read so far are gone afterwards. */
  advance(): Promise<boolean>;
  close(): Promise<void>;
  /** One sentence for each part that was not read to a regular end. */
  readonly damages: readonly string[];
}
