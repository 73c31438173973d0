/**
 * Hashes of int32 keys for the open-addressing tables. The multipliers differ in each process, so that nobody can prepare
 * addresses that collide; results never depend on them, because rows keep the order of insertion.
 */
import { randomInt } from 'node:crypto';

/** Odd, so that no bit of a key is lost. */
const multiplier = (): number => randomInt(0x7fffffff) | 1;
const M0 = multiplier();
const M1 = multiplier();
const M2 = multiplier();
const M3 = multiplier();
const M4 = multiplier();
const M5 = multiplier();

/**
 * Hash of up to six key columns; those beyond the key are 0. A sum of products (multilinear hashing): the products do not
 * wait for each other, which makes it three times as fast as mixing one column after the other.
 */
export function hashOf(k0: number, k1: number, k2: number, k3: number, k4: number, k5: number): number {
  const first = (Math.imul(k0, M0) + Math.imul(k1, M1)) | 0;
  const second = (Math.imul(k2, M2) + Math.imul(k3, M3)) | 0;
  const third = (Math.imul(k4, M4) + Math.imul(k5, M5)) | 0;
  return fold((((first + second) | 0) + third) | 0);
}

/** The low bits choose the slot: folds the high ones, which all key bits reach, into them. */
function fold(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

/** Hash of four key columns. */
export function hashOfFour(k0: number, k1: number, k2: number, k3: number): number {
  const first = (Math.imul(k0, M0) + Math.imul(k1, M1)) | 0;
  const second = (Math.imul(k2, M2) + Math.imul(k3, M3)) | 0;
  return fold((first + second) | 0);
}

/** Slots looked at before a table gives up; with free slots in half the table, chains are far shorter. */
export const LONGEST_PROBE = 1024;
