/** Names that somebody may have mistyped. */

/** The name that differs by at most two letters (one in short names), null when there is none. */
export function similarName(name: string, others: readonly string[]): string | null {
  const typed = plain(name);
  const allowed = typed.length < 5 ? 1 : 2;
  let best: { other: string; distance: number } | undefined;
  for (const other of others) {
    const distance = editDistance(typed, plain(other), allowed);
    if (distance <= allowed && distance < (best?.distance ?? allowed + 1)) best = { other, distance };
  }
  return best?.other ?? null;
}

/** Without what people write or leave out at will. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_\-.]/g, '');
}

/** Letters to add, remove, replace or swap; more than `most` counts as one more than that. */
function editDistance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + same);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    before = row;
    row = next;
  }
  return row[other.length];
}
