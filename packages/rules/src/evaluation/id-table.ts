/**
 * Ids of devices and their numbers, for a million and more.
 *
 * Hot code: `find` allocates nothing. Nearly all of its time is waiting for memory, which it does twice: for the slot, which
 * has the hash, the number and the place of the id side by side, and for the id itself, to be sure. Slots are tried one after
 * the other from where the hash points to (open addressing); after a removal those behind close up. An id is read once, into
 * words of four characters: comparing these takes so few instructions that the processor meanwhile asks for what comes next.
 */

/** Words of a slot. */
const SLOT = 3;
const HASH = 0;
/** The number plus 1; 0 for an empty slot. */
const NUMBER = 1;
/** Where the id begins among the texts. */
const TEXT = 2;
const FEWEST_SLOTS = 64;

/** The longest id, characters; ids of a hub have at most 128. */
const LONGEST = 255;

/** The id that is looked at, as {@link packed} writes it. */
const key = new Int32Array(1 + Math.ceil(LONGEST / 4));

export class IdTable {
  /** So that nobody can choose ids that all point to the same slot. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32) | 0;
  #slots = new Int32Array(FEWEST_SLOTS * SLOT);
  #mask = FEWEST_SLOTS - 1;
  #size = 0;
  /** Ids as {@link packed} writes them, one behind the other. */
  #texts = new Int32Array(256);
  #textsEnd = 0;
  /** How many of these words belong to ids that were removed. */
  #textsFree = 0;
  /** Where the id of a number begins. */
  #textOf = new Uint32Array(64);

  get size(): number {
    return this.#size;
  }

  /** Number of an id, -1 when it is unknown. */
  find(id: string): number {
    const words = packed(id);
    if (words < 0) return -1;
    const hash = hashOf(words, this.#seed);
    const slots = this.#slots;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * SLOT;
      const number = slots[at + NUMBER];
      if (number === 0) return -1;
      if (slots[at + HASH] === hash && this.#isAt(slots[at + TEXT], words)) return number - 1;
    }
  }

  #isAt(text: number, words: number): boolean {
    const texts = this.#texts;
    for (let at = 0; at < words; at++) if (texts[text + at] !== key[at]) return false;
    return true;
  }

  /** The id of a number that has one. */
  id(number: number): string {
    const text = this.#textOf[number];
    const begin = (text + 1) * 4;
    return Buffer.from(this.#texts.buffer).toString('latin1', begin, begin + this.#texts[text]);
  }

  /** As {@link id}, for whoever asks for many: the texts are taken over once, and each id is a piece of them. */
  reader(): (number: number) => string {
    const texts = Buffer.from(this.#texts.buffer).toString('latin1', 0, this.#textsEnd * 4);
    return (number) => {
      const text = this.#textOf[number];
      const begin = (text + 1) * 4;
      return texts.slice(begin, begin + this.#texts[text]);
    };
  }

  /**
   * Gives a number to an id that has none.
   * @throws RangeError where the id is none that a hub allows: longer than 255 characters, or with one beyond Latin-1
   */
  add(id: string, number: number): void {
    const words = packed(id);
    if (words < 0)
      throw new RangeError(`${JSON.stringify(id.slice(0, 140))} is no id of a device: give at most ${LONGEST} characters of Latin-1.`);
    if ((this.#size + 1) * 4 > (this.#mask + 1) * 3) this.#growSlots();
    if (this.#textsEnd + words > this.#texts.length) this.#makeRoom(words);
    if (number >= this.#textOf.length) this.#textOf = grown(this.#textOf, new Uint32Array(Math.max(number + 1, this.#textOf.length * 2)));
    const text = this.#textsEnd;
    this.#texts.set(key.subarray(0, words), text);
    this.#textsEnd += words;
    this.#textOf[number] = text;
    this.#put(hashOf(words, this.#seed), number + 1, text);
    this.#size++;
  }

  #put(hash: number, number: number, text: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[slot * SLOT + NUMBER] !== 0) slot = (slot + 1) & this.#mask;
    const at = slot * SLOT;
    this.#slots[at + HASH] = hash;
    this.#slots[at + NUMBER] = number;
    this.#slots[at + TEXT] = text;
  }

  /** Takes the number from an id. */
  remove(id: string): void {
    const number = this.find(id) + 1;
    if (number === 0) return;
    const words = packed(id);
    const slots = this.#slots;
    let slot = hashOf(words, this.#seed) & this.#mask;
    while (slots[slot * SLOT + NUMBER] !== number) slot = (slot + 1) & this.#mask;
    this.#size--;
    this.#textsFree += words;
    // Whoever stands behind and may stand here moves up, so that no search ends too early.
    for (let next = (slot + 1) & this.#mask; slots[next * SLOT + NUMBER] !== 0; next = (next + 1) & this.#mask) {
      const home = slots[next * SLOT + HASH] & this.#mask;
      if (((next - home) & this.#mask) < ((next - slot) & this.#mask)) continue;
      slots.copyWithin(slot * SLOT, next * SLOT, (next + 1) * SLOT);
      slot = next;
    }
    slots.fill(0, slot * SLOT, (slot + 1) * SLOT);
  }

  #growSlots(): void {
    const before = this.#slots;
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array((this.#mask + 1) * SLOT);
    for (let at = 0; at < before.length; at += SLOT)
      if (before[at + NUMBER] !== 0) this.#put(before[at + HASH], before[at + NUMBER], before[at + TEXT]);
  }

  /** Room for so many more words: twice as much, unless half of what there is belongs to removed ids. */
  #makeRoom(more: number): void {
    if (this.#textsFree * 2 > this.#textsEnd) this.#closeUp();
    let { length } = this.#texts;
    while (length < this.#textsEnd + more) length *= 2;
    if (length > this.#texts.length) this.#texts = grown(this.#texts, new Int32Array(length));
  }

  /** Leaves out the texts of removed ids. */
  #closeUp(): void {
    const before = this.#texts.slice(0, this.#textsEnd);
    const slots = this.#slots;
    this.#textsEnd = 0;
    this.#textsFree = 0;
    for (let at = 0; at < slots.length; at += SLOT) {
      if (slots[at + NUMBER] === 0) continue;
      const text = slots[at + TEXT];
      const words = wordsOf(before[text]);
      this.#texts.set(before.subarray(text, text + words), this.#textsEnd);
      slots[at + TEXT] = this.#textsEnd;
      this.#textOf[slots[at + NUMBER] - 1] = this.#textsEnd;
      this.#textsEnd += words;
    }
  }
}

/** Words of an id of so many characters, the length included. */
function wordsOf(length: number): number {
  return 1 + ((length + 3) >>> 2);
}

/**
 * Writes an id into {@link key}: its length, then four characters in each word, the first one lowest.
 * @returns how many words, -1 for what is no id
 */
function packed(id: string): number {
  const { length } = id;
  if (length > LONGEST) return -1;
  key[0] = length;
  let all = 0;
  let word = 1;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const [first, second, third, fourth] = [id.charCodeAt(at), id.charCodeAt(at + 1), id.charCodeAt(at + 2), id.charCodeAt(at + 3)];
    all |= first | second | third | fourth;
    key[word++] = first | (second << 8) | (third << 16) | (fourth << 24);
  }
  if (at < length) {
    let last = 0;
    for (let shift = 0; at < length; at++, shift += 8) {
      const code = id.charCodeAt(at);
      all |= code;
      last |= code << shift;
    }
    key[word++] = last;
  }
  return all > 0xff ? -1 : word;
}

/** Depends on every word of {@link key} and on the seed; the low bits as well as the others. */
function hashOf(words: number, seed: number): number {
  let hash = seed;
  for (let at = 0; at < words; at++) {
    hash = Math.imul(hash ^ key[at], 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}

function grown<T extends Int32Array | Uint32Array>(array: T, into: T): T {
  into.set(array);
  return into;
}
