/**
 * The words of each alert's message as numbers, so that any piece of text is found without an index on disk: the few
 * different words are searched once, then the numbers of all messages are looked through.
 */

/** Words kept of one message; what a longer one says beyond is not found. */
const MOST_WORDS = 500;

export class MessageWords {
  readonly #codes = new Map<string, number>();
  /** In lower case. */
  readonly #words: string[] = [];
  /** The words of all messages one after the other; a message that was replaced leaves its former words behind. */
  #text = new Uint32Array(1024);
  #used = 0;
  #starts = new Uint32Array(1024);
  #lengths = new Uint16Array(1024);

  set(slot: number, message: string): void {
    if (slot >= this.#starts.length) this.#growSlots(slot + 1);
    const words = wordsOf(message);
    if (this.#has(slot, words)) return;
    if (this.#used + words.length > this.#text.length) this.#growText(words.length);
    this.#starts[slot] = this.#used;
    this.#lengths[slot] = words.length;
    for (const word of words) this.#text[this.#used++] = this.#codeOf(word);
  }

  /** Moves the messages to other slots and forgets what is not moved: `slots[to]` tells where each comes from. */
  compact(slots: Uint32Array): void {
    const { length } = slots;
    const starts = new Uint32Array(Math.max(length, 1024));
    const lengths = new Uint16Array(starts.length);
    const text = new Uint32Array(this.#text.length);
    let used = 0;
    for (let to = 0; to < length; to++) {
      const from = slots[to];
      const words = this.#text.subarray(this.#starts[from], this.#starts[from] + this.#lengths[from]);
      text.set(words, used);
      starts[to] = used;
      lengths[to] = words.length;
      used += words.length;
    }
    this.#starts = starts;
    this.#lengths = lengths;
    this.#text = text;
    this.#used = used;
  }

  /** Tells for a slot whether its message contains a text; spaces in it stand for any white space. */
  finder(wanted: string): (slot: number) => boolean {
    const parts = wanted.toLowerCase().split(/\s+/);
    const whole = parts.length === 1;
    const [first] = parts;
    const starts = this.#starts;
    const lengths = this.#lengths;
    const text = this.#text;
    const begins = this.#mask((word) => (whole ? word.includes(first) : word.endsWith(first)));
    if (whole) {
      return (slot) => {
        const end = starts[slot] + lengths[slot];
        for (let at = starts[slot]; at < end; at++) if (begins[text[at]] === 1) return true;
        return false;
      };
    }
    const last = parts[parts.length - 1];
    const ends = this.#mask((word) => word.startsWith(last));
    const between = parts.slice(1, -1).map((word) => this.#codes.get(word) ?? -1);
    return (slot) => {
      const end = starts[slot] + lengths[slot] - parts.length;
      for (let at = starts[slot]; at <= end; at++) {
        if (begins[text[at]] === 1 && ends[text[at + parts.length - 1]] === 1 && between.every((word, i) => text[at + 1 + i] === word))
          return true;
      }
      return false;
    };
  }

  #mask(test: (word: string) => boolean): Uint8Array {
    const mask = new Uint8Array(this.#words.length);
    for (let code = 0; code < mask.length; code++) if (test(this.#words[code])) mask[code] = 1;
    return mask;
  }

  #codeOf(word: string): number {
    let code = this.#codes.get(word);
    if (code === undefined) {
      code = this.#words.length;
      this.#codes.set(word, code);
      this.#words.push(word);
    }
    return code;
  }

  #has(slot: number, words: readonly string[]): boolean {
    if (this.#lengths[slot] !== words.length) return false;
    const start = this.#starts[slot];
    return words.every((word, at) => this.#words[this.#text[start + at]] === word);
  }

  #growSlots(needed: number): void {
    const length = Math.max(needed, this.#starts.length * 2);
    const starts = new Uint32Array(length);
    starts.set(this.#starts);
    this.#starts = starts;
    const lengths = new Uint16Array(length);
    lengths.set(this.#lengths);
    this.#lengths = lengths;
  }

  #growText(more: number): void {
    const text = new Uint32Array(Math.max(this.#used + more, Math.ceil(this.#text.length * 1.5)));
    text.set(this.#text);
    this.#text = text;
  }
}

/** The words of a text in lower case. Nearly all texts have plain spaces, which split faster than a pattern does. */
function wordsOf(text: string): string[] {
  const lower = text.toLowerCase();
  return OTHER_SPACE.test(lower) ? lower.split(/\s+/, MOST_WORDS) : lower.split(' ', MOST_WORDS);
}

const OTHER_SPACE = /[^\S ]| {2}/;
