/**
 * Mixing of int32 keys for the open-addressing tables. The seed differs in each process, so that nobody can prepare
 * addresses that collide; results never depend on it, because rows keep the order of insertion.
 */
import { randomInt } from 'node:crypto';

export const SEED = randomInt(0x7fffffff) | 0;

/** Folds one key column into a running hash. */
export function mix(hash: number, key: number): number {
  const mixed = Math.imul(hash ^ key, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/** Slots looked at before a table gives up; with free slots in half the table, chains are far shorter. */
export const LONGEST_PROBE = 1024;
