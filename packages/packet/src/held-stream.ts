/**
 * Bytes that the TCP ordering keeps for one direction of a flow: the tail of an unfinished message, and segments that
 * came before their turn. Also that the peer acknowledged bytes nobody captured, so that a hole there is not waited for.
 */

/** A segment that came early. */
export interface EarlySegment {
  readonly sequence: number;
  /** A copy of the captured payload. */
  readonly bytes: Uint8Array;
  /** Announced bytes after `bytes` that the capture lacks. */
  readonly missing: number;
  /** FIN follows the payload. */
  readonly fin: boolean;
}

const FIRST_TAIL = 256;
/** Memory of an object without its bytes, roughly: counted, so that many tiny pieces stay bounded too. */
const STREAM_COST = 512;
const SEGMENT_COST = 256;

export class HeldStream {
  row = 0;
  direction = 0;
  /** Unconsumed bytes: `tail[0, tailLength)`. */
  tail: Uint8Array = new Uint8Array(FIRST_TAIL);
  tailLength = 0;
  /** In order of sequence. */
  readonly early: EarlySegment[] = [];
  earlyBytes = 0;
  /** Second of packet time at which the present hole was met. */
  holeSince = 0;

  /** The peer has acknowledged everything before this sequence number, although not all of it was captured. */
  acknowledged = 0;
  hasAcknowledged = false;
  /** What `TcpOrder` has counted for this object. */
  charged = 0;

  /** Memory this object takes, in bytes, roughly. */
  get cost(): number {
    return STREAM_COST + this.tail.length + this.earlyBytes + this.early.length * SEGMENT_COST;
  }

  get isEmpty(): boolean {
    return this.tailLength === 0 && this.early.length === 0 && !this.hasAcknowledged;
  }

  /** Adds bytes to the tail. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const needed = this.tailLength + length;
    if (needed > this.tail.length) {
      const wider = new Uint8Array(Math.max(needed, 2 * this.tail.length));
      wider.set(this.tail.subarray(0, this.tailLength));
      this.tail = wider;
    }
    // A loop beats a view for the short rests of messages.
    if (length < 64) for (let i = 0; i < length; i++) this.tail[this.tailLength + i] = bytes[start + i];
    else this.tail.set(bytes.subarray(start, end), this.tailLength);
    this.tailLength = needed;
  }

  /** Drops the first bytes of the tail. */
  consume(length: number): void {
    if (length < this.tailLength) this.tail.copyWithin(0, length, this.tailLength);
    this.tailLength -= length;
  }

  /**
   * Puts an early segment in its place. False when a segment at the same sequence already holds at least as much.
   * `next` is the sequence number that the direction waits for: order is relative to it.
   */
  insert(segment: EarlySegment, next: number): boolean {
    const distance = (segment.sequence - next) | 0;
    let at = this.early.length;
    while (at > 0 && ((this.early[at - 1].sequence - next) | 0) > distance) at--;
    if (at > 0) {
      const before = this.early[at - 1];
      if (before.sequence === segment.sequence && before.bytes.length >= segment.bytes.length && (before.fin || !segment.fin)) return false;
    }
    this.early.splice(at, 0, segment);
    this.earlyBytes += segment.bytes.length;
    return true;
  }

  /** Ready for another flow; a large buffer is not kept. */
  reset(): void {
    this.tailLength = 0;
    this.hasAcknowledged = false;
    this.early.length = 0;
    this.earlyBytes = 0;
    if (this.tail.length > 64 * FIRST_TAIL) this.tail = new Uint8Array(FIRST_TAIL);
  }
}
