/** Comparison of counted fields with the ground truth of a capture (a JSON document with `counts` as tshark lists them). For tests only. */
import { readFileSync } from 'node:fs';
import type { Recorder } from './recorder.ts';

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

type Counts = Readonly<Record<string, number>>;

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

/**
 * Compares the fields of a recorder with a truth file: the named fields that either side knows. A field that the
 * recorder invents is `off`.
 */
export function compareFields(recorder: Recorder, truthFile: string, fieldNames: readonly string[]): FieldComparison[] {
  const truth = JSON.parse(readFileSync(truthFile, 'utf8')) as {
    counts?: Record<string, Counts>;
    tcpRetransmissions?: number;
    tcpLostSegments?: number;
    malformedFrames?: number;
  }; // the shape that the writer of truth files gives; a wrong one fails the comparison
  const slack = (truth.tcpRetransmissions ?? 0) + (truth.tcpLostSegments ?? 0) + (truth.malformedFrames ?? 0);
  const results: FieldComparison[] = [];
  for (const field of fieldNames) {
    const wanted = truth.counts?.[field];
    const seen = recorder.fields[field];
    if (!wanted && !seen) continue;
    if (!seen) {
      results.push({ field, result: 'absent', differences: [] });
      continue;
    }
    const want = normalise(wanted ?? {});
    const got = normalise(seen);
    const differences: string[] = [];
    let near = wanted !== undefined;
    for (const value of new Set([...want.keys(), ...got.keys()])) {
      const gap = Math.abs((want.get(value) ?? 0) - (got.get(value) ?? 0));
      if (gap > 0) differences.push(`${value}: ${got.get(value) ?? 0}/${want.get(value) ?? 0}`);
      if (gap > Math.max(0.01 * (want.get(value) ?? 0), slack)) near = false;
    }
    results.push({ field, result: differences.length === 0 ? 'exact' : near ? 'near' : 'off', differences });
  }
  return results;
}
