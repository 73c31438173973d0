/**
 * One input for the packet path: a few frames of a conversation, damaged. TCP numbers and IP lengths are put right again
 * after the damage unless they are the damage, so that the input gets as far as the dissectors.
 */
import type { Random } from '../src/random.ts';
import { Flag } from '../src/tcp.ts';
import type { Conversation, Seed } from './corpus.ts';
import { damage, joined } from './damage.ts';

/** A frame ready for the sensor. */
export interface FuzzFrame {
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly wireLength: number;
  /** Milliseconds after the frame before it; may be negative. */
  readonly wait: number;
}

export type Emphasis = 'messages' | 'segments' | 'fragments';

interface Piece {
  readonly seed: Seed;
  payload: Uint8Array;
  /** Added to the right sequence number; the stream goes on after the right one. */
  shift: number;
  flags: number;
  /** Acknowledges so many bytes more than were sent. */
  ahead: number;
  /** Does not move the sequence number on: sent again or instead. */
  repeated: boolean;
}

/** Who talks in this input: every input has flows of its own, mostly. */
interface Ends {
  readonly port: number;
  readonly address: number;
}

/** Frames of a damaged part of one conversation, sometimes of two at once. `protocol` tells which frames count. */
export function damagedTraffic(list: readonly Conversation[], protocol: string, emphasis: Emphasis, random: Random): FuzzFrame[] {
  const frames = oneConversation(random.pick(list), list, protocol, emphasis, random);
  if (random.chance(0.05)) {
    const second = oneConversation(random.pick(list), list, protocol, emphasis, random);
    second.forEach((frame, i) => frames.splice(Math.min(frames.length, 2 * i + 1), 0, frame));
  }
  return frames;
}

function oneConversation(
  conversation: Conversation,
  list: readonly Conversation[],
  protocol: string,
  emphasis: Emphasis,
  random: Random,
): FuzzFrame[] {
  const at = random.pick(conversation.carries.get(protocol) ?? [0]);
  const first = Math.max(0, at - random.below(3));
  const seeds = conversation.seeds.slice(first, at + 1 + random.below(4));
  const ends = { port: 1024 + random.below(64_000), address: random.chance(0.3) ? random.below(256) : 0 };
  const pieces = seeds.map((seed): Piece => {
    let payload: Uint8Array = seed.frame.subarray(seed.payload, Math.max(seed.payload, seed.payloadEnd));
    if (payload.length > 0 && random.chance(emphasis === 'messages' ? 0.7 : 0.2))
      payload = damage(payload, otherPayload(list, protocol, random), random);
    return { seed, payload, shift: 0, flags: 0, ahead: 0, repeated: false };
  });
  if (random.chance(0.1)) pileUp(pieces, random);
  if (random.chance(emphasis === 'segments' ? 0.9 : 0.15)) disorder(pieces, random);
  const frames = render(pieces, ends, random);
  const broken = frames.flatMap((frame) => breakFrame(frame, emphasis, random));
  if (emphasis === 'fragments' && random.chance(0.3)) shuffle(broken, random);
  return broken;
}

/** A payload of the same protocol. */
function otherPayload(list: readonly Conversation[], protocol: string, random: Random): Uint8Array {
  const { seeds, carries } = random.pick(list);
  const seed = seeds[random.pick(carries.get(protocol) ?? [0])];
  return seed.frame.subarray(seed.payload, Math.max(seed.payload, seed.payloadEnd));
}

/** Several messages in one payload, or one message in a stream of its repeats. */
function pileUp(pieces: Piece[], random: Random): void {
  const piece = random.pick(pieces);
  const times = random.chance(0.02) ? 1 + Math.floor(50_000 / (piece.payload.length + 1)) : 1 + random.below(5);
  piece.payload = joined(...Array.from({ length: Math.min(times, 20_000) }, () => piece.payload), random.pick(pieces).payload);
}

/** What happens to segments on their way: cut, lost, repeated, late, overlapping with other bytes, beside any window, reset. */
function disorder(pieces: Piece[], random: Random): void {
  for (let times = 1 + random.below(4); times > 0 && pieces.length > 0; times--) {
    const at = random.below(pieces.length);
    const piece = pieces[at];
    switch (random.below(10)) {
      case 0: {
        pieces.splice(at, 1, ...cut(piece, random));
        break;
      }
      case 1:
        pieces.splice(random.below(pieces.length), 0, ...pieces.splice(at, 1));
        break;
      case 2:
        pieces.splice(at, 0, { ...piece, shift: 1 + random.below(3000), repeated: true });
        break;
      case 3:
        pieces.splice(at + 1, 0, { ...piece, shift: -piece.payload.length, repeated: true });
        break;
      case 4:
        pieces.splice(at + 1, 0, {
          ...piece,
          payload: random.bytes(1 + random.below(100)),
          shift: -random.below(60),
          repeated: random.chance(0.5),
        });
        break;
      case 5:
        piece.shift = random.pick([0x40000000, 0x7fffffff, 0x80000000, 0x100000, 0x10000, -0x200000, random.next()]);
        break;
      case 6:
        piece.flags = random.pick([Flag.FIN, Flag.RST, Flag.SYN, Flag.SYN | Flag.ACK, 0xff, 0]) | 0x100;
        break;
      case 7:
        piece.ahead = random.pick([1, 10, 1000, 100_000, 0x7fffffff]);
        break;
      case 8:
        if (piece.payload.length > 0) pieces.splice(at, 1);
        break;
      default:
        piece.shift = random.below(200);
    }
  }
}

function cut(piece: Piece, random: Random): Piece[] {
  const { payload } = piece;
  const most = random.chance(0.1) ? 1 : 1 + random.below(Math.max(1, payload.length));
  const parts: Piece[] = [];
  for (let at = 0; at < payload.length && parts.length < 600; at += most)
    parts.push({ ...piece, payload: parts.length === 599 ? payload.subarray(at) : payload.subarray(at, at + most) });
  if (random.chance(0.3))
    parts.reverse().forEach((part, i) => Object.assign(part, { shift: (parts.length - 1 - i) * most, repeated: true }));
  return parts.length > 0 ? parts : [piece];
}

function render(pieces: readonly Piece[], ends: Ends, random: Random): FuzzFrame[] {
  // Numbers near their ends are met more often than in nature.
  const next: [number, number] = [random.pick([random.next(), 0xffffff00, 0x7fffff00]), random.next()];
  const frames: FuzzFrame[] = [];
  for (const piece of pieces) {
    const { seed, payload } = piece;
    const bytes = new Uint8Array(seed.payload + payload.length);
    bytes.set(seed.frame.subarray(0, seed.payload));
    bytes.set(payload, seed.payload);
    redirect(bytes, seed, ends);
    const side = seed.toServer ? 0 : 1;
    if (seed.kind === 'tcp') {
      const view = new DataView(bytes.buffer);
      if (seed.transport + 20 <= bytes.length) {
        view.setUint32(seed.transport + 4, (next[side] + piece.shift) >>> 0);
        view.setUint32(seed.transport + 8, (next[1 - side] + piece.ahead) >>> 0);
        if (piece.flags !== 0) bytes[seed.transport + 13] = piece.flags;
        const counts = (bytes[seed.transport + 13] & (Flag.SYN | Flag.FIN)) !== 0 ? 1 : 0;
        if (!piece.repeated) next[side] = (next[side] + payload.length + counts) >>> 0;
      }
    }
    if (seed.ip >= 0) setLengths(bytes, seed);
    frames.push({ bytes, linkType: seed.linkType, wireLength: bytes.length, wait: waited(random) });
  }
  return frames;
}

function waited(random: Random): number {
  if (random.chance(0.95)) return random.below(20);
  return random.pick([1000, 6000, 35_000, 3_700_000, -5000, 100_000]);
}

/** Gives the flow a client of its own. */
function redirect(bytes: Uint8Array, seed: Seed, ends: Ends): void {
  const source = seed.toServer;
  if (seed.transport >= 0 && seed.kind !== 'other') {
    const at = seed.transport + (source ? 0 : 2);
    bytes[at] = ends.port >> 8;
    bytes[at + 1] = ends.port;
  }
  if (ends.address === 0) return;
  if (seed.ip >= 0) {
    const four = bytes[seed.ip] >> 4 === 4;
    bytes[seed.ip + (four ? (source ? 15 : 19) : source ? 23 : 39)] ^= ends.address;
  }
  if (seed.linkType === 1 && bytes.length >= 12) bytes[source ? 11 : 5] ^= ends.address;
}

function setLengths(bytes: Uint8Array, seed: Seed): void {
  if (bytes.length < Math.max(seed.ip + 6, seed.kind === 'udp' ? seed.transport + 6 : 0)) return;
  const view = new DataView(bytes.buffer);
  const length = Math.min(0xffff, bytes.length - seed.ip);
  if (bytes[seed.ip] >> 4 === 4) view.setUint16(seed.ip + 2, length);
  else view.setUint16(seed.ip + 4, Math.max(0, length - 40));
  if (seed.kind === 'udp') view.setUint16(seed.transport + 4, bytes.length - seed.transport);
}

/** Damage to the frame itself: headers, a capture that cuts it, tags, fragments. */
function breakFrame(frame: FuzzFrame, emphasis: Emphasis, random: Random): FuzzFrame[] {
  const { bytes } = frame;
  if (random.chance(0.04) && bytes.length > 0) bytes[random.below(Math.min(bytes.length, 60))] = random.below(256);
  if (random.chance(0.02)) bytes[random.below(Math.min(bytes.length, 60))] ^= 1 << random.below(8);
  if (random.chance(0.02)) return [{ ...frame, bytes: bytes.slice(0, random.below(bytes.length + 1)) }];
  if (random.chance(0.02) && frame.linkType === 1 && bytes.length > 14) {
    const tag = Uint8Array.of(0x81, 0, random.below(256), random.below(256));
    const tags = Array.from({ length: random.chance(0.1) ? 20 : 1 + random.below(2) }, () => tag);
    const tagged = joined(bytes.subarray(0, 12), ...tags, bytes.subarray(12));
    return [{ ...frame, bytes: tagged, wireLength: tagged.length }];
  }
  if (random.chance(0.005)) return [{ ...frame, linkType: random.pick([0, 12, 101, 108, 113, 192, 228, 229, 276]) }];
  if (frame.linkType === 1 && random.chance(emphasis === 'fragments' ? 0.9 : 0.02)) return fragments(frame, random);
  return [frame];
}

/** Cuts an IPv4 or IPv6 packet into fragments that lie now and then about where they belong. */
function fragments(frame: FuzzFrame, random: Random): FuzzFrame[] {
  const { bytes } = frame;
  const four = bytes.length > 34 && bytes[12] === 8 && bytes[13] === 0;
  const six = bytes.length > 54 && bytes[12] === 0x86 && bytes[13] === 0xdd;
  if (!four && !six) return [frame];
  const headerEnd = four ? 14 + 4 * Math.max(5, bytes[14] & 15) : 54;
  const data = bytes.subarray(headerEnd);
  const step = 8 * (1 + random.below(Math.max(1, Math.ceil(data.length / 8))));
  const id = random.below(65_536);
  const out: FuzzFrame[] = [];
  for (let at = 0; at < data.length && out.length < 100; at += step) {
    const length = random.chance(0.1) ? random.below(data.length - at + 1) : Math.min(step, data.length - at);
    const offset = random.chance(0.12) ? random.pick([at + 8, Math.max(0, at - 8), 65_528, 0, 8 * random.below(8192)]) : at;
    const more = random.chance(0.05) ? random.chance(0.5) : at + step < data.length;
    const part = data.subarray(at, at + length);
    const made = four ? fragment4(bytes, headerEnd, part, id, offset, more) : fragment6(bytes, part, id, offset, more);
    out.push({ bytes: made, linkType: 1, wireLength: made.length, wait: waited(random) });
    if (random.chance(0.05)) out.push({ ...out[out.length - 1], wait: 0 });
  }
  return out;
}

function fragment4(frame: Uint8Array, headerEnd: number, part: Uint8Array, id: number, offset: number, more: boolean): Uint8Array {
  const made = joined(frame.subarray(0, headerEnd), part);
  const view = new DataView(made.buffer);
  view.setUint16(16, made.length - 14);
  view.setUint16(18, id);
  view.setUint16(20, (more ? 0x2000 : 0) | ((offset >> 3) & 0x1fff));
  return made;
}

function fragment6(frame: Uint8Array, part: Uint8Array, id: number, offset: number, more: boolean): Uint8Array {
  const made = joined(frame.subarray(0, 54), new Uint8Array(8), part);
  const view = new DataView(made.buffer);
  made[54] = made[20];
  made[20] = 44;
  view.setUint16(18, made.length - 54);
  view.setUint16(56, (offset & 0xfff8) | (more ? 1 : 0));
  view.setUint32(58, id);
  return made;
}

function shuffle<T>(list: T[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
}
