/** A threshold in words, as the reference and the coverage write it. */
import type { Threshold } from './alert-type.ts';

/** `2 in 300 s: failed sign-ins per client/server pair`; empty without a threshold. */
export function thresholdText(threshold: Threshold | null): string {
  if (!threshold) return '';
  const { count, windowSeconds, metric } = threshold;
  return `${count.toLocaleString('en')}${windowSeconds > 0 ? ` in ${windowSeconds.toLocaleString('en')} s` : ''}: ${metric}`;
}
