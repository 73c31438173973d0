/**
 * Compares what the sensor sees in a folder of captures with their ground truth, and writes the page that says so.
 *
 *     npm run accuracy -- CAPTURES_DIR [--page FILE] [--notes FILE] [--raised FILE] [--twice] [--check]
 *
 * Writes docs/reference/accuracy.md and docs/reference/alert-captures.json (which capture raises what) unless told other
 * files; explanations come from accuracy-notes.json beside the page. `--check` writes nothing. `--twice` analyses each capture
 * twice and requires the same result. Ends with 1 when a capture was not read, a result was not repeatable, or a difference
 * has no explanation; with 2 when it was called wrongly.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { CATALOGUE } from '@annunciator/core/catalogue';
import { type CaptureResult, compare, look, type Seen } from './compare.ts';
import { readNotes } from './notes.ts';
import { accuracyPage, summaryOf } from './page.ts';
import { FolderError, samplesOf } from './truth.ts';

const USAGE = 'usage: npm run accuracy -- CAPTURES_DIR [--page FILE] [--notes FILE] [--raised FILE] [--twice] [--check]';
const COMMAND = 'npm run accuracy -- CAPTURES_DIR';
const REFERENCE = join(import.meta.dirname, '../../../docs/reference');

/** Captures by the type they raise, in the order of the catalogue. */
function raisedBy(captures: readonly CaptureResult[]): Record<string, string[]> {
  const entries = CATALOGUE.map(({ id }): [string, string[]] => [
    id,
    captures.filter(({ raises }) => raises.has(id)).map(({ name }) => name),
  ]);
  return Object.fromEntries(entries.filter(([, names]) => names.length > 0));
}

async function run(folder: string, options: Options): Promise<number> {
  const page = options.page ?? join(REFERENCE, 'accuracy.md');
  const notes = readNotes(options.notes ?? join(dirname(page), 'accuracy-notes.json'));
  const all: Seen[] = [];
  for (const sample of samplesOf(folder)) all.push(await look(sample, options.twice === true));
  const comparison = compare(all);
  const summary = summaryOf(comparison, notes);
  if (!options.check) {
    writeFileSync(page, accuracyPage(comparison, notes, COMMAND));
    writeFileSync(
      options.raised ?? join(dirname(page), 'alert-captures.json'),
      `${JSON.stringify(raisedBy(comparison.captures), null, 1)}\n`,
    );
  }
  for (const { name, failure, differs } of comparison.captures) {
    if (failure) console.error(`${name} was not read: ${failure}`);
    if (differs) console.error(`${name} gave another result the second time.`);
  }
  const { fields } = summary;
  console.log(
    `captures ${summary.captures}, failed ${summary.failed}, packet counts wrong ${summary.packetsWrong}, not repeatable ${summary.differs}; ` +
      `fields exact ${fields.exact}, near ${fields.near}, neither ${fields.off}, not counted ${fields.absent}; ` +
      `devices ${summary.devices - summary.devicesMissing} of ${summary.devices}; ` +
      `expected alerts ${summary.expected - summary.missed} of ${summary.expected}; without explanation ${summary.unexplained}`,
  );
  return summary.failed + summary.differs + summary.packetsWrong + summary.unexplained === 0 ? 0 : 1;
}

interface Options {
  page?: string;
  notes?: string;
  raised?: string;
  twice?: boolean;
  check?: boolean;
  help?: boolean;
}

function read(): { folders: string[]; options: Options } | string {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values, positionals } = parseArgs({
      options: { page: text, notes: text, raised: text, twice: flag, check: flag, help: flag },
      allowPositionals: true,
    });
    return { folders: positionals, options: values };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const given = read();
if (typeof given === 'string' || given.options.help || given.folders.length !== 1) {
  if (typeof given === 'string') console.error(given);
  console.error(USAGE);
  process.exitCode = typeof given !== 'string' && given.options.help ? 0 : 2;
} else {
  try {
    process.exitCode = await run(given.folders[0], given.options);
  } catch (error) {
    if (!(error instanceof FolderError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
