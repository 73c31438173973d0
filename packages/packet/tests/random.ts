/** Seeded whole numbers from 0 to below `limit` (xorshift32): the same seed gives the same test. */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed | 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
