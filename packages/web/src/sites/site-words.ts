/** Owners and tags as text fields have them: one on a line. */

export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

export function tagsText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

/** Undefined when a line has no key. */
export function tagsOf(text: string): Record<string, string> | undefined {
  const pairs = linesOf(text).map((line) => {
    const at = line.indexOf('=');
    return at < 0 ? ([line, ''] as const) : ([line.slice(0, at).trim(), line.slice(at + 1).trim()] as const);
  });
  return pairs.some(([key]) => key === '') ? undefined : Object.fromEntries(pairs);
}
