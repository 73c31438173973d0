/**
 * Numbers for texts (symbols, service names, hosts), so that hot code compares int32. Bounded in entries and in length:
 * texts beyond the bound share number 0, and each time one is met it is counted.
 */
import { SpellingTable } from './spelling-table.ts';

/** Makes the text that bytes spell. */
export type Spelling = (bytes: Uint8Array, start: number, end: number) => string;

export interface TextTableOptions {
  readonly maxTexts: number;
  /** Longer texts are cut to so many characters first. */
  readonly longestText?: number;
}

export class TextTable {
  /** Texts met while the table was full. */
  overflow = 0;
  readonly #maxTexts: number;
  readonly #longestText: number;
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  readonly #spellings: SpellingTable;

  constructor(options: TextTableOptions) {
    this.#maxTexts = options.maxTexts;
    this.#longestText = options.longestText ?? 256;
    this.#spellings = new SpellingTable(options.maxTexts, options.maxTexts * 32);
  }

  /** Number of the text, from 1 on; 0 when the table is full and the text is new. */
  intern(text: string): number {
    const key = text.length > this.#longestText ? text.slice(0, this.#longestText) : text;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#texts.length >= this.#maxTexts) {
      this.overflow++;
      return 0;
    }
    this.#texts.push(key);
    this.#numbers.set(key, this.#texts.length);
    return this.#texts.length;
  }

  /** Number of the text that `bytes[start, end)` spell. `text` makes it, and is asked only when these bytes are new. */
  internSpelled(bytes: Uint8Array, start: number, end: number, text: Spelling): number {
    const known = this.#spellings.find(bytes, start, end);
    return known >= 0 ? known : this.#spellings.add(bytes, start, end, this.intern(text(bytes, start, end)));
  }

  /** The text of a number; `(other)` for 0 and for numbers never given out. */
  text(number: number): string {
    return this.#texts[number - 1] ?? '(other)';
  }

  get size(): number {
    return this.#texts.length;
  }

  /** All texts, number 1 first; for saving. Interning them in this order restores the numbers. */
  all(): readonly string[] {
    return this.#texts;
  }
}
