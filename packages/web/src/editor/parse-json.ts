/** Reads JSON that a person wrote; what is wrong is told with its line. */

export type ParsedJson = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

export function parseJson(text: string): ParsedJson {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: sentence(text, error instanceof Error ? error.message : '') };
  }
}

/** An object, or why it is none. @param what what the text is, to begin the sentence */
export function parseObject(
  text: string,
  what: string,
): { readonly ok: true; readonly value: Record<string, unknown> } | { readonly ok: false; readonly problem: string } {
  const parsed = parseJson(text);
  if (!parsed.ok) return { ok: false, problem: `${what} cannot be read. ${parsed.problem}` };
  const { value } = parsed;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, problem: `${what} must be a JSON object: begin with { and end with }.` };
  return { ok: true, value: { ...value } };
}

/** Browsers say it differently; some give a place in characters, some in lines. */
function sentence(text: string, message: string): string {
  if (text.trim() === '') return 'It is empty: write at least {}.';
  const at = /position (\d+)/.exec(message);
  if (!at) return /end of/i.test(message) ? 'The text ends too early: a bracket or a quote is open.' : `It is no JSON: ${message}.`;
  const before = text.slice(0, Number(at[1])).split('\n');
  const found = text[Number(at[1])];
  const line = `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return found === undefined ? `${line}: the text ends too early.` : `${line}: ${JSON.stringify(found)} is not expected here.`;
}

export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
