/** Public captures that tests measure against: a folder given by ANNUNCIATOR_CAPTURES, or beside the repository. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = process.env.ANNUNCIATOR_CAPTURES ?? resolve(import.meta.dirname, '../../../../shared/captures');

/** Why tests over captures are skipped; false when the captures are there. */
export const NO_CAPTURES = existsSync(FOLDER) ? false : `no captures at ${FOLDER}: set ANNUNCIATOR_CAPTURES`;

/** Names of all captures, sorted. */
export function captureNames(): string[] {
  if (NO_CAPTURES) return [];
  return readdirSync(FOLDER)
    .filter((name) => /\.pcap(ng)?$/.test(name))
    .sort();
}

export const capturePath = (name: string): string => join(FOLDER, name);
