/** Why something differs: written by people, in a file beside the page, and found again by capture and subject. */
import { existsSync, readFileSync } from 'node:fs';
import { FolderError } from './truth.ts';

/** One explanation. `capture` is the beginning of a capture's name; `what` is a regular expression over the subjects. */
interface Note {
  readonly capture: string;
  readonly what: string;
  readonly why: string;
}

export interface Notes {
  /** Of counts, by field. */
  readonly counts: readonly Note[];
  /** Of devices that are missing, by MAC address. */
  readonly devices: readonly Note[];
  /** Of alerts that are not raised, by title. */
  readonly alerts: readonly Note[];
  /** Of plant protocols in captures whose truth has none, by protocol. */
  readonly plant: readonly Note[];
}

const NONE: Notes = { counts: [], devices: [], alerts: [], plant: [] };

/** @throws FolderError when the file is no JSON */
export function readNotes(path: string): Notes {
  if (!existsSync(path)) return NONE;
  try {
    return { ...NONE, ...(JSON.parse(readFileSync(path, 'utf8')) as Partial<Notes>) }; // kept in the repository beside the page
  } catch (error) {
    throw new FolderError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The explanation of `subject` in `capture`; empty when nobody has written one. */
export function explain(notes: readonly Note[], capture: string, subject: string): string {
  return notes.find((note) => capture.startsWith(note.capture) && new RegExp(`^(?:${note.what})$`).test(subject))?.why ?? '';
}
