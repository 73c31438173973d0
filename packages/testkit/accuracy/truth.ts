/**
 * A folder of captures with their ground truth: `truth/<capture>.json` beside each capture, made with tshark, and, when
 * there is one, `manifest.json` with the alerts that people expect.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldTruth } from '@annunciator/protocols/testing/truth';

/** What a truth file says, as far as it is compared. */
export interface Truth extends FieldTruth {
  /** Number of packets. */
  readonly packets: number;
  /** Senders of frames, by MAC address. */
  readonly devices?: readonly { readonly mac?: string; readonly sent?: number }[];
  /** Version line of tshark. */
  readonly tshark?: string;
}

export interface Expectation {
  readonly title: string;
  /** `always`: whenever the capture is analysed, without learning. Other modes are not judged here. */
  readonly mode: string;
}

export interface Sample {
  /** Name of the file, and its path. */
  readonly name: string;
  readonly path: string;
  readonly truth: Truth;
  readonly expected: readonly Expectation[];
}

/** A folder that cannot be compared; the message says why. */
export class FolderError extends Error {}

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new FolderError(`${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Captures of the folder that have a truth file, by name. @throws FolderError */
export function samplesOf(folder: string): Sample[] {
  const truths = join(folder, 'truth');
  if (!existsSync(truths)) throw new FolderError(`${truths} does not exist: the truth of CAPTURE is looked for in truth/CAPTURE.json.`);
  const manifest = join(folder, 'manifest.json');
  // The shapes that the writers of these files give; what is missing is taken for nothing expected.
  const entries = existsSync(manifest) ? (parse(manifest) as { file: string; expectedAlerts?: Expectation[] }[]) : [];
  const expected = new Map(entries.map(({ file, expectedAlerts = [] }) => [file, expectedAlerts]));
  const names = readdirSync(folder)
    .filter((name) => existsSync(join(truths, `${name}.json`)))
    .sort();
  if (names.length === 0) throw new FolderError(`No capture in ${folder} has a file truth/CAPTURE.json.`);
  return names.map((name) => ({
    name,
    path: join(folder, name),
    truth: parse(join(truths, `${name}.json`)) as Truth, // see above
    expected: expected.get(name) ?? [],
  }));
}
