/** The review list of one sensor: dangerous operations that were seen while it learned. Bounded; what found no place is counted. */
import type { Detection, Learnable } from '@annunciator/core/alert';
import { digest, trafficKey } from '@annunciator/core/identity';
import type { ReviewItem, ReviewKind, ReviewState } from '@annunciator/core/review';

const MAX_ITEMS = 10_000;
const MAX_FRAMES = 100;
/** Entries that may wait with one item. */
const MAX_ENTRIES = 100;

type Draft = { -readonly [part in keyof ReviewItem]: ReviewItem[part] };

export class ReviewList {
  /** Operations that found no place. */
  refused = 0;
  readonly #items = new Map<string, Draft>();
  readonly #changed = new Set<Draft>();
  /** Items of an earlier run: their frames are of that run. */
  readonly #restored = new Set<string>();

  /** Id of the operation that a detection tells of. */
  idOf(kind: ReviewKind, detection: Detection): string {
    return digest(['review', kind, trafficKey(detection)]);
  }

  /** Counts the operation, as a new item or as one more time of one that is there. Undefined when there is no room. */
  note(kind: ReviewKind, detection: Detection): ReviewItem | undefined {
    const id = this.idOf(kind, detection);
    let item = this.#items.get(id);
    if (!item) {
      if (this.#items.size >= MAX_ITEMS) {
        this.refused++;
        return undefined;
      }
      const { time } = detection;
      item = {
        id,
        kind,
        detection,
        count: 0,
        firstSeen: time,
        lastSeen: time,
        frames: [],
        learn: [],
        state: 'pending',
        by: null,
        at: null,
      };
      this.#items.set(id, item);
    }
    item.count++;
    if (detection.time > item.lastSeen) item.lastSeen = detection.time;
    if (item.frames.length < MAX_FRAMES && !this.#restored.has(id)) {
      const { frames } = item;
      item.frames = [...frames, ...detection.frames.filter((frame) => !frames.includes(frame))].slice(0, MAX_FRAMES);
    }
    this.#changed.add(item);
    return item;
  }

  /** One more entry of the baseline that waits with the item. */
  attach(id: string, entry: Learnable): void {
    const item = this.#items.get(id);
    if (!item || item.learn.length >= MAX_ENTRIES) return;
    if (item.learn.some((one) => one.aspect === entry.aspect && one.value === entry.value && one.source === entry.source)) return;
    item.learn = [...item.learn, entry];
    this.#changed.add(item);
  }

  get(id: string): ReviewItem | undefined {
    return this.#items.get(id);
  }

  /** A person decides. Undefined when there is no such item. */
  decide(id: string, state: ReviewState, by: string, at: number): ReviewItem | undefined {
    const item = this.#items.get(id);
    if (!item) return undefined;
    item.state = state;
    item.by = by;
    item.at = at;
    this.#changed.add(item);
    return item;
  }

  /** By first time, then id. */
  items(): ReviewItem[] {
    return [...this.#items.values()].sort((x, y) =>
      x.firstSeen < y.firstSeen ? -1 : x.firstSeen > y.firstSeen ? 1 : x.id < y.id ? -1 : 1,
    );
  }

  get size(): number {
    return this.#items.size;
  }

  /** Items that wait for a decision. */
  get waiting(): number {
    let count = 0;
    for (const { state } of this.#items.values()) if (state === 'pending') count++;
    return count;
  }

  /** Takes over items of an earlier run. */
  restore(items: Iterable<ReviewItem>): void {
    for (const item of items) {
      this.#items.set(item.id, { ...item });
      this.#restored.add(item.id);
    }
  }

  /** An earlier run saw it first; its frames count packets of that run. */
  isRestored(id: string): boolean {
    return this.#restored.has(id);
  }

  /** Copies of the items that changed since the last call. */
  takeChanges(): ReviewItem[] {
    const changed = [...this.#changed].map((item) => ({ ...item }));
    this.#changed.clear();
    return changed;
  }
}
