/** Comparison of counted fields with the ground truth of a capture (a JSON document with `counts` as tshark lists them). For tests only. */
import { readFileSync } from 'node:fs';
export interface FieldComparison {
  readonly field: string;
  /**
   * exact: every value counted as often. near: within 1 % or within the number of retransmitted, lost and malformed
   * segments, which is the truth's own uncertainty. off: neither. absent: not counted at all.
   */
  readonly result: 'exact' | 'near' | 'off' | 'absent';
  /** Values that differ, as `value: seen/true`. */
  readonly differences: readonly string[];
}

export type Counts = Readonly<Record<string, number>>;

/** What the writer of truth files gives, as far as fields are concerned. */
export interface FieldTruth {
  readonly counts?: Readonly<Record<string, Counts>>;
  readonly tcpRetransmissions?: number;
  readonly tcpLostSegments?: number;
  readonly malformedFrames?: number;
}

function normal(value: string): string {
  const text = value.toLowerCase();
  const number = Number(text);
  return text !== '' && Number.isFinite(number) ? String(number) : text;
}

function normalise(counts: Counts): Map<string, number> {
  const out = new Map<string, number>();
  for (const [value, count] of Object.entries(counts)) out.set(normal(value), (out.get(normal(value)) ?? 0) + count);
  return out;
}

/** Compares one field, value by value; `seen` is undefined when it was not counted at all. */
export function compareField(field: string, truth: FieldTruth, seen: Counts | undefined): FieldComparison {
  const wanted = truth.counts?.[field];
  if (!seen) return { field, result: 'absent', differences: [] };
  const slack = (truth.tcpRetransmissions ?? 0) + (truth.tcpLostSegments ?? 0) + (truth.malformedFrames ?? 0);
  const want = normalise(wanted ?? {});
  const got = normalise(seen);
  const differences: string[] = [];
  let near = wanted !== undefined;
  for (const value of new Set([...want.keys(), ...got.keys()])) {
    const gap = Math.abs((want.get(value) ?? 0) - (got.get(value) ?? 0));
    if (gap > 0) differences.push(`${value}: ${got.get(value) ?? 0}/${want.get(value) ?? 0}`);
    if (gap > Math.max(0.01 * (want.get(value) ?? 0), slack)) near = false;
  }
  return { field, result: differences.length === 0 ? 'exact' : near ? 'near' : 'off', differences };
}

/**
 * Compares fields with a truth file: the named fields that either side knows. A field that only we count is `off`.
 * @param seen what was counted, such as a `Recorder`
 */
export function compareFields(
  seen: { readonly fields: Readonly<Record<string, Counts>> },
  truthFile: string,
  fieldNames: readonly string[],
): FieldComparison[] {
  const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as FieldTruth; // a file of another shape fails the comparison
  return fieldNames
    .filter((field) => truth.counts?.[field] ?? seen.fields[field])
    .map((field) => compareField(field, truth, seen.fields[field]));
}
