/** Seeded damage to bytes: flips, cuts, splices, repeats. For tests that hostile bytes never throw and never stop a dissector. */

/** A small repeatable generator (mulberry32): the same seed gives the same numbers in [0, 1). */
export function randomFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** `count` damaged copies of samples, the same ones for the same seed. */
export function* mutations(samples: readonly Uint8Array[], count: number, seed = 1): Generator<Uint8Array> {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let made = 0; made < count; made++) {
    let bytes = Uint8Array.from(samples[below(samples.length)]);
    for (let damage = 1 + below(4); damage > 0 && bytes.length > 0; damage--) {
      const at = below(bytes.length);
      const other = samples[below(samples.length)];
      switch (below(6)) {
        case 0:
          bytes[at] ^= 1 << below(8);
          break;
        case 1:
          bytes[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)];
          break;
        case 2:
          bytes[at] = below(256);
          break;
        case 3:
          bytes = bytes.slice(0, at);
          break;
        case 4:
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...other.subarray(below(other.length))]);
          break;
        default:
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(below(at + 1))]);
      }
    }
    yield bytes;
  }
}
