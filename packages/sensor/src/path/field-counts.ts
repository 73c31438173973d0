/** Counts of fields by protocol, field and value, for `--fields`. Not on the hot path: only asked for in comparisons. */

/** Values kept per field; the rest is counted under `(other)`. */
const MAX_VALUES = 4096;

export class FieldCounts {
  readonly #protocols = new Map<string, Map<string, Map<string, number>>>();

  add(protocol: string, field: string, value: number | string): void {
    let fields = this.#protocols.get(protocol);
    if (!fields) this.#protocols.set(protocol, (fields = new Map()));
    let values = fields.get(field);
    if (!values) fields.set(field, (values = new Map()));
    let key = String(value);
    if (values.size >= MAX_VALUES && !values.has(key)) key = '(other)';
    values.set(key, (values.get(key) ?? 0) + 1);
  }

  /** Fields of a protocol as plain objects, names and values sorted. */
  of(protocol: string): Record<string, Record<string, number>> {
    const out: Record<string, Record<string, number>> = {};
    const fields = [...(this.#protocols.get(protocol) ?? [])].sort(byKey);
    for (const [field, values] of fields) out[field] = Object.fromEntries([...values].sort(byKey));
    return out;
  }

  get protocols(): readonly string[] {
    return [...this.#protocols.keys()];
  }
}

function byKey(x: readonly [string, unknown], y: readonly [string, unknown]): number {
  return x[0] < y[0] ? -1 : x[0] > y[0] ? 1 : 0;
}
