/**
 * Stands before the AMQP library and lets only frames through that it can take safely: whole, well-formed, within the bounds
 * of the hub. What it holds back would make the library loop, allocate or wait without end.
 */
import { fieldOffsets, readDescribed, readNumber, skipValue } from './type-walk.ts';
import { AmqpViolation } from './violation.ts';

export interface AmqpBounds {
  /** Bytes of a frame; told to the peer when the connection opens. */
  readonly maxFrameBytes: number;
  /** Bytes of a message over all its frames. */
  readonly maxMessageBytes: number;
  readonly maxSessions: number;
  readonly maxLinks: number;
  /** The link by which the hub knows the peer's handle: whether it receives from the peer, and the credit the peer has. */
  readonly linkOf: (channel: number, handle: number) => { readonly receives: boolean; readonly credit: number } | undefined;
  /** How many deliveries were sent to the peer in the session on its channel. */
  readonly sentOn: (channel: number) => number | undefined;
}

const HEADER = Buffer.from('AMQP');
const FRAME_HEAD_BYTES = 8;
const TYPE_AMQP = 0;
/** Before the connection is authenticated nothing large is needed (AMQP 1.0, 2.3.1: 512 bytes are always allowed). */
const MAX_SASL_FRAME_BYTES = 4096;
/** Deliveries that one disposition may settle; a session has at most 2048 open. */
const MAX_DISPOSITION_RANGE = 65_536;
const MIN_PEER_FRAME_BYTES = 512;
const MIN_IDLE_MS = 1000;
/** Longer ones overflow the library's timers, which then run without a pause. */
const MAX_IDLE_MS = 2 ** 31 - 1;

const NULL = 0x40;
/** Fields of a performative that are looked at. */
const FIELDS = 10;

const OPEN = 0x10;
const BEGIN = 0x11;
const ATTACH = 0x12;
const FLOW = 0x13;
const TRANSFER = 0x14;
const DISPOSITION = 0x15;
const DETACH = 0x16;
const END = 0x17;
const CLOSE = 0x18;
const FIRST_SECTION = 0x70;
const LAST_SECTION = 0x78;
/** Source and target of a link. */
const TERMINI = [0x28, 0x29];
/** Received, accepted, rejected, released, modified. */
const FIRST_STATE = 0x23;
const LAST_STATE = 0x27;
const SASL_FIRST = 0x40;
const SASL_LAST = 0x44;

export class FrameGuard {
  readonly #bounds: AmqpBounds;
  readonly #pass: (bytes: Buffer) => void;
  #held: Buffer = Buffer.alloc(0);
  /** SASL comes first where the peer begins with it. */
  #headers = 0;
  #sessions = 0;
  /**
   * Channels whose session the peer has ended. Clients send dispositions for what they had received a moment before on them,
   * which concern nobody any more and which the library would take for a broken protocol.
   */
  readonly #ended = new Set<number>();
  #links = 0;
  /** Messages that came in part, by channel and handle. */
  readonly #partial = new Map<string, { pieces: Buffer[]; bytes: number }>();

  /** @param pass takes whole frames (and protocol headers), one at a time */
  constructor(bounds: AmqpBounds, pass: (bytes: Buffer) => void) {
    this.#bounds = bounds;
    this.#pass = pass;
  }

  /** Takes bytes as they come. @throws AmqpViolation; nothing may be fed afterwards */
  feed(bytes: Buffer): void {
    let rest = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    for (;;) {
      const length = this.#length(rest);
      if (length === undefined || rest.length < length) break;
      const frame = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (!this.#late(frame)) this.#pass(frame);
    }
    // A copy, so that a few bytes do not keep a large piece of the socket's memory.
    this.#held = rest.length === 0 ? rest : Buffer.from(rest);
  }

  /** Whether a checked frame comes for a session that has ended, and is dropped. Keeps which sessions have. */
  #late(frame: Buffer): boolean {
    if (frame[5] !== TYPE_AMQP || frame[4] * 4 >= frame.length) return false;
    const descriptor = readDescribed(frame, frame[4] * 4, frame.length)?.descriptor;
    const channel = frame.readUInt16BE(6);
    if (descriptor === BEGIN) this.#ended.delete(channel);
    if (this.#ended.has(channel)) return descriptor !== OPEN && descriptor !== CLOSE;
    if (descriptor === END) this.#ended.add(channel);
    return false;
  }

  /** Bytes of what stands at the beginning; undefined when too few have come to tell. */
  #length(bytes: Buffer): number | undefined {
    if (bytes.length < FRAME_HEAD_BYTES) {
      if (!couldBegin(bytes, this.#headers)) throw new AmqpViolation('bytes that are no AMQP');
      return undefined;
    }
    if (bytes.subarray(0, 4).equals(HEADER)) return this.#header(bytes);
    if (this.#headers === 0) throw new AmqpViolation('bytes that are no AMQP');
    const length = bytes.readUInt32BE(0);
    const type = bytes[5];
    const most = type === TYPE_AMQP ? this.#bounds.maxFrameBytes : MAX_SASL_FRAME_BYTES;
    if (length < FRAME_HEAD_BYTES || length > most) throw new AmqpViolation(`a frame of ${length} bytes`);
    if (bytes.length < length) return length;
    this.#check(bytes.subarray(0, length));
    return length;
  }

  #header(bytes: Buffer): number {
    if (++this.#headers > 2) throw new AmqpViolation('a third protocol header');
    const [protocol, major, minor] = bytes.subarray(4, 7);
    if ((protocol !== 0 && protocol !== 3) || major !== 1 || minor !== 0)
      throw new AmqpViolation(`protocol ${protocol}, version ${major}.${minor}`);
    return FRAME_HEAD_BYTES;
  }

  #check(frame: Buffer): void {
    const bodyAt = frame[4] * 4;
    if (bodyAt < FRAME_HEAD_BYTES || bodyAt > frame.length) throw new AmqpViolation(`a data offset of ${frame[4]}`);
    // An empty frame keeps the connection alive.
    if (bodyAt === frame.length) return;
    const end = skipValue(frame, bodyAt, frame.length);
    const performative = readDescribed(frame, bodyAt, end);
    // The library takes fields of anything that has them, letters of a text for numbers.
    if (!performative?.isList) throw new AmqpViolation('a frame without a performative');
    const { descriptor } = performative;
    const sasl = frame[5] !== TYPE_AMQP;
    const known = sasl ? descriptor >= SASL_FIRST && descriptor <= SASL_LAST : descriptor >= OPEN && descriptor <= CLOSE;
    if (!known) throw new AmqpViolation(`performative 0x${descriptor.toString(16)}`);
    if (sasl) return;
    const channel = frame.readUInt16BE(6);
    const offsets = fieldOffsets(frame, performative, end, FIELDS);
    const number = (field: number): number | undefined => (field < offsets.length ? readNumber(frame, offsets[field]) : undefined);
    const descriptorOf = (field: number): number | undefined | null => {
      if (field >= offsets.length || frame[offsets[field]] === NULL) return null;
      const described = readDescribed(frame, offsets[field], end);
      return described?.isList ? described.descriptor : undefined;
    };
    switch (descriptor) {
      case OPEN: {
        // The library divides them whatever they are.
        const limits = [2, 3, 4].filter((field) => field < offsets.length && frame[offsets[field]] !== NULL);
        if (limits.some((field) => number(field) === undefined)) throw new AmqpViolation('limits that are no numbers');
        return checkOpen(number(2), number(4));
      }
      case BEGIN:
        if (++this.#sessions > this.#bounds.maxSessions) throw new AmqpViolation(`more than ${this.#bounds.maxSessions} sessions`);
        return;
      case END:
        this.#sessions--;
        return;
      case ATTACH:
        if (++this.#links > this.#bounds.maxLinks) throw new AmqpViolation(`more than ${this.#bounds.maxLinks} links`);
        for (const terminus of [descriptorOf(5), descriptorOf(6)])
          if (terminus !== null && !TERMINI.includes(terminus ?? 0)) throw new AmqpViolation('a link to what is neither source nor target');
        return;
      case DETACH:
        this.#links--;
        this.#partial.delete(`${channel}/${number(0)}`);
        return;
      case FLOW:
        if (number(8) && (number(6) ?? 0) > 0 && this.#bounds.linkOf(channel, number(4) ?? -1)?.receives)
          throw new AmqpViolation('a sender that asks to be drained');
        return;
      case DISPOSITION: {
        checkDisposition(number(1), number(2));
        const sent = number(0) ? this.#bounds.sentOn(channel) : undefined;
        if (sent !== undefined && (number(2) ?? number(1) ?? 0) >= sent) throw new AmqpViolation('a disposition of what was not sent');
        const state = descriptorOf(4);
        if (state !== null && !(state !== undefined && state >= FIRST_STATE && state <= LAST_STATE))
          throw new AmqpViolation('an unknown outcome');
        return;
      }
      case TRANSFER:
        return this.#checkTransfer(channel, { handle: number(0), more: number(5), aborted: number(9) }, frame.subarray(end));
    }
  }

  /** Counts a message over its frames, and walks over the whole of it once it is there. */
  #checkTransfer(
    channel: number,
    { handle, more, aborted }: Readonly<Record<'handle' | 'more' | 'aborted', number | undefined>>,
    payload: Buffer,
  ): void {
    const key = `${channel}/${handle}`;
    const partial = this.#partial.get(key);
    const link = this.#bounds.linkOf(channel, handle ?? -1);
    if (!partial && link && link.credit <= 0) throw new AmqpViolation('a transfer without credit');
    const bytes = (partial?.bytes ?? 0) + payload.length;
    if (bytes > this.#bounds.maxMessageBytes) throw new AmqpViolation(`a message of more than ${this.#bounds.maxMessageBytes} bytes`);
    if (aborted) throw new AmqpViolation('an aborted delivery, which the hub does not take');
    if (more) {
      if (payload.length === 0 && (partial?.pieces.length ?? 0) > 0) throw new AmqpViolation('a transfer without content');
      if (!partial) this.#partial.set(key, { pieces: [payload], bytes });
      else {
        partial.pieces.push(payload);
        partial.bytes = bytes;
      }
      return;
    }
    this.#partial.delete(key);
    checkMessage(partial ? Buffer.concat([...partial.pieces, payload]) : payload);
  }
}

/** Every section of a message is a described value of a known kind. @throws AmqpViolation */
export function checkMessage(message: Buffer): void {
  let at = 0;
  while (at < message.length) {
    const end = skipValue(message, at, message.length);
    const section = readDescribed(message, at, end)?.descriptor;
    if (section === undefined || section < FIRST_SECTION || section > LAST_SECTION)
      throw new AmqpViolation('a message with an unknown section');
    at = end;
  }
}

function checkOpen(maxFrameBytes: number | undefined, idle: number | undefined): void {
  if (maxFrameBytes !== undefined && maxFrameBytes < MIN_PEER_FRAME_BYTES)
    throw new AmqpViolation(`a peer that takes frames of only ${maxFrameBytes} bytes`);
  if (idle !== undefined && idle !== 0 && (idle < MIN_IDLE_MS || idle > MAX_IDLE_MS))
    throw new AmqpViolation(`an idle time-out of ${idle} ms`);
}

function checkDisposition(first: number | undefined, last: number | undefined): void {
  if (first === undefined) throw new AmqpViolation('a disposition of nothing');
  const range = (last ?? first) - first;
  if (range < 0 || range > MAX_DISPOSITION_RANGE) throw new AmqpViolation(`a disposition of ${range + 1} deliveries`);
}

function couldBegin(bytes: Buffer, headers: number): boolean {
  if (headers > 0) return true;
  const length = Math.min(bytes.length, HEADER.length);
  return bytes.subarray(0, length).equals(HEADER.subarray(0, length));
}
