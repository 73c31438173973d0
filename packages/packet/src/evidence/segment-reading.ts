/** Makes the index of a segment that has none, by reading the packets in it: the rare case of a run that was killed. */
import { readFileSync } from 'node:fs';
import { i32le, u32le } from '../bytes.ts';
import { LONGEST_PACKET } from '../capture/chunk.ts';
import { Decoder } from '../decode.ts';
import { Packet, Tcp } from '../packet.ts';
import { PacketEnds } from './ends.ts';
import { MICROSECONDS, NANOSECONDS, PCAP_HEADER, RECORD_HEADER } from './segment-file.ts';
import { BEGINS, SegmentIndex } from './segment-index.ts';

/** Index of the whole records of a segment, its frames counted from 1; undefined when it is no segment or not there. */
export function indexSegment(path: string): SegmentIndex | undefined {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  if (bytes.length < PCAP_HEADER || ![NANOSECONDS, MICROSECONDS].includes(u32le(bytes, 0))) return undefined;
  const index = new SegmentIndex();
  const packet = new Packet();
  const decoder = new Decoder();
  const ends = new PacketEnds(decoder.addresses);
  const linkType = u32le(bytes, 20);
  for (let at = PCAP_HEADER; at + RECORD_HEADER <= bytes.length; ) {
    const captured = i32le(bytes, at + 8);
    const start = at + RECORD_HEADER;
    if (captured < 0 || captured > LONGEST_PACKET || start + captured > bytes.length) break;
    packet.bytes = bytes;
    packet.start = start;
    packet.end = start + captured;
    packet.wireLength = Math.max(captured, i32le(bytes, at + 12));
    packet.linkType = linkType;
    packet.seconds = u32le(bytes, at);
    decoder.decode(packet);
    ends.find(packet);
    const begins = (packet.flags & Tcp.SYN) !== 0 ? BEGINS : 0;
    index.add(index.count + 1, at | begins, packet.seconds, ends.source, ends.destination);
    at = start + captured;
  }
  return index;
}
