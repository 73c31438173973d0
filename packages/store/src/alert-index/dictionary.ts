/** The texts of a column as small numbers: a million alerts have few titles, sites and devices. */

export class Dictionary {
  readonly #codes = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #lower: string[] = [];
  readonly #keys: string[] = [];
  /** Codes in the order of their texts, and the place of each code in it; they know the codes below `#ranked`. */
  #sorted = new Uint32Array(0);
  #ranks = new Uint32Array(0);
  #ranked = 0;

  get size(): number {
    return this.#texts.length;
  }

  /** The number of a text; a new one when it has none yet. */
  codeOf(text: string): number {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = this.#texts.length;
      this.#codes.set(text, code);
      this.#texts.push(text);
      this.#lower.push(text.toLowerCase());
    }
    return code;
  }

  textOf(code: number): string {
    return this.#texts[code] ?? '';
  }

  /** 1 for each code whose text, in lower case, passes the test. */
  mask(test: (lower: string) => boolean): Uint8Array {
    const mask = new Uint8Array(this.#lower.length);
    for (let code = 0; code < mask.length; code++) if (test(this.#lower[code])) mask[code] = 1;
    return mask;
  }

  /** For each code the place of its text in the order that people expect: case does not matter, and PLC-2 comes before PLC-10. */
  ranks(): Uint32Array {
    if (this.#ranked < this.#texts.length) this.#rank();
    return this.#ranks;
  }

  /** Where a text stands among the ranks; between two of them when it is not one of the texts. */
  placeOf(text: string): number {
    const ranks = this.ranks();
    const code = this.#codes.get(text);
    return code === undefined ? this.#before(sortKey(text)) - 0.5 : ranks[code];
  }

  #rank(): void {
    for (let code = this.#keys.length; code < this.#texts.length; code++) this.#keys.push(sortKey(this.#texts[code]));
    const fresh = Uint32Array.from({ length: this.#texts.length - this.#ranked }, (_, index) => this.#ranked + index);
    fresh.sort((a, b) => (this.#keys[a] < this.#keys[b] ? -1 : 1));
    const merged = new Uint32Array(this.#texts.length);
    let from = 0;
    let at = 0;
    for (const code of fresh) {
      const until = this.#before(this.#keys[code]);
      while (from < until) merged[at++] = this.#sorted[from++];
      merged[at++] = code;
    }
    merged.set(this.#sorted.subarray(from), at);
    const ranks = new Uint32Array(merged.length);
    for (let rank = 0; rank < merged.length; rank++) ranks[merged[rank]] = rank;
    this.#sorted = merged;
    this.#ranks = ranks;
    this.#ranked = merged.length;
  }

  /** How many ranked texts come before a key. */
  #before(key: string): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[this.#sorted[middle]] < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Digits count as numbers, accents and case only break ties: keys compare as plain texts. */
function sortKey(text: string): string {
  const folded = text.normalize('NFKD').toLowerCase();
  const natural = folded.replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+(?=\d)/, '');
    return String.fromCharCode(48 + Math.min(number.length, 70)) + number;
  });
  return `${natural}\0${text}`;
}
