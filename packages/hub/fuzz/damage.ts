/** Damage to a conversation: what noise, faults and attackers do to packets. */
import type { Random } from '@annunciator/testkit/random';

const ODD_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xff];
const ODD_WORDS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/** The packets with some damage, at least one piece of it most of the time. */
export function damage(packets: readonly Buffer[], random: Random): Buffer[] {
  let damaged: Buffer[] = packets.map((packet) => Buffer.from(packet));
  const times = random.below(4);
  for (let time = 0; time < times && damaged.length > 0; time++) damaged = once(damaged, random);
  return damaged;
}

function once(packets: Buffer[], random: Random): Buffer[] {
  // Late packets more often than the first: what follows a good beginning goes deeper.
  const at = Math.max(random.below(packets.length), random.below(packets.length));
  const packet = packets[at];
  switch (random.below(10)) {
    case 0:
    case 1:
      if (packet.length > 0) packet[random.below(packet.length)] ^= 1 << random.below(8);
      return packets;
    case 2:
      if (packet.length > 0) packet[random.below(packet.length)] = random.pick(ODD_BYTES);
      return packets;
    case 3:
      if (packet.length >= 4) packet.writeUInt32BE(random.pick(ODD_WORDS), random.below(packet.length - 3));
      return packets;
    case 4:
      return replaced(packets, at, packet.subarray(0, random.below(packet.length + 1)));
    case 5: {
      const [from, to] = [random.below(packet.length + 1), random.below(packet.length + 1)];
      return replaced(
        packets,
        at,
        Buffer.concat([packet.subarray(0, from), Buffer.from(random.bytes(random.below(20))), packet.subarray(to)]),
      );
    }
    case 6:
      return [...packets.slice(0, at + 1), ...packets.slice(at)];
    case 7:
      return packets.filter((_, other) => other !== at);
    case 8: {
      const other = random.below(packets.length);
      const swapped = [...packets];
      [swapped[at], swapped[other]] = [swapped[other], swapped[at]];
      return swapped;
    }
    default: {
      // The head of one with the rest of another.
      const other = random.pick(packets);
      return replaced(
        packets,
        at,
        Buffer.concat([packet.subarray(0, random.below(packet.length + 1)), other.subarray(random.below(other.length + 1))]),
      );
    }
  }
}

function replaced(packets: readonly Buffer[], at: number, packet: Buffer): Buffer[] {
  return packets.map((one, other) => (other === at ? packet : one));
}

/** The bytes packet by packet, or in pieces of any size, as a network gives them. */
export function pieces(packets: readonly Buffer[], random: Random): Buffer[] {
  if (random.chance(0.6)) return packets.filter((packet) => packet.length > 0);
  const bytes = Buffer.concat(packets);
  const cut: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = random.chance(0.5) ? bytes.length : 1 + random.below(64);
    cut.push(bytes.subarray(at, at + length));
    at += length;
  }
  return cut;
}
