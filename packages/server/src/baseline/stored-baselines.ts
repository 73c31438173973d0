/** Changes to the baseline of a sensor that does not run: made in the store, as the sensor would make them. */
import type { Learnable } from '@annunciator/core/alert';
import type { BaselineEntry } from '@annunciator/core/baseline-entry';
import type { ReviewItem } from '@annunciator/core/review';
import { difference, edited } from '@annunciator/sensor/baseline/baseline-text';
import { EntryError, parseEntry } from '@annunciator/sensor/baseline/entry';
import type { BaselineRecords, VersionNote } from '@annunciator/store/baseline-records';
import type { ReviewRecords } from '@annunciator/store/review-records';

/** What a sensor learned by itself before a person changes something. */
export function byTheSensor(note: VersionNote): VersionNote {
  return { ...note, by: null, action: 'learned', reason: '', about: null };
}

export class StoredBaselines {
  readonly #baseline: BaselineRecords;
  readonly #reviews: ReviewRecords;

  constructor(store: { readonly baseline: BaselineRecords; readonly reviews: ReviewRecords }) {
    this.#baseline = store.baseline;
    this.#reviews = store.reviews;
  }

  /** Returns entries that cannot be read. */
  async change(
    sensor: string,
    { unlearn, learn }: { readonly unlearn: readonly Learnable[]; readonly learn: readonly BaselineEntry[] },
    note: VersionNote,
  ): Promise<readonly Learnable[]> {
    const before = await this.#baseline.all(sensor);
    const refused = learn.filter((entry) => !readable(entry));
    const after = edited(
      before.filter(readable),
      unlearn.filter(readable),
      learn.filter(readable).map((entry) => ({ ...entry, learned: entry.learned ?? note.packetTime })),
    );
    await this.#baseline.cut(sensor, byTheSensor(note));
    await this.#baseline.apply(sensor, { all: false, ...difference(before.filter(readable), after) }, note);
    return refused;
  }

  async decide(sensor: string, id: string, state: 'accepted' | 'rejected', by: string, at: number): Promise<ReviewItem | undefined> {
    const item = (await this.#reviews.list(sensor)).find((one) => one.id === id);
    if (!item) return undefined;
    const decided: ReviewItem = { ...item, state, by, at };
    await this.#reviews.put(sensor, [decided]);
    const origin = { by, at, alert: null };
    const learn = state === 'accepted' ? item.learn.map((entry) => ({ ...entry, learned: item.lastSeen, origin })) : [];
    await this.change(sensor, { learn, unlearn: state === 'rejected' ? item.learn : [] }, reviewNote(decided));
    return decided;
  }
}

/** The version that a decision about the review list makes. */
export function reviewNote({ id, detection, state, by, at, lastSeen }: ReviewItem): VersionNote {
  return { at: at ?? 0, packetTime: lastSeen, by, action: 'reviewed', reason: `${state}: ${detection.message}`, about: id };
}

function readable(entry: Learnable): boolean {
  try {
    parseEntry(entry);
    return true;
  } catch (error) {
    if (error instanceof EntryError) return false;
    throw error;
  }
}
