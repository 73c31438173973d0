/** What one network interface gives, however it is read. */
import type { Packet } from '../packet.ts';

/** Counts since the interface was opened. */
export interface InterfaceDrops {
  /** Packets that the kernel had no room for: the reader was too slow. */
  readonly kernel: number;
  /** Packets that the network card lost before the kernel saw them; null when it does not tell. */
  readonly card: number | null;
}

/** `up`: packets can come. `down`: the interface is switched off. `gone`: it does not exist any more, or its reader ended. */
export type InterfaceState = 'up' | 'down' | 'gone';

export interface LiveInterface {
  readonly name: string;
  /** `ring` reads the kernel's memory, `tcpdump` a pipe. */
  readonly method: 'ring' | 'tcpdump';
  /** Why it is not read by the ring, one sentence; null with the ring. */
  readonly reason: string | null;
  readonly state: InterfaceState;
  /** Milliseconds that a packet may be on its way from the wire to `next`. */
  readonly delay: number;
  /** When the packets that `next` gives became visible, by the clock of `performance.now`. */
  readonly arrived: number;
  /** Descriptor to poll while there is nothing to read, and what takes in the events; -1 for one that `readable` tells about. */
  readonly descriptor: number;
  heard(events: number): void;
  /** Resolves when there may be something to read. */
  readable(): Promise<void>;
  /** Fills the frame part of the packet with the next one. False: none is there, or it is time to call `refresh`. */
  next(packet: Packet): boolean;
  /** How many of the next packets stay valid together, until the one after them is asked for; each by itself where absent. */
  together?(): number;
  /** Begins another batch, once `next` has given false. True when `next` has a packet again. */
  refresh(): boolean;
  drops(): InterfaceDrops;
  close(): Promise<void>;
}
