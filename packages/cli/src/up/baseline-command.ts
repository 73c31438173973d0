/** `annunciator baseline ...`: what sensors have learned, as text. The options; the work is in baseline-run.ts. */
import { Command, InvalidArgumentError } from 'commander';
import { dataOption } from './commands.ts';

export interface BaselineFlags {
  data: string;
  sensor?: string;
}

export function baselineCommand(): Command {
  const command = new Command('baseline').description('what a sensor has learned: export, compare, import, bring back');
  const add = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('--sensor <name>', 'which sensor; needed when there are several')
      .addOption(dataOption());

  add('export', 'print the baseline as text')
    .option('--version <number>', 'a version of the history instead of what is there now', wholeNumber)
    .option('--origins', 'say above each entry who learned it, as a comment', false)
    .option('--out <file>', 'write it there instead of printing')
    .action(async (flags: BaselineFlags & { version?: number; origins: boolean; out?: string }) => (await run()).exportBaseline(flags));

  add('import', 'make the baseline what a text says')
    .argument('<file>', 'text of a baseline, /dev/stdin for standard input')
    .option('--reason <text>', 'why, for the history', '')
    .option('--dry-run', 'say what it would do, and do nothing', false)
    .action(async (file: string, flags: BaselineFlags & { reason: string; dryRun: boolean }) => (await run()).importBaseline(file, flags));

  add('diff', 'print what is different between two states: lines with - and + before them')
    .argument('[from]', 'number of a version, text file, or "now"; the newest version when absent')
    .argument('[to]', 'the same; "now" when absent')
    .action(async (from: string | undefined, to: string | undefined, flags: BaselineFlags) => (await run()).diffBaselines(from, to, flags));

  add('history', 'list the versions, newest first')
    .option('--limit <number>', 'how many', wholeNumber, 20)
    .action(async (flags: BaselineFlags & { limit: number }) => (await run()).listVersions(flags));

  add('revert', 'bring a version back, as a new version')
    .argument('<version>', 'its number in the history', wholeNumber)
    .option('--reason <text>', 'why, for the history', '')
    .option('--dry-run', 'say what it would do, and do nothing', false)
    .action(async (version: number, flags: BaselineFlags & { reason: string; dryRun: boolean }) =>
      (await run()).revertBaseline(version, flags),
    );

  add('review', 'list dangerous operations that were seen while learning and wait for a decision')
    .option('--all', 'also those that were decided', false)
    .action(async (flags: BaselineFlags & { all: boolean }) => (await run()).listReview(flags));

  for (const [name, state, what] of [
    ['accept', 'accepted', 'it is normal: what waits with it becomes part of the baseline'],
    ['reject', 'rejected', 'it is not: its alert is raised'],
  ] as const)
    add(name, `decide about operations of the review list: ${what}`)
      .argument('<id...>', 'ids as "baseline review" prints them; their first digits are enough')
      .action(async (ids: string[], flags: BaselineFlags) => (await run()).decideReview(ids, state, flags));
  return command;
}

const run = (): Promise<typeof import('./baseline-run.ts')> => import('./baseline-run.ts');

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}
