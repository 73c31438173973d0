/**
 * The encapsulation header (24 bytes, little-endian; ODVA, THE CIP NETWORKS LIBRARY volume 2, 2-3) and the common packet
 * format of its data (2-6): where items stand, and whether bytes are EtherNet/IP at all.
 *
 * Hot code: items are found in place, into one reused object.
 */
import { u16le, u32le } from '@annunciator/packet/bytes';
import { Confidence } from '../dissector.ts';
import { Command, Item, isCommand, isStatus, PROTOCOL_VERSION } from './names.ts';

export const HEADER = 24;

/** Items in a message; more than these do not occur. */
export const MAX_ITEMS = 16;

/** The items of one message. */
export class Items {
  count = 0;
  readonly types = new Int32Array(MAX_ITEMS);
  readonly starts = new Int32Array(MAX_ITEMS);
  readonly ends = new Int32Array(MAX_ITEMS);
  /** Items announced. */
  announced = 0;
  /** Offset after the last item read. */
  end = 0;
  /** The last item read runs past the message (it is kept, cut). */
  overrun = false;

  /** Offset of the first item of a type, or -1. */
  indexOf(type: number): number {
    for (let i = 0; i < this.count; i++) if (this.types[i] === type) return i;
    return -1;
  }
}

/** Reads the items that start with their count at `start`. Returns false when not even the count or a header fits. */
export function readItems(items: Items, bytes: Uint8Array, start: number, end: number): boolean {
  items.count = 0;
  items.announced = 0;
  items.overrun = false;
  items.end = start;
  if (start + 2 > end) return false;
  items.announced = u16le(bytes, start);
  let at = start + 2;
  for (let i = 0; i < items.announced; i++) {
    if (at + 4 > end) {
      items.end = at;
      return false;
    }
    const to = at + 4 + u16le(bytes, at + 2);
    if (items.count < MAX_ITEMS) {
      items.types[items.count] = u16le(bytes, at);
      items.starts[items.count] = at + 4;
      items.ends[items.count] = Math.min(to, end);
      items.count++;
    }
    if (to > end) {
      items.overrun = true;
      items.end = end;
      return true;
    }
    at = to;
  }
  items.end = at;
  return true;
}

/** Where the items of a command's data start, or -1 when the command carries none. */
export function itemsStart(command: number, body: number): number {
  switch (command) {
    case Command.SendRRData:
    case Command.SendUnitData:
      return body + 6;
    case Command.ListServices:
    case Command.ListIdentity:
    case Command.ListInterfaces:
      return body;
    default:
      return -1;
  }
}

const probe = new Items();

/**
 * Judges bytes by content. Certain needs a known command and status, no options, and data that fits the command to the
 * last byte; a header whose data has not arrived yet is only possible.
 */
export function identifyEnip(bytes: Uint8Array, start: number, end: number, stream: boolean): Confidence {
  const there = end - start;
  if (there < HEADER) return stream && (there < 2 || isCommand(u16le(bytes, start))) ? Confidence.More : Confidence.No;
  const command = u16le(bytes, start);
  const length = u16le(bytes, start + 2);
  const status = u32le(bytes, start + 8);
  if (!isCommand(command) || !isStatus(status) || u32le(bytes, start + 20) !== 0) return Confidence.No;
  const body = start + HEADER;
  const to = body + length;
  if (!stream && to !== end) return Confidence.No;
  const session = u32le(bytes, start + 4);
  switch (command) {
    case Command.RegisterSession:
      if (length !== 4) return status !== 0 && length === 0 ? Confidence.Possible : Confidence.No;
      return to <= end && u16le(bytes, body) === PROTOCOL_VERSION && u16le(bytes, body + 2) === 0
        ? Confidence.Certain
        : Confidence.Possible;
    case Command.UnregisterSession:
      return length === 0 && session !== 0 ? Confidence.Certain : Confidence.No;
    case Command.SendRRData:
    case Command.SendUnitData: {
      if (status !== 0) return Confidence.Possible;
      if (length < 16 || session === 0) return Confidence.No;
      if (to > end) return Confidence.Possible;
      if (u32le(bytes, body) !== 0 || !readItems(probe, bytes, body + 6, to) || probe.overrun || probe.end !== to) return Confidence.No;
      const first = probe.types[0];
      return probe.announced >= 2 && (first === Item.NullAddress || first === Item.ConnectedAddress)
        ? Confidence.Certain
        : Confidence.Possible;
    }
    case Command.ListServices:
    case Command.ListIdentity:
    case Command.ListInterfaces:
      // Twenty-two zero bytes after a small number are too little to be sure of on any port, but for List Identity.
      if (length === 0) return command === Command.ListIdentity ? Confidence.Certain : Confidence.Possible;
      if (to > end) return Confidence.Possible;
      if (!readItems(probe, bytes, body, to) || probe.overrun || probe.end !== to) return Confidence.No;
      return probe.announced > 0 && (probe.types[0] === Item.ListIdentity || probe.types[0] === Item.ListServices)
        ? Confidence.Certain
        : Confidence.Possible;
    default:
      // Zeros alone are a NOP that nobody sends, and what many a stream begins with.
      return command !== Command.Nop || length !== 0 || session !== 0 ? Confidence.Possible : Confidence.No;
  }
}
