import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Folder of the public captures that tests compare with; absent in a plain clone. */
export const CAPTURES = process.env.ANNUNCIATOR_CAPTURES ?? resolve(import.meta.dirname, '../../../../shared/captures');

export const NO_CAPTURES = existsSync(CAPTURES) ? false : `no captures at ${CAPTURES}: set ANNUNCIATOR_CAPTURES`;

/** Paths of all captures, sorted by name. */
export function captureNames(): string[] {
  if (NO_CAPTURES) return [];
  return readdirSync(CAPTURES)
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .sort();
}

export const capturePath = (name: string): string => join(CAPTURES, name);
