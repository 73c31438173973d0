/**
 * Values that were set of late, by a key: at least the last `kept` of them, at most twice as many.
 *
 * Two maps, of which the older one is dropped whole when the newer one is full: taking the oldest key out of a map again and
 * again makes it walk over all the places of those that are gone.
 */
export class RecentMap<Value> {
  readonly #kept: number;
  #newer = new Map<string, Value>();
  #older = new Map<string, Value>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  get(key: string): Value | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: Value): void {
    this.#newer.set(key, value);
    if (this.#newer.size < this.#kept) return;
    this.#older = this.#newer;
    this.#newer = new Map();
  }

  delete(key: string): void {
    this.#newer.delete(key);
    this.#older.delete(key);
  }
}
