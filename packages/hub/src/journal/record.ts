/**
 * A record of the journal: one operation and, for telemetry, the message with it.
 *
 *     length of what follows   u32, big-endian
 *     CRC-32 of what follows   u32
 *     length of the header     u32
 *     header                   JSON, UTF-8
 *     body                     bytes of the message, none for other operations
 */
import { crc32 } from 'node:zlib';
import type { HubOperation } from '@annunciator/rules/hub-operation';
import type { ConnectionStamp, MessageProperties } from '../message/message.ts';

/** A message from a device as back ends read it. */
export interface TelemetryEvent extends MessageProperties {
  /** Counts the messages of a partition. */
  readonly sequenceNumber: number;
  readonly stamp: ConnectionStamp;
  readonly body: Uint8Array;
}

export interface JournalEntry {
  readonly operation: HubOperation;
  readonly event: TelemetryEvent | null;
}

/** Where a record begins: bytes since the journal's beginning, whatever was dropped since. */
export type JournalPosition = number;

export interface PlacedEntry extends JournalEntry {
  readonly position: JournalPosition;
  /** Where the next record begins. */
  readonly next: JournalPosition;
}

const FRAME_BYTES = 8;
const NO_BODY = Buffer.alloc(0);

interface Header {
  readonly o: HubOperation;
  readonly e?: Omit<TelemetryEvent, 'body'>;
}

/** The bytes of a record. */
export function encodeRecord({ operation, event }: JournalEntry): Buffer {
  const header: Header = event
    ? {
        o: operation,
        e: { sequenceNumber: event.sequenceNumber, stamp: event.stamp, system: event.system, application: event.application },
      }
    : { o: operation };
  const text = JSON.stringify(header);
  const headerBytes = Buffer.byteLength(text);
  const body = event?.body ?? NO_BODY;
  const record = Buffer.allocUnsafe(FRAME_BYTES + 4 + headerBytes + body.length);
  record.writeUInt32BE(record.length - FRAME_BYTES, 0);
  record.writeUInt32BE(headerBytes, FRAME_BYTES);
  record.write(text, FRAME_BYTES + 4, 'utf8');
  record.set(body, FRAME_BYTES + 4 + headerBytes);
  record.writeUInt32BE(crc32(record.subarray(FRAME_BYTES)), 4);
  return record;
}

export type Decoded =
  | { readonly entry: JournalEntry; readonly bytes: number }
  /** The bytes end within the record; so many are needed for it. */
  | { readonly needed: number }
  /** What stands here is no record: a write that was cut off, or damage. */
  | 'damaged';

/** Reads the record at an offset. @param maxBytes longer ones are damage */
export function decodeRecord(bytes: Buffer, offset: number, maxBytes: number): Decoded {
  if (bytes.length - offset < FRAME_BYTES) return { needed: FRAME_BYTES };
  const length = bytes.readUInt32BE(offset);
  if (length < 4 || length > maxBytes) return 'damaged';
  if (bytes.length - offset < FRAME_BYTES + length) return { needed: FRAME_BYTES + length };
  const content = bytes.subarray(offset + FRAME_BYTES, offset + FRAME_BYTES + length);
  const headerBytes = content.readUInt32BE(0);
  if (crc32(content) !== bytes.readUInt32BE(offset + 4) || headerBytes > length - 4) return 'damaged';
  // Written by encodeRecord: the checksum fits.
  const header = JSON.parse(content.toString('utf8', 4, 4 + headerBytes)) as Header;
  const event = header.e ? { ...header.e, body: Buffer.from(content.subarray(4 + headerBytes)) } : null;
  return { entry: { operation: header.o, event }, bytes: FRAME_BYTES + length };
}
