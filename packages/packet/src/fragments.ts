/**
 * Reassembly of IPv4 and IPv6 fragments, bounded in datagrams, bytes, pieces and packet time. Where fragments overlap,
 * the bytes that came first stay, and the overlap is counted.
 */
import type { Packet } from './packet.ts';

export interface FragmentLimits {
  /** Unfinished datagrams kept at once; the oldest gives way. */
  readonly maxDatagrams: number;
  /** Bytes kept in all unfinished datagrams together. */
  readonly maxBytes: number;
  /** Pieces of one datagram that do not touch each other. */
  readonly maxPieces: number;
  /** Seconds of packet time an unfinished datagram is kept (RFC 8200, 4.5 says 60; most systems use 30). */
  readonly seconds: number;
}

const LONGEST_DATAGRAM = 65_535;
/** Link header, tags, tunnels and IP headers before the data. */
const LONGEST_HEADER = 4096;

interface Datagram {
  data: Uint8Array;
  /** Pieces as [start, end) pairs, ascending, not touching. */
  readonly pieces: number[];
  /** Length of the data, -1 until the last fragment came. */
  total: number;
  /** The frame from its start to the data of the first fragment, null until that came. */
  header: Uint8Array | null;
  /** Offset of the IP header in `header`. */
  ip: number;
  readonly since: number;
}

export class Fragments {
  /** What was wrong with the fragment just added; empty when nothing. */
  problem = '';
  readonly counters = { fragments: 0, reassembled: 0, overlaps: 0, expired: 0, evicted: 0, refused: 0 };
  readonly #limits: FragmentLimits;
  /** Oldest first. */
  readonly #datagrams = new Map<string, Datagram>();
  #bytes = 0;

  constructor(limits: Partial<FragmentLimits> = {}) {
    this.#limits = { maxDatagrams: 1024, maxBytes: 16 << 20, maxPieces: 64, seconds: 30, ...limits };
  }

  /**
   * Adds the fragment `bytes[data, payloadEnd)` of the packet. `ip` is the offset of its IP header, `data` that of its data (IPv4)
   * or fragment header (IPv6), `nextAt` that of the field which names what follows. Returns the whole frame when this
   * fragment completes it: everything before the IP header, the IP header with lengths set and fragmentation cleared,
   * the data. Otherwise null.
   */
  add(packet: Packet, ip: number, data: number, nextAt: number, id: number, offset: number, more: boolean): Uint8Array | null {
    this.problem = '';
    this.counters.fragments++;
    this.#expire(packet.seconds);
    const length = packet.payloadEnd - packet.payload;
    if (ip - packet.start > LONGEST_HEADER) return this.#refuse('layers.too-many');
    if (!packet.complete) return this.#refuse('ip.fragment-cut');
    if (length <= 0 || (more && (length & 7) !== 0)) return this.#refuse('ip.fragment-length');
    if (offset + length > LONGEST_DATAGRAM) return this.#refuse('ip.fragment-too-long');
    const key = `${packet.ipVersion}|${packet.source}|${packet.destination}|${packet.ipVersion === 4 ? packet.protocol : 0}|${id}`;
    let datagram = this.#datagrams.get(key);
    if (datagram === undefined) {
      if (this.#datagrams.size >= this.#limits.maxDatagrams) this.#evictOldest();
      datagram = { data: new Uint8Array(0), pieces: [], total: -1, header: null, ip: 0, since: packet.seconds };
      this.#datagrams.set(key, datagram);
    }
    const end = offset + length;
    if (!more) {
      if (datagram.total >= 0 && datagram.total !== end) return this.#refuse('ip.fragment-overlap');
      datagram.total = end;
    }
    if (datagram.total >= 0 && Math.max(end, datagram.pieces.at(-1) ?? 0) > datagram.total) {
      return this.#refuse('ip.fragment-too-long');
    }
    if (!this.#reserve(key, datagram, end)) return this.#refuse('');
    this.#place(datagram, packet, offset, end);
    if (offset === 0 && datagram.header === null && data - packet.start <= LONGEST_HEADER) {
      const header = packet.bytes.slice(packet.start, data);
      // The header of the first fragment says what the whole datagram carries.
      if (packet.ipVersion === 6) header[nextAt - packet.start] = packet.bytes[data];
      datagram.header = header;
      datagram.ip = ip - packet.start;
    }
    if (datagram.pieces.length > 2 * this.#limits.maxPieces) {
      this.#drop(key, datagram);
      this.counters.evicted++;
      return null;
    }
    const done = datagram.total >= 0 && datagram.pieces.length === 2 && datagram.pieces[0] === 0 && datagram.pieces[1] === datagram.total;
    if (!done || datagram.header === null) return null;
    this.#drop(key, datagram);
    this.counters.reassembled++;
    return assemble(packet, ip, datagram, datagram.header);
  }

  /** Unfinished datagrams. */
  get pending(): number {
    return this.#datagrams.size;
  }

  #refuse(problem: string): null {
    this.counters.refused++;
    this.problem = problem;
    return null;
  }

  /** Makes room for the data up to `end`; the buffer doubles, so that many small fragments stay cheap. */
  #reserve(key: string, datagram: Datagram, end: number): boolean {
    if (end <= datagram.data.length) return true;
    const size = Math.min(LONGEST_DATAGRAM, Math.max(end, 2 * datagram.data.length, 2048));
    while (this.#bytes + size - datagram.data.length > this.#limits.maxBytes) {
      const oldest = this.#datagrams.keys().next().value;
      if (oldest === undefined || oldest === key) {
        this.#drop(key, datagram);
        return false;
      }
      this.#evictOldest();
    }
    const data = new Uint8Array(size);
    data.set(datagram.data);
    this.#bytes += size - datagram.data.length;
    datagram.data = data;
    return true;
  }

  /** Copies what is new of `[start, end)` and merges the piece with its neighbours. */
  #place(datagram: Datagram, packet: Packet, start: number, end: number): void {
    const pieces = datagram.pieces;
    let first = 0;
    while (first < pieces.length && pieces[first + 1] < start) first += 2;
    let last = first;
    let at = start;
    let mergedStart = start;
    let mergedEnd = end;
    while (last < pieces.length && pieces[last] <= end) {
      if (pieces[last] < end && pieces[last + 1] > start) this.counters.overlaps++;
      if (at < pieces[last]) this.#copy(datagram, packet, start, at, pieces[last]);
      at = Math.max(at, pieces[last + 1]);
      mergedStart = Math.min(mergedStart, pieces[last]);
      mergedEnd = Math.max(mergedEnd, pieces[last + 1]);
      last += 2;
    }
    if (at < end) this.#copy(datagram, packet, start, at, end);
    pieces.splice(first, last - first, mergedStart, mergedEnd);
  }

  #copy(datagram: Datagram, packet: Packet, start: number, from: number, to: number): void {
    const shift = packet.payload - start;
    datagram.data.set(packet.bytes.subarray(from + shift, to + shift), from);
  }

  #expire(now: number): void {
    for (const [key, datagram] of this.#datagrams) {
      if (now - datagram.since <= this.#limits.seconds) return;
      this.#drop(key, datagram);
      this.counters.expired++;
    }
  }

  #evictOldest(): void {
    for (const [key, datagram] of this.#datagrams) {
      this.#drop(key, datagram);
      this.counters.evicted++;
      return;
    }
  }

  #drop(key: string, datagram: Datagram): void {
    this.#datagrams.delete(key);
    this.#bytes -= datagram.data.length;
    datagram.data = datagram.data.subarray(0);
  }
}

/** Frame prefix of the last fragment, IP header of the first one, data. */
function assemble(packet: Packet, ip: number, datagram: Datagram, header: Uint8Array): Uint8Array {
  const prefix = ip - packet.start;
  const ipHeader = header.subarray(datagram.ip);
  const frame = new Uint8Array(prefix + ipHeader.length + datagram.total);
  frame.set(packet.bytes.subarray(packet.start, packet.start + prefix));
  frame.set(ipHeader, prefix);
  frame.set(datagram.data.subarray(0, datagram.total), prefix + ipHeader.length);
  const view = new DataView(frame.buffer);
  if (packet.ipVersion === 4) {
    view.setUint16(prefix + 2, Math.min(LONGEST_DATAGRAM, ipHeader.length + datagram.total));
    view.setUint16(prefix + 6, 0);
  } else {
    view.setUint16(prefix + 4, Math.min(LONGEST_DATAGRAM, ipHeader.length - 40 + datagram.total));
  }
  return frame;
}
